import { examplesIn } from '@throughline/intake/testing'

interface ExpectedOutcome {
  readonly outcome: string
  readonly reason?: string
  readonly at?: readonly string[]
  readonly events?: readonly string[]
  readonly errors?: readonly string[]
}

export const { changed, example, exampleNames, outcomes, textOf } = examplesIn<ExpectedOutcome>(
  new URL('../../examples/', import.meta.url),
)
