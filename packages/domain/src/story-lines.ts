import { dateInWords } from './date-words.ts'
import type { CanonicalEvent, EventType, ReferralAnswer } from './events.generated.ts'
import {
  type Account,
  account,
  ahead,
  allAhead,
  death,
  type Happened,
  hospital,
  in26Weeks,
  nothing,
  only,
  type Telling,
  treatment,
} from './story-account.ts'
import { homeAccounts } from './story-home.ts'
import { hospitalAccounts } from './story-hospital.ts'
import { justiceAccounts } from './story-justice.ts'
import { treatmentAccounts } from './story-treatment.ts'
import { londonDate } from './times.ts'

const answers: Readonly<Record<ReferralAnswer, string>> = {
  RECEIVED: 'The service has the referral.',
  ACCEPTED: 'The service accepted the referral.',
  DECLINED: 'The service could not take the referral.',
  ATTENDED: 'Came to the service they were referred to.',
  NOT_ATTENDED: 'No contact reported with the service they were referred to.',
  UNKNOWN: 'The service answered the referral.',
}

/** Nobody need be expected any more. */
const settlesAppointment: ReadonlySet<ReferralAnswer> = new Set([
  'DECLINED',
  'ATTENDED',
  'NOT_ATTENDED',
])

/** What any source may tell. */
const otherAccounts: readonly Account[] = [
  account(
    'ReferralMade',
    only('referralRef', 'toService', 'toAttendBy'),
    ({ referralRef, toService: place, toAttendBy }, at) => {
      const headline = 'A referral'
      const of = `referral ${referralRef}`
      const until = in26Weeks(at)
      const referred = ahead({ of, text: 'Referred to a service.', headline, place, until })
      if (toAttendBy === null) return [referred]
      const text = `Is expected at a service by ${dateInWords(londonDate(toAttendBy))}.`
      const expected = { of: `appointment ${referralRef}`, text, headline, place }
      return [referred, ahead({ ...expected, until: toAttendBy })]
    },
  ),
  account('ReferralAnswered', only('referralRef', 'answer'), ({ referralRef, answer }, at) => {
    const isOver = answer === 'ATTENDED'
    const referral = `referral ${referralRef}`
    const appointment = settlesAppointment.has(answer) ? [`appointment ${referralRef}`] : []
    return [
      ahead({
        of: isOver ? null : referral,
        text: answers[answer],
        headline: 'A referral',
        ends: isOver ? [referral, ...appointment] : appointment,
        until: isOver ? null : in26Weeks(at),
      }),
    ]
  }),
  account('NaloxoneUsed', nothing, (_about, at) => [
    hospital({
      of: 'naloxone-used',
      text: 'Naloxone was used.',
      headline: 'Naloxone',
      ends: ['naloxone'],
      until: in26Weeks(at),
    }),
  ]),
  account('TrainingRecorded', only('completed'), ({ completed }) => [
    treatment({
      of: null,
      text: completed ? 'Finished a training course.' : 'Took part in a training course.',
      headline: 'Training',
    }),
  ]),
  account('DeathReported', nothing, () => [
    death({
      of: 'death',
      text: 'A death has been reported.',
      headline: 'A death has been reported',
      ends: allAhead,
    }),
  ]),
]

/**
 * Every event that has a place in a story, in the order that counts where two happened at the same
 * instant. What is not here has none: withdrawals, proposals, registers, and concerns that only
 * safeguarding roles may read.
 */
const accounts: readonly Account[] = [
  ...justiceAccounts,
  ...hospitalAccounts,
  ...homeAccounts,
  ...treatmentAccounts,
  ...otherAccounts,
]

/** The same, by name alone: for those who explain them. */
export const storyEvents: readonly EventType[] = accounts.map(({ type }) => type)

const byType: ReadonlyMap<EventType, Account> = new Map(accounts.map((one) => [one.type, one]))
const ranks: ReadonlyMap<EventType, number> = new Map(storyEvents.map((type, n) => [type, n]))

/** What the story remembers of an event; undefined for what has no place in one. */
export const remembered = (event: CanonicalEvent): object | undefined =>
  byType.get(event.type)?.keeps(event)

/** The lines of a remembered event: none, one or two. */
export const tellings = (type: EventType, about: object, at: Happened): readonly Telling[] =>
  byType.get(type)?.tells(about, at) ?? []

/** Where the type stands among events of the same instant. */
export const rankOf = (type: EventType): number => ranks.get(type) ?? -1
