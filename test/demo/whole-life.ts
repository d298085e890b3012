import type { Life } from './life.ts'
import type { DutyStory } from './life-housing.ts'
import type { Provider, TreatmentStory } from './life-treatment.ts'

/** One person's life in the reports of every agency, and what monthly files will say of it. */
export interface WholeLife extends Life {
  readonly services: readonly Provider[]
  readonly treated: TreatmentStory
  readonly duties: readonly DutyStory[]
}
