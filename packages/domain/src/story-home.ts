import { dateInWords } from './date-words.ts'
import type { HomelessnessDuty, ReferralDecision } from './events.generated.ts'
import {
  type Account,
  account,
  ahead,
  counted,
  endOf,
  type Happened,
  home,
  in26Weeks,
  lastDayOf26Weeks,
  only,
  type Telling,
} from './story-account.ts'
import { londonDate } from './times.ts'

const help = 'Help with housing'

const duties: Readonly<Record<HomelessnessDuty, string>> = {
  PREVENTION: 'The council must help them keep a home.',
  RELIEF: 'The council must help them find a home.',
  MAIN: 'The council must see that they have a home.',
  UNKNOWN: 'The council owes help with housing.',
}

/** A tenancy by the landlord's own number; without one, the landlord's only one. */
const tenancyOf = (landlord: string, { object }: Happened): string =>
  `tenancy ${object ?? landlord}`

const counts = (ref: string, lastDay: string, until: number, place: string): Telling =>
  ahead({
    of: `duty-to-refer ${ref}`,
    text: `The referral to the council counts until ${dateInWords(lastDay)}.`,
    headline: help,
    place,
    until,
  })

const decisions: Readonly<Record<ReferralDecision, string>> = {
  ACCEPTED: 'The council accepted the referral.',
  DECLINED: 'The council did not accept the referral.',
  WITHDRAWN: 'The referral to the council was taken back.',
  UNKNOWN: 'The council answered the referral.',
}

function decided(
  ref: string,
  decision: ReferralDecision,
  activeUntil: number | null,
  place: string,
): readonly Telling[] {
  const said = { text: decisions[decision], headline: help, place }
  const open = [`council-referral ${ref}`, `duty-to-refer ${ref}`]
  if (decision === 'WITHDRAWN') return [home({ ...said, of: null, ends: open })]
  const ends = decision === 'DECLINED' ? open : []
  const answer = home({ ...said, of: `council-referral ${ref}`, ends })
  if (decision !== 'ACCEPTED' || activeUntil === null) return [answer]
  return [answer, counts(ref, londonDate(activeUntil - 1), activeUntil, place)]
}

/** Councils, landlords and outreach. */
export const homeAccounts: readonly Account[] = [
  account('DutyToReferMade', only('authority', 'referralRef'), ({ authority, referralRef }, at) => [
    home({
      of: `council-referral ${referralRef}`,
      text: 'Referred to the council for help with housing.',
      headline: help,
      place: authority,
    }),
    counts(referralRef, lastDayOf26Weeks(at.occurredAt), in26Weeks(at), authority),
  ]),
  account(
    'DutyToReferDecided',
    only('authority', 'referralRef', 'decision', 'activeUntil'),
    ({ authority, referralRef, decision, activeUntil }) =>
      decided(referralRef, decision, activeUntil, authority),
  ),
  account('HomelessnessDutyOwed', only('authority', 'duty'), ({ authority, duty }) => [
    home({
      of: `duty ${duty}`,
      text: duties[duty],
      headline: help,
      ends: ['duty', 'council-referral', 'duty-to-refer'],
      place: authority,
    }),
  ]),
  account(
    'HomelessnessDutyEnded',
    only('authority', 'duty', 'housed'),
    ({ authority, duty, housed }) => {
      const text =
        housed === null
          ? 'The council’s help with housing ended.'
          : housed
            ? 'The council’s help ended: they have somewhere to live.'
            : 'The council’s help ended without a settled home.'
      const ends = housed ? ['rough-sleeping', 'nowhere', 'housing-problem', 'tenancy-ended'] : []
      return [home({ of: `duty ${duty}`, text, headline: help, ends, place: authority })]
    },
  ),
  account(
    'ArrearsThresholdCrossed',
    only('landlord', 'weeksOwed'),
    ({ landlord, weeksOwed }, at) => {
      const owed =
        weeksOwed === 0
          ? 'rent is'
          : `${counted(weeksOwed, 'week')} of rent ${weeksOwed === 1 ? 'is' : 'are'}`
      return [
        home({
          of: 'arrears',
          text: `Home at risk: ${owed} owed.`,
          headline: 'Home at risk',
          place: landlord,
          until: in26Weeks(at),
        }),
      ]
    },
  ),
  account('PossessionNoticeServed', only('landlord', 'expiresOn'), ({ landlord, expiresOn }) => [
    home({
      of: 'notice',
      text: 'Home at risk: a notice was served.',
      headline: 'Home at risk',
      place: landlord,
    }),
    ...(expiresOn === null
      ? []
      : [
          ahead({
            of: 'notice-expiry',
            text: `The notice on their home runs out on ${dateInWords(expiresOn)}.`,
            headline: 'A date about their home',
            place: landlord,
            until: endOf(expiresOn),
          }),
        ]),
  ]),
  // A move on one day is an end and a start: whoever reads must find them housed.
  account('TenancyEnded', only('landlord'), ({ landlord }, at) => [
    home({
      of: 'tenancy-ended',
      text: 'A tenancy ended.',
      headline: 'A home ended',
      ends: [tenancyOf(landlord, at), 'arrears', 'notice', 'notice-expiry'],
      place: landlord,
    }),
  ]),
  account('TenancyStarted', only('landlord'), ({ landlord }, at) => [
    home({
      of: tenancyOf(landlord, at),
      text: 'A tenancy started.',
      headline: 'A home started',
      ends: [
        'tenancy-ended',
        'rough-sleeping',
        'nowhere',
        'housing-problem',
        'arrears',
        'notice',
        'notice-expiry',
      ],
      place: landlord,
    }),
  ]),
  account('RoughSleepingContact', only('service'), ({ service }, at) => [
    home({
      of: 'rough-sleeping',
      text: 'Met while sleeping outside.',
      headline: 'Met while sleeping outside',
      place: service,
      until: in26Weeks(at),
    }),
  ]),
]
