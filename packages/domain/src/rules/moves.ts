import { type Fact, isLater, isRelease, sinceOf } from './fact.ts'
import { returnedAfter } from './release.ts'
import {
  type Closing,
  closedBy,
  closedByDeed,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** Somebody is elsewhere now: in another prison, or released to where somebody else must lead. */
export const moves = (scene: Scene): readonly Wanted[] => [
  ...scene
    .grounds('TransferredBetweenPrisons')
    .filter(isArrival)
    .map((fact) => moved(scene, fact)),
  ...scene
    .grounds('ReleasedFromPrison')
    .filter((fact) => isRelease(fact) && isOutside(scene, fact))
    .map((fact) => outside(scene, fact)),
]

const moved = (scene: Scene, fact: Fact): Wanted =>
  wantedOf('moves', fact, {
    headline: 'Moved to another prison',
    lines: [
      fact.about.place === undefined ? 'The prison is not named.' : `Now at: ${fact.about.place}.`,
    ],
    closed: closedBy(
      'superseded',
      scene.facts.find((later) => isMovement(later) && isLater(later, fact)),
    ),
  })

const outside = (scene: Scene, fact: Fact): Wanted =>
  wantedOf('moves-outside', fact, {
    headline: 'Released to another area',
    lines: ['Hand over to a lead there. You stay the lead until somebody has accepted.'],
    closed: handedOver(scene, fact) ?? closedBy('returned', returnedAfter(scene, fact)),
  })

const isArrival = ({ type, about }: Fact): boolean =>
  type === 'TransferredBetweenPrisons' && about.direction === 'IN'

const isMovement = (fact: Fact): boolean =>
  isArrival(fact) || fact.type === 'ReceivedIntoPrison' || fact.type === 'ReleasedFromPrison'

const isOutside = ({ homeAreas }: Scene, { about }: Fact): boolean =>
  about.homeArea !== undefined && homeAreas.length > 0 && !homeAreas.includes(about.homeArea)

/** The old lead's word for it, or that somebody has begun to lead since. */
function handedOver(scene: Scene, fact: Fact): Closing | null {
  const begun = scene.person?.assignments.some(
    ({ relation, from }) => relation === 'lead' && from > sinceOf(fact),
  )
  return begun
    ? { because: 'handed-over', by: null }
    : closedByDeed(scene, 'handed-over', `moves:${fact.id}`)
}
