import { byLearning, type Fact } from './fact.ts'
import { isEmergency } from './stays.ts'
import { treatmentLost } from './treatment-lost.ts'
import { dayMs, once, type Scene, type Wanted, wantedOf, within } from './wanted.ts'

type Kind = 'custody' | 'emergency' | 'lost'

interface Crisis {
  readonly kind: Kind
  readonly fact: Fact
}

/** Custody, an emergency and a loss of treatment within a week: each service sees only its own. */
export function cluster(scene: Scene): readonly Wanted[] {
  const crises = crisesOf(scene)
  if (new Set(crises.map(({ kind }) => kind)).size < 3) return []
  const complete = new Map<Fact, readonly Fact[]>()
  crises.forEach((crisis, place) => {
    const others = completes(crisis, crises.slice(0, place))
    if (others !== undefined) complete.set(crisis.fact, others)
  })
  return once([...complete.keys()], within(7)).map(([fact, closed]) =>
    wantedOf('cluster', fact, {
      on: complete.get(fact) ?? [],
      headline: 'Several crises within a week',
      lines: [
        'Custody, an emergency at hospital and a loss of treatment came together. Speak to each other today and agree who sees them.',
      ],
      closed,
    }),
  )
}

/** In the order in which they were learned. */
const crisesOf = (scene: Scene): readonly Crisis[] =>
  [
    ...of('custody', scene.grounds('ArrestedIntoCustody', 'ReceivedIntoPrison')),
    ...of(
      'emergency',
      scene
        .grounds('EmergencyAttendanceStarted', 'EmergencyAttendanceEnded', 'Admitted')
        .filter(isEmergency),
    ),
    ...of(
      'lost',
      treatmentLost(scene).flatMap(({ facts }) => facts.slice(0, 1)),
    ),
  ].toSorted((a, b) => byLearning(a.fact, b.fact))

const of = (kind: Kind, facts: readonly Fact[]): readonly Crisis[] =>
  facts.map((fact) => ({ kind, fact }))

/** Of the pairs of other kinds known before that lie within a week with it, the nearest in time. */
function completes(crisis: Crisis, before: readonly Crisis[]): readonly Fact[] | undefined {
  const [ones = [], others = []] = [
    ...Map.groupBy(
      before.filter(({ kind }) => kind !== crisis.kind),
      ({ kind }) => kind,
    ).values(),
  ]
  const at = crisis.fact.occurredAt
  const pairs = ones
    .flatMap(({ fact: one }) => others.map(({ fact: other }) => [one, other] as const))
    .filter((pair) => {
      const times = [at, ...pair.map(({ occurredAt }) => occurredAt)]
      return Math.max(...times) - Math.min(...times) <= 7 * dayMs
    })
  const far = (pair: readonly Fact[]): number =>
    pair.reduce((sum, { occurredAt }) => sum + Math.abs(occurredAt - at), 0)
  return pairs.toSorted((a, b) => far(a) - far(b))[0]
}
