import type { Classification } from '@throughline/domain'
import { icd10TableOf } from './icd10.ts'
import { snomedTableName } from './snomed.ts'
import { workingTerm, workingText } from './working-text.ts'

/** A code and the system that its sender says it belongs to. */
export interface Coding {
  readonly code: string
  readonly system: string
}

const rank = { DRUG_POISONING: 3, ALCOHOL_SPECIFIC: 2, DRUG_DISORDER: 1, POSSIBLE: 0, UNKNOWN: -1 }

/** `I10C` is the American clinical modification, which would need lists of its own. */
const icd10Names: ReadonlySet<string> = new Set([
  'I10',
  'ICD10',
  'ICD-10',
  'http://hl7.org/fhir/sid/icd-10',
])
const snomedNames: ReadonlySet<string> = new Set([
  'SCT',
  'SNOMED',
  'SNOMED-CT',
  'SNOMED CT',
  'SNM',
  'http://snomed.info/sct',
])

export const isSnomed = (system: string): boolean => snomedNames.has(nameOf(system))

const nameOf = (system: string): string =>
  system.startsWith('http') ? system : system.trim().toUpperCase()

/**
 * What one diagnosis means here: of its codings, the one that says most. Undefined for whatever our lists
 * do not hold: it stays at the edge.
 */
export function classify(
  codings: readonly Coding[],
  primary: boolean,
  possible: readonly string[],
): Classification | undefined {
  let best: Classification | undefined
  for (const coding of codings) {
    const found = classifyOne(coding, primary, possible)
    if (found === undefined) continue
    if (best === undefined || rank[found.tier] > rank[best.tier]) best = found
  }
  return best
}

function classifyOne(
  { code, system }: Coding,
  primary: boolean,
  possible: readonly string[],
): Classification | undefined {
  const name = nameOf(system)
  if (icd10Names.has(name)) {
    const table = icd10TableOf(code)
    if (table === undefined) return undefined
    return { tier: table.tier, code: code.trim(), coding: 'ICD-10', primary, table: table.name }
  }
  if (!snomedNames.has(name)) return undefined
  const table = snomedTableName(code, possible)
  if (table === undefined) return undefined
  return { tier: 'POSSIBLE', code, coding: 'SNOMED CT', primary, table }
}

/** The codes of a visit, with a word of the admission text where no code says anything. */
export function withText(codes: readonly Classification[], text: string): Classification[] {
  const found = codes.length > 0 ? undefined : workingTerm(text)
  if (found === undefined) return [...codes]
  return [{ tier: 'POSSIBLE', code: found, coding: 'text', primary: false, table: workingText }]
}

/** The scale of each questionnaire: a number outside it is a mistake and no score. */
export const isOnScale = (instrument: 'AUDIT_C' | 'AUDIT', score: number): boolean =>
  Number.isInteger(score) && score >= 0 && score <= (instrument === 'AUDIT_C' ? 12 : 40)
