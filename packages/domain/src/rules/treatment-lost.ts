import { byLearning, type Fact, isAttended, isStart, latestAt } from './fact.ts'
import {
  type Closing,
  closedAfter,
  closedBy,
  closedByDeed,
  dayMs,
  once,
  onlyLead,
  type Scene,
  type Wanted,
  wantedOf,
  within,
} from './wanted.ts'

export const lossTypes = ['TreatmentEnded', 'TreatmentContact', 'DosesMissed'] as const

const tryToReach = 'Try to reach them, and ask what would bring them back.'

/** Somebody is slipping out of treatment. A word within a day or two brings most people back. */
export const treatmentLost = (scene: Scene): readonly Wanted[] => [
  ...droppedOut(scene),
  ...missedContacts(scene),
  ...missedDoses(scene),
]

const droppedOut = (scene: Scene): readonly Wanted[] =>
  scene
    .grounds('TreatmentEnded')
    .filter(({ about }) => about.endReason === 'DROPPED_OUT' && about.setting !== 'PRISON')
    .map((fact) =>
      wantedOf('treatment-lost', fact, {
        headline: 'Left treatment early',
        lines: [tryToReach],
        closed: isBack(scene, [fact]),
      }),
    )

/** The second that is learned of those missed in a row makes the case, whichever came before the other. */
const missedContacts = (scene: Scene): readonly Wanted[] =>
  runsOf(scene.grounds('TreatmentContact')).flatMap((run) => {
    const [first, second] = run.toSorted(byLearning)
    if (first === undefined || second === undefined) return []
    return wantedOf('treatment-lost', second, {
      on: [first],
      besides: run.filter((fact) => fact.occurredAt <= lastOf([first, second])),
      headline: 'Missed two appointments',
      lines: [tryToReach],
      closed: isBack(scene, [second, first]) ?? endedAfter(scene, second),
    })
  })

const lastOf = (facts: readonly Fact[]): number =>
  Math.max(...facts.map(({ occurredAt }) => occurredAt))

/** Appointments of one provider that were missed with none kept between them. */
function runsOf(contacts: readonly Fact[]): readonly (readonly Fact[])[] {
  const runs: Fact[][] = []
  for (const ones of Map.groupBy(contacts, ({ about }) => about.provider).values()) {
    let run: Fact[] = []
    for (const fact of ones) {
      const before = run.at(-1)
      if (fact.about.attendance !== 'MISSED') run = []
      else if (before !== undefined && fact.occurredAt - before.occurredAt <= 42 * dayMs)
        run.push(fact)
      else {
        run = [fact]
        runs.push(run)
      }
    }
  }
  return runs
}

const missedDoses = (scene: Scene): readonly Wanted[] =>
  once(
    scene.grounds('DosesMissed').filter(({ about }) => (about.count ?? 0) >= 3),
    within(7),
  ).map(([fact, again]) =>
    wantedOf('treatment-lost', fact, {
      headline: `Missed ${fact.about.count} days of medicine`,
      lines: ['Tolerance falls within days: speak to the prescriber before the next dose.'],
      to: { ...onlyLead, roles: [{ role: 'prescriber', organisation: null }] },
      closed: again ?? isBack(scene, [fact]) ?? endedAfter(scene, fact),
    }),
  )

/** A kept appointment on the very day of the loss was the last one, not the first of a new beginning. */
function isBack(scene: Scene, facts: readonly [Fact, ...Fact[]]): Closing | null {
  const [own] = facts
  const lost = Math.max(...facts.map(latestAt))
  return (
    closedAfter(
      scene,
      own,
      'treatment-started',
      (fact) => isStart(fact) && fact.about.episode !== own.about.episode,
    ) ??
    closedBy(
      'contact-attended',
      scene.facts.find((fact) => isAttended(fact) && fact.occurredAt > lost),
    ) ??
    closedByDeed(scene, 'contact-recorded', `treatment-lost:${own.id}`)
  )
}

const endedAfter = (scene: Scene, own: Fact): Closing | null =>
  closedAfter(
    scene,
    own,
    'treatment-ended',
    ({ type, about }) => type === 'TreatmentEnded' && about.provider === own.about.provider,
  )
