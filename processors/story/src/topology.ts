import {
  type Input,
  nothingTold,
  type Processor,
  type StoryState,
  storiesTopic,
  storyLookups,
  storyStep,
  upgradeStory,
} from '@throughline/domain'

/** The account a person need not give again. */
export const story: Processor<StoryState> = {
  name: 'story',
  inputs: ['person.events.v1', 'consent.changes.v1'],
  outputs: [storiesTopic],
  upstream: ['connectors', 'link'],
  stateVersion: 2,
  upgrade: upgradeStory,
  initial: nothingTold,
  personal: true,
  keyOf: personOf,
  lookups: storyLookups,
  step: storyStep,
}

function personOf(input: Exclude<Input, { kind: 'timer' }>): string | null {
  return input.kind === 'person-event' || input.kind === 'consent-changed' ? input.personId : null
}
