import { day } from './slots.ts'
import {
  attendedOf,
  caseOf,
  days,
  firstOf,
  hours,
  inTouchAfter,
  type Known,
  openAt,
  type Rule,
  toKnow,
  toldOnce,
  workingDays,
} from './truth-case.ts'
import { byLearning, type Fact, type FactOf, isAfter, saying } from './truth-facts.ts'
import { emergenciesOf, evidence, has, type Stay, staysOf, timeOf } from './truth-stays.ts'

const tiers = ['DRUG_POISONING', 'ALCOHOL_SPECIFIC', 'DRUG_DISORDER'] as const

/** Whatever tells it of one stay is one matter. */
export const overdose: Rule = (known) =>
  staysOf(known.grounds).flatMap((stay) =>
    toldOnce(
      evidence(stay, 'DRUG_POISONING').map((stands) => {
        const occurredAt = timeOf(stands)
        return caseOf('overdose', stands, {
          urgency: 'safety',
          due: hours(4),
          occurredAt,
          headline: 'In hospital after a drug poisoning',
          byContact: true,
          closed: firstOf([
            'contact-attended',
            attendedOf(known).filter(isAfter({ ...stands[0], occurredAt })),
          ]),
        })
      }),
      () => true,
    ),
  )

export const hospital: Rule = (known) => {
  const stays = staysOf(known.grounds)
  return [
    ...stays.flatMap(classified),
    ...stays.flatMap((stay) =>
      saying(stay.coded, ['Discharged']).flatMap((own) => discharged(known, stay, own)),
    ),
  ]
}

/** Told where no poisoning is: that has its own rule. */
function classified(stay: Stay) {
  const types = stay.visits.map(({ facts: { type } }) => type)
  const headline = types.includes('Admitted')
    ? 'Admitted to hospital'
    : types.some((type) => type.startsWith('Emergency'))
      ? 'Attended A&E'
      : 'Discharged from hospital'
  const cases = evidence(stay, 'ALCOHOL_SPECIFIC', 'DRUG_DISORDER').map((stands) =>
    caseOf('hospital', stands, {
      ...toKnow,
      // A discharge may have something to ask as well.
      episode: `hospital:told:${stands[0].key}`,
      occurredAt: timeOf(stands),
      headline,
      closed: has(stay, 'DRUG_POISONING') ? 'superseded' : null,
    }),
  )
  return toldOnce(cases, () => true)
}

function discharged(known: Known, stay: Stay, own: FactOf<'Discharged'>) {
  const reason = scoreOf(known, own) ?? referralOf(known, stay, own)
  if (reason === undefined) return []
  const open = openAt(known, own, own.occurredAt)
  if (open !== undefined)
    return [
      caseOf('hospital', [own, reason, open], { ...toKnow, headline: 'Discharged from hospital' }),
    ]
  const answered = saying(known.facts, ['ReferralAnswered'], ({ answer }) =>
    ['ACCEPTED', 'ATTENDED'].includes(answer),
  )
  return [
    caseOf('hospital', [own, reason], {
      urgency: 'prompt',
      due: days(7),
      headline: 'Discharged from hospital: offer treatment',
      byContact: true,
      closed: firstOf(
        ['referral-answered', answered.filter(isAfter(own))],
        ...inTouchAfter(known, own),
      ),
    }),
  ]
}

const scoreOf = ({ grounds }: Known, own: FactOf<'Discharged'>): Fact | undefined =>
  saying(
    grounds,
    ['AlcoholScoreRecorded'],
    ({ provider, visitRef, instrument, score }) =>
      provider === own.facts.provider &&
      visitRef === own.facts.visitRef &&
      instrument === 'AUDIT_C' &&
      score >= 5,
  ).toSorted(byLearning)[0]

const referralOf = ({ grounds }: Known, { visits }: Stay, own: Fact): Fact | undefined =>
  saying(grounds, ['ReferralMade'])
    .filter(
      ({ agency, occurredAt }) =>
        agency === own.agency &&
        occurredAt >= (visits[0]?.occurredAt ?? own.occurredAt) &&
        occurredAt <= own.occurredAt + day,
    )
    .toSorted(byLearning)[0]

const often = 5

/** Counted in the order of learning; each further five make a new case. */
export const frequentAttender: Rule = ({ grounds }) => {
  const visits = staysOf(grounds)
    .flatMap((stay) => {
      const [stands] = evidence(stay, ...tiers)
      const [first] = stay.visits
      if (stands === undefined || first === undefined || emergenciesOf(stay.coded).length === 0)
        return []
      const learnedAt = Math.max(...stands.map((fact) => fact.learnedAt))
      return [{ stands, at: first.occurredAt, learnedAt }]
    })
    .toSorted((a, b) => a.learnedAt - b.learnedAt)
  let sinceLast = 0
  return visits.flatMap(({ stands, at, learnedAt }, i) => {
    sinceLast++
    const known = visits.slice(0, i + 1)
    const latest = Math.max(...known.map(({ at }) => at))
    const counted = known.filter(({ at }) => at >= latest - 365 * day)
    if (counted.length < often || sinceLast < often) return []
    sinceLast = 0
    return [
      caseOf('frequent-attender', [stands[0], ...counted.flatMap((visit) => visit.stands)], {
        urgency: 'routine',
        due: workingDays(10),
        learnedAt,
        occurredAt: at,
        headline: `${counted.length} alcohol or drug visits to hospital in a year`,
        byAcknowledging: true,
      }),
    ]
  })
}
