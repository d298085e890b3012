import type { TreatmentRequirement } from '@throughline/domain'
import { z } from 'zod'

const rule = z.strictObject({
  requirement: z.enum(['DRR', 'ATR', 'MHTR']),
  /** How Delius's main type, or a court's label, begins; case and spacing do not matter. */
  descriptions: z.array(z.string().trim().min(3)).default([]),
  /** Common Platform's id of the kind of result. */
  resultTypeIds: z.array(z.uuid()).default([]),
  /** The short code that heads a result's text, before ` - `. */
  shortCodes: z.array(z.string().regex(/^[A-Z0-9]{2,12}$/)).default([]),
  /** The national result code. */
  cjsCodes: z.array(z.string().regex(/^\d{4}$/)).default([]),
})

/**
 * Treatment requirements by their words and codes (formats/justice.md, sections 5.1 and 9.5). Delius's codes for
 * them are not confirmed anywhere, so its events are known by description. Common Platform's short code and id for drug
 * rehabilitation are not public: a partner adds its own here.
 */
export const requirementRules = z.array(rule).default([
  {
    requirement: 'DRR',
    descriptions: ['drug rehabilitation'],
    resultTypeIds: [],
    shortCodes: [],
    cjsCodes: ['3109'],
  },
  {
    requirement: 'ATR',
    descriptions: ['alcohol treatment'],
    resultTypeIds: ['9941e3d0-0e80-46c6-95c6-5b4f1a88c83d'],
    shortCodes: ['ATR'],
    cjsCodes: ['3110'],
  },
  {
    requirement: 'MHTR',
    descriptions: ['mental health treatment'],
    resultTypeIds: ['5473390c-dbe2-4026-a95f-8bb99d2e011d'],
    shortCodes: ['MHTRNR'],
    cjsCodes: ['3108'],
  },
])
export type RequirementRules = z.output<typeof requirementRules>

/** What a court's result or Delius's requirement calls itself. */
export interface Called {
  readonly description?: string | undefined
  readonly resultTypeId?: string | undefined
  readonly resultText?: string | undefined
  readonly cjsCode?: string | undefined
}

/** Which treatment requirement is meant, the surest sign first; undefined for anything else. */
export function requirementOf(
  { description, resultTypeId, resultText, cjsCode }: Called,
  rules: RequirementRules,
): TreatmentRequirement | undefined {
  const id = resultTypeId?.trim().toLowerCase()
  const heading = headingShape.exec(resultText ?? '')?.[1]?.toUpperCase()
  const words = plain(description ?? '')
  const found =
    rules.find(({ resultTypeIds }) => resultTypeIds.some((one) => one.toLowerCase() === id)) ??
    rules.find(({ cjsCodes }) => cjsCode !== undefined && cjsCodes.includes(cjsCode.trim())) ??
    rules.find(({ shortCodes }) => heading !== undefined && shortCodes.includes(heading)) ??
    rules.find(({ descriptions }) => descriptions.some((one) => saysSo(words, plain(one))))
  return found?.requirement
}

/** `ATR - Alcohol treatment`: the short code is before the first dash. */
const headingShape = /^\s{0,8}([A-Za-z0-9]{2,12})\s{1,4}-\s/

const plain = (words: string): string =>
  words
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()

const saysSo = (words: string, beginning: string): boolean =>
  (words === beginning || words.startsWith(`${beginning} `)) && !undone.test(words)

/** A label that takes a requirement away begins with its name too. */
const undone = /\b(?:revok|remov|cancel|discharg|terminat|quash|not )/

/**
 * Whole months of a period such as `6 Months`, `1 Years` or `1 Years 6 Months` (weeks and days to the
 * nearest month); null for none, for less than half a month, and for anything that is no period.
 */
export function monthsOf(period: string | undefined): number | null {
  if (period === undefined || !periodShape.test(period)) return null
  let months = 0
  for (const [, count, unit = ''] of period.matchAll(/(\d{1,4}) ?([A-Za-z])/g)) {
    months += Number(count) * (monthsByUnit[unit.toUpperCase()] ?? 0)
  }
  const whole = Math.round(months)
  return whole >= 1 && whole <= monthsMax ? whole : null
}

const periodShape =
  /^\s{0,4}\d{1,4} ?(?:years?|months?|weeks?|days?|[ymwd])(?:,? (?:and )?\d{1,4} ?(?:years?|months?|weeks?|days?|[ymwd])){0,3}\s{0,4}$/i
const monthsByUnit: Readonly<Record<string, number>> = { Y: 12, M: 1, W: 12 / 52, D: 12 / 365 }
const monthsMax = 600
