import {
  type Envelope,
  type Ids,
  londonDate,
  readTimestamp,
  type TreatmentRequirement,
} from '@throughline/domain'
import { completed, type Draft, type TranslatedEvent, type When } from '@throughline/intake'
import type { JudicialResult } from './court-payload.ts'
import { personOf, yearOf } from './person.ts'
import { monthsOf, type RequirementRules, requirementOf } from './requirements.ts'

/** What was ordered, and of whom. */
export interface Sitting {
  /** The hearing's own id; null where a single result does not name it. */
  readonly hearingId: string | null
  readonly days: readonly (string | undefined)[]
  readonly court: string | null
  /** Where the days stand, for the answer. */
  readonly daysAt: string
  readonly defendants: readonly Defendant[]
}

export interface Defendant {
  readonly key: string
  readonly pnc: string | undefined
  readonly cro: string | undefined
  readonly results: readonly JudicialResult[]
}

export interface Ordering {
  readonly ids: Ids
  readonly source: Envelope['source']
  readonly rules: RequirementRules
}

type Fault = { readonly reason: string; readonly at: readonly string[] }

/**
 * The treatment requirements of one defendant, each kind once: a court repeats a requirement with every offence that it
 * sentences, and the person has it once.
 */
export function requirementsOf(
  { ids, source, rules }: Ordering,
  sitting: Sitting,
  defendant: Defendant,
): { readonly events: readonly TranslatedEvent[] } | Fault {
  const byKind = new Map<TreatmentRequirement, JudicialResult[]>()
  for (const result of defendant.results) {
    const kind =
      result.isDeleted === true
        ? undefined
        : requirementOf(
            { ...result, description: result.label, resultTypeId: result.judicialResultTypeId },
            rules,
          )
    if (kind === undefined) continue
    const known = byKind.get(kind)
    if (known === undefined) byKind.set(kind, [result])
    else known.push(result)
  }
  const events: TranslatedEvent[] = []
  for (const [requirement, [first, ...others]] of byKind) {
    if (first === undefined) continue
    const when = orderedAt(first, sitting)
    if (!when.ok) return { reason: when.reason, at: [when.at] }
    const numbers = numbersOf(defendant, yearOf(when.at))
    if (!numbers.ok) return { reason: numbers.reason, at: numbers.at }
    const months = others.reduce((most, one) => Math.max(most, lengthOf(one)), lengthOf(first))
    const facts: Draft = {
      type: 'TreatmentRequirementMade',
      identifiers: [...numbers.identifiers],
      objectRef: sitting.hearingId,
      requirement,
      requirementRef: first.judicialResultId ?? `${sitting.hearingId}:${requirement}`,
      lengthMonths: months === 0 ? null : months,
      court: sitting.court,
    }
    const naturalKey = JSON.stringify(['ordered', sitting.hearingId, defendant.key, requirement])
    events.push(completed(facts, { ids, source, when, recordedAt: null, naturalKey, version: 1 }))
  }
  return { events }
}

export const numbersOf = ({ pnc, cro }: Pick<Defendant, 'pnc' | 'cro'>, year: number) =>
  personOf(
    [
      { type: 'PNC', value: pnc, path: 'pncId' },
      { type: 'CRO', value: cro, path: 'croNumber' },
    ],
    year,
  )

/** How many months, by its prompts or the full model's own member; 0 where nothing says. */
function lengthOf({ judicialResultPrompts, durationElement }: JudicialResult): number {
  const prompt = judicialResultPrompts.find(
    ({ promptReference, label }) =>
      promptReference === 'periodOfTreatment' || label?.toLowerCase() === 'period of treatment',
  )
  const { primaryDurationValue: count, primaryDurationUnit: unit } = durationElement ?? {}
  return monthsOf(prompt?.value) ?? monthsOf(unit && count && `${count} ${unit}`) ?? 0
}

/**
 * When it was ordered: the sitting on the day of the order, the day alone where there is none, the first
 * sitting where there is no day. Sittings without a zone are UTC (section 2, fact 9).
 */
function orderedAt({ orderedDate }: JudicialResult, { days, daysAt }: Sitting): When {
  const sittings = days.flatMap((text): Extract<When, { ok: true }>[] => {
    const read = text === undefined ? undefined : readTimestamp(text, { zoneless: 'utc' })
    if (text === undefined || read?.ok !== true) return []
    return [{ ok: true, at: read.at, precision: read.precision, text }]
  })
  const day =
    orderedDate === undefined ? undefined : readTimestamp(orderedDate, { zoneless: 'london' })
  if (orderedDate !== undefined && day?.ok === true) {
    const date = londonDate(day.at)
    const sitting = sittings.find(({ at }) => londonDate(at) === date)
    return sitting ?? { ok: true, at: day.at, precision: day.precision, text: orderedDate }
  }
  const [first] = sittings.toSorted((a, b) => a.at - b.at)
  if (first !== undefined) return first
  const isWritten = orderedDate !== undefined || days.some((text) => text !== undefined)
  return { ok: false, reason: isWritten ? 'timestamp-invalid' : 'timestamp-missing', at: daysAt }
}
