import { eventCategories } from './events.generated.ts'
import { type Ids, personEventIdOf, recordIdOf } from './ids.ts'
import type { Notice, PractitionerAction } from './notice.ts'
import { type Desk, endWhatIsNotAllowed, permission } from './notify-desk.ts'
import { escalationAt, leadsOf, settle, takeBack } from './notify-settle.ts'
import {
  type Held,
  isEffective,
  isUndecided,
  type NotifyState,
  nothingNotified,
  pruned,
} from './notify-state.ts'
import type { IndexEntry, Input, Known, Lookup, Stepped, TimerChange } from './processor.ts'
import { arrest } from './rules/arrest.ts'
import { consent, endingOf } from './rules/consent.ts'
import { correction, correctionEpisode } from './rules/correction.ts'
import { accountedFor, courtEvening, courtNoReturn } from './rules/court-no-return.ts'
import { deathReported } from './rules/death-reported.ts'
import { type Fact, factOf, isDeath, isKept, isRelease } from './rules/fact.ts'
import { intoPrison } from './rules/into-prison.ts'
import { release } from './rules/release.ts'
import { asks } from './rules/table.ts'
import { lastWatchDay, nextWatchDay, threeWeeks, watchOver } from './rules/three-weeks.ts'
import type { Scene, Wanted } from './rules/wanted.ts'

export type { NotifyState } from './notify-state.ts'
export { nothingNotified } from './notify-state.ts'

export const noticesTopic = 'practitioner.notices.v1'

/** The rows that every decision needs: who agreed to what, who is assigned, what institutions agreed. */
export const notifyLookups = (_input: Input, key: string | null): readonly Lookup[] =>
  key === null ? [] : [{ kind: 'person', personId: key }, { kind: 'agreements' }]

/**
 * Tells the lead practitioner what to do next. Facts are folded in; the rules say what should stand
 * in notices; what differs from what was told is told. The order in which facts came therefore
 * matters only to what had already been sent.
 */
export function notifyStep(
  state: NotifyState,
  known: Known,
  input: Input,
  key: string | null,
  ids: Ids,
): Stepped<NotifyState> {
  if (key === null) return { state }
  const person = known.person(key)
  if (person?.status === 'erased') return forgotten(state, input)
  if (isRepeat(state, input)) return { state, counts: ['repeat'] }
  const desk: Desk = {
    personId: key,
    known,
    person,
    ids,
    at: timeOf(input),
    draft: { ...state },
    notices: [],
    counts: [],
    told: new Set(),
    refusals: new Map(),
    answers: new Map(),
    timer: input.kind === 'timer' ? input : null,
    cause: '',
    justFired: null,
  }
  const counted = absorb(desk, input)
  endWhatIsNotAllowed(desk)
  noteDeath(desk)
  warnOfEnding(desk)
  const wanted = settleAll(desk, wakeWatches(desk))
  dropUntold(desk)
  setTimers(desk, wanted)
  const index = count(desk, state, counted)
  const next = pruned(desk.draft, known.now)
  return {
    state: next,
    emit: desk.notices.map((notice) => emissionOf(desk, notice)),
    timers: changedTimers(state.timers, next.timers, input),
    index,
    counts: desk.counts,
  }
}

const isRepeat = ({ used }: NotifyState, input: Input): boolean =>
  input.kind === 'person-event' && (used[input.personEventId] ?? -1) >= input.event.version

/** Nothing is kept of somebody who was erased, and nothing comes of what arrives late. */
function forgotten(state: NotifyState, input: Input): Stepped<NotifyState> {
  const timers = Object.keys(state.timers).map((name) => ({ name, at: null }))
  const counts = input.kind === 'person-event' ? ['suppressed/erased'] : []
  return { state: nothingNotified, timers, counts }
}

function timeOf(input: Input): number {
  if (input.kind === 'person-event') return input.event.receivedAt
  if (input.kind === 'timer') return input.dueAt
  if (input.kind === 'consent-changed') return input.changedAt
  return input.kind === 'action' ? input.action.receivedAt : 0
}

/** Takes the input in. Gives the id of the event whose outcome is decided by this step, if one is. */
function absorb(desk: Desk, input: Input): string | null {
  if (input.kind === 'person-event') return take(desk, input)
  if (input.kind === 'timer') return fire(desk, input)
  if (input.kind === 'action') act(desk, input.action)
  return null
}

type PersonEvent = Extract<Input, { kind: 'person-event' }>

function take(desk: Desk, { personEventId: id, event }: PersonEvent): string | null {
  const { draft, ids, personId } = desk
  draft.used = { ...draft.used, [id]: event.version }
  const fact = factOf(id, event)
  const withdraws: string[] = []
  if (event.type === 'EventWithdrawn') {
    if (event.withdrawnEventId !== null) {
      withdraws.push(`event ${personEventIdOf(ids, event.withdrawnEventId, personId)}`)
    }
    if (fact.object !== null) withdraws.push(`object ${fact.object}`)
  }
  const known = draft.held[id]
  if (known !== undefined) {
    desk.counts.push('no-rule')
    const { [id]: _, ...others } = draft.held
    draft.held = others
  }
  if (fact.learnedAt > event.receivedAt) {
    draft.held = { ...draft.held, [id]: { fact, withdraws } }
    return null
  }
  learn(desk, { fact, withdraws })
  return id
}

/** From now on the fact counts: it was received, or its hold has ended. */
function learn(desk: Desk, { fact, withdraws }: Held): void {
  const { draft } = desk
  desk.cause = withdraws.length > 0 ? fact.id : String(fact.version)
  for (const what of withdraws) {
    const version = Math.max(draft.withdrawn[what] ?? -1, fact.version)
    draft.withdrawn = { ...draft.withdrawn, [what]: version }
  }
  const before = draft.facts[fact.id]
  if (before === undefined && !isKept(fact.type)) return
  const same =
    before !== undefined &&
    before.ended === null &&
    isEffective(draft, before) &&
    asksTheSame(before, fact)
  draft.facts = {
    ...draft.facts,
    [fact.id]: lateWatch(desk, {
      ...fact,
      since: same ? before.since : fact.learnedAt,
      fired: before?.fired ?? [],
      passed: same ? before.passed : -1,
    }),
  }
}

/** Whether a version only says more about what the one before asked for already. */
const asksTheSame = (before: Fact, after: Fact): boolean =>
  before.type === after.type &&
  before.about.kind === after.about.kind &&
  (before.about.prescription === 'NO') === (after.about.prescription === 'NO')

/** Learned after the evening, or after some of the days: the last of them is due at once. */
function lateWatch(desk: Desk, fact: Fact): Fact {
  if (fact.passed >= 0) return fact
  const day =
    fact.type === 'LeftForCourt'
      ? fact.since > courtEvening(fact.occurredAt)
        ? 0
        : undefined
      : isRelease(fact)
        ? lastWatchDay(fact.occurredAt, fact.since)
        : undefined
  if (day === undefined) return fact
  desk.justFired = fact.id
  return firedOn(fact, day, fact.since, false)
}

const firedOn = (fact: Fact, day: number, at: number, incomplete: boolean): Fact => ({
  ...fact,
  passed: day,
  fired: fact.fired.some((one) => one.day === day)
    ? fact.fired
    : [...fact.fired, { day, at, incomplete }],
})

function act(
  desk: Desk,
  { kind, noticeId, thread, contact, receivedAt }: PractitionerAction,
): void {
  const { draft } = desk
  const noted = (list: Readonly<Record<string, number>>, what: string) =>
    list[what] === undefined ? { ...list, [what]: receivedAt } : list
  const { acknowledged, contacted, prescriptionConfirmed } = draft.acts
  if (kind === 'acknowledged') {
    draft.acts = { ...draft.acts, acknowledged: noted(acknowledged, noticeId) }
  }
  // A try is not a contact: nobody has seen or heard them yet.
  if (kind === 'contact-recorded' && (contact === 'seen' || contact === 'spoken')) {
    draft.acts = { ...draft.acts, contacted: noted(contacted, thread) }
  }
  if (kind === 'prescription-confirmed') {
    draft.acts = { ...draft.acts, prescriptionConfirmed: noted(prescriptionConfirmed, thread) }
  }
}

/** The timer only wakes us; the state decides. One that was replaced since comes too early. */
function fire(desk: Desk, timer: Extract<Input, { kind: 'timer' }>): string | null {
  const { draft } = desk
  const [kind = '', id = ''] = splitOnce(timer.name)
  const { [timer.name]: setFor, ...others } = draft.timers
  if (setFor === undefined || timer.dueAt < setFor) return null
  draft.timers = others
  if (kind === 'hold') {
    const held = draft.held[id]
    if (held === undefined) return null
    const { [id]: _, ...rest } = draft.held
    draft.held = rest
    learn(desk, held)
    return id
  }
  const fact = draft.facts[id]
  const incomplete = !timer.complete
  if (kind === 'ends' && desk.person !== undefined) {
    const ending = endingOf(desk.person, desk.known.now)
    if (ending !== undefined && ending.warnAt <= timer.dueAt) {
      draft.warned = { version: ending.version, at: ending.warnAt, incomplete }
    }
  }
  if (fact === undefined) return null
  const next =
    kind === 'three-weeks'
      ? nextWatchDay(fact.occurredAt, fact.passed)
      : kind === 'court'
        ? { day: 0, at: courtEvening(fact.occurredAt) }
        : undefined
  if (next === undefined || next.at > timer.dueAt || next.day <= fact.passed) return null
  desk.justFired = id
  draft.facts = { ...draft.facts, [id]: firedOn(fact, next.day, next.at, incomplete) }
  return null
}

function splitOnce(name: string): readonly string[] {
  const at = name.indexOf(':')
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)]
}

function noteDeath(desk: Desk): void {
  const { draft } = desk
  const dead = Object.values(draft.facts).some((fact) => isDeath(fact) && isEffective(draft, fact))
  if (draft.dead && !dead) draft.restoredAt = desk.at
  draft.dead = dead
}

/** A consent that is shorter than the warning is long is warned of at once. */
function warnOfEnding({ draft, person, known }: Desk): void {
  const ending = person === undefined ? undefined : endingOf(person, known.now)
  if (ending === undefined || draft.warned?.version === ending.version) return
  if (ending.warnAt > ending.acceptedAt) return
  draft.warned = { version: ending.version, at: ending.acceptedAt, incomplete: false }
}

/**
 * A watch that was stopped by something that no longer holds (a death, a start of treatment, a
 * return) goes on: of the days that were missed meanwhile only the latest is asked, now.
 */
function wakeWatches(desk: Desk): Scene {
  const { draft } = desk
  const scene = sceneOf(desk)
  if (draft.dead) return scene
  const before = draft.facts
  for (const fact of scene.facts) {
    if (fact.fired.length === 0 || fact.ended !== null) continue
    const missed = fact.fired.filter(
      ({ day }) => draft.episodes[episodeOf(fact, day)] === undefined,
    )
    if (missed.length === 0) continue
    const over = fact.type === 'LeftForCourt' ? accountedFor(scene, fact) : watchOver(scene, fact)
    if (over !== null) continue
    const latest = missed.reduce((last, one) => (one.day > last.day ? one : last))
    const now =
      desk.justFired === fact.id ? latest : { ...latest, at: Math.max(latest.at, desk.at) }
    const fired = [...fact.fired.filter((one) => !missed.includes(one)), now]
    draft.facts = { ...draft.facts, [fact.id]: { ...fact, fired } }
  }
  return draft.facts === before ? scene : sceneOf(desk)
}

const episodeOf = (fact: Fact, day: number): string =>
  fact.type === 'LeftForCourt' ? `court-no-return:${fact.id}` : `release:${fact.id}:day-${day}`

/** A day that could not be told to anybody when it came is over. */
function dropUntold(desk: Desk): void {
  const { draft } = desk
  for (const id of desk.refusals.keys()) {
    const fact = draft.facts[id]
    if (fact === undefined || fact.fired.length === 0) continue
    const fired = fact.fired.filter(({ day }) => draft.episodes[episodeOf(fact, day)] !== undefined)
    draft.facts = { ...draft.facts, [id]: { ...fact, fired } }
  }
}

function sceneOf(desk: Desk): Scene {
  const { draft, person, known } = desk
  const facts = Object.values(draft.facts)
    .filter((fact) => isEffective(draft, fact))
    .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))
  return {
    facts,
    acts: draft.acts,
    person,
    now: known.now,
    mayTell: (fact) =>
      leadsOf(desk).some(
        (lead) => permission(desk, lead, [fact.agency], eventCategories[fact.type]).ok,
      ),
  }
}

function settleAll(desk: Desk, scene: Scene): readonly Wanted[] {
  const { draft } = desk
  const wanted = [
    ...deathReported(scene),
    ...arrest(scene),
    ...intoPrison(scene),
    ...courtNoReturn(scene),
    ...release(scene),
    ...threeWeeks(scene),
    ...consent(scene, draft.warned),
  ]
  const names = new Set(wanted.map(({ episode }) => episode))
  for (const [name, { rule }] of Object.entries(draft.episodes)) {
    if (names.has(name) || rule === 'correction') continue
    if (rule === 'consent') takeBack(desk, name, { state: 'closed', because: 'superseded' })
    else correct(desk, name)
  }
  for (const one of wanted) settle(desk, one, one.rule === 'consent' ? null : endedOf(desk, one))
  const corrections = Object.entries(draft.corrections).map(([name, made]) => {
    const original = Object.values(draft.episodes[made.of]?.copies ?? {}).find(
      ({ noticeId }) => noticeId === made.noticeId,
    )
    const holdsAgain = original !== undefined && original.state !== 'retracted'
    const one = correction(made, holdsAgain ? { because: 'superseded', by: null } : null)
    settle(desk, one, draft.corrections[name]?.ended ?? null)
    return one
  })
  return [...wanted, ...corrections]
}

const endedOf = ({ draft }: Desk, { fact }: Wanted): string | null =>
  fact === null ? null : (draft.facts[fact.id]?.ended ?? null)

/** What stood on an event that was wrong is taken back, and whoever got a copy is told so, once. */
function correct(desk: Desk, name: string): void {
  const { draft } = desk
  const episode = draft.episodes[name]
  if (episode === undefined) return
  const fact = episode.factId === null ? undefined : draft.facts[episode.factId]
  const taken = takeBack(desk, name, { state: 'retracted', because: 'corrected' })
  for (const { copy, to } of taken) {
    if (copy.final === 'permission') continue
    // Who is told that the release was wrong need not hear it again for each of its days.
    const first = draft.episodes[episode.thread]?.copies[to.practitionerId]
    if (name !== episode.thread && first !== undefined) continue
    const made = {
      noticeId: copy.noticeId,
      cause: desk.cause,
      ask: episode.ask,
      of: name,
      thread: episode.thread,
      eventIds: episode.eventIds,
      to,
      occurredAt: episode.occurredAt,
      at: desk.at,
      sources: episode.sources,
      categories: episode.categories,
      aboutDeath: episode.rule === 'death-reported' || (fact !== undefined && isDeath(fact)),
      ended: null,
    }
    draft.corrections = { ...draft.corrections, [correctionEpisode(made)]: made }
  }
}

function setTimers(desk: Desk, wanted: readonly Wanted[]): void {
  const { draft, person, known } = desk
  const timers: Record<string, number> = {}
  for (const [id, { fact }] of Object.entries(draft.held)) timers[`hold:${id}`] = fact.learnedAt
  for (const fact of Object.values(draft.facts)) {
    if (fact.ended !== null || !isEffective(draft, fact)) continue
    if (isUndecided(draft, fact)) timers[`court:${fact.id}`] = courtEvening(fact.occurredAt)
    const next = isRelease(fact) ? nextWatchDay(fact.occurredAt, fact.passed) : undefined
    if (next !== undefined) timers[`three-weeks:${fact.id}`] = next.at
  }
  for (const one of wanted) {
    const episode = draft.episodes[one.episode]
    if (episode === undefined || endedOf(desk, one) !== null) continue
    const at = escalationAt(desk, one, episode)
    if (at !== null) timers[`escalate:${one.episode}`] = at
  }
  const ending = person === undefined ? undefined : endingOf(person, known.now)
  if (ending !== undefined && draft.warned?.version !== ending.version) timers.ends = ending.warnAt
  draft.timers = timers
}

/** A timer that has just fired is gone from the store; it is set again only where it is wanted again. */
function changedTimers(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  input: Input,
): readonly TimerChange[] {
  const fired = input.kind === 'timer' ? input.name : null
  const set = Object.entries(after)
    .filter(([name, at]) => before[name] !== at || name === fired)
    .map(([name, at]) => ({ name, at }))
  const gone = Object.keys(before)
    .filter((name) => after[name] === undefined && name !== fired)
    .map((name) => ({ name, at: null }))
  return [...set, ...gone]
}

/** Each event that reaches a person is counted once: when it is clear what came of it. */
function count(desk: Desk, before: NotifyState, counted: string | null): readonly IndexEntry[] {
  const { draft } = desk
  const entries: IndexEntry[] = []
  const decide = (id: string): void => {
    const outcome = outcomeOf(desk, id)
    desk.counts.push(outcome)
    if (outcome.startsWith('suppressed/')) {
      const value = outcome.slice('suppressed/'.length)
      entries.push({ name: 'suppressed', key: id, value, expiresAt: desk.at + explainedForMs })
    }
  }
  for (const fact of Object.values(before.facts)) {
    const after = draft.facts[fact.id]
    if (!isUndecided(before, fact) || after === undefined) continue
    if (after.version !== fact.version) desk.counts.push('no-rule')
    else if (!isUndecided(draft, after)) decide(fact.id)
  }
  const fact = counted === null ? undefined : draft.facts[counted]
  if (counted !== null && (fact === undefined || !isUndecided(draft, fact))) decide(counted)
  return entries
}

const explainedForMs = 400 * 24 * 3_600_000

function outcomeOf(desk: Desk, id: string): string {
  const fact = desk.draft.facts[id]
  const undid = desk.cause === id && desk.notices.some(({ state }) => state === 'retracted')
  if (desk.told.has(id) || undid) return 'noticed'
  const reason = fact?.ended ?? desk.refusals.get(id)
  return reason === undefined || reason === null ? 'no-rule' : `suppressed/${reason}`
}

const emissionOf = (desk: Desk, notice: Notice) => ({
  topic: noticesTopic,
  key: desk.personId,
  id: recordIdOf(desk.ids, notice.noticeId, notice.version),
  schema: 'PractitionerNotice',
  value: notice,
  receivedAt: desk.at,
})

/** Why did I get this? From ids alone: no name, no content. */
export function explainNotice(notice: Notice): {
  readonly noticeId: string
  readonly rule: string
  readonly because: string
  readonly eventIds: readonly string[]
  readonly asks: (typeof asks)[keyof typeof asks] | null
} {
  const { rule, ruleVersion, noticeId, recipient, because } = notice
  const row = Object.values(asks).find((one) => one.rule === rule)
  const cause =
    because.timer !== null
      ? `its timer (${because.timer}) fired`
      : because.eventIds.length > 0
        ? 'an event arrived'
        : 'the consent or its lead changed'
  return {
    noticeId,
    rule: `${rule} ${ruleVersion}`,
    because: `${cause}, and ${recipient.practitionerId} may be told as ${recipient.role} of ${recipient.organisation}${notice.incomplete ? '; not every source had reported' : ''}`,
    eventIds: because.eventIds,
    asks: row ?? null,
  }
}
