import { type Fact, isAfter, isLater } from './fact.ts'
import { once, type Scene, type Wanted, wantedOf, within } from './wanted.ts'

/** Probation enforces an order or licence, or takes somebody back to prison. */
export const breachRecall = (scene: Scene): readonly Wanted[] => [
  ...once(scene.grounds('BreachRaised'), within(7)).map(([fact, closed]) =>
    wantedOf('breach-recall', fact, {
      headline: 'Probation has started enforcement',
      lines: [
        'Ring their probation practitioner: ask what is expected by when, and what would help them keep to it.',
      ],
      closed,
    }),
  ),
  ...once(scene.grounds('RecallRaised'), within(7)).flatMap(([fact, closed]) => {
    const on = mayBeKnown(scene, fact)
    if (on === null) return []
    return wantedOf('breach-recall', fact, {
      on,
      occurredAt: Math.max(fact.occurredAt, ...on.map(({ occurredAt }) => occurredAt)),
      headline: 'Recalled to prison',
      lines: ['Ring their probation practitioner, and tell the treatment service.'],
      closed,
    })
  }),
]

/**
 * Who hears of a recall before it happens may run, or be thought to have warned them: nobody is told
 * before the reception, unless probation says so. Gives the reception, or null while there is none.
 */
function mayBeKnown(scene: Scene, recall: Fact): readonly Fact[] | null {
  if (recall.about.released) return []
  const receptions = scene.grounds('ReceivedIntoPrison')
  const after = receptions.find((fact) => isAfter(fact, recall))
  if (after !== undefined) return [after]
  const before = receptions.at(-1)
  const left = scene.facts.some(
    (fact) =>
      before !== undefined &&
      fact.type === 'ReleasedFromPrison' &&
      fact.about.kind !== 'ADMINISTRATIVE' &&
      isLater(fact, before) &&
      fact.occurredAt <= recall.occurredAt,
  )
  return before === undefined || left ? null : [before]
}
