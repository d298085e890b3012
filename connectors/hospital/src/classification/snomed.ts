import type { Table } from './table.ts'

/**
 * Presentations: a symptom on arrival, no diagnosis, so possible and never more. Only codes whose meaning
 * several public sources confirm; others are the partnership's to check and to configure.
 */
export const presentations: Table = {
  name: 'snomed-presentation/1',
  tier: 'POSSIBLE',
  codes: ['25702006'],
  source: 'alcohol intoxication, as public UK code lists use it',
}

/** The name under which codes that a partnership has checked itself appear. */
export const configured = 'configured-possible/1'

export const snomed = {
  auditC: '763256006',
  audit: '443280005',
  alcoholService: '431260004',
  drugAndAlcoholTeam: '417096006',
  deadOnArrival: '63238001',
  diedInDepartment: '75004002',
} as const

export const loinc = { auditC: '75626-2' } as const

const codes: ReadonlySet<string> = new Set(presentations.codes)

/** The list that makes a SNOMED CT code possible, if any. */
export function snomedTableName(code: string, possible: readonly string[]): string | undefined {
  if (codes.has(code)) return presentations.name
  return possible.includes(code) ? configured : undefined
}
