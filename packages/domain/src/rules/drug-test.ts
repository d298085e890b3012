import { dayInWords } from '../date-words.ts'
import type { Fact } from './fact.ts'
import { closedAfter, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** A positive test on arrest is a way into treatment that is open for a day or two. */
export const drugTest = (scene: Scene): readonly Wanted[] =>
  scene
    .grounds('DrugTestedOnArrest')
    .filter(({ about }) => about.positive)
    .map((fact) =>
      wantedOf('drug-test', fact, {
        headline: 'Positive drug test on arrest',
        lines: [assessment(fact), `Tested by: ${fact.about.force}.`],
        closed: closedAfter(scene, fact, 'referral-made', ({ type }) => type === 'ReferralMade'),
      }),
    )

function assessment({ about }: Fact): string {
  if (about.assessment === undefined) return 'Offer a referral to treatment.'
  const day = about.assessmentAt === undefined ? '' : ` on ${dayInWords(about.assessmentAt)}`
  return `They must attend a drug assessment${day}. Ask what would help them get there.`
}
