import { asPrescriber } from './agreed.ts'
import { workingDaysAfter } from './london.ts'
import { day } from './slots.ts'
import {
  attendedOf,
  type Case,
  caseOf,
  firstOf,
  type Known,
  type Rule,
  startsOf,
  toKnow,
  toldOnce,
  within,
  workingDays,
} from './truth-case.ts'
import {
  byLearning,
  byOccurrence,
  type FactOf,
  isAfter,
  isLater,
  lastInstant,
  saying,
} from './truth-facts.ts'

const prompt = { urgency: 'prompt', due: workingDays(1), byContact: true } as const

export const treatmentLost: Rule = (known) => [
  ...droppedOut(known),
  ...missedContacts(known),
  ...missedDoses(known),
]

const droppedOut = (known: Known): readonly Case[] =>
  saying(
    known.grounds,
    ['TreatmentEnded'],
    ({ reason, setting }) => reason === 'DROPPED_OUT' && setting !== 'PRISON',
  ).map((own) =>
    caseOf('treatment-lost', [own], {
      ...prompt,
      headline: 'Left treatment early',
      closed: firstOf(...backAfter(known, own)),
    }),
  )

/** Missed with nothing between them, each at most six weeks from the one before. */
function missedContacts(known: Known): readonly Case[] {
  const contacts = saying(known.facts, ['TreatmentContact'])
  const grounds = new Set(known.grounds.map(({ key }) => key))
  const runs: FactOf<'TreatmentContact'>[][] = []
  for (const own of Map.groupBy(contacts, ({ facts: { provider } }) => provider).values()) {
    let run: FactOf<'TreatmentContact'>[] = []
    for (const contact of own.toSorted(byOccurrence)) {
      const last = run.at(-1)
      const goesOn = last !== undefined && contact.occurredAt - last.occurredAt <= 42 * day
      if (contact.facts.attendance !== 'MISSED') run = []
      else if (!grounds.has(contact.key)) continue
      else if (goesOn) run.push(contact)
      else runs.push((run = [contact]))
    }
  }
  return runs.flatMap((run) => {
    const [first, second] = run
      .map((one) => {
        const [missed] = saying([one], ['TreatmentContact'], (it) => it.attendance === 'MISSED')
        return missed as FactOf<'TreatmentContact'>
      })
      .toSorted(byLearning)
    if (first === undefined || second === undefined) return []
    return [
      caseOf('treatment-lost', [second, first], {
        ...prompt,
        headline: 'Missed two appointments',
        closed: firstOf(...backAfter(known, second), ended(known, second)),
      }),
    ]
  })
}

const missedDoses = (known: Known): readonly Case[] =>
  toldOnce(
    saying(known.grounds, ['DosesMissed'], ({ days }) => days >= 3).map((own) =>
      caseOf('treatment-lost', [own], {
        ...prompt,
        headline: `Missed ${own.facts.days} days of medicine`,
        others: [{ reader: asPrescriber, alsoNeeds: [] }],
        closed: firstOf(...backAfter(known, own), ended(known, own)),
      }),
    ),
    within(7 * day),
  )

/** Another episode than its own; two services may use one number. */
const backAfter = (
  known: Known,
  own: FactOf<'TreatmentEnded' | 'TreatmentContact' | 'DosesMissed'>,
) =>
  [
    [
      'treatment-started',
      startsOf(known)
        .filter(
          ({ facts: { provider, episodeRef } }) =>
            provider !== own.facts.provider || episodeRef !== own.facts.episodeRef,
        )
        .filter(isAfter(own)),
    ],
    [
      'contact-attended',
      attendedOf(known).filter(({ occurredAt }) => occurredAt > lastInstant(own)),
    ],
  ] as const

const ended = (known: Known, own: FactOf<'TreatmentContact' | 'DosesMissed'>) =>
  [
    'treatment-ended',
    saying(
      known.facts,
      ['TreatmentEnded'],
      ({ provider }) => provider === own.facts.provider,
    ).filter(isAfter(own)),
  ] as const

export const treatmentDone: Rule = (known) =>
  saying(known.grounds, ['TreatmentEnded'], ({ reason }) => reason === 'COMPLETED').map((own) =>
    caseOf('treatment-done', [own], {
      ...toKnow,
      headline: 'Treatment completed',
      closed: firstOf(['treatment-started', startsOf(known).filter(isLater(own))]),
    }),
  )

/** 17:00 on the second working day after it was made. */
export const answerDue = (madeAt: number): number => workingDaysAfter(madeAt, 2)

export const referralUnanswered: Rule = (known) =>
  saying(known.grounds, ['ReferralMade']).map((own) =>
    caseOf('referral-unanswered', [own], {
      urgency: 'prompt',
      due: workingDays(1),
      learnedAt: Math.max(answerDue(own.occurredAt), own.learnedAt),
      byTimer: true,
      headline: 'A referral is waiting for an answer',
      closed: firstOf(
        [
          'referral-answered',
          saying(
            known.facts,
            ['ReferralAnswered'],
            ({ referralRef, answer }) =>
              referralRef === own.facts.referralRef && answer !== 'UNKNOWN',
          ),
        ],
        ['treatment-started', startsOf(known).filter(isAfter(own))],
      ),
    }),
  )
