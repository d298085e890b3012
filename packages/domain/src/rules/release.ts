import { type Fact, isRelease, isReturn } from './fact.ts'
import { closedBy, closedByDeed, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** Somebody left prison for the community. The first days are the dangerous ones. */
export const release = (scene: Scene): readonly Wanted[] =>
  releasesIn(scene).map((fact) =>
    wantedOf('release', fact, {
      headline: fact.about.confirmed
        ? 'Released from prison'
        : 'Released from prison (not yet confirmed)',
      lines: [
        'Make contact today: ask where they will sleep, what they will take and who is with them. Record the contact here.',
        ...(fact.about.confirmed
          ? []
          : ['The prison has not confirmed the movement yet. It usually does within the hour.']),
      ],
      closed:
        closedByDeed(scene, 'contact-recorded', `release:${fact.id}`) ??
        closedBy('returned', returnedAfter(scene, fact)),
    }),
  )

/** Back inside after it: what the release asked for is over. */
export const returnedAfter = (scene: Scene, released: Fact): Fact | undefined =>
  scene.facts.find((fact) => isReturn(fact) && fact.occurredAt > released.occurredAt)

export const releasesIn = (scene: Scene): readonly Fact[] =>
  scene.grounds('ReleasedFromPrison').filter(isRelease)
