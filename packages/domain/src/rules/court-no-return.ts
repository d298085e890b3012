import { addDays, londonDate, londonTimeOn } from '../times.ts'
import { byLearning, type Fact, isAfter, isReturn, sinceOf } from './fact.ts'
import {
  type Closing,
  closedBy,
  closedByDeed,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** 20:00 in London on the day they left for court; on the next day when they left after it. */
export function courtEvening(leftAt: number): number {
  const date = londonDate(leftAt)
  const evening = londonTimeOn(date, 20, 0)
  return leftAt > evening ? londonTimeOn(addDays(date, 1), 20, 0) : evening
}

/**
 * Courts release people without the prison saying so: nobody came back by the evening, or the sentence
 * is one that is served outside.
 */
export const courtNoReturn = (scene: Scene): readonly Wanted[] =>
  scene.grounds('LeftForCourt').flatMap((fact) => {
    const fired = fact.fired?.[0]
    const result = resultOutside(scene, fact)
    const toldAt = result === undefined ? Infinity : Math.max(sinceOf(fact), sinceOf(result))
    const sooner = result !== undefined && toldAt <= (fired?.at ?? Infinity)
    if (fired === undefined && !sooner) return []
    return wantedOf('court-no-return', fact, {
      ...(sooner && { on: [result] }),
      learnedAt: sooner ? toldAt : (fired?.at ?? toldAt),
      headline: 'May have been released from court; unconfirmed',
      lines: [
        ...(sooner
          ? ['The court made a treatment requirement, so they may not go back to prison.']
          : []),
        'They left prison for court and no return has been reported. Try to reach them, and check with the court or the prison.',
        ...(!sooner && fired?.incomplete
          ? ['Not every source has reported: they may have returned.']
          : []),
      ],
      timer: sooner ? null : `court:${fact.id}`,
      incomplete: !sooner && fired?.incomplete === true,
      timed: !sooner,
      closed: accountedFor(scene, fact),
    })
  })

/**
 * A requirement of a sentence that is served in the community, made while they were at court. One sitting may
 * make several: the first that was heard of has been asked about.
 */
const resultOutside = (scene: Scene, left: Fact): Fact | undefined =>
  scene
    .grounds('TreatmentRequirementMade')
    .filter(
      (fact) =>
        fact.about.court === true &&
        fact.occurredAt >= left.occurredAt &&
        fact.occurredAt <= courtEvening(left.occurredAt) &&
        scene.mayTell(fact),
    )
    .toSorted(byLearning)[0]

/** What says where they went from court, or that somebody has reached them. */
export const accountedFor = (scene: Scene, left: Fact): Closing | null =>
  closedByDeed(scene, 'contact-recorded', `court-no-return:${left.id}`) ??
  closedBy(
    'returned',
    scene.facts.find((fact) => isBack(fact) && isAfter(fact, left)),
  ) ??
  closedBy(
    'released',
    scene.facts.find((fact) => fact.type === 'ReleasedFromPrison' && isAfter(fact, left)),
  )

const isBack = (fact: Fact): boolean =>
  isReturn(fact) || (fact.type === 'TransferredBetweenPrisons' && fact.about.direction === 'IN')
