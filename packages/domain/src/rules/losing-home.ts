import { dayInWords } from '../date-words.ts'
import type { EventType } from '../events.generated.ts'
import { type Fact, isLater } from './fact.ts'
import {
  type Closing,
  closedAfter,
  closedBy,
  once,
  type Scene,
  type Wanted,
  wantedOf,
  within,
} from './wanted.ts'

type Words = Pick<Wanted, 'headline'> & { readonly line: string }

const refer = 'Refer them to the council today, if they agree.'

/** What may cost somebody their home, or says that they have none. */
const dangers: { readonly [T in EventType]?: (fact: Fact) => Words | null } = {
  PossessionNoticeServed: ({ about }) => ({
    headline: 'Home at risk: notice from the landlord',
    line: `${runsOut(about.expiresOn)}Get housing advice for them now.`,
  }),
  ArrearsThresholdCrossed: ({ about }) => ({
    headline: 'Home at risk: rent arrears',
    line: `${about.count} weeks are owed. Ask about benefits and a payment plan.`,
  }),
  HomelessnessDutyOwed: () => ({
    headline: 'The council owes them a homelessness duty',
    line: 'Ask for the housing plan, and help them keep to it.',
  }),
  Discharged: ({ about }) =>
    about.nowhere === undefined
      ? null
      : { headline: 'Left hospital with nowhere to live', line: refer },
  RoughSleepingContact: () => ({ headline: 'Seen sleeping rough', line: refer }),
}

export const dangerTypes = Object.keys(dangers) as readonly EventType[]

export const losingHome = (scene: Scene): readonly Wanted[] =>
  once(scene.grounds(...dangerTypes), isSameNight).flatMap(([fact, again]) => {
    const words = dangers[fact.type]?.(fact)
    if (words === undefined || words === null) return []
    const { headline, line } = words
    return wantedOf('losing-home', fact, {
      headline,
      lines: [line],
      closed: again ?? housed(scene, fact),
    })
  })

/** Outreach meets somebody night after night. */
const isSameNight = (one: Fact, other: Fact): boolean =>
  one.type === 'RoughSleepingContact' && one.type === other.type && within(28)(one, other)

function housed(scene: Scene, fact: Fact): Closing | null {
  const isDuty = fact.type === 'HomelessnessDutyOwed'
  return (
    closedAfter(
      scene,
      fact,
      'duty-accepted',
      ({ type, about }) =>
        (type === 'DutyToReferDecided' && about.accepted === true) ||
        (type === 'HomelessnessDutyOwed' && !isDuty),
    ) ??
    closedAfter(
      scene,
      fact,
      'tenancy-secured',
      ({ type, about }) =>
        type === 'TenancyStarted' || (type === 'HomelessnessDutyEnded' && about.housed === true),
    ) ??
    (isDuty
      ? closedBy(
          'superseded',
          scene.facts.find((next) => next.type === fact.type && isLater(next, fact)),
        )
      : null)
  )
}

const runsOut = (day: string | undefined): string =>
  day === undefined ? '' : `The notice runs out on ${dayInWords(Date.parse(day))}. `
