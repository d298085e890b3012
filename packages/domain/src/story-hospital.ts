import type { AlcoholInstrument, Classification, ClassificationTier } from './events.generated.ts'
import { type Account, account, home, hospital, in26Weeks, only } from './story-account.ts'

/** What the codes of one visit say of it: the strongest counts. Its words follow those of every line of the visit. */
export const classificationWords: Readonly<Record<ClassificationTier, string>> = {
  DRUG_POISONING: 'It was recorded as a drug poisoning.',
  ALCOHOL_SPECIFIC: 'It was put down to alcohol.',
  DRUG_DISORDER: 'It was put down to drugs.',
  POSSIBLE: 'Drugs or alcohol may have played a part.',
  UNKNOWN: '',
}

const strongestFirst = Object.keys(classificationWords) as readonly ClassificationTier[]

const strongest = (classifications: readonly Classification[]): ClassificationTier | null =>
  strongestFirst.find((tier) => classifications.some((one) => one.tier === tier)) ?? null

/** What is remembered of an event of a visit. `tier` is null where the event says nothing of the codes. */
export interface Visit {
  readonly provider: string
  readonly visitRef: string
  readonly tier: ClassificationTier | null
}

interface OfVisit {
  readonly provider: string
  readonly visitRef: string
  readonly classifications: readonly Classification[]
}

const visit = ({ provider, visitRef, classifications }: OfVisit): Visit => ({
  provider,
  visitRef,
  tier: strongest(classifications),
})

const contact = (text: string) => (place: string) =>
  hospital({ of: 'hospital', text, headline: 'At a hospital', place })

const came = contact('Came to an emergency department.')
const left = contact('Left the emergency department.')
const admitted = contact('Admitted to hospital.')
const discharged = contact('Discharged from hospital.')

const scores: Readonly<Record<AlcoholInstrument, (score: number) => string>> = {
  AUDIT_C: (score) => `${score} of 12 (AUDIT-C)`,
  AUDIT: (score) => `${score} of 40 (AUDIT)`,
  UNKNOWN: (score) => String(score),
}

/** Hospitals. */
export const hospitalAccounts: readonly Account[] = [
  account('EmergencyAttendanceStarted', visit, ({ provider }) => [came(provider)]),
  account('EmergencyAttendanceEnded', visit, ({ provider }) => [left(provider)]),
  account('Admitted', visit, ({ provider }) => [admitted(provider)]),
  account(
    'Discharged',
    (event) => ({ ...visit(event), nowhereToLive: event.nowhereToLive }),
    ({ provider, nowhereToLive }, at) => [
      discharged(provider),
      ...(nowhereToLive === true
        ? [
            home({
              of: 'nowhere',
              text: 'Left hospital with nowhere to live.',
              headline: 'Nowhere to live',
              place: provider,
              until: in26Weeks(at),
            }),
          ]
        : []),
    ],
  ),
  // It says what the visit was, in the visit's own lines; that nothing is left, too.
  account(
    'EncounterReclassified',
    (event) => ({ ...visit(event), tier: strongest(event.classifications) ?? 'UNKNOWN' }),
    () => [],
  ),
  account(
    'AlcoholScoreRecorded',
    only('provider', 'instrument', 'score'),
    ({ provider, instrument, score }) => [
      hospital({
        of: 'alcohol-score',
        text: `Alcohol screening: ${scores[instrument](score)}.`,
        headline: 'Alcohol screening',
        place: provider,
      }),
    ],
  ),
]
