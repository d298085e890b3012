import { refusal } from './agreed.ts'
import { nextEightInTheEvening } from './london.ts'
import type { Case, Known, Rule } from './truth-case.ts'
import { categoriesOf } from './truth-case.ts'
import { correct } from './truth-corrections.ts'
import { amend, ask, type Desk, leadOf, type Someone, tellOthers, toldOf } from './truth-desk.ts'
import type { Happening } from './truth-events.ts'
import { type Fact, remember, standing } from './truth-facts.ts'
import { cluster } from './truth-rules-cluster.ts'
import * as custody from './truth-rules-custody.ts'
import { losingHome } from './truth-rules-home.ts'
import { frequentAttender, hospital, overdose } from './truth-rules-hospital.ts'
import { breachRecall, orderMade } from './truth-rules-justice.ts'
import {
  answerDue,
  referralUnanswered,
  treatmentDone,
  treatmentLost,
} from './truth-rules-treatment.ts'
import { readingsOf, toldSince } from './truth-told.ts'

const rules: readonly Rule[] = [
  custody.deathReported,
  custody.arrest,
  custody.drugTest,
  custody.intoPrison,
  custody.courtNoReturn,
  custody.release,
  custody.threeWeeks,
  custody.moves,
  orderMade,
  breachRecall,
  overdose,
  hospital,
  frequentAttender,
  losingHome,
  treatmentLost,
  treatmentDone,
  cluster,
  referralUnanswered,
]

/** Something new about a person: what it changes is told, and it is counted once. */
export function reach(desk: Desk, person: Someone, happening: Happening) {
  const { key } = happening
  const lost = [...person.lost].filter((episode) => episode.endsWith(`:${key}`))
  // What nobody could be told of is judged anew when its source says more.
  if (!remember(person.memory, happening, lost.length > 0)) return desk.count('repeat')
  for (const episode of lost) person.lost.delete(episode)
  person.gone.delete(key)
  const first = person.memory.said.get(key)?.length === 1
  const waits = first && !happening.restricted ? countedAt(happening) : null
  if (waits !== null) person.uncounted.set(key, waits)
  const what = judge(desk, person, happening.receivedAt, happening)
  if (waits === null) desk.count(what)
}

/** What waits for its first moment is counted then, or when it is told. */
function countedAt({ facts, occurredAt, receivedAt }: Happening): number | null {
  if (facts.type === 'LeftForCourt') return Math.max(nextEightInTheEvening(occurredAt), receivedAt)
  if (facts.type === 'ReferralMade') return Math.max(answerDue(occurredAt), receivedAt)
  return null
}

/**
 * Brings what has been told into line with what is known. `asOf`: which timers have rung (milliseconds).
 * Gives what became of the happening that was the cause.
 */
export function judge(desk: Desk, person: Someone, asOf: number, cause?: Happening): string {
  const before = readingsOf(person)
  const known = knownOf(desk, person, asOf)
  const casesIn = (grounds: readonly Fact[]) =>
    rules
      .flatMap((rule) => rule({ ...known, grounds }))
      .filter((one) => !isTooSoon(desk, person, one, asOf))
  const cases = casesIn(known.grounds)
  const dead = custody.deathsOf(known.facts)
  const isDeath = cause !== undefined && dead.some(({ key }) => key === cause.key)
  // What permission was lost for is not wrong for that.
  const whatever = casesIn(known.facts.filter(({ restricted }) => !restricted))
  const corrected = takeBackWrong(desk, person, [...cases, ...whatever], asOf, isDeath)
  person.dead = dead.length > 0
  const refused = new Map<string, string>()
  for (const one of cases) {
    const why = settle(desk, person, one, asOf)
    for (const { key } of why === null ? [] : one.stands) refused.set(key, `suppressed/${why}`)
  }
  const told = toldSince(person, before)
  const outcomeOf = (key: string) => (told.has(key) ? 'noticed' : (refused.get(key) ?? 'no-rule'))
  for (const [key, at] of person.uncounted) {
    const isAsked = cases.some(
      ({ episode, stands: [own] }) => own?.key === key && person.episodes.has(episode),
    )
    if (!isAsked && at > asOf) continue
    person.uncounted.delete(key)
    desk.count(outcomeOf(key))
  }
  // The lead is asked whether they are one person's: that rests on no case.
  const isProposal = cause?.facts.type.startsWith('Identifiers') ?? false
  return corrected || isProposal || cause === undefined ? 'noticed' : outcomeOf(cause.key)
}

/** What made them ask sooner than by timer no longer holds: it was wrong to ask, and the timer goes on. */
function isTooSoon(desk: Desk, person: Someone, one: Case, asOf: number): boolean {
  const isAsked = person.episodes.get(one.episode)?.about?.byTimer === false
  const isTooSoon = isAsked && one.byTimer && one.learnedAt > asOf
  if (isTooSoon) lookAgain(desk, person, one.learnedAt)
  return isTooSoon
}

function knownOf(desk: Desk, person: Someone, asOf: number): Known {
  const { role } = leadOf(person)
  const facts = standing(person.memory)
  return {
    facts,
    grounds: facts.filter(({ key, restricted }) => !restricted && !person.gone.has(key)),
    asOf,
    heard: (fact) =>
      !person.gone.has(fact.key) && refusal(person, desk.now, needsOfFact(fact), role) === null,
  }
}

export const needsOfFact = (fact: Happening) => ({
  sources: [fact.agency],
  categories: categoriesOf(fact),
})

/** What was told and nothing stands for any more. */
function takeBackWrong(
  desk: Desk,
  person: Someone,
  cases: readonly Case[],
  asOf: number,
  isDeath: boolean,
): boolean {
  const names = new Set(cases.map(({ episode }) => episode))
  const wrong = [...person.episodes.values()].filter(
    ({ about, name }) => about !== null && !names.has(name),
  )
  return correct(desk, person, wrong, asOf, isDeath)
}

/** Tells it when its time has come, ends it when it is over; gives why it could be told to nobody. */
function settle(desk: Desk, person: Someone, one: Case, asOf: number) {
  if (person.episodes.has(one.episode)) {
    const asked = person.episodes.get(one.episode)?.about ?? null
    amend(desk, person, one)
    // Who else should hear of it now that more is known; whoever may only hear it now is not told.
    const isAskedOfOthers = asked?.others.length === 0 && one.others.length > 0
    if (one.closed === null && isAskedOfOthers) tellOthers(desk, person, one)
    return null
  }
  if (one.closed !== null || (one.byContact && person.contacts.has(one.thread))) return null
  if (one.learnedAt > asOf) {
    lookAgain(desk, person, one.learnedAt)
    return null
  }
  const { lost, gone } = person
  const isLost = lost.has(one.episode) || (one.needs !== null && lost.has(one.needs))
  if (isLost || one.askedUntil <= asOf || (one.byTimer && person.dead)) return null
  const why = ask(desk, person, toldOf(one), { about: one })
  if (why === null) return null
  lost.add(one.episode)
  // What several make together says nothing against any one of them.
  if (one.stands.length > 1) return why
  for (const fact of one.stands)
    if (refusal(person, desk.now, needsOfFact(fact), leadOf(person).role) !== null)
      gone.add(fact.key)
  return why
}

function lookAgain(desk: Desk, person: Someone, at: number) {
  if (person.wakes.has(at)) return
  person.wakes.add(at)
  desk.wake(at, () => {
    person.wakes.delete(at)
    judge(desk, person, at)
  })
}
