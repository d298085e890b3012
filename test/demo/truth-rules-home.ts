import { day } from './slots.ts'
import {
  caseOf,
  firstOf,
  type Known,
  type Rule,
  toldOnce,
  within,
  workingDays,
} from './truth-case.ts'
import { type Fact, isAfter, isLater, saying } from './truth-facts.ts'

/** Each kind of event that says so, and what the notice says then. */
export const losingHome: Rule = (known) => {
  const { facts, grounds } = known
  const ask = (own: Fact, headline: string) => about(own, headline, safeAfter(known, own))
  const owed = saying(facts, ['HomelessnessDutyOwed'])
  return [
    ...saying(grounds, ['PossessionNoticeServed']).map((own) =>
      ask(own, 'Home at risk: notice from the landlord'),
    ),
    ...saying(grounds, ['ArrearsThresholdCrossed']).map((own) =>
      ask(own, 'Home at risk: rent arrears'),
    ),
    ...saying(grounds, ['Discharged'], ({ nowhereToLive }) => nowhereToLive === true).map((own) =>
      ask(own, 'Left hospital with nowhere to live'),
    ),
    ...toldOnce(
      saying(grounds, ['RoughSleepingContact']).map((own) => ask(own, 'Seen sleeping rough')),
      within(28 * day),
    ),
    ...saying(grounds, ['HomelessnessDutyOwed']).map((own) =>
      about(
        own,
        'The council owes them a homelessness duty',
        firstOf(
          ['duty-accepted', acceptedOf(known).filter(isAfter(own))],
          ['tenancy-secured', housedOf(known).filter(isAfter(own))],
          ['superseded', owed.filter(isLater(own))],
        ),
      ),
    ),
  ]
}

const about = (own: Fact, headline: string, closed: string | null) =>
  caseOf('losing-home', [own], {
    urgency: 'prompt',
    due: workingDays(2),
    headline,
    closed,
  })

const safeAfter = (known: Known, own: Fact) =>
  firstOf(
    [
      'duty-accepted',
      [...acceptedOf(known), ...saying(known.facts, ['HomelessnessDutyOwed'])].filter(isAfter(own)),
    ],
    ['tenancy-secured', housedOf(known).filter(isAfter(own))],
  )

const acceptedOf = ({ facts }: Known) =>
  saying(facts, ['DutyToReferDecided'], ({ decision }) => decision === 'ACCEPTED')

const housedOf = ({ facts }: Known): readonly Fact[] => [
  ...saying(facts, ['TenancyStarted']),
  ...saying(facts, ['HomelessnessDutyEnded'], ({ housed }) => housed === true),
]
