import { addDays, londonDate, londonTimeOn } from '../times.ts'
import { type Fact, isReturn } from './fact.ts'
import { type Closing, closedBy, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** 20:00 in London on the day they left for court; on the next day when they left after it. */
export function courtEvening(leftAt: number): number {
  const date = londonDate(leftAt)
  const evening = londonTimeOn(date, 20, 0)
  return leftAt > evening ? londonTimeOn(addDays(date, 1), 20, 0) : evening
}

/** Courts release people without the prison saying so: nobody came back by the evening. */
export const courtNoReturn = (scene: Scene): readonly Wanted[] =>
  scene.facts
    .filter(({ type }) => type === 'LeftForCourt')
    .flatMap((fact) =>
      fact.fired.map((fired) =>
        wantedOf('court-no-return', fact, {
          learnedAt: fired.at,
          headline: 'May have been released from court; unconfirmed',
          lines: [
            'They left prison for court and no return has been reported. Try to reach them, and check with the court or the prison.',
            ...(fired.incomplete ? ['Not every source has reported: they may have returned.'] : []),
          ],
          timer: `court:${fact.id}`,
          incomplete: fired.incomplete,
          timed: true,
          closed: accountedFor(scene, fact),
        }),
      ),
    )

/** What says where they went from court, or that somebody has reached them. */
export function accountedFor(scene: Scene, left: Fact): Closing | null {
  if (scene.acts.contacted[`court-no-return:${left.id}`] !== undefined) {
    return { because: 'contact-recorded', by: null }
  }
  const since = scene.facts.filter(
    ({ latestAt, id }) => latestAt >= left.occurredAt && id !== left.id,
  )
  return (
    closedBy('returned', since.find(isBack)) ??
    closedBy(
      'released',
      since.find(({ type }) => type === 'ReleasedFromPrison'),
    )
  )
}

const isBack = (fact: Fact): boolean =>
  isReturn(fact) || (fact.type === 'TransferredBetweenPrisons' && fact.about.direction === 'IN')
