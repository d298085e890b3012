import {
  type Input,
  type NotifyOptions,
  type NotifyState,
  nothingNotified,
  noticesTopic,
  notifyLookups,
  notifyStep,
  type Processor,
  packNotify,
  unpackNotify,
} from '@throughline/domain'

/** Tells the lead practitioner what to do next, in a partnership of these authorities. */
export const notifyWith = (options: NotifyOptions): Processor<NotifyState> => ({
  name: 'notify',
  inputs: ['person.events.v1', 'consent.changes.v1', 'practitioner.actions.v1'],
  outputs: [noticesTopic],
  upstream: ['connectors', 'link'],
  stateVersion: 1,
  upgrade: unpackNotify,
  stored: { pack: packNotify, unpack: unpackNotify },
  initial: nothingNotified,
  personal: true,
  keyOf: personOf,
  lookups: notifyLookups,
  step: (state, known, input, key, ids) => notifyStep(state, known, input, key, ids, options),
})

/** As it runs where nobody has said which authorities are the partnership's. */
export const notify = notifyWith({ homeAreas: [] })

function personOf(input: Exclude<Input, { kind: 'timer' }>): string | null {
  if (input.kind === 'person-event' || input.kind === 'consent-changed') return input.personId
  return input.kind === 'action' ? input.action.personId : null
}
