import {
  type Input,
  type NotifyState,
  nothingNotified,
  noticesTopic,
  notifyLookups,
  notifyStep,
  type Processor,
} from '@throughline/domain'

/** Tells the lead practitioner what to do next. */
export const notify: Processor<NotifyState> = {
  name: 'notify',
  inputs: ['person.events.v1', 'consent.changes.v1', 'practitioner.actions.v1'],
  outputs: [noticesTopic],
  upstream: ['connectors', 'link'],
  stateVersion: 1,
  upgrade: (state) => state as NotifyState,
  initial: nothingNotified,
  personal: true,
  keyOf: personOf,
  lookups: notifyLookups,
  step: notifyStep,
}

function personOf(input: Exclude<Input, { kind: 'timer' }>): string | null {
  if (input.kind === 'person-event' || input.kind === 'consent-changed') return input.personId
  return input.kind === 'action' ? input.action.personId : null
}
