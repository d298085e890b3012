import { day } from './slots.ts'
import {
  type Case,
  caseOf,
  firstOf,
  inTouchAfter,
  type Known,
  type Rule,
  toldOnce,
  within,
  workingDays,
} from './truth-case.ts'
import { byOccurrence, type Fact, isAfter, isLater, saying } from './truth-facts.ts'

/** Court and probation both tell of a requirement, each by its own number. */
export const orderMade: Rule = (known) => {
  const made = saying(known.grounds, ['TreatmentRequirementMade'])
  const kinds = new Map(made.map(({ key, facts: { requirement } }) => [key, requirement]))
  const kindOf = ({ stands: [own] }: Case) => kinds.get((own as Fact).key)
  const cases = made.map((own) => {
    const { requirement } = own.facts
    // Each teller ends it by its own number.
    const refs = made
      .filter(
        (one) =>
          one.facts.requirement === requirement &&
          Math.abs(one.occurredAt - own.occurredAt) <= 14 * day,
      )
      .map((one) => one.facts.requirementRef)
    const ends = saying(known.facts, ['RequirementEnded'], ({ requirementRef }) =>
      refs.includes(requirementRef),
    )
    return caseOf('order-made', [own], {
      urgency: 'routine',
      due: workingDays(5),
      headline: 'Treatment ordered by the court',
      // No source tells when mental-health treatment starts.
      byAcknowledging: requirement === 'MHTR',
      closed: firstOf(...inTouchAfter(known, own), [
        'requirement-ended',
        ends.filter(isAfter(own)),
      ]),
    })
  })
  return toldOnce(
    cases,
    (one, other) => kindOf(one) === kindOf(other) && within(14 * day)(one, other),
  )
}

const prompt = { urgency: 'prompt', due: workingDays(1), byAcknowledging: true } as const

export const breachRecall: Rule = (known) => {
  const breaches = saying(known.grounds, ['BreachRaised']).map((own) =>
    caseOf('breach-recall', [own], {
      ...prompt,
      headline: 'Probation has started enforcement',
    }),
  )
  const recalls = saying(known.grounds, ['RecallRaised']).flatMap((own) => {
    const released = saying(known.grounds, ['RecallRaised'], ({ releasedToLead }) => releasedToLead)
    const alone = released.find(({ key }) => key === own.key)
    const back = alone === undefined ? receptionFor(known, own) : undefined
    if (alone === undefined && back === undefined) return []
    const stands: readonly [Fact, ...Fact[]] = back === undefined ? [alone ?? own] : [own, back]
    const occurredAt = Math.max(...stands.map((fact) => fact.occurredAt))
    const headline = 'Recalled to prison'
    return [caseOf('breach-recall', stands, { ...prompt, headline, occurredAt })]
  })
  return [...toldOnce(breaches, within(7 * day)), ...toldOnce(recalls, within(7 * day))]
}

/** Back inside since the recall, or inside already when it was made. */
function receptionFor({ facts, grounds }: Known, recall: Fact): Fact | undefined {
  const received = saying(grounds, ['ReceivedIntoPrison']).toSorted(byOccurrence)
  const since = received.find(isAfter(recall))
  if (since !== undefined) return since
  const last = received.at(-1)
  const left = saying(facts, ['ReleasedFromPrison'], ({ kind }) => kind !== 'ADMINISTRATIVE')
  const out = left.some(
    (release) =>
      last !== undefined && isLater(last)(release) && release.occurredAt <= recall.occurredAt,
  )
  return out ? undefined : last
}
