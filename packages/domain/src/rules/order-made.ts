import type { TreatmentRequirement } from '../events.generated.ts'
import type { Fact } from './fact.ts'
import {
  closedAfter,
  inTreatmentSince,
  once,
  type Scene,
  type Wanted,
  wantedOf,
  within,
} from './wanted.ts'

/** A court made treatment part of the sentence. Court and probation both tell it; it is one order. */
export const orderMade = (scene: Scene): readonly Wanted[] =>
  once(scene.grounds('TreatmentRequirementMade'), isSameOrder).map(([fact, twice]) =>
    wantedOf(askFor(fact), fact, {
      besides: scene.grounds('TreatmentRequirementMade').filter((one) => isSameOrder(one, fact)),
      headline: 'Treatment ordered by the court',
      lines: [
        `${named[fact.about.requirement ?? 'UNKNOWN']}: book the first appointment, and tell probation when it is.`,
        ...(fact.about.months === undefined ? [] : [`It lasts ${fact.about.months} months.`]),
      ],
      closed:
        twice ??
        inTreatmentSince(scene, fact) ??
        closedAfter(
          scene,
          fact,
          'requirement-ended',
          (ended) => ended.type === 'RequirementEnded' && isEndOf(scene, fact, ended),
        ),
    }),
  )

/** It names the requirement by the number of one of its two tellers. */
const isEndOf = (scene: Scene, made: Fact, { agency, about }: Fact): boolean =>
  scene
    .grounds('TreatmentRequirementMade')
    .some(
      (one) =>
        one.agency === agency &&
        one.about.ref === about.ref &&
        (one === made || isSameOrder(one, made)),
    )

const isSameOrder = (one: Fact, other: Fact): boolean =>
  one.about.requirement === other.about.requirement && within(14)(one, other)

/** No source tells when mental health treatment starts. */
const askFor = ({ about }: Fact) =>
  about.requirement === 'MHTR' ? 'order-made-mental-health' : 'order-made'

const named: Readonly<Record<TreatmentRequirement, string>> = {
  DRR: 'Drug rehabilitation',
  ATR: 'Alcohol treatment',
  MHTR: 'Mental health treatment',
  UNKNOWN: 'Treatment',
}
