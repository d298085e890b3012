import { day } from './slots.ts'
import { caseOf, type Rule, toldOnce, within, workingDays } from './truth-case.ts'
import { type Fact, saying } from './truth-facts.ts'
import { treatmentLost } from './truth-rules-treatment.ts'
import { emergenciesOf } from './truth-stays.ts'

const week = 7 * day

/** Custody, an emergency and a loss of treatment: whichever of them is learned last makes the case. */
export const cluster: Rule = (known) => {
  const { grounds: facts } = known
  const order = new Map(facts.map(({ key }, i) => [key, i]))
  const kinds: readonly (readonly Fact[])[] = [
    saying(facts, ['ArrestedIntoCustody', 'ReceivedIntoPrison']),
    emergenciesOf(facts),
    treatmentLost(known).map(({ stands: [own], learnedAt }) => ({ ...(own as Fact), learnedAt })),
  ]
  const isBefore = (one: Fact, other: Fact): boolean =>
    one.learnedAt < other.learnedAt ||
    (one.learnedAt === other.learnedAt &&
      (order.get(one.key) as number) < (order.get(other.key) as number))
  const cases = kinds.flatMap((own, kind) =>
    own.flatMap((last) => {
      const nearest = (a: Fact, b: Fact) =>
        Math.abs(a.occurredAt - last.occurredAt) - Math.abs(b.occurredAt - last.occurredAt) ||
        a.occurredAt - b.occurredAt
      const [ones = [], others = []] = kinds
        .filter((_, i) => i !== kind)
        .map((all) => all.filter((one) => isBefore(one, last)).toSorted(nearest))
      const pair = ones
        .flatMap((one) => others.map((other) => [last, one, other] as const))
        .find((three) => span(three) <= week)
      return pair === undefined
        ? []
        : [
            caseOf('cluster', [...pair], {
              urgency: 'prompt',
              due: workingDays(1),
              headline: 'Several crises within a week',
              byAcknowledging: true,
            }),
          ]
    }),
  )
  return toldOnce(cases, within(week))
}

const span = (facts: readonly Fact[]): number => {
  const times = facts.map(({ occurredAt }) => occurredAt)
  return Math.max(...times) - Math.min(...times)
}
