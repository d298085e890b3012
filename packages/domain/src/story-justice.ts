import { dateInWords, momentInWords } from './date-words.ts'
import type { ReleasedFromPrison, TreatmentRequirement } from './events.generated.ts'
import {
  type Account,
  account,
  ahead,
  allAhead,
  counted,
  custody,
  death,
  endOf,
  in26Weeks,
  nothing,
  only,
  people,
  type Telling,
  treatment,
} from './story-account.ts'

const requirements: Readonly<Record<TreatmentRequirement, readonly [article: string, of: string]>> =
  {
    DRR: ['a', 'drug rehabilitation'],
    ATR: ['an', 'alcohol treatment'],
    MHTR: ['a', 'mental health treatment'],
    UNKNOWN: ['a', 'treatment'],
  }

/** Mental health is a category of its own: the event's type does not say that this one is about it. */
const needsOf = (requirement: TreatmentRequirement) =>
  requirement === 'MHTR' ? (['mental-health'] as const) : []

const police = only('force', 'custodySuite', 'openPrescription')

const releases: Readonly<Record<ReleasedFromPrison['kind'], (place: string | null) => Telling>> = {
  TO_COMMUNITY: (place) => ({
    ...left('Released from prison.', place, ['release-date', 'recall']),
    headline: 'Released from prison',
  }),
  TO_HOSPITAL: (place) => left('Went from prison to hospital.', place),
  TEMPORARY: (place) => left('Left prison for a time, on licence.', place),
  DIED: (place) =>
    death({
      of: 'death',
      text: 'Reported to have died in prison.',
      headline: 'A death has been reported',
      ends: [...allAhead, 'custody', 'recall'],
      place,
    }),
  ABSCONDED: (place) => left('Not where the prison expected them.', place, ['release-date']),
  ADMINISTRATIVE: (place) =>
    custody({
      of: null,
      text: 'The prison changed its records; nobody left.',
      headline: 'A change of records',
      place,
    }),
  UNKNOWN: (place) => left('Left prison; it is not known how.', place),
}

const left = (text: string, place: string | null, ends: readonly string[] = []): Telling =>
  custody({ of: 'custody', text, headline: 'Left prison', ends, place })

const atPrison = (text: string, headline: string) => (place: string | null, ends?: string[]) =>
  custody({ of: 'custody', text, headline, place, ...(ends && { ends }) })

const received = atPrison('Received into prison.', 'Into prison')
const returned = atPrison('Came back to prison.', 'Into prison')
const toCourt = atPrison('Left prison for court.', 'At court')

/** Police, prisons, courts and probation. */
export const justiceAccounts: readonly Account[] = [
  account('ArrestedIntoCustody', police, ({ force, custodySuite, openPrescription }, at) => {
    const place = custodySuite ?? force
    const arrested = custody({
      of: 'custody',
      text: 'Arrested and taken into police custody.',
      headline: 'In police custody',
      place,
    })
    if (openPrescription === 'UNKNOWN') return [arrested]
    const text =
      openPrescription === 'YES'
        ? 'Said to have an open prescription; nobody has checked.'
        : 'Said to have no open prescription.'
    const said = { of: 'prescription', text, headline: 'A prescription', place }
    return [arrested, treatment({ ...said, until: in26Weeks(at) })]
  }),
  account(
    'DrugTestedOnArrest',
    only('force', 'assessmentRequired', 'assessmentAt'),
    ({ force: place, assessmentRequired, assessmentAt }, at) => {
      const tested = custody({
        of: null,
        text: 'Had a drug test after arrest.',
        headline: 'In police custody',
        place,
      })
      if (assessmentAt === null && assessmentRequired !== true) return [tested]
      const text =
        assessmentAt === null
          ? 'A drug assessment is due; no time has been said.'
          : `A drug assessment is due on ${momentInWords(assessmentAt)}.`
      const due = { of: 'assessment', text, headline: 'An appointment', place }
      return [tested, ahead({ ...due, until: assessmentAt ?? in26Weeks(at) })]
    },
  ),
  account(
    'ReleasedFromPoliceCustody',
    only('force', 'disposal', 'bailUntil'),
    ({ force: place, disposal, bailUntil }) => {
      const text =
        disposal === 'REMANDED_TO_COURT'
          ? 'Taken from police custody to court.'
          : 'Left police custody.'
      const gone = custody({ of: 'custody', text, headline: 'Left police custody', place })
      if (bailUntil === null) return [gone]
      const bail = `Bail is to be answered on ${momentInWords(bailUntil)}.`
      const due = { of: 'bail', text: bail, headline: 'A date to keep', place, until: bailUntil }
      return [gone, ahead(due)]
    },
  ),
  account('ReceivedIntoPrison', only('prison', 'legalBasis'), ({ prison, legalBasis }) => [
    received(prison, [
      'rough-sleeping',
      'nowhere',
      'bail',
      ...(legalBasis === 'RECALL' ? ['licence'] : []),
    ]),
  ]),
  account('ReturnedToPrison', only('prison'), ({ prison }) => [returned(prison)]),
  account('LeftForCourt', only('prison'), ({ prison }) => [toCourt(prison)]),
  account('TransferredBetweenPrisons', only('prison', 'direction'), ({ prison, direction }) => [
    custody({
      of: 'custody',
      text: direction === 'IN' ? 'Arrived at another prison.' : 'Moved between prisons.',
      headline: 'Moved between prisons',
      place: prison,
    }),
  ]),
  account('ReleaseDateSet', only('prison', 'releaseDate'), ({ prison, releaseDate }) => [
    ahead({
      of: 'release-date',
      text: `Release is planned for ${dateInWords(releaseDate)}.`,
      headline: 'A release date',
      place: prison,
      until: endOf(releaseDate),
    }),
  ]),
  account('ReleasedFromPrison', only('prison', 'kind'), ({ prison, kind }) => [
    releases[kind](prison),
  ]),
  account(
    'TreatmentRequirementMade',
    only('requirement', 'lengthMonths', 'court'),
    ({ requirement, lengthMonths, court }) => {
      const [article, of] = requirements[requirement]
      const months = lengthMonths === null ? '' : `, for ${counted(lengthMonths, 'month')}`
      return [
        custody({
          of: `requirement ${requirement}`,
          text: `A court made ${article} ${of} requirement${months}.`,
          headline: 'A court order',
          place: court,
          needs: needsOf(requirement),
        }),
      ]
    },
  ),
  account('RequirementEnded', only('requirement'), ({ requirement }) => [
    custody({
      of: null,
      text: `The ${requirements[requirement][1]} requirement ended.`,
      headline: 'A court order',
      ends: [`requirement ${requirement}`],
      needs: needsOf(requirement),
    }),
  ]),
  account('SupervisionStarted', nothing, () => [
    custody({
      of: 'supervision',
      text: 'Probation supervision started.',
      headline: 'Supervision',
    }),
  ]),
  account('SupervisionManagerAllocated', only('manager', 'team'), ({ manager, team }) => [
    people({
      of: 'manager',
      text: 'Has a probation practitioner.',
      headline: 'A service works with them',
      place: manager ?? team,
    }),
  ]),
  account('BreachRaised', nothing, (_about, at) => [
    custody({
      of: 'breach',
      text: 'Probation raised a breach.',
      headline: 'Enforcement',
      until: in26Weeks(at),
    }),
  ]),
  account('RecallRaised', only('releasedToLead'), () => [
    custody({
      of: 'recall',
      text: 'Probation raised a recall to prison.',
      headline: 'Enforcement',
    }),
  ]),
  account('LicenceActivated', nothing, () => [
    custody({ of: 'licence', text: 'A licence is in force.', headline: 'Supervision' }),
  ]),
]
