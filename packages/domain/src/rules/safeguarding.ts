import { onlyLead, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** A concern for whoever holds safeguarding, and for nobody else: the lead may be part of it. */
export const safeguarding = (scene: Scene): readonly Wanted[] =>
  scene.grounds('SafeguardingConcernRaised', 'ExploitationConcernRaised').map((fact) =>
    wantedOf('safeguarding', fact, {
      headline:
        fact.type === 'SafeguardingConcernRaised'
          ? 'A safeguarding concern was raised'
          : 'A concern about exploitation was raised',
      lines: ['Look at it with whoever raised it. It is not told to anybody else here.'],
      to: {
        ...onlyLead,
        lead: false,
        roles: [{ role: 'safeguarding', organisation: null }],
        team: 'safeguarding',
      },
    }),
  )
