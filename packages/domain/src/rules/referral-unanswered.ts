import { dayInWords } from '../date-words.ts'
import { workingDaysAfter } from '../times.ts'
import { type Fact, isStart } from './fact.ts'
import {
  type Closing,
  closedAfter,
  closedBy,
  onlyLead,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** 17:00 in London on the second working day after a referral was made. */
export const answerDue = ({ occurredAt }: Fact): number => workingDaysAfter(occurredAt, 2)

/** A referral that nobody has answered: the service is asked, or the lead where it is not here. */
export const referralUnanswered = (scene: Scene): readonly Wanted[] =>
  scene.grounds('ReferralMade').flatMap((fact) =>
    (fact.fired ?? []).map((fired) =>
      wantedOf('referral-unanswered', fact, {
        learnedAt: fired.at,
        headline: 'A referral is waiting for an answer',
        lines: [
          `It was made on ${dayInWords(fact.occurredAt)}. Answer it, or say who will.`,
          ...(fired.incomplete
            ? ['Not every source has reported: it may have been answered.']
            : []),
        ],
        to: {
          ...onlyLead,
          lead: 'otherwise',
          roles: [{ role: 'duty', organisation: fact.about.service ?? null }],
        },
        timer: `referral:${fact.id}`,
        incomplete: fired.incomplete === true,
        timed: true,
        closed: answered(scene, fact),
      }),
    ),
  )

export const answered = (scene: Scene, referral: Fact): Closing | null =>
  closedBy(
    'referral-answered',
    scene.facts.find(
      ({ type, about }) =>
        type === 'ReferralAnswered' &&
        about.ref === referral.about.ref &&
        about.answer !== 'UNKNOWN',
    ),
  ) ?? closedAfter(scene, referral, 'treatment-started', isStart)
