import { startOfDay } from './london.ts'
import {
  endOfDate,
  onDate,
  onDateAt,
  type Said,
  said,
  type Tell,
  twentySixWeeks,
} from './truth-story-said.ts'

const custody = (headline: string, text: string, more: Partial<Said> = {}): Said =>
  said('custody', headline, text, { of: 'custody', ...more })

export const arrested: Tell<'ArrestedIntoCustody'> = (
  { custodySuite, force, openPrescription },
  { occurredAt },
) => {
  const place = custodySuite ?? force
  const arrest = custody('In police custody', 'Arrested and taken into police custody.', { place })
  const prescription = (text: string): Said =>
    said('treatment', 'A prescription', text, {
      of: 'prescription',
      until: twentySixWeeks(occurredAt),
      place,
    })
  switch (openPrescription) {
    case 'YES':
      return [arrest, prescription('Said to have an open prescription; nobody has checked.')]
    case 'NO':
      return [arrest, prescription('Said to have no open prescription.')]
    default:
      return [arrest]
  }
}

export const tested: Tell<'DrugTestedOnArrest'> = (
  { force: place, assessmentAt, assessmentRequired },
  { occurredAt },
) => {
  const test = said('custody', 'In police custody', 'Had a drug test after arrest.', { place })
  const assessment = (text: string, until: number): Said =>
    said('ahead', 'An appointment', text, { of: 'assessment', until, place })
  if (assessmentAt !== null)
    return [
      test,
      assessment(`A drug assessment is due on ${onDateAt(assessmentAt)}.`, assessmentAt),
    ]
  if (assessmentRequired !== true) return [test]
  const text = 'A drug assessment is due; no time has been said.'
  return [test, assessment(text, twentySixWeeks(occurredAt))]
}

export const leftPolice: Tell<'ReleasedFromPoliceCustody'> = ({
  force: place,
  disposal,
  bailUntil,
}) => {
  const text =
    disposal === 'REMANDED_TO_COURT'
      ? 'Taken from police custody to court.'
      : 'Left police custody.'
  const left = custody('Left police custody', text, { place })
  if (bailUntil === null) return [left]
  const bail = `Bail is to be answered on ${onDateAt(bailUntil)}.`
  return [left, said('ahead', 'A date to keep', bail, { of: 'bail', until: bailUntil, place })]
}

export const received: Tell<'ReceivedIntoPrison'> = ({ prison: place, legalBasis }) => {
  const ends = [
    'rough-sleeping',
    'nowhere',
    'bail',
    ...(legalBasis === 'RECALL' ? ['licence'] : []),
  ]
  return [custody('Into prison', 'Received into prison.', { ends, place })]
}

export const returned: Tell<'ReturnedToPrison'> = ({ prison: place }) => [
  custody('Into prison', 'Came back to prison.', { place }),
]

export const transferred: Tell<'TransferredBetweenPrisons'> = ({ prison: place, direction }) => [
  custody(
    'Moved between prisons',
    direction === 'IN' ? 'Arrived at another prison.' : 'Moved between prisons.',
    { place },
  ),
]

export const toCourt: Tell<'LeftForCourt'> = ({ prison: place }) => [
  custody('At court', 'Left prison for court.', { place }),
]

/** What a death puts an end to. */
const goneWithDeath = [
  'release-date',
  'bail',
  'assessment',
  'referral',
  'appointment',
  'duty-to-refer',
  'notice-expiry',
]
const died = 'A death has been reported'

export const death: Tell<'DeathReported'> = () => [
  said('death', died, `${died}.`, { of: 'death', ends: goneWithDeath }),
]

export const releasedFromPrison: Tell<'ReleasedFromPrison'> = ({ prison: place, kind }) => {
  const left = (text: string, ends: readonly string[] = []): readonly Said[] => [
    custody('Left prison', text, { ends, place }),
  ]
  switch (kind) {
    case 'TO_COMMUNITY': {
      const ends = ['release-date', 'recall']
      return [custody('Released from prison', 'Released from prison.', { ends, place })]
    }
    case 'TO_HOSPITAL':
      return left('Went from prison to hospital.')
    case 'TEMPORARY':
      return left('Left prison for a time, on licence.')
    case 'ABSCONDED':
      return left('Not where the prison expected them.', ['release-date'])
    case 'UNKNOWN':
      return left('Left prison; it is not known how.')
    case 'ADMINISTRATIVE':
      return [
        said('custody', 'A change of records', 'The prison changed its records; nobody left.', {
          place,
        }),
      ]
    case 'DIED': {
      const ends = [...goneWithDeath, 'custody', 'recall']
      return [said('death', died, 'Reported to have died in prison.', { of: 'death', ends, place })]
    }
  }
}

export const releasePlanned: Tell<'ReleaseDateSet'> = ({ releaseDate, prison: place }) => [
  said('ahead', 'A release date', `Release is planned for ${onDate(startOfDay(releaseDate))}.`, {
    of: 'release-date',
    until: endOfDate(releaseDate),
    place,
  }),
]

const requirements = {
  DRR: ['a drug rehabilitation requirement', 'The drug rehabilitation requirement'],
  ATR: ['an alcohol treatment requirement', 'The alcohol treatment requirement'],
  MHTR: ['a mental health treatment requirement', 'The mental health treatment requirement'],
  UNKNOWN: ['a treatment requirement', 'The treatment requirement'],
} as const

const alsoNeeds = (requirement: string) => (requirement === 'MHTR' ? ['mental-health'] : [])

export const requirementMade: Tell<'TreatmentRequirementMade'> = ({
  requirement,
  lengthMonths: months,
  court: place,
}) => {
  const length = months === null ? '' : `, for ${months} ${months === 1 ? 'month' : 'months'}`
  const text = `A court made ${requirements[requirement][0]}${length}.`
  const of = `requirement ${requirement}`
  return [said('custody', 'A court order', text, { of, place, alsoNeeds: alsoNeeds(requirement) })]
}

export const requirementEnded: Tell<'RequirementEnded'> = ({ requirement }) => [
  said('custody', 'A court order', `${requirements[requirement][1]} ended.`, {
    ends: [`requirement ${requirement}`],
    alsoNeeds: alsoNeeds(requirement),
  }),
]

export const supervised: Tell<'SupervisionStarted'> = () => [
  said('custody', 'Supervision', 'Probation supervision started.', { of: 'supervision' }),
]
export const licensed: Tell<'LicenceActivated'> = () => [
  said('custody', 'Supervision', 'A licence is in force.', { of: 'licence' }),
]
export const breached: Tell<'BreachRaised'> = (_, { occurredAt }) => [
  said('custody', 'Enforcement', 'Probation raised a breach.', {
    of: 'breach',
    until: twentySixWeeks(occurredAt),
  }),
]
/** Whether it may be told at all depends on prison movements. */
export const recalled: Tell<'RecallRaised'> = () => [
  said('custody', 'Enforcement', 'Probation raised a recall to prison.', { of: 'recall' }),
]
export const managed: Tell<'SupervisionManagerAllocated'> = ({ manager, team }) => [
  said('people', 'A service works with them', 'Has a probation practitioner.', {
    of: 'manager',
    place: manager ?? team,
  }),
]
