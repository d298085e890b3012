import { startOfDay } from './london.ts'
import {
  endOfDate,
  onDate,
  type Said,
  said,
  type Tell,
  twentySixWeeks,
} from './truth-story-said.ts'

const home = (headline: string, text: string, more: Partial<Said> = {}): Said =>
  said('home', headline, text, more)
const atRisk = 'Home at risk'
const help = 'Help with housing'

export const sleptOutside: Tell<'RoughSleepingContact'> = ({ service: place }, { occurredAt }) => [
  home('Met while sleeping outside', 'Met while sleeping outside.', {
    of: 'rough-sleeping',
    until: twentySixWeeks(occurredAt),
    place,
  }),
]

export const inArrears: Tell<'ArrearsThresholdCrossed'> = (
  { landlord: place, weeksOwed },
  { occurredAt },
) => {
  const owed =
    weeksOwed === 0
      ? 'rent is owed'
      : weeksOwed === 1
        ? '1 week of rent is owed'
        : `${weeksOwed} weeks of rent are owed`
  const until = twentySixWeeks(occurredAt)
  return [home(atRisk, `Home at risk: ${owed}.`, { of: 'arrears', until, place })]
}

export const noticeServed: Tell<'PossessionNoticeServed'> = ({ landlord: place, expiresOn }) => {
  const served = home(atRisk, 'Home at risk: a notice was served.', { of: 'notice', place })
  if (expiresOn === null) return [served]
  const text = `The notice on their home runs out on ${onDate(startOfDay(expiresOn))}.`
  const until = endOfDate(expiresOn)
  return [
    served,
    said('ahead', 'A date about their home', text, { of: 'notice-expiry', until, place }),
  ]
}

export const tenancyEnded: Tell<'TenancyEnded'> = ({ landlord: place }, { agency, objectRef }) => [
  home('A home ended', 'A tenancy ended.', {
    of: 'tenancy-ended',
    ends: [
      `tenancy ${objectRef === null ? place : `${agency} ${objectRef}`}`,
      'arrears',
      'notice',
      'notice-expiry',
    ],
    place,
  }),
]

export const tenancyStarted: Tell<'TenancyStarted'> = (
  { landlord: place },
  { agency, objectRef },
) => [
  home('A home started', 'A tenancy started.', {
    of: `tenancy ${objectRef === null ? place : `${agency} ${objectRef}`}`,
    ends: [
      'tenancy-ended',
      'rough-sleeping',
      'nowhere',
      'housing-problem',
      'arrears',
      'notice',
      'notice-expiry',
    ],
    place,
  }),
]

const countsUntil = (ref: string, until: number, place: string): Said =>
  said('ahead', help, `The referral to the council counts until ${onDate(until - 1)}.`, {
    of: `duty-to-refer ${ref}`,
    until,
    place,
  })

export const referredToCouncil: Tell<'DutyToReferMade'> = (
  { authority: place, referralRef },
  { occurredAt },
) => [
  home(help, 'Referred to the council for help with housing.', {
    of: `council-referral ${referralRef}`,
    place,
  }),
  countsUntil(referralRef, twentySixWeeks(occurredAt), place),
]

export const councilDecided: Tell<'DutyToReferDecided'> = ({
  authority: place,
  referralRef,
  decision,
  activeUntil,
}) => {
  const of = `council-referral ${referralRef}`
  const counts = `duty-to-refer ${referralRef}`
  switch (decision) {
    case 'ACCEPTED': {
      const accepted = home(help, 'The council accepted the referral.', { of, place })
      return activeUntil === null
        ? [accepted]
        : [accepted, countsUntil(referralRef, activeUntil, place)]
    }
    case 'DECLINED':
      return [home(help, 'The council did not accept the referral.', { of, ends: [counts], place })]
    case 'WITHDRAWN':
      return [
        home(help, 'The referral to the council was taken back.', { ends: [of, counts], place }),
      ]
    case 'UNKNOWN':
      return [home(help, 'The council answered the referral.', { of, place })]
  }
}

const owed = {
  PREVENTION: 'The council must help them keep a home.',
  RELIEF: 'The council must help them find a home.',
  MAIN: 'The council must see that they have a home.',
  UNKNOWN: 'The council owes help with housing.',
} as const

export const dutyOwed: Tell<'HomelessnessDutyOwed'> = ({ authority, caseRef, duty }) => [
  home(help, owed[duty], {
    of: `duty ${authority} ${caseRef} ${duty}`,
    ends: ['duty', 'council-referral', 'duty-to-refer'],
    place: authority,
  }),
]

export const dutyEnded: Tell<'HomelessnessDutyEnded'> = ({ authority, caseRef, duty, housed }) => {
  const of = `duty ${authority} ${caseRef} ${duty}`
  const place = authority
  if (housed === null) return [home(help, 'The council’s help with housing ended.', { of, place })]
  if (!housed)
    return [home(help, 'The council’s help ended without a settled home.', { of, place })]
  const ends = ['rough-sleeping', 'nowhere', 'housing-problem', 'tenancy-ended']
  return [home(help, 'The council’s help ended: they have somewhere to live.', { of, ends, place })]
}
