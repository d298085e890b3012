import {
  type Agreed,
  agreedSince,
  dutyReaders,
  mayFlow,
  type Reader,
  type Refusal,
  refusal,
  roleWith,
  type Tier,
  tierFor,
} from './agreed.ts'
import { clockTime, dateIn, endOfDay, nextEightInTheEvening, workingDaysAfter } from './london.ts'
import type { Act, Entry, Terms } from './plan.ts'
import { day, hour } from './slots.ts'
import { type Happening, reading } from './truth-events.ts'
import { type Episode, end, isLive, pause, type TrueNotice, takeBack } from './truth-notices.ts'

/**
 * What must be true, worked out from what was sent, by rules written a second time. It takes
 * entries in time order and is asked, at any instant, which notices there are and who may see them.
 */
export interface Truth {
  /** Everything due before `at` happens; then the clock stands at `at`. */
  passTo(at: number): void
  apply(entry: Entry): void
  notices(): readonly TrueNotice[]
  /** What this practitioner may read now, of everything that was ever for them. */
  readableBy(practitioner: string): readonly ReadableNotice[]
  /** Everybody who works with this person by name, by `ref`. */
  workingWith(person: string): readonly string[]
  /**
   * What became of each report (`published`, `dropped-unclaimed`), and of each event for each person it
   * is about: `noticed`, `no-rule`, `repeat`, `suppressed/…`. What a timer may not tell is not counted twice.
   */
  counts(): ReadonlyMap<string, number>
}

/** A notice as one practitioner may read it. `optional`: from before a withdrawal, or taken back by one; shown or not, it asks for nothing. */
export type ReadableNotice = TrueNotice & { readonly tier: Tier; readonly optional: boolean }

interface Someone extends Agreed {
  readonly ref: string
  readonly happenings: Map<string, Happening>
  readonly episodes: Map<string, Episode>
  /** Releases that three weeks are counted from, and courts that somebody has not come back from. */
  readonly watches: Map<string, Watch>
  /** Happenings that could be told to nobody when they came. */
  readonly refused: Set<string>
  dead: string | null
  ending: { readonly until: number } | null
}

interface Watch {
  readonly what: 'three-weeks' | 'court'
  readonly key: string
  over: boolean
}

interface Wake {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

const prisonCategories = ['whereabouts', 'justice'] as const
const arrestCategories = ['whereabouts', 'justice', 'health'] as const
const testCategories = ['justice', 'substance-use'] as const
const categoriesOf = ({ type }: Happening): readonly string[] =>
  type === 'arrest' ? arrestCategories : type === 'test' ? testCategories : prisonCategories
const weekDays = [1, 7, 14, 21] as const

export function startTruth(): Truth {
  const reports = reading()
  const people = new Map<string, Someone>()
  const claims = new Map<string, string>()
  const givenUp = new Map<string, { readonly at: number; readonly by: string }>()
  const retained: Happening[] = []
  const counts = new Map<string, number>()
  const wakes: Wake[] = []
  let now = 0
  let order = 0

  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)
  const suppress = (why: Refusal | 'conflict') => count(`suppressed/${why}`)

  function wake(at: number, act: () => void) {
    wakes.push({ at, order: order++, act })
    wakes.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  function passTo(at: number) {
    for (let next = wakes[0]; next !== undefined && next.at <= at; next = wakes[0]) {
      wakes.shift()
      now = Math.max(now, next.at)
      next.act()
    }
    now = at
  }

  // --- who is told ---------------------------------------------------------------------------

  const leadOf = (person: Someone): Reader => ({ id: person.lead, role: 'lead-practitioner' })
  const asDuty = dutyReaders['duty-1'] as Reader
  const asPrescriber = dutyReaders['rx-1'] as Reader

  type Told = Omit<
    TrueNotice,
    'person' | 'recipient' | 'role' | 'followsLead' | 'toldAt' | 'state' | 'because' | 'before'
  >

  /** Tells one reader, once; null when the person's agreement does not reach that far. */
  function tell(person: Someone, to: Reader, told: Told, followsLead = false): Refusal | null {
    const why = told.categories.length === 0 ? null : refusal(person, now, told.categories, to.role)
    if (why !== null) return why
    const episode = person.episodes.get(told.episode) ?? {
      rule: told.rule,
      name: told.episode,
      copies: [],
      taken: false,
    }
    person.episodes.set(told.episode, episode)
    if (episode.copies.some(({ recipient }) => recipient === to.id)) return null
    const notice: TrueNotice = {
      ...told,
      person: person.ref,
      recipient: to.id,
      role: to.role,
      followsLead,
      toldAt: now,
      state: 'open',
      because: null,
      before: null,
    }
    if (person.dead !== null && !told.aboutDeath) pause(notice)
    episode.copies.push(notice)
    return null
  }

  /** Tells the lead, and if nothing happens the deputies, and then the duty team. */
  function ask(person: Someone, told: Told, followsLead = true): Refusal | null {
    const why = tell(person, leadOf(person), told, followsLead)
    if (why === null) wake(told.dueAt, () => escalate(person, told))
    return why
  }

  function escalate(person: Someone, told: Told) {
    const span = told.dueAt - told.learnedAt
    const stillOpen = () => {
      const episode = person.episodes.get(told.episode) as Episode
      const first = episode.copies.filter(({ learnedAt }) => learnedAt === told.learnedAt)
      return !episode.taken && first.some(({ state }) => state === 'open')
    }
    const pass = (to: Reader, at: number) => {
      const [first = told] = (person.episodes.get(told.episode) as Episode).copies
      const { occurredAt, confirmed } = first
      const why = tell(person, to, {
        ...told,
        occurredAt,
        confirmed,
        learnedAt: at,
        dueAt: at + span,
      })
      if (why !== null) count(`escalation/suppressed/${why}`)
    }
    if (!stillOpen()) return
    for (const id of person.deputies) pass({ id, role: 'lead-practitioner' }, told.dueAt)
    if (person.deputies.length === 0) return pass(asDuty, told.dueAt)
    wake(told.dueAt + span, () => {
      if (stillOpen()) pass(asDuty, told.dueAt + span)
    })
  }

  const urgencyOf = (learnedAt: number, occurredAt: number) =>
    learnedAt - occurredAt <= 72 * hour ? ('safety' as const) : ('prompt' as const)

  // --- what happens ---------------------------------------------------------------------------

  function reach(person: Someone, happening: Happening) {
    const known = person.happenings.get(happening.key)
    if (known !== undefined && known.version >= happening.version) return count('repeat')
    person.happenings.set(happening.key, happening)
    // What nobody could be told of is judged anew when its source says more.
    const before = person.refused.delete(happening.key) ? undefined : known
    const what = settle(person, happening, before)
    if (what?.startsWith('suppressed/')) person.refused.add(happening.key)
    if (what !== null) count(what)
  }

  /** What came of it; null while it waits for the evening. */
  function settle(person: Someone, happening: Happening, before?: Happening): string | null {
    if (happening.type === 'release') return release(person, happening, before?.kind ?? null)
    if (before !== undefined) return amend(person, happening)
    switch (happening.type) {
      case 'arrest':
        return arrest(person, happening)
      case 'reception':
        comeBack(person, happening)
        return reception(person, happening)
      case 'return':
      case 'transfer-in':
        comeBack(person, happening)
        return 'no-rule'
      case 'court':
        return court(person, happening)
      case 'transfer-out':
      case 'test':
      case 'police-release':
        return 'no-rule'
    }
  }

  const outcome = (why: Refusal | null): string => (why === null ? 'noticed' : `suppressed/${why}`)

  /** A higher version of something known brings its own facts to what it opened. */
  function amend(person: Someone, happening: Happening): string {
    let noticed = false
    for (const episode of person.episodes.values()) {
      if (!episode.name.endsWith(`:${happening.key}`)) continue
      for (const notice of episode.copies) {
        notice.occurredAt = happening.occurredAt
        notice.confirmed = happening.confirmed
        noticed = true
      }
    }
    return noticed ? 'noticed' : 'no-rule'
  }

  function told(rule: string, happening: Happening, dueAt: number): Told {
    const { key, occurredAt, receivedAt, confirmed } = happening
    return {
      rule,
      episode: `${rule}:${key}`,
      thread: `${rule}:${key}`,
      urgency: urgencyOf(receivedAt, occurredAt),
      learnedAt: receivedAt,
      dueAt,
      categories: prisonCategories,
      closesWhenAcknowledged: false,
      aboutDeath: false,
      occurredAt,
      confirmed,
    }
  }

  function arrest(person: Someone, happening: Happening): string {
    const open = happening.openPrescription !== 'NO'
    const notice: Told = {
      ...told('arrest', happening, happening.receivedAt + (open ? 2 : 4) * hour),
      categories: arrestCategories,
      closesWhenAcknowledged: !open,
      ...(open ? {} : { urgency: 'prompt' as const }),
    }
    return outcome(askOfPrescription(person, notice, open))
  }

  /** The lead hears of every arrest and reception; the prescriber where a prescription may be open. */
  function askOfPrescription(person: Someone, notice: Told, open: boolean): Refusal | null {
    const categories = [...notice.categories, 'substance-use']
    const why = ask(person, notice)
    const also = open ? tell(person, asPrescriber, { ...notice, categories }) : why
    if (why !== null && also === null) wake(notice.dueAt, () => escalate(person, notice))
    return also === null ? null : why
  }

  function reception(person: Someone, happening: Happening): string {
    const last = lastArrestBefore(person, happening)
    const open = last?.openPrescription !== 'NO'
    const dueAt = open ? happening.receivedAt + 2 * hour : workingDaysAfter(happening.receivedAt, 1)
    const notice: Told = {
      ...told('into-prison', happening, dueAt),
      // That there is no prescription is the custody record's word, and about health.
      categories: open ? prisonCategories : arrestCategories,
      closesWhenAcknowledged: !open,
      ...(open ? {} : { urgency: 'prompt' as const }),
    }
    return outcome(askOfPrescription(person, notice, open))
  }

  /** Of the week before; only where the lead may hear of it, and since the agreement began without a gap. */
  function lastArrestBefore(person: Someone, reception: Happening): Happening | undefined {
    if (refusal(person, now, arrestCategories, 'lead-practitioner') !== null) return undefined
    return [...person.happenings.values()]
      .filter(
        ({ type, occurredAt, receivedAt }) =>
          type === 'arrest' &&
          occurredAt <= reception.occurredAt &&
          reception.occurredAt - occurredAt <= 7 * day &&
          receivedAt >= agreedSince(person),
      )
      .toSorted((a, b) => a.occurredAt - b.occurredAt)
      .at(-1)
  }

  /** Back inside: nobody is waiting at the court any more, and the release is over. */
  function comeBack(person: Someone, back: Happening) {
    for (const watch of person.watches.values()) {
      const since = person.happenings.get(watch.key)?.occurredAt ?? 0
      if (back.occurredAt < since) continue
      if (watch.what === 'court' || back.type !== 'transfer-in') overAt(person, watch, 'returned')
    }
  }

  function overAt(person: Someone, watch: Watch, because: string) {
    watch.over = true
    for (const { rule, copies } of person.episodes.values())
      for (const notice of copies)
        if (rule !== 'correction' && notice.thread === threadOf(watch))
          end(notice, 'closed', because)
  }

  const threadOf = ({ what, key }: Watch): string =>
    what === 'court' ? `court-no-return:${key}` : `release:${key}`

  function court(person: Someone, left: Happening): string | null {
    const watch: Watch = { what: 'court', key: left.key, over: false }
    person.watches.set(`court:${left.key}`, watch)
    const settled = [...person.happenings.values()].some(
      ({ type, occurredAt }) =>
        ['return', 'reception', 'transfer-in', 'release'].includes(type) &&
        occurredAt >= left.occurredAt,
    )
    if (settled) watch.over = true
    const at = Math.max(nextEightInTheEvening(left.occurredAt), left.receivedAt)
    const evening = () => {
      if (watch.over || person.dead !== null) return 'no-rule'
      const latest = person.happenings.get(left.key) as Happening
      const why = ask(person, {
        ...told('court-no-return', latest, at + 2 * hour),
        learnedAt: at,
        urgency: urgencyOf(at, latest.occurredAt),
      })
      return outcome(why)
    }
    if (at === left.receivedAt) return evening()
    wake(at, () => count(evening()))
    return null
  }

  function release(person: Someone, happening: Happening, before: Happening['kind']): string {
    for (const watch of person.watches.values()) {
      const left = person.happenings.get(watch.key)
      if (watch.what !== 'court' || left === undefined) continue
      if (happening.occurredAt >= left.occurredAt) overAt(person, watch, 'released')
    }
    if (before === 'community' && happening.kind === 'community') return amend(person, happening)
    if (before === 'community') correct(person, happening)
    if (happening.kind === 'died') return died(person, happening)
    if (before === 'died') resurrect(person, happening)
    if (happening.kind !== 'community') return before === 'community' ? 'noticed' : 'no-rule'
    return released(person, happening)
  }

  function released(person: Someone, happening: Happening): string {
    const others = [...person.happenings.values()].filter(({ key }) => key !== happening.key)
    const after = others.filter(({ occurredAt }) => occurredAt > happening.occurredAt)
    if (after.some(({ type }) => type === 'reception' || type === 'return')) return 'no-rule'
    const why = ask(person, told('release', happening, endOfDay(happening.receivedAt)))
    if (why !== null) return outcome(why)
    const newer = after.some(({ type, kind }) => type === 'release' && kind === 'community')
    watchThreeWeeks(person, happening, newer)
    return 'noticed'
  }

  function watchThreeWeeks(person: Someone, released: Happening, superseded: boolean) {
    const watch: Watch = { what: 'three-weeks', key: released.key, over: superseded }
    if (!superseded) supersede(person)
    person.watches.set(`three-weeks:${released.key}`, watch)
    const morning = (n: number) => clockTime(dateIn(released.occurredAt), '09:00', n)
    const past = weekDays.filter((n) => morning(n) <= released.receivedAt)
    for (const n of weekDays) {
      if (past.includes(n) && n !== past.at(-1)) continue
      const at = Math.max(morning(n), released.receivedAt)
      wake(at, () => {
        if (watch.over || person.dead !== null) return
        const latest = person.happenings.get(released.key) as Happening
        ask(person, {
          ...told('three-weeks', latest, workingDaysAfter(at, 1)),
          episode: `three-weeks:${n}:${released.key}`,
          thread: `release:${released.key}`,
          urgency: 'prompt',
          learnedAt: at,
        })
      })
    }
  }

  /** A newer release asks its own questions; the older ones are over. */
  function supersede(person: Someone) {
    for (const watch of person.watches.values()) {
      if (watch.what !== 'three-weeks' || watch.over) continue
      watch.over = true
      for (const { rule, copies } of person.episodes.values())
        for (const notice of copies)
          if (rule === 'three-weeks' && notice.thread === threadOf(watch))
            end(notice, 'closed', 'superseded')
    }
  }

  // --- corrections and deaths -------------------------------------------------------------------

  /** Everybody who holds a wrong notice gets one that says so; for the days only who has none for the release. */
  function correct(person: Someone, happening: Happening) {
    const watch = person.watches.get(`three-weeks:${happening.key}`)
    if (watch !== undefined) watch.over = true
    const wrong = [...person.episodes.values()]
      .filter(({ rule, name }) => rule !== 'correction' && name.endsWith(`:${happening.key}`))
      .flatMap(({ copies }) => copies)
      .filter(({ because }) => because !== 'withdrawn')
    const heldRelease = new Set(
      wrong.filter(({ rule }) => rule === 'release').map(({ recipient }) => recipient),
    )
    for (const notice of wrong) {
      takeBack(notice, 'corrected')
      if (notice.rule !== 'release' && heldRelease.has(notice.recipient)) continue
      correctionOf(person, notice, happening)
    }
  }

  function correctionOf(
    person: Someone,
    wrong: TrueNotice,
    { receivedAt, version, kind }: Happening,
  ) {
    const { rule, recipient: id, role, occurredAt, categories, episode: about } = wrong
    const notice: Told = {
      rule: 'correction',
      episode: `correction:${id}:${version}:${about}`,
      thread: wrong.thread,
      urgency: rule === 'release' ? urgencyOf(receivedAt, occurredAt) : 'prompt',
      learnedAt: receivedAt,
      dueAt: rule === 'release' ? endOfDay(receivedAt) : workingDaysAfter(receivedAt, 1),
      categories,
      closesWhenAcknowledged: true,
      occurredAt,
      confirmed: true,
      aboutDeath: kind === 'died' || rule === 'death-reported',
    }
    const why = tell(person, { id, role }, notice)
    if (why === null) wake(notice.dueAt, () => escalate(person, notice))
  }

  function died(person: Someone, happening: Happening): string {
    for (const { copies } of person.episodes.values())
      for (const notice of copies) if (isLive(notice) && !notice.aboutDeath) pause(notice)
    person.dead = happening.key
    const notice: Told = {
      ...told('death-reported', happening, workingDaysAfter(happening.receivedAt, 1)),
      urgency: 'prompt',
      aboutDeath: true,
    }
    const why = ask(person, notice)
    for (const id of person.deputies) tell(person, { id, role: 'lead-practitioner' }, notice)
    for (const id of person.team) tell(person, { id, role: 'peer-supporter' }, notice)
    return outcome(why)
  }

  function resurrect(person: Someone, happening: Happening) {
    person.dead = null
    for (const episode of person.episodes.values())
      for (const notice of episode.copies) {
        if (notice.before !== null && notice.state === 'paused') notice.state = notice.before
        if (notice.rule === 'death-reported' && notice.episode.endsWith(happening.key))
          end(notice, 'retracted', 'corrected')
      }
  }

  // --- the register -------------------------------------------------------------------------------

  function consent(ref: string, terms: Terms) {
    const texts = terms.identifiers.map(({ type, value }) => `${type}:${value}`)
    if (texts.some((text) => (claims.get(text) ?? ref) !== ref)) return
    giveUp(ref, texts)
    for (const text of texts) claims.set(text, ref)
    const known = people.get(ref)
    const person: Someone = known ?? {
      ref,
      versions: [],
      lead: terms.lead,
      deputies: terms.deputies,
      team: terms.team,
      happenings: new Map(),
      episodes: new Map(),
      watches: new Map(),
      refused: new Set(),
      dead: null,
      ending: null,
    }
    people.set(ref, person)
    person.versions.push({ at: now, state: 'given', terms })
    recheck(person)
    askToRenew(person, terms)
    lookBack(person, terms, texts)
  }

  /** Numbers that are no longer this person's are free for whoever gives them next. */
  function giveUp(ref: string, kept: readonly string[]) {
    for (const [text, owner] of claims) {
      if (owner !== ref || kept.includes(text)) continue
      claims.delete(text)
      givenUp.set(text, { at: now, by: ref })
    }
  }

  /** What no longer may be told is taken back, and what it was waiting for is over for good. */
  function recheck(person: Someone) {
    for (const episode of person.episodes.values())
      for (const notice of episode.copies)
        if (
          notice.categories.length > 0 &&
          refusal(person, now, notice.categories, notice.role) !== null
        )
          end(notice, 'retracted', 'withdrawn')
    if (refusal(person, now, prisonCategories, 'lead-practitioner') !== null)
      for (const watch of person.watches.values()) watch.over = true
  }

  /** 28 days before the end, once for each end: a version that keeps the end keeps the question. */
  function askToRenew(person: Someone, terms: Terms) {
    const coordinated = terms.grants.filter(({ purpose }) => purpose === 'care-coordination')
    if (coordinated.length === 0) return
    const until = Math.max(...coordinated.map((grant) => grant.until))
    if (person.ending?.until === until) return
    endRenewals(person, until)
    const ending = { until }
    person.ending = ending
    const at = Math.max(now, clockTime(dateIn(until), '09:00', -28))
    wake(at, () => {
      if (person.ending === ending) askAboutConsent(person, 'ends', at, until)
    })
  }

  function endRenewals(person: Someone, until: number) {
    person.ending = null
    for (const { name, copies } of person.episodes.values())
      if (name.startsWith('consent:ends:'))
        for (const notice of copies)
          if (notice.occurredAt !== until) end(notice, 'closed', 'superseded')
  }

  function askAboutConsent(person: Someone, what: string, at: number, occurredAt = at) {
    const notice: Told = {
      rule: 'consent',
      episode: `consent:${what}:${person.versions.length}`,
      thread: `consent:${what}:${person.versions.length}`,
      urgency: 'routine',
      learnedAt: at,
      dueAt: workingDaysAfter(at, 5),
      categories: [],
      closesWhenAcknowledged: true,
      aboutDeath: false,
      occurredAt,
      confirmed: true,
    }
    ask(person, notice, what === 'ends')
  }

  /**
   * Where the person asks us to look back: takes up what is still kept from that many days before, and
   * for a number that is new to a consent that goes on, what came since it began. Nothing from when a
   * number was another's.
   */
  function lookBack(person: Someone, terms: Terms, texts: readonly string[]) {
    const others = texts.map((text) => givenUp.get(text)).filter((one) => one?.by !== person.ref)
    const freeDays = Math.min(7, ...others.map((one) => Math.floor((now - (one?.at ?? 0)) / day)))
    const days = Math.min(freeDays, Math.max(...terms.grants.map((grant) => grant.lookBackDays)))
    if (days === 0) return
    const since = Math.min(now - days * day, Math.max(agreedSince(person), now - 7 * day))
    for (const happening of retained) {
      if (happening.receivedAt < since || happening.receivedAt >= now) continue
      if (happening.identifiers.some((text) => texts.includes(text))) arrive(happening, false)
    }
  }

  function withdraw(person: Someone) {
    const terms = person.versions.at(-1)?.terms as Terms
    person.versions.push({ at: now, state: 'withdrawn', terms })
    giveUp(person.ref, [])
    recheck(person)
    endRenewals(person, Number.POSITIVE_INFINITY)
    if (terms.grants.some(({ purpose }) => purpose === 'care-coordination'))
      askAboutConsent(person, 'withdrawn', now)
  }

  /** Whose is it? Exactly one person's, or nobody's. A look-back asks again, and counts no refusal twice. */
  function arrive(happening: Happening, first = true) {
    const owners = new Set(happening.identifiers.flatMap((text) => claims.get(text) ?? []))
    const [ref] = owners
    const person = ref === undefined ? undefined : people.get(ref)
    if (person === undefined) return
    const why = owners.size > 1 ? 'conflict' : mayFlow(person, now, categoriesOf(happening))
    if (why === null) reach(person, happening)
    else if (first) suppress(why)
  }

  /** A source that drops keeps nothing of people who have not agreed. */
  function receive(happening: Happening | null) {
    if (happening === null) return
    const kept = happening.heldUnclaimed || happening.identifiers.some((text) => claims.has(text))
    count(kept ? 'published' : 'dropped-unclaimed')
    if (kept) retained.push(happening)
    arrive(happening)
  }

  /** What the old lead had not settled becomes the new one's, with the time it always had. */
  function handOver(person: Someone, to: string) {
    const before = person.lead
    if (before === to) return
    person.lead = to
    for (const { copies } of person.episodes.values())
      for (const notice of copies.filter(({ recipient }) => recipient === before)) {
        if (!notice.followsLead || notice.state === 'closed' || notice.state === 'retracted')
          continue
        end(notice, 'closed', 'handed-over')
        tell(person, leadOf(person), notice, true)
      }
    // Who has handed the person over has nothing more to do about a withdrawal before it.
    for (const { name, copies } of person.episodes.values())
      if (name.startsWith('consent:withdrawn:'))
        for (const notice of copies) end(notice, 'closed', 'superseded')
    askAboutConsent(person, 'handover', now)
  }

  // --- practice -------------------------------------------------------------------------------------

  function readableBy(practitioner: string): readonly ReadableNotice[] {
    const duty = dutyReaders[practitioner]
    return [...people.values()].flatMap((person) => {
      const role = duty?.role ?? roleWith(person, practitioner)
      if (role === null) return []
      const current = person.versions.at(-1)
      return [...person.episodes.values()]
        .flatMap(({ copies }) => copies)
        .filter(({ recipient }) => recipient === (duty?.id ?? practitioner))
        .flatMap((notice) => {
          if (notice.categories.length === 0)
            return [{ ...notice, tier: 'detail' as const, optional: false }]
          if (current === undefined || refusal(person, now, notice.categories, role) !== null)
            return []
          const gone = notice.state === 'retracted' && notice.because === 'withdrawn'
          const optional = gone || notice.toldAt < agreedSince(person)
          return [{ ...notice, tier: tierFor(current.terms, role), optional }]
        })
    })
  }

  function actOn(person: Someone, by: string, act: Act) {
    const found = readableBy(by).flatMap(({ person: ref, episode, recipient, state }) =>
      ref === person.ref && state === 'open' ? copyOf(person, episode, recipient) : [],
    )
    for (const notice of found) {
      if (act === 'acknowledge') acknowledge(person, notice)
      else if (act !== 'tried') contact(person, notice)
    }
  }

  const copyOf = (person: Someone, episode: string, to: string): readonly TrueNotice[] =>
    person.episodes.get(episode)?.copies.filter(({ recipient }) => recipient === to) ?? []

  function acknowledge(person: Someone, notice: TrueNotice) {
    const episode = person.episodes.get(notice.episode) as Episode
    episode.taken = true
    if (notice.closesWhenAcknowledged) end(notice, 'closed', 'acknowledged')
    else notice.state = 'acknowledged'
  }

  function contact(person: Someone, notice: TrueNotice) {
    for (const episode of person.episodes.values())
      if (episode.rule === 'release' || episode.rule === 'court-no-return')
        for (const copy of episode.copies)
          if (copy.thread === notice.thread) end(copy, 'closed', 'contact-recorded')
  }

  return {
    passTo,
    apply(entry) {
      passTo(entry.at)
      const person = people.get(entry.person)
      switch (entry.kind) {
        case 'movement':
          return receive(reports.movement(entry.report, now))
        case 'police':
          return receive(reports.police(entry.record, now))
        case 'consent':
          return consent(entry.person, entry.terms)
        case 'withdrawal':
          return person === undefined ? undefined : withdraw(person)
        case 'act':
          return person === undefined ? undefined : actOn(person, entry.by, entry.act)
        case 'assignment':
          return person === undefined ? undefined : handOver(person, entry.practitionerId)
        case 'noise':
          return undefined
      }
    },
    notices: () =>
      [...people.values()].flatMap((person) =>
        [...person.episodes.values()].flatMap(({ copies }) => copies),
      ),
    readableBy,
    workingWith(ref) {
      const person = people.get(ref)
      return person === undefined ? [] : [person.lead, ...person.deputies, ...person.team]
    },
    counts: () => counts,
  }
}
