import { onDate, type Said, said, type Tell, twentySixWeeks } from './truth-story-said.ts'

const treatment = (headline: string, text: string, more: Partial<Said> = {}): Said =>
  said('treatment', headline, text, more)

const settings = {
  COMMUNITY: ', in the community',
  PRISON: ', in prison',
  RESIDENTIAL: ', in a residential service',
  INPATIENT: ', on a hospital ward',
  PRIMARY_CARE: ', at a GP practice',
  YOUNG_PEOPLE: ', at a service for young people',
  OUTREACH: ', with outreach workers',
  UNKNOWN: '',
} as const

export const started: Tell<'TreatmentStarted'> = ({ provider: place, episodeRef, setting }) => [
  treatment('Treatment started', `Treatment started${settings[setting]}.`, {
    of: `treatment ${place} ${episodeRef}`,
    ends: ['treatment-ended', 'assessment'],
    place,
  }),
  said('people', 'A service works with them', 'A treatment service works with them.', {
    of: `service ${place} ${episodeRef}`,
    place,
  }),
]

const kinds: Readonly<Record<string, string>> = {
  94: 'Prescribing',
  pharmacological: 'Prescribing',
  95: 'Talking therapy',
  psychosocial: 'Talking therapy',
  96: 'Recovery support',
  'recovery-support': 'Recovery support',
}

export const interventionStarted: Tell<'InterventionStarted'> = (facts) => [
  treatment('Treatment', `${kinds[facts.intervention] ?? 'A kind of help'} started.`, {
    of: interventionOf(facts),
    place: facts.provider,
  }),
]

export const interventionEnded: Tell<'InterventionEnded'> = (facts) => [
  treatment('Treatment', `${kinds[facts.intervention] ?? 'A kind of help'} ended.`, {
    ends: [interventionOf(facts)],
    place: facts.provider,
  }),
]

const interventionOf = (facts: { provider: string; episodeRef: string; interventionRef: string }) =>
  `intervention ${facts.provider} ${facts.episodeRef} ${facts.interventionRef}`

export const contact: Tell<'TreatmentContact'> = (
  { provider: place, attendance },
  { occurredAt },
) => {
  const headline = 'An appointment'
  if (attendance === 'ATTENDED')
    return [
      treatment(headline, 'Came to an appointment.', { of: 'contact', ends: ['missed'], place }),
    ]
  if (attendance !== 'MISSED') return []
  const until = twentySixWeeks(occurredAt)
  return [treatment(headline, 'No contact reported.', { of: 'missed', until, place })]
}

export const dosesMissed: Tell<'DosesMissed'> = ({ provider: place, days }, { occurredAt }) => {
  const text = days === 1 ? 'on 1 day' : `on ${days} days in a row`
  return [
    treatment('A prescription', `Doses were not collected ${text}.`, {
      of: 'doses',
      until: twentySixWeeks(occurredAt),
      place,
    }),
  ]
}

export const reviewed: Tell<'TreatmentReviewed'> = (
  { provider: place, housingProblem },
  { occurredAt },
) => {
  const ends = housingProblem === false ? ['housing-problem'] : []
  const review = treatment('Treatment', 'Treatment was reviewed.', { of: 'review', ends, place })
  if (housingProblem !== true) return [review]
  const problem = said('home', 'A housing problem', 'Said to have an urgent housing problem.', {
    of: 'housing-problem',
    until: twentySixWeeks(occurredAt),
    place,
  })
  return [review, problem]
}

export const naloxoneSupplied: Tell<'NaloxoneSupplied'> = ({ provider: place }) => [
  treatment('Naloxone', 'Has a naloxone kit.', { of: 'naloxone', place }),
]

export const trained: Tell<'TrainingRecorded'> = ({ completed }) => [
  treatment(
    'Training',
    completed ? 'Finished a training course.' : 'Took part in a training course.',
  ),
]

export const treatmentEnded: Tell<'TreatmentEnded'> = ({
  provider: place,
  episodeRef,
  reason,
  setting,
}) => {
  const episode = `${place} ${episodeRef}`
  const isResidential = setting === 'RESIDENTIAL' || setting === 'INPATIENT'
  const early = isResidential ? 'Left residential treatment early.' : 'Treatment ended early.'
  const texts = {
    COMPLETED: 'Treatment was completed.',
    DROPPED_OUT: early,
    DECLINED: early,
    TRANSFERRED_IN_CUSTODY: 'Treatment was handed over to another service.',
    TRANSFERRED_NOT_IN_CUSTODY: 'Treatment was handed over to another service.',
    PRISON: 'Treatment ended on the way into prison.',
    DIED: 'Treatment ended.',
    OTHER: 'Treatment ended.',
    UNKNOWN: 'Treatment ended.',
  } as const
  const ends = [`treatment ${episode}`, `service ${episode}`, `intervention ${episode}`]
  return [
    treatment('Treatment ended', texts[reason], {
      of: 'treatment-ended',
      ends: [...ends, 'missed', 'doses'],
      place,
    }),
  ]
}

const hospital = (text: string, place: string): Said =>
  said('hospital', 'At a hospital', text, { of: 'hospital', place })

export const arrived: Tell<'EmergencyAttendanceStarted'> = ({ provider }) => [
  hospital('Came to an emergency department.', provider),
]
export const leftEmergency: Tell<'EmergencyAttendanceEnded'> = ({ provider }) => [
  hospital('Left the emergency department.', provider),
]
export const admitted: Tell<'Admitted'> = ({ provider }) => [
  hospital('Admitted to hospital.', provider),
]
export const discharged: Tell<'Discharged'> = (
  { provider: place, nowhereToLive },
  { occurredAt },
) => {
  const left = hospital('Discharged from hospital.', place)
  if (nowhereToLive !== true) return [left]
  const nowhere = said('home', 'Nowhere to live', 'Left hospital with nowhere to live.', {
    of: 'nowhere',
    until: twentySixWeeks(occurredAt),
    place,
  })
  return [left, nowhere]
}

export const screened: Tell<'AlcoholScoreRecorded'> = ({ provider: place, instrument, score }) => {
  const outOf = { AUDIT_C: ' of 12 (AUDIT-C)', AUDIT: ' of 40 (AUDIT)', UNKNOWN: '' }[instrument]
  const text = `Alcohol screening: ${score}${outOf}.`
  return [said('hospital', 'Alcohol screening', text, { of: 'alcohol-score', place })]
}

export const naloxoneUsed: Tell<'NaloxoneUsed'> = (_, { occurredAt }) => [
  said('hospital', 'Naloxone', 'Naloxone was used.', {
    of: 'naloxone-used',
    ends: ['naloxone'],
    until: twentySixWeeks(occurredAt),
  }),
]

const ahead = (text: string, more: Partial<Said>): Said => said('ahead', 'A referral', text, more)

export const referred: Tell<'ReferralMade'> = (
  { referralRef, toService: place, toAttendBy },
  { occurredAt },
) => {
  const made = ahead('Referred to a service.', {
    of: `referral ${referralRef}`,
    until: twentySixWeeks(occurredAt),
    place,
  })
  if (toAttendBy === null) return [made]
  const text = `Is expected at a service by ${onDate(toAttendBy)}.`
  return [made, ahead(text, { of: `appointment ${referralRef}`, until: toAttendBy, place })]
}

const answers = {
  RECEIVED: ['The service has the referral.', false],
  ACCEPTED: ['The service accepted the referral.', false],
  DECLINED: ['The service could not take the referral.', true],
  NOT_ATTENDED: ['No contact reported with the service they were referred to.', true],
  UNKNOWN: ['The service answered the referral.', false],
} as const

export const referralAnswered: Tell<'ReferralAnswered'> = (
  { referralRef, answer },
  { occurredAt },
) => {
  const [of, appointment] = [`referral ${referralRef}`, `appointment ${referralRef}`]
  if (answer === 'ATTENDED')
    return [ahead('Came to the service they were referred to.', { ends: [of, appointment] })]
  const [text, endsIt] = answers[answer]
  const until = twentySixWeeks(occurredAt)
  return [ahead(text, { of, ends: endsIt ? [appointment] : [], until })]
}
