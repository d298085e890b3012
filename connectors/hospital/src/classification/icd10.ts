import type { Table } from './table.ts'

/** The list before K85.2, Q86.0 and R78.0 were added; kept because events may name it. */
export const alcoholSpecific1: Table = {
  name: 'alcohol-specific/1',
  tier: 'ALCOHOL_SPECIFIC',
  codes: 'E244 F10 G312 G621 G721 I426 K292 K70 K860 T510 T511 T519 X45 X65 Y15 Y90 Y91'.split(' '),
  source: 'wholly attributable conditions, England, an earlier list',
}

/** Wholly attributable to alcohol, in any position. The partly attributable lists must never label a person. */
export const alcoholSpecific: Table = {
  name: 'alcohol-specific/2',
  tier: 'ALCOHOL_SPECIFIC',
  codes: [...alcoholSpecific1.codes, 'K852', 'Q860', 'R780'],
  source: 'wholly attributable conditions, England',
}

/** F10 is alcohol and F17 tobacco: neither counts here. */
export const drugDisorder: Table = {
  name: 'drug-disorder/1',
  tier: 'DRUG_DISORDER',
  codes: ['F11', 'F12', 'F13', 'F14', 'F15', 'F16', 'F18', 'F19'],
  source: 'NHS England statistics on drug misuse, mental and behavioural disorders',
}

/** The core of the drugs under the 1971 Act. Paracetamol (T39.1) is an overdose and no drug misuse. */
export const drugPoisoning: Table = {
  name: 'drug-poisoning/1',
  tier: 'DRUG_POISONING',
  codes: ['T40', 'T436'],
  source: 'NHS England statistics on drug misuse, poisoning by controlled drugs, core codes',
}

/** Every list, the superseded ones too. */
export const icd10Tables: readonly Table[] = [
  alcoholSpecific1,
  alcoholSpecific,
  drugDisorder,
  drugPoisoning,
]

const current: ReadonlyMap<string, Table> = new Map(
  [drugPoisoning, alcoholSpecific, drugDisorder].flatMap((table) =>
    table.codes.map((code) => [code, table] as const),
  ),
)

/**
 * `F10.2`, `f102`, `F10X`, `G31.2D` in one form: upper case, without the dot, the dagger or asterisk
 * (A, D) and the filler of a three-character code. Undefined for what is no ICD-10 code: the longer
 * codes of the American modification are another list with other meanings.
 */
export function normalIcd10(written: string): string | undefined {
  if (written.length > 12) return undefined
  const shape = /^([A-Z]\d\d)(?:\.?(?:X|(\d{1,2})))?[AD†*+-]?$/.exec(written.trim().toUpperCase())
  return shape === null ? undefined : `${shape[1]}${shape[2] ?? ''}`
}

/** The current list that an ICD-10 code is in, if any. */
export function icd10TableOf(written: string): Table | undefined {
  const code = normalIcd10(written)
  if (code === undefined) return undefined
  return current.get(code.slice(0, 4)) ?? current.get(code.slice(0, 3))
}
