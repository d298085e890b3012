import { isLater, isStart } from './fact.ts'
import { closedBy, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** Somebody completed treatment. Good news, and the moment to say how to come back. */
export const treatmentDone = (scene: Scene): readonly Wanted[] =>
  scene
    .grounds('TreatmentEnded')
    .filter(({ about }) => about.endReason === 'COMPLETED')
    .map((fact) =>
      wantedOf('treatment-done', fact, {
        headline: 'Treatment completed',
        lines: ['Offer after-care, and say how to come back.'],
        closed: closedBy(
          'treatment-started',
          scene.facts.find((next) => isStart(next) && isLater(next, fact)),
        ),
      }),
    )
