import { dayInWords } from '../date-words.ts'
import { workingDaysAfter } from '../times.ts'
import { type Fact, sinceOf } from './fact.ts'
import { closedByDeed, dayMs, type Scene, type Wanted, wantedOf } from './wanted.ts'

/** Somebody was received into prison: the prescription first, and the home they may lose. */
export const intoPrison = (scene: Scene): readonly Wanted[] =>
  scene.grounds('ReceivedIntoPrison').map((fact) => {
    const said = saidBefore(scene, fact)
    const none = saysNoPrescription(scene, said)
    return none === undefined ? open(scene, fact, said) : noPrescription(fact, none, said)
  })

function open(scene: Scene, fact: Fact, besides: readonly Fact[]): Wanted {
  return wantedOf('into-prison', fact, {
    besides,
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
    closed: closedByDeed(scene, 'prescription-confirmed', `into-prison:${fact.id}`),
  })
}

const noPrescription = (fact: Fact, none: Fact, besides: readonly Fact[]): Wanted =>
  wantedOf('into-prison-no-prescription', fact, {
    on: [none],
    besides,
    // What is known of the prescription changes what is asked, not when it was learned.
    learnedAt: sinceOf(fact),
    headline: 'Received into prison',
    lines: ['As far as is known there is no open prescription.', ...aboutHome(fact)],
  })

const aboutHome = (fact: Fact): readonly string[] => [
  `Protect the tenancy by ${dayInWords(workingDaysAfter(sinceOf(fact), 1))}.`,
  ...(fact.about.place === undefined ? [] : [`Prison: ${fact.about.place}.`]),
]

/** What was last known of a prescription: from an arrest in the week before, and from treatment. */
function saidBefore(scene: Scene, reception: Fact): readonly Fact[] {
  const isEarlier = ({ occurredAt }: Fact): boolean => occurredAt <= reception.occurredAt
  const arrested = scene
    .grounds('ArrestedIntoCustody')
    .findLast((fact) => isEarlier(fact) && fact.occurredAt >= reception.occurredAt - 7 * dayMs)
  const treatment = scene.grounds('TreatmentStarted', 'TreatmentEnded').findLast(isEarlier)
  return [arrested, treatment].filter((fact) => fact !== undefined)
}

/** The fact that says so, where the lead may hear of it; otherwise it counts as not known. */
function saysNoPrescription(scene: Scene, said: readonly Fact[]): Fact | undefined {
  // Who saw them last week found a prescription: no treatment that ended before says otherwise.
  if (said.some(({ about }) => about.prescription === 'YES')) return undefined
  return said.find(
    (fact) => (fact.about.prescription === 'NO' || hasStopped(fact)) && scene.mayTell(fact),
  )
}

/** A move into custody ends the episode on paper; what they take goes with them. */
const hasStopped = ({ type, about }: Fact): boolean =>
  type === 'TreatmentEnded' &&
  about.endReason !== 'PRISON' &&
  about.endReason !== 'TRANSFERRED_IN_CUSTODY' &&
  about.endReason !== 'TRANSFERRED_NOT_IN_CUSTODY'
