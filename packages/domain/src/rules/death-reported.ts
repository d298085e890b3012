import { isDeath } from './fact.ts'
import { type Scene, type Wanted, wantedOf } from './wanted.ts'

/** A source reports a death. Everybody who works with the person stops writing to them. */
export const deathReported = (scene: Scene): readonly Wanted[] =>
  scene
    .grounds('DeathReported', 'ReleasedFromPrison')
    .filter(isDeath)
    .map((fact) =>
      wantedOf('death-reported', fact, {
        headline: 'A death has been reported',
        lines: [
          'Stop letters, appointments and prescriptions in their name. All other notices about them are paused.',
          'Think of the family and of those who knew them, and tell the person who leads the review of deaths.',
        ],
        to: { lead: true, roles: [], team: true, named: null },
        aboutDeath: true,
      }),
    )
