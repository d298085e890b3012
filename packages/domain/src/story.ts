import type { Ids } from './ids.ts'
import type { Input, Known, Lookup, Stepped } from './processor.ts'

export const storiesTopic = 'person.stories.v1'

export interface StoryState {
  readonly version: number
}

export const nothingTold: StoryState = { version: 0 }

export function storyLookups(_input: Input, _key: string | null): readonly Lookup[] {
  return []
}

/** Folds a person's events into the account they need not give again. */
export function storyStep(
  state: StoryState,
  _known: Known,
  _input: Input,
  _key: string | null,
  _ids: Ids,
): Stepped<StoryState> {
  return { state }
}
