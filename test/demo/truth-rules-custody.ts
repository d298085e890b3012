import { asPrescriber } from './agreed.ts'
import { clockTime, dateIn, nextEightInTheEvening } from './london.ts'
import { day } from './slots.ts'
import {
  type Case,
  caseOf,
  firstOf,
  hours,
  inTouchAfter,
  type Known,
  openAt,
  type Rule,
  sameDay,
  toKnow,
  workingDays,
} from './truth-case.ts'
import { byOccurrence, type Fact, isAfter, isLater, saying } from './truth-facts.ts'

/** Where a prescription may be open the prescriber hears of it too. */
const byPrescription = (open: boolean) =>
  open
    ? ({
        urgency: 'safety',
        due: hours(2),
        others: [{ reader: asPrescriber, alsoNeeds: ['substance-use'] }],
      } as const)
    : ({ urgency: 'prompt', byAcknowledging: true } as const)

export const arrest: Rule = ({ grounds }) =>
  saying(grounds, ['ArrestedIntoCustody']).map((own) =>
    caseOf('arrest', [own], {
      due: hours(4),
      ...byPrescription(own.facts.openPrescription !== 'NO'),
    }),
  )

export const drugTest: Rule = ({ facts, grounds }) =>
  saying(grounds, ['DrugTestedOnArrest'], ({ outcome }) => outcome === 'POSITIVE').map((own) =>
    caseOf('drug-test', [own], {
      urgency: 'prompt',
      due: workingDays(1),
      headline: 'Positive drug test on arrest',
      byAcknowledging: true,
      closed: firstOf(['referral-made', saying(facts, ['ReferralMade']).filter(isAfter(own))]),
    }),
  )

export const intoPrison: Rule = (known) =>
  saying(known.grounds, ['ReceivedIntoPrison']).map((own) => {
    const none = noPrescription(known, own)
    return caseOf('into-prison', none === undefined ? [own] : [own, none], {
      due: workingDays(1),
      // It is the reception that was learned, whenever the other was.
      learnedAt: own.learnedAt,
      ...byPrescription(none === undefined),
    })
  })

const movedOn = ['PRISON', 'TRANSFERRED_IN_CUSTODY', 'TRANSFERRED_NOT_IN_CUSTODY']

/**
 * What says that nothing is prescribed: the last arrest of the week before; or, unless that says otherwise,
 * treatment that was over. A move into custody ends an episode on paper only.
 */
function noPrescription(known: Known, reception: Fact): Fact | undefined {
  const isEarlier = ({ occurredAt }: Fact) => occurredAt <= reception.occurredAt
  const arrested = saying(known.grounds, ['ArrestedIntoCustody'])
    .filter((one) => isEarlier(one) && reception.occurredAt - one.occurredAt <= 7 * day)
    .toSorted(byOccurrence)
    .at(-1)
  const prescription = arrested?.facts.openPrescription
  if (arrested !== undefined && prescription === 'NO' && known.heard(arrested)) return arrested
  if (prescription === 'YES') return undefined
  const treated = saying(known.grounds, ['TreatmentStarted', 'TreatmentEnded'])
    .filter(isEarlier)
    .toSorted(byOccurrence)
    .at(-1)
  const isOver = treated?.facts.type === 'TreatmentEnded' && !movedOn.includes(treated.facts.reason)
  return isOver && known.heard(treated) ? treated : undefined
}

const backInside = ({ facts }: Known) => saying(facts, ['ReceivedIntoPrison', 'ReturnedToPrison'])

export const courtNoReturn: Rule = (known) =>
  saying(known.grounds, ['LeftForCourt']).map((left) => {
    const evening = nextEightInTheEvening(left.occurredAt)
    const sooner = saying(known.facts, ['TreatmentRequirementMade'], ({ court }) => court !== null)
      .filter((made) => isAfter(left)(made) && made.occurredAt <= evening && known.heard(made))
      .toSorted((a, b) => a.learnedAt - b.learnedAt)[0]
    const atEvening = Math.max(evening, left.learnedAt)
    const atOnce = Math.max(left.learnedAt, sooner?.learnedAt ?? Number.POSITIVE_INFINITY)
    const isSooner = sooner !== undefined && atOnce <= atEvening
    const back = [...backInside(known), ...arrivalsOf(known.facts)]
    return caseOf('court-no-return', isSooner ? [left, sooner] : [left], {
      urgency: 'safety',
      due: hours(2),
      learnedAt: Math.min(atOnce, atEvening),
      byTimer: !isSooner,
      byContact: true,
      closed: firstOf(
        ['returned', back.filter(isAfter(left))],
        ['released', saying(known.facts, ['ReleasedFromPrison']).filter(isAfter(left))],
      ),
    })
  })

const releasesOf = (facts: readonly Fact[]) =>
  saying(facts, ['ReleasedFromPrison'], ({ kind }) => kind === 'TO_COMMUNITY')

export const release: Rule = (known) =>
  releasesOf(known.grounds).map((own) =>
    caseOf('release', [own], {
      urgency: 'safety',
      due: sameDay,
      byContact: true,
      closed: firstOf(['returned', backInside(known).filter(isAfter(own))]),
    }),
  )

const weekDays = [1, 7, 14, 21] as const

/** Days that were over when the release was learned are left out, but for the latest. */
export const threeWeeks: Rule = (known) =>
  releasesOf(known.grounds).flatMap((own) => {
    const morning = (n: number) => clockTime(dateIn(own.occurredAt), '09:00', n)
    const closed = firstOf(
      ...inTouchAfter(known, own),
      ['returned', backInside(known).filter(isAfter(own))],
      ['superseded', releasesOf(known.facts).filter(isLater(own))],
    )
    return weekDays.map((n, i): Case => {
      const asked = Math.max(morning(n), own.learnedAt)
      const next = weekDays[i + 1]
      const open = openAt(known, own, asked)
      return caseOf('three-weeks', open === undefined ? [own] : [own, open], {
        episode: `three-weeks:${n}:${own.key}`,
        thread: `release:${own.key}`,
        urgency: 'prompt',
        due: workingDays(1),
        learnedAt: asked,
        askedUntil: next === undefined ? Number.POSITIVE_INFINITY : morning(next),
        byTimer: true,
        needs: `release:${own.key}`,
        closed,
        headline:
          open === undefined
            ? null
            : `In treatment before release: confirm that they were seen (${n === 1 ? '1 day' : `${n} days`} after)`,
      })
    })
  })

const arrivalsOf = (facts: readonly Fact[]) =>
  saying(facts, ['TransferredBetweenPrisons'], ({ direction }) => direction === 'IN')

export const moves: Rule = ({ facts, grounds }) =>
  arrivalsOf(grounds).map((own) =>
    caseOf('moves', [own], {
      ...toKnow,
      headline: 'Moved to another prison',
      closed: firstOf([
        'superseded',
        [
          ...arrivalsOf(facts),
          ...saying(facts, ['ReceivedIntoPrison', 'ReleasedFromPrison']),
        ].filter(isLater(own)),
      ]),
    }),
  )

/** A release that says so, or a report of its own. */
export const deathsOf = (facts: readonly Fact[]): readonly Fact[] => [
  ...saying(facts, ['DeathReported']),
  ...saying(facts, ['ReleasedFromPrison'], ({ kind }) => kind === 'DIED'),
]

export const deathReported: Rule = (known) =>
  deathsOf(known.grounds).map((own) =>
    caseOf('death-reported', [own], { urgency: 'prompt', due: workingDays(1), aboutDeath: true }),
  )
