import { isAttended } from './fact.ts'
import { stayBehind } from './stays.ts'
import { closedAfter, closedBy, closedByDeed, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** Drug poisoning brought somebody to hospital. The next days are the dangerous ones. */
export const overdose = (scene: Scene): readonly Wanted[] =>
  scene.stays.flatMap((stay) => {
    const evidence = stay.evidence('DRUG_POISONING')
    return evidence.flatMap((fact, place) => {
      const on = stayBehind(stay, fact)
      if (on === null) return []
      return wantedOf('overdose', fact, {
        on,
        occurredAt: (on[0] ?? fact).occurredAt,
        headline: 'In hospital after a drug poisoning',
        lines: [
          'Ring the ward or the department today. Ask about naloxone, and warn that tolerance is lower now.',
        ],
        closed:
          (place === 0 ? null : closedBy('superseded', evidence[0])) ??
          closedByDeed(scene, 'contact-recorded', `overdose:${fact.id}`) ??
          closedAfter(scene, on[0] ?? fact, 'contact-attended', isAttended),
      })
    })
  })
