import type { ClassificationTier } from '@throughline/domain'

/**
 * A published list that gives codes a tier (formats/hospital.md, section 5). A list is never edited:
 * a change is a new version, and events say by which version they were read.
 */
export interface Table {
  /** Name and version, as events carry it. */
  readonly name: string
  readonly tier: Exclude<ClassificationTier, 'UNKNOWN'>
  /** Codes in their normal form; a code covers everything below it. */
  readonly codes: readonly string[]
  readonly source: string
}
