import { eventCategories } from '../events.generated.ts'
import { workingDaysAfter } from '../times.ts'
import type { Fact } from './fact.ts'
import { type Scene, type Wanted, wantedOf } from './wanted.ts'
import { dayInWords } from './words.ts'

const sevenDaysMs = 7 * 24 * 3_600_000

/** Somebody was received into prison: the prescription first, and the home they may lose. */
export const intoPrison = (scene: Scene): readonly Wanted[] =>
  scene.facts
    .filter(({ type }) => type === 'ReceivedIntoPrison')
    .map((fact) => {
      const none = saysNoPrescription(scene, fact)
      return none === undefined ? open(scene, fact) : noPrescription(fact, none)
    })

function open(scene: Scene, fact: Fact): Wanted {
  const confirmed = scene.acts.prescriptionConfirmed[`into-prison:${fact.id}`] !== undefined
  return wantedOf('into-prison', fact, {
    headline: 'Received into prison',
    lines: [
      'An open prescription has not been ruled out. Tell prison healthcare what and when the last dose was, and confirm it here.',
      ...aboutHome(fact),
    ],
    to: {
      lead: true,
      roles: [{ role: 'prescriber', organisation: null }],
      team: false,
      named: null,
    },
    closed: confirmed ? { because: 'prescription-confirmed', by: null } : null,
  })
}

const noPrescription = (fact: Fact, none: Fact): Wanted =>
  wantedOf('into-prison-no-prescription', fact, {
    headline: 'Received into prison',
    lines: ['As far as is known there is no open prescription.', ...aboutHome(fact)],
    sources: [...new Set([fact.agency, none.agency])],
    categories: [...new Set([...eventCategories[fact.type], ...eventCategories[none.type]])],
    eventIds: [fact.eventId, none.eventId],
  })

const aboutHome = (fact: Fact): readonly string[] => [
  `Protect the tenancy by ${dayInWords(workingDaysAfter(fact.since, 1))}.`,
  ...(fact.about.place === undefined ? [] : [`Prison: ${fact.about.place}.`]),
]

/** The fact that says so, where the lead may hear of it; otherwise it counts as not known. */
function saysNoPrescription(scene: Scene, reception: Fact): Fact | undefined {
  const earlier = scene.facts.filter(({ occurredAt }) => occurredAt <= reception.occurredAt)
  const arrested = earlier.findLast(
    ({ type, occurredAt }) =>
      type === 'ArrestedIntoCustody' && occurredAt >= reception.occurredAt - sevenDaysMs,
  )
  const treatment = earlier.findLast(
    ({ type }) => type === 'TreatmentStarted' || type === 'TreatmentEnded',
  )
  const said = [
    arrested?.about.prescription === 'NO' ? arrested : undefined,
    treatment !== undefined && hasStopped(treatment) ? treatment : undefined,
  ]
  return said.find((fact) => fact !== undefined && scene.mayTell(fact))
}

/** A move into custody ends the episode on paper; what they take goes with them. */
const hasStopped = ({ type, about }: Fact): boolean =>
  type === 'TreatmentEnded' &&
  about.endReason !== 'PRISON' &&
  about.endReason !== 'TRANSFERRED_IN_CUSTODY' &&
  about.endReason !== 'TRANSFERRED_NOT_IN_CUSTODY'
