import { HubError, type Processor } from '@throughline/domain'
import type { StoredState } from '../ports.ts'

/** A state as the store has it, before it is sealed: JSON, packed where the processor says how. */
export const encodeState = <S>(state: S, { stored }: Processor<S>): string =>
  JSON.stringify(stored === undefined ? state : stored.pack(state))

/**
 * Raises `HUB_STATE_NEWER` for a state that a newer version of the service has written, as one may meet
 * during a rolling restart. What it does not know of it would read wrong and write away.
 */
export function assertNotNewer(
  { stateVersion }: StoredState,
  { name, stateVersion: known }: Pick<Processor<unknown>, 'name' | 'stateVersion'>,
): void {
  if (stateVersion <= known) return
  const rule = `a state is of version ${stateVersion}, and this service knows ${known}`
  throw new HubError('HUB_STATE_NEWER', `${name}: ${rule}`)
}

/** The state in such a text, brought up to the version that the processor works with. */
export function stateIn<S>(text: string, stateVersion: number, processor: Processor<S>): S {
  const value: unknown = JSON.parse(text)
  if (stateVersion !== processor.stateVersion) return processor.upgrade(value, stateVersion)
  return processor.stored === undefined ? (value as S) : processor.stored.unpack(value)
}
