import {
  type Input,
  nothingCounted,
  type OutcomesState,
  outcomesLookups,
  outcomesStep,
  type Processor,
} from '@throughline/domain'

/** Keeps what the measures need of each person who agreed to be counted. */
export const outcomes: Processor<OutcomesState> = {
  name: 'outcomes',
  inputs: ['person.events.v1', 'consent.changes.v1'],
  outputs: [],
  upstream: ['connectors', 'link'],
  stateVersion: 1,
  upgrade: (state) => state as OutcomesState,
  initial: nothingCounted,
  personal: true,
  keyOf: personOf,
  lookups: outcomesLookups,
  step: outcomesStep,
}

function personOf(input: Exclude<Input, { kind: 'timer' }>): string | null {
  return input.kind === 'person-event' || input.kind === 'consent-changed' ? input.personId : null
}
