import { isMeantFor } from './consent.ts'
import { type EventType, eventCategories } from './events.generated.ts'
import { type Ids, personEventIdOf, recordIdOf } from './ids.ts'
import type { Notice, PractitionerAction } from './notice.ts'
import { type Desk, endWhatIsNotAllowed, permission } from './notify-desk.ts'
import { prune } from './notify-prune.ts'
import { escalationAt, leadsOf, settle, takeBack } from './notify-settle.ts'
import {
  type Draft,
  draftOf,
  type Episode,
  type Held,
  isEffective,
  isUndecided,
  type NotifyState,
  nothingNotified,
  type Rows,
  stateOf,
  versionUsed,
} from './notify-state.ts'
import type { IndexEntry, Input, Known, Lookup, Stepped, TimerChange } from './processor.ts'
import { isKept } from './rules/about.ts'
import { type Ending, endingOf, reviewOf, type Warned } from './rules/consent.ts'
import { correction, correctionEpisode } from './rules/correction.ts'
import {
  asksTheSame,
  byOccurrence,
  type Fact,
  factOf,
  isDeath,
  learnedAt,
  sinceOf,
} from './rules/fact.ts'
import { attendedNow } from './rules/frequent-attender.ts'
import { wantedIn } from './rules/rules.ts'
import { hospitalTypes, staysOf } from './rules/stays.ts'
import { asks } from './rules/table.ts'
import { deed, type Scene, type Wanted } from './rules/wanted.ts'
import { episodeAt, firedAt, lateWatch, nextMoment, timerOf, watchIsOver } from './rules/watches.ts'

export type { NotifyState } from './notify-state.ts'
export { nothingNotified } from './notify-state.ts'

export const noticesTopic = 'practitioner.notices.v1'

/** The rows that every decision needs: who agreed to what, who is assigned, what institutions agreed. */
export const notifyLookups = (_input: Input, key: string | null): readonly Lookup[] =>
  key === null ? [] : [{ kind: 'person', personId: key }, { kind: 'agreements' }]

export interface NotifyOptions {
  /** The authorities of the partnership; none: nobody is released outside it, as far as is known. */
  readonly homeAreas: readonly string[]
}

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
  { homeAreas }: NotifyOptions = { homeAreas: [] },
): Stepped<NotifyState> {
  if (key === null) return { state }
  const person = known.person(key)
  if (person?.status === 'erased') return forgotten(state, input)
  const draft = draftOf(state)
  if (isRepeat(draft, input)) return { state, counts: ['repeat'] }
  if (input.kind === 'person-event' && !isMeantFor('care-coordination', input)) {
    // Not used: a look-back of care may still bring it. Link has noted why.
    return { state, counts: ['suppressed/not-for-care'] }
  }
  const desk: Desk = {
    personId: key,
    known,
    person,
    ids,
    at: timeOf(input),
    draft,
    notices: [],
    counts: [],
    told: new Set(),
    refusals: new Map(),
    answers: new Map(),
    timer: input.kind === 'timer' ? input : null,
    homeAreas,
    cause: null,
    justFired: null,
  }
  const undecided = [...draft.facts.values()].filter((fact) => isUndecided(draft, fact))
  const counted = absorb(desk, input)
  endWhatIsNotAllowed(desk)
  noteDeath(desk)
  const reminders = remindersOf(desk)
  remindOfConsent(desk, reminders)
  const scene = wakeWatches(desk)
  const wanted = settleAll(desk, scene)
  dropUntold(desk)
  setTimers(desk, wanted, reminders)
  const index = count(desk, undecided, counted)
  prune(draft, scene, wanted)
  return {
    state: stateOf(draft),
    emit: desk.notices.map((notice) => emissionOf(desk, notice)),
    timers: changedTimers(state.timers, draft.timers, input),
    index,
    counts: desk.counts,
  }
}

const isRepeat = (draft: Draft, input: Input): boolean =>
  input.kind === 'person-event' && versionUsed(draft, input.personEventId) >= input.event.version

/** Nothing is kept of somebody who was erased, and nothing comes of what arrives late. */
function forgotten(state: NotifyState, input: Input): Stepped<NotifyState> {
  const timers = state.timers.map(([name]) => ({ name, at: null }))
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
  const fact = factOf(id, event)
  const withdraws: string[] = []
  if (event.type === 'EventWithdrawn') {
    if (event.withdrawnEventId !== null) {
      withdraws.push(`event ${personEventIdOf(ids, event.withdrawnEventId, personId)}`)
    }
    if (fact.object !== undefined) withdraws.push(`object ${fact.object}`)
  }
  if (draft.held.delete(id)) desk.counts.push('no-rule')
  if (fact.heldUntil !== undefined) {
    draft.held.set(id, { fact, withdraws })
    return null
  }
  learn(desk, { fact, withdraws })
  return id
}

/** From now on the fact counts: it was received, or its hold has ended. */
function learn(desk: Desk, { fact, withdraws }: Held): void {
  const { draft } = desk
  const { id, version } = fact
  desk.cause = { id, version }
  for (const what of withdraws) {
    draft.withdrawn.set(what, Math.max(draft.withdrawn.get(what) ?? -1, version))
  }
  const before = draft.facts.get(id)
  if (before === undefined && !isKept(fact.type)) {
    draft.used.set(id, version)
    return
  }
  draft.used.delete(id)
  if (before !== undefined) forgetUntold(draft, id)
  const next = lateWatch(following(desk, before, fact))
  if (next.fired !== before?.fired) desk.justFired = id
  draft.facts.set(id, next)
}

/** What nobody could be told of is judged anew when its source says more. */
function forgetUntold({ episodes }: Draft, id: string): void {
  for (const [name, { factIds, copies }] of episodes) {
    if (factIds?.[0] === id && Object.keys(copies).length === 0) episodes.delete(name)
  }
}

/** A version that asks what the one before asked goes on from where that one is. */
function following({ draft }: Desk, before: Fact | undefined, fact: Fact): Fact {
  if (before === undefined) return fact
  const fired = before.fired === undefined ? {} : { fired: before.fired }
  const goesOn =
    before.ended === undefined && isEffective(draft, before) && asksTheSame(before, fact)
  if (!goesOn) return { ...fact, ...fired }
  return {
    ...fact,
    ...fired,
    sameSince: sinceOf(before),
    ...(before.passed !== undefined && { passed: before.passed }),
  }
}

function act(desk: Desk, action: PractitionerAction): void {
  const { draft } = desk
  const what = deedOf(action)
  if (what === null || draft.acts.has(what)) return
  draft.acts.set(what, action.receivedAt)
}

function deedOf(action: PractitionerAction): string | null {
  const { kind, noticeId, thread, contact, item } = action
  if (kind === 'acknowledged') return deed(kind, noticeId)
  if (kind === 'arranged') return item ? deed(kind, thread, item) : null
  // A try is not a contact: nobody has seen or heard them yet.
  return kind === 'contact-recorded' && contact === 'tried' ? null : deed(kind, thread)
}

/** The timer only wakes us; the state decides. One that was replaced since comes too early. */
function fire(desk: Desk, timer: Extract<Input, { kind: 'timer' }>): string | null {
  const { draft } = desk
  const [kind = '', id = ''] = splitOnce(timer.name)
  const setFor = draft.timers.get(timer.name)
  if (setFor === undefined || timer.dueAt < setFor) return null
  draft.timers.delete(timer.name)
  if (kind === 'hold') {
    const held = draft.held.get(id)
    if (held === undefined) return null
    draft.held.delete(id)
    learn(desk, held)
    return id
  }
  if (kind === 'ends' || kind === 'review') {
    const reminder = remindersOf(desk)[kind]
    if (reminder !== undefined && reminder.at <= timer.dueAt) {
      const { version, at } = reminder
      draft[remembered[kind]] = { version, at, incomplete: !timer.complete }
    }
    return null
  }
  const fact = draft.facts.get(id)
  if (fact === undefined || timer.name !== timerOf(fact)) return null
  const next = nextMoment(fact)
  if (next === undefined || next.at > timer.dueAt) return null
  desk.justFired = id
  const incomplete = timer.complete ? {} : { incomplete: true as const }
  draft.facts.set(id, firedAt(fact, { ...next, ...incomplete }))
  return null
}

function splitOnce(name: string): readonly string[] {
  const at = name.indexOf(':')
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)]
}

function noteDeath(desk: Desk): void {
  const { draft } = desk
  let dead = false
  for (const fact of draft.facts.values()) dead ||= isDeath(fact) && isEffective(draft, fact)
  if (draft.dead && !dead) draft.restoredAt = desk.at
  draft.dead = dead
}

const remembered = { ends: 'warned', review: 'reviewed' } as const

type Reminder = Omit<Warned, 'incomplete'>

/** What the lead is to be reminded of about the consent in force, and when, by timer. */
const remindersOf = ({ person, known }: Desk): Reminders =>
  person === undefined
    ? { ends: undefined, review: undefined }
    : { ends: endingOf(person, known.now), review: reviewOf(person, known.now) }

interface Reminders {
  readonly ends: Ending | undefined
  readonly review: Reminder | undefined
}

/** A consent that is shorter than the warning is long is warned of at once. */
function remindOfConsent({ draft }: Desk, { ends }: Reminders): void {
  if (ends === undefined || draft.warned?.version === ends.version) return
  if (ends.at > ends.acceptedAt) return
  draft.warned = { version: ends.version, at: ends.acceptedAt, incomplete: false }
}

/**
 * A watch that was stopped by something that no longer holds (a death, a start of treatment, a
 * return) goes on: of the days that were missed meanwhile only the latest is asked, now.
 */
function wakeWatches(desk: Desk): Scene {
  const { draft } = desk
  const scene = sceneOf(desk)
  if (draft.dead) return scene
  let woken = false
  for (const fact of scene.facts) {
    if (fact.fired === undefined || fact.ended !== undefined) continue
    const missed = fact.fired.filter(({ day }) => !draft.episodes.has(episodeAt(fact, day)))
    if (missed.length === 0 || watchIsOver(scene, fact)) continue
    const latest = missed.reduce((last, one) => (one.day > last.day ? one : last))
    const now =
      desk.justFired === fact.id ? latest : { ...latest, at: Math.max(latest.at, desk.at) }
    const fired = [...fact.fired.filter((one) => !missed.includes(one)), now]
    draft.facts.set(fact.id, { ...fact, fired })
    woken = true
  }
  return woken ? sceneOf(desk) : scene
}

/** A day that could not be told to anybody when it came is over. */
function dropUntold(desk: Desk): void {
  const { draft } = desk
  for (const id of desk.refusals.keys()) {
    const fact = draft.facts.get(id)
    if (fact?.fired === undefined) continue
    const fired = fact.fired.filter(({ day }) => draft.episodes.has(episodeAt(fact, day)))
    draft.facts.set(id, { ...fact, fired })
  }
}

function sceneOf(desk: Desk): Scene {
  const { draft, person, known, homeAreas } = desk
  const facts = [...draft.facts.values()]
    .filter((fact) => isEffective(draft, fact))
    .toSorted(byOccurrence)
  const standing = facts.filter(({ ended }) => ended === undefined)
  const byType = Map.groupBy(standing, ({ type }) => type)
  const grounds = (...types: readonly EventType[]): readonly Fact[] => {
    if (types.length === 1) return byType.get(types[0] as EventType) ?? []
    const found = types.flatMap((type) => byType.get(type) ?? [])
    return found.length < 2 ? found : found.toSorted(byOccurrence)
  }
  const stays = staysOf(grounds(...hospitalTypes))
  draft.attended = attendedNow(
    draft.attended,
    stays,
    (id) => !draft.facts.has(id) && !draft.withdrawn.has(`event ${id}`),
  )
  return {
    facts,
    grounds,
    has: (type) => byType.has(type),
    stays,
    attended: draft.attended,
    acts: draft.acts,
    person,
    now: known.now,
    homeAreas,
    mayTell: (fact) =>
      leadsOf(desk).some(
        (lead) => permission(desk, lead, [fact.agency], eventCategories[fact.type]).ok,
      ),
  }
}

function settleAll(desk: Desk, scene: Scene): readonly Wanted[] {
  const { draft } = desk
  const wanted = wantedIn(scene, draft)
  const names = new Set(wanted.map(({ episode }) => episode))
  for (const [name, { rule }] of draft.episodes) {
    if (names.has(name) || rule === 'correction') continue
    if (rule === 'consent') takeBack(desk, name, { state: 'closed', because: 'superseded' })
    else withdraw(desk, name)
  }
  for (const one of wanted) settle(desk, one, null)
  const corrections = [...draft.corrections].map(([name, made]) => {
    const original = Object.values(draft.episodes.get(made.of)?.copies ?? {}).find(
      ({ noticeId }) => noticeId === made.noticeId,
    )
    const holdsAgain = original !== undefined && original.state !== 'retracted'
    const one = correction(made, holdsAgain ? { because: 'superseded', by: null } : null)
    settle(desk, one, draft.corrections.get(name)?.ended ?? null)
    return one
  })
  return [...wanted, ...corrections]
}

/** A case without ground: permission for a part of it was lost, or what it stood on was wrong. */
function withdraw(desk: Desk, name: string): void {
  const { draft } = desk
  const episode = draft.episodes.get(name)
  if (episode === undefined) return
  const facts = (episode.factIds ?? []).flatMap((id) => draft.facts.get(id) ?? [])
  const lost = facts.find((fact) => fact.ended !== undefined && isEffective(draft, fact))
  if (lost?.ended !== undefined) {
    takeBack(desk, name, { state: 'retracted', because: lost.ended, final: 'permission' })
  } else correct(desk, name, episode, facts[0])
}

/** What stood on an event that was wrong is taken back, and whoever got a copy is told so, once. */
function correct(desk: Desk, name: string, episode: Episode, own: Fact | undefined): void {
  const { draft } = desk
  const { thread = name } = episode
  const taken = takeBack(desk, name, { state: 'retracted', because: 'corrected' })
  for (const { copy, to } of taken) {
    if (copy.final === 'permission') continue
    // Who is told that the release was wrong need not hear it again for each of its days.
    const first = draft.episodes.get(thread)?.copies[to.practitionerId]
    if (name !== thread && first !== undefined) continue
    const made = {
      noticeId: copy.noticeId,
      cause: causeFor(desk, own),
      ask: episode.ask,
      of: name,
      thread,
      eventIds: episode.eventIds,
      to,
      occurredAt: episode.occurredAt,
      at: desk.at,
      sources: episode.sources,
      categories: episode.categories,
      aboutDeath: episode.rule === 'death-reported' || (own !== undefined && isDeath(own)),
      ended: null,
    }
    draft.corrections.set(correctionEpisode(made), made)
  }
}

/** A version of the same event, or another event. */
function causeFor({ cause }: Desk, own: Fact | undefined): string {
  if (cause === null) return ''
  if (cause.id === own?.id) return String(cause.version)
  return cause.version === 1 ? cause.id : `${cause.id} ${cause.version}`
}

function setTimers(desk: Desk, wanted: readonly Wanted[], reminders: Reminders): void {
  const { draft } = desk
  const timers = new Map<string, number>()
  for (const [id, { fact }] of draft.held) timers.set(`hold:${id}`, learnedAt(fact))
  for (const fact of draft.facts.values()) {
    if (fact.ended !== undefined || !isEffective(draft, fact)) continue
    const next = nextMoment(fact)
    if (next !== undefined) timers.set(timerOf(fact), next.at)
  }
  for (const one of wanted) {
    const episode = draft.episodes.get(one.episode)
    if (episode === undefined || draft.corrections.get(one.episode)?.ended) continue
    const at = escalationAt(desk, one, episode)
    if (at !== null) timers.set(`escalate:${one.episode}`, at)
  }
  for (const name of ['ends', 'review'] as const) {
    const reminder = reminders[name]
    const done = draft[remembered[name]]?.version
    if (reminder !== undefined && done !== reminder.version) timers.set(name, reminder.at)
  }
  draft.timers = timers
}

/** A timer that has just fired is gone from the store; it is set again only where it is wanted again. */
function changedTimers(
  before: Rows<number>,
  after: ReadonlyMap<string, number>,
  input: Input,
): readonly TimerChange[] {
  const fired = input.kind === 'timer' ? input.name : null
  const was = new Map(before)
  const changes: TimerChange[] = []
  for (const [name, at] of after) {
    if (was.get(name) !== at || name === fired) changes.push({ name, at })
  }
  for (const [name] of before) {
    if (!after.has(name) && name !== fired) changes.push({ name, at: null })
  }
  return changes
}

/** Each event that reaches a person is counted once: when it is clear what came of it. */
function count(
  desk: Desk,
  undecided: readonly Fact[],
  counted: string | null,
): readonly IndexEntry[] {
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
  for (const fact of undecided) {
    const after = draft.facts.get(fact.id)
    if (after === undefined) continue
    if (after.version !== fact.version) desk.counts.push('no-rule')
    else if (!isUndecided(draft, after)) decide(fact.id)
  }
  const fact = counted === null ? undefined : draft.facts.get(counted)
  if (counted !== null && (fact === undefined || !isUndecided(draft, fact))) decide(counted)
  return entries
}

const explainedForMs = 400 * 24 * 3_600_000

function outcomeOf(desk: Desk, id: string): string {
  const fact = desk.draft.facts.get(id)
  const undid =
    desk.cause?.id === id && desk.notices.some(({ closedBecause }) => closedBecause === 'corrected')
  if (desk.told.has(id) || undid) return 'noticed'
  const reason = fact?.ended ?? desk.refusals.get(id)
  return reason === undefined ? 'no-rule' : `suppressed/${reason}`
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
