import type { Fact } from './fact.ts'
import { closedByDeed, type Scene, type Wanted, wantedOf } from './wanted.ts'

/**
 * Somebody was arrested. What they take may stop in the cell, so unless the custody record says that
 * there is no prescription, it is a matter of hours and for the prescriber and custody healthcare too.
 */
export const arrest = (scene: Scene): readonly Wanted[] =>
  scene
    .grounds('ArrestedIntoCustody')
    .map((fact) => (fact.about.prescription === 'NO' ? noPrescription(fact) : open(scene, fact)))

function open(scene: Scene, fact: Fact): Wanted {
  const known = fact.about.prescription === 'YES'
  return wantedOf('arrest', fact, {
    headline: 'Arrested and in police custody',
    lines: [
      known
        ? 'They have a prescription that is open. Tell custody healthcare what and when, and confirm it here.'
        : 'It is not known whether they have an open prescription. Check, tell custody healthcare, and confirm it here.',
      `Held by: ${fact.about.force ?? 'not said'}.`,
    ],
    to: {
      lead: true,
      roles: [
        { role: 'prescriber', organisation: null },
        { role: 'custody-healthcare', organisation: fact.about.force ?? null },
      ],
      team: false,
      named: null,
    },
    closed: closedByDeed(scene, 'prescription-confirmed', `arrest:${fact.id}`),
  })
}

const noPrescription = (fact: Fact): Wanted =>
  wantedOf('arrest-no-prescription', fact, {
    headline: 'Arrested and in police custody',
    lines: [
      'Custody says there is no open prescription.',
      `Held by: ${fact.about.force ?? 'not said'}.`,
    ],
  })
