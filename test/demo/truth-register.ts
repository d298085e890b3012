import { agreedSince, mayFlow, refusal } from './agreed.ts'
import { type Happening, numberText, type Read } from './happening.ts'
import { clockTime, dateIn, workingDaysAfter } from './london.ts'
import type { Grant, Terms } from './plan.ts'
import { day } from './slots.ts'
import { categoriesNeeded, coveringGrants, covers } from './truth-covered.ts'
import { ask, type Desk, followLead, type Someone, type Told } from './truth-desk.ts'
import { openMemory, standing } from './truth-facts.ts'
import { end } from './truth-notices.ts'
import { needsOfFact, reach } from './truth-rules.ts'
import { readingsOf, toldSince } from './truth-told.ts'

export function consent(desk: Desk, ref: string, terms: Terms) {
  const person = desk.people.get(ref) ?? somebody(ref, terms)
  desk.people.set(ref, person)
  const texts = numbersOf(terms)
  // A number that is somebody else's: it stays a proposal, and whatever was given goes on.
  if (texts.some((text) => (desk.claims.get(text) ?? ref) !== ref)) return
  giveUp(desk, ref, texts)
  for (const text of texts) claim(desk, text, ref)
  const last = person.versions.at(-1)
  person.versions.push({ at: desk.now, state: 'given', terms })
  recheck(desk, person)
  if (last?.state === 'given' && coordinates(last.terms) && !coordinates(terms))
    endCoordination(desk, person)
  askToRenew(desk, person, terms)
  lookBack(desk, person)
}

function claim({ claims, timesClaimed }: Desk, text: string, ref: string) {
  if (!claims.has(text)) timesClaimed.set(text, (timesClaimed.get(text) ?? 0) + 1)
  claims.set(text, ref)
}

const somebody = (ref: string, { lead, deputies, team }: Terms): Someone => ({
  ref,
  versions: [],
  lead,
  deputies,
  team,
  memory: openMemory(),
  episodes: new Map(),
  contacts: new Set(),
  gone: new Set(),
  lost: new Set(),
  uncounted: new Map(),
  wakes: new Set(),
  dead: false,
  ending: null,
})

/** Numbers that are no longer this person's are free for whoever gives them next. */
function giveUp(desk: Desk, ref: string, kept: readonly string[]) {
  for (const [text, owner] of desk.claims) {
    if (owner !== ref || kept.includes(text)) continue
    desk.claims.delete(text)
    desk.givenUp.set(text, { at: desk.now, by: ref })
  }
}

/** What no longer may be told is taken back, and what it was waiting for is over for good. */
function recheck(desk: Desk, person: Someone) {
  const before = readingsOf(person)
  for (const episode of person.episodes.values())
    for (const notice of episode.copies)
      if (notice.sources.length > 0 && refusal(person, desk.now, notice, notice.role) !== null)
        end(notice, 'retracted', 'withdrawn')
  const told = toldSince(person, before)
  for (const fact of standing(person.memory)) {
    const why = mayFlow(person, desk.now, needsOfFact(fact))
    if (why === null) continue
    person.gone.add(fact.key)
    // What still waited for its own time is decided by this; another case may have told of it.
    if (!person.uncounted.delete(fact.key)) continue
    if (told.has(fact.key)) desk.count('noticed')
    else desk.suppress(why)
  }
}

/** 28 days before the end, once for each end: a version that keeps the end keeps the question. */
function askToRenew(desk: Desk, person: Someone, terms: Terms) {
  const coordinated = terms.grants.filter(({ purpose }) => purpose === 'care-coordination')
  if (coordinated.length === 0) return
  const until = Math.max(...coordinated.map((grant) => grant.until))
  if (person.ending?.until === until) return
  endRenewals(person, until)
  const ending = { until }
  person.ending = ending
  const at = Math.max(desk.now, clockTime(dateIn(until), '09:00', -28))
  desk.wake(at, () => {
    if (person.ending === ending) askAboutConsent(desk, person, 'ends', at, until)
  })
}

function endRenewals(person: Someone, until: number) {
  person.ending = null
  for (const { name, copies } of person.episodes.values())
    if (name.startsWith('consent:ends:'))
      for (const notice of copies)
        if (notice.occurredAt !== until) end(notice, 'closed', 'superseded')
}

function askAboutConsent(desk: Desk, person: Someone, what: string, at: number, occurredAt = at) {
  const notice: Told = {
    rule: 'consent',
    episode: `consent:${what}:${person.versions.length}`,
    thread: `consent:${what}:${person.versions.length}`,
    urgency: 'routine',
    learnedAt: at,
    dueAt: workingDaysAfter(at, 5),
    sources: [],
    categories: [],
    headline: null,
    standsOn: [],
    closesWhenAcknowledged: true,
    aboutDeath: false,
    occurredAt,
    confirmed: true,
  }
  ask(desk, person, notice, { followsLead: what === 'ends' || what.startsWith('identifier') })
}

/**
 * Where the person asks us to look back: takes up what is still kept from that many days before they agreed,
 * and for a number that is new to a consent that goes on, what came since it began. Nothing from when a
 * number was another's. Whoever works with them changes: it is all taken up again, and known for a repeat.
 */
function lookBack(desk: Desk, person: Someone) {
  const last = person.versions.at(-1)
  if (last?.state !== 'given') return
  const { at, terms } = last
  const texts = numbersOf(terms)
  const others = texts.map((text) => desk.givenUp.get(text)).filter((one) => one?.by !== person.ref)
  const freeDays = Math.min(7, ...others.map((one) => Math.floor((at - (one?.at ?? 0)) / day)))
  const days = Math.min(freeDays, Math.max(...terms.grants.map((grant) => grant.lookBackDays)))
  if (days === 0) return
  const since = Math.min(at - days * day, Math.max(agreedSince(person), at - 7 * day))
  for (const happening of desk.retained) {
    const { receivedAt, identifiers } = happening
    if (receivedAt < Math.max(since, desk.now - 7 * day) || receivedAt >= at) continue
    if (identifiers.some((text) => texts.includes(text))) arrive(desk, happening, false)
  }
}

const numbersOf = ({ identifiers }: Terms): readonly string[] =>
  identifiers.map(({ type, value, issuer }) => numberText(type, value, issuer))

export function withdraw(desk: Desk, person: Someone) {
  const last = person.versions.at(-1)
  if (last?.state !== 'given') return
  const { terms } = last
  person.versions.push({ at: desk.now, state: 'withdrawn', terms })
  giveUp(desk, person.ref, [])
  recheck(desk, person)
  if (coordinates(terms)) endCoordination(desk, person)
}

/** Whoever led the care hears that they no longer coordinate it; there is nothing left to renew. */
function endCoordination(desk: Desk, person: Someone) {
  endRenewals(person, Number.POSITIVE_INFINITY)
  askAboutConsent(desk, person, 'withdrawn', desk.now)
}

const coordinates = ({ grants }: Terms): boolean =>
  grants.some(({ purpose }) => purpose === 'care-coordination')

/**
 * Whose is it? Exactly one person's, or nobody's; what names only an object is theirs who got something of
 * it, and waits for them. A look-back asks again, and counts no refusal twice.
 */
export function arrive(desk: Desk, happening: Happening, first = true) {
  if (happening.identifiers.length === 0) return takeBackObject(desk, happening)
  const { identifiers, facts } = happening
  const owners = identifiers.map((text) => desk.claims.get(text))
  const [ref, other] = new Set(owners.filter((owner) => owner !== undefined))
  const person = ref === undefined ? undefined : desk.people.get(ref)
  if (person === undefined) return
  // The person has given both numbers: there is nothing to ask them.
  const isKnown = facts.type.startsWith('Identifiers') && owners.every((owner) => owner === ref)
  if (isKnown && first) return desk.count('no-rule')
  if (other !== undefined) return first ? desk.suppress('conflict') : undefined
  const why = mayFlow(person, desk.now, needsOfFact(happening))
  const isCounted = isToBeCounted(desk, person, happening, first)
  if (why !== null && !isCounted) return first ? desk.suppress(why) : undefined
  forward(desk, person, happening)
  // Whoever is only counted is told nothing of it, but that it is taken back: who has it must hear that.
  if (why === null || facts.type === 'EventWithdrawn') hear(desk, person, happening)
  else desk.suppress('not-for-care')
}

function isToBeCounted({ now }: Desk, { versions }: Someone, happening: Happening, first: boolean) {
  const needs = {
    purpose: 'outcomes',
    source: happening.agency,
    categories: categoriesNeeded(happening.facts.type),
  } as const
  const isWithin = ({ lookBackDays }: Grant) => happening.receivedAt >= now - lookBackDays * day
  return (
    covers(versions, now, needs) && (first || coveringGrants(versions, now, needs).every(isWithin))
  )
}

/** It takes something back and says nothing, so nobody's agreement is asked. */
function takeBackObject(desk: Desk, withdrawal: Happening) {
  desk.waiting.push(withdrawal)
  for (const ref of desk.objects.get(withdrawal.objectRef ?? '') ?? []) {
    const person = desk.people.get(ref)
    if (person !== undefined) reach(desk, person, withdrawal)
  }
}

/** A withdrawal that names only the object may have come before what it takes back: it goes first. */
function forward(desk: Desk, person: Someone, happening: Happening) {
  const { objectRef, facts } = happening
  if (objectRef !== null && facts.type !== 'EventWithdrawn')
    for (const waiting of desk.waiting)
      if (waiting.objectRef === objectRef && waiting.receivedAt > desk.now - 7 * day)
        reach(desk, person, waiting)
  if (objectRef !== null)
    desk.objects.set(objectRef, (desk.objects.get(objectRef) ?? new Set()).add(person.ref))
}

function hear(desk: Desk, person: Someone, happening: Happening) {
  const { facts, receivedAt } = happening
  reach(desk, person, happening)
  if (facts.type === 'IdentifiersMerged' || facts.type === 'IdentifiersLinked')
    askAboutConsent(desk, person, `identifier:${happening.key}`, receivedAt, happening.occurredAt)
}

/** A source that drops keeps nothing of people who have not agreed. */
export function receive(desk: Desk, { outcome, happenings }: Read) {
  if (counted(desk, outcome, happenings)) desk.retained.push(...happenings)
  for (const happening of happenings) arrive(desk, happening)
}

/** Counts a report once, however much it says, and says whether it was kept. What was ignored says nothing. */
function counted(desk: Desk, outcome: string, happenings: readonly Happening[]): boolean {
  const kept =
    happenings.length === 0 ||
    happenings.some(
      ({ heldUnclaimed, identifiers }) =>
        heldUnclaimed ||
        identifiers.length === 0 ||
        identifiers.some((text) => desk.claims.has(text)),
    )
  desk.count(kept ? outcome : 'dropped-unclaimed')
  return kept
}

export function handOver(desk: Desk, person: Someone, to: string) {
  if (person.lead === to) return
  person.lead = to
  for (const episode of person.episodes.values()) followLead(desk, person, episode)
  // Who has handed the person over has nothing more to do about a withdrawal before it.
  for (const { name, copies } of person.episodes.values())
    if (name.startsWith('consent:withdrawn:'))
      for (const notice of copies) end(notice, 'closed', 'superseded')
  askAboutConsent(desk, person, 'handover', desk.now)
  lookBack(desk, person)
}
