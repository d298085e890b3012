import type { Facts, FactsOf } from './happening.ts'
import type { Someone } from './truth-desk.ts'
import { type Episode, endOf, stateOf, type TrueNotice } from './truth-notices.ts'

type Words = { readonly [T in Facts['type']]?: (facts: FactsOf<T>) => unknown }

/** What a notice says of its own event beside when it was. Of what it stands on as well it says no more. */
const words: Words = {
  ArrestedIntoCustody: ({ force, openPrescription }) => [force, openPrescription],
  ReceivedIntoPrison: ({ prison }) => prison,
  TransferredBetweenPrisons: ({ prison }) => prison,
  TreatmentRequirementMade: ({ requirement, lengthMonths }) => [requirement, lengthMonths],
  ArrearsThresholdCrossed: ({ weeksOwed }) => weeksOwed,
  PossessionNoticeServed: ({ expiresOn }) => expiresOn,
}

/** What everybody reads now, copy by copy. */
export function readingsOf(person: Someone): ReadonlyMap<string, string> {
  return new Map(
    copiesOf(person).map(([name, copy, about]) => [name, readingOf(person, copy, about)]),
  )
}

/** What was told since: every happening, by `key`, of which somebody reads something else than before. */
export function toldSince(
  person: Someone,
  before: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  return new Set(
    copiesOf(person)
      .filter(([name, copy, about]) => before.get(name) !== readingOf(person, copy, about))
      .flatMap(([, { standsOn }]) => standsOn),
  )
}

const copiesOf = ({ episodes }: Someone) =>
  [...episodes.values()].flatMap(({ name, copies, about }) =>
    copies.map((copy) => [`${copy.recipient} ${name}`, copy, about] as const),
  )

/** Nothing is told anew of what is over. */
function readingOf(person: Someone, copy: TrueNotice, about: Episode['about']): string {
  const state = stateOf(person, copy)
  if (endOf(copy) !== null) return state
  const { urgency, learnedAt, dueAt, occurredAt, headline, confirmed } = copy
  const { standsOn, sources, categories } = copy
  const own = about?.stands[0]?.facts
  const says =
    own === undefined ? null : (words[own.type] as ((facts: Facts) => unknown) | undefined)
  return JSON.stringify([
    state,
    [urgency, learnedAt, dueAt, occurredAt, headline, confirmed],
    [standsOn, sources, categories],
    own === undefined ? null : says?.(own),
  ])
}
