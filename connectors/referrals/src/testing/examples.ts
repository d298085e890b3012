import { examplesIn } from '@throughline/intake/testing'

interface ExpectedOutcome {
  readonly outcome: string
  readonly events?: readonly string[]
  readonly warnings?: readonly string[]
  readonly errors?: readonly string[]
  /** Whether a desk holds it afterwards. */
  readonly atDesk?: boolean
}

export const { changed, example, exampleNames, outcomes, textOf } = examplesIn<ExpectedOutcome>(
  new URL('../../examples/', import.meta.url),
)
