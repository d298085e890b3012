import type { Processor } from '@throughline/domain'

/** A state as the store has it, before it is sealed: JSON, packed where the processor says how. */
export const encodeState = <S>(state: S, { stored }: Processor<S>): string =>
  JSON.stringify(stored === undefined ? state : stored.pack(state))

/** The state in such a text, brought up to the version that the processor works with. */
export function stateIn<S>(text: string, stateVersion: number, processor: Processor<S>): S {
  const value: unknown = JSON.parse(text)
  if (stateVersion !== processor.stateVersion) return processor.upgrade(value, stateVersion)
  return processor.stored === undefined ? (value as S) : processor.stored.unpack(value)
}
