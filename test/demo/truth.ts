import {
  type Agreed,
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
import { type Episode, end, isLive, type TrueNotice } from './truth-notices.ts'

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
  /** What happened to each event and person: `noticed`, `no-rule`, `repeat`, `suppressed/…`. */
  counts(): ReadonlyMap<string, number>
}

/** A notice as one practitioner may read it. `optional`: taken back for good; shown or not, it asks for nothing. */
export type ReadableNotice = TrueNotice & { readonly tier: Tier; readonly optional: boolean }

interface Someone extends Agreed {
  readonly ref: string
  readonly happenings: Map<string, Happening>
  readonly episodes: Map<string, Episode>
  /** Releases that three weeks are counted from, and courts that somebody has not come back from. */
  readonly watches: Map<string, Watch>
  dead: string | null
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
const weekDays = [1, 7, 14, 21] as const

export function startTruth(): Truth {
  const reports = reading()
  const people = new Map<string, Someone>()
  const claims = new Map<string, string>()
  const retained: { readonly happening: Happening; readonly reached: Set<string> }[] = []
  const counts = new Map<string, number>()
  const wakes: Wake[] = []
  let now = 0
  let order = 0

  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)
  const suppress = (why: Refusal) => count(`suppressed/${why}`)

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

  type Told = Omit<TrueNotice, 'person' | 'recipient' | 'role' | 'state' | 'because' | 'before'>

  /** Tells one reader, once; null when the person's agreement does not reach that far. */
  function tell(person: Someone, to: Reader, told: Told): Refusal | null {
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
      state: 'open',
      because: null,
      before: null,
    }
    episode.copies.push(notice)
    return null
  }

  /** Tells the lead, and if nothing happens the deputies, and then the duty team. */
  function ask(person: Someone, told: Told): Refusal | null {
    const why = tell(person, leadOf(person), told)
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
      const why = tell(person, to, { ...told, learnedAt: at, dueAt: at + span })
      if (why !== null) suppress(why)
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
    const before = known?.type === 'release' ? known.kind : null
    if (happening.type === 'release') return count(release(person, happening, before))
    if (known !== undefined) return count(amend(person, happening))
    if (happening.type === 'arrest') return count(arrest(person, happening))
    if (happening.type === 'reception') {
      comeBack(person, happening)
      return count(reception(person, happening))
    }
    if (happening.type === 'return' || happening.type === 'transfer-in') comeBack(person, happening)
    if (happening.type === 'court') court(person, happening)
    count('no-rule')
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
    const why = ask(person, notice)
    if (why === null && open) tellPrescriber(person, notice)
    return outcome(why)
  }

  function tellPrescriber(person: Someone, notice: Told) {
    const categories = [...notice.categories, 'substance-use']
    tell(person, asPrescriber, { ...notice, categories })
  }

  function reception(person: Someone, happening: Happening): string {
    const arrests = [...person.happenings.values()].filter(
      ({ type, occurredAt }) =>
        type === 'arrest' &&
        occurredAt <= happening.occurredAt &&
        happening.occurredAt - occurredAt <= 7 * day,
    )
    const last = arrests.toSorted((a, b) => a.occurredAt - b.occurredAt).at(-1)
    const open = last?.openPrescription !== 'NO'
    const dueAt = open ? happening.receivedAt + 2 * hour : workingDaysAfter(happening.receivedAt, 1)
    const notice: Told = {
      ...told('into-prison', happening, dueAt),
      closesWhenAcknowledged: !open,
      ...(open ? {} : { urgency: 'prompt' as const }),
    }
    const why = ask(person, notice)
    if (why === null && open) tellPrescriber(person, notice)
    return outcome(why)
  }

  /** Back inside: nobody is waiting at the court any more, and the release is over. */
  function comeBack(person: Someone, back: Happening) {
    for (const watch of person.watches.values()) {
      const since = person.happenings.get(watch.key)?.occurredAt ?? 0
      if (back.occurredAt < since) continue
      if (watch.what === 'court') overAt(person, watch, 'returned')
      else if (back.type !== 'transfer-in') overAt(person, watch, 'returned')
    }
  }

  function overAt(person: Someone, watch: Watch, because: string) {
    watch.over = true
    for (const episode of person.episodes.values())
      for (const notice of episode.copies)
        if (notice.thread === threadOf(watch)) end(notice, 'closed', because)
  }

  const threadOf = ({ what, key }: Watch): string =>
    what === 'court' ? `court-no-return:${key}` : `release:${key}`

  function court(person: Someone, left: Happening) {
    const watch: Watch = { what: 'court', key: left.key, over: false }
    person.watches.set(`court:${left.key}`, watch)
    const settled = [...person.happenings.values()].some(
      ({ type, occurredAt }) =>
        ['return', 'reception', 'transfer-in', 'release'].includes(type) &&
        occurredAt >= left.occurredAt,
    )
    if (settled) watch.over = true
    const evening = nextEightInTheEvening(left.occurredAt)
    wake(Math.max(evening, left.receivedAt), () => {
      if (watch.over) return
      const at = Math.max(evening, left.receivedAt)
      const latest = person.happenings.get(left.key) as Happening
      const why = ask(person, {
        ...told('court-no-return', latest, at + 2 * hour),
        learnedAt: at,
        urgency: urgencyOf(at, latest.occurredAt),
      })
      if (why !== null) suppress(why)
    })
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
    if (!after.some(({ type, kind }) => type === 'release' && kind === 'community'))
      watchThreeWeeks(person, happening)
    return 'noticed'
  }

  function watchThreeWeeks(person: Someone, released: Happening) {
    for (const watch of person.watches.values()) {
      if (watch.what !== 'three-weeks' || watch.over) continue
      watch.over = true
      for (const episode of person.episodes.values())
        if (episode.rule === 'three-weeks')
          for (const notice of episode.copies)
            if (notice.thread === threadOf(watch)) end(notice, 'closed', 'superseded')
    }
    const watch: Watch = { what: 'three-weeks', key: released.key, over: false }
    person.watches.set(`three-weeks:${released.key}`, watch)
    const morning = (n: number) => clockTime(dateIn(released.occurredAt), '09:00', n)
    const past = weekDays.filter((n) => morning(n) <= released.receivedAt)
    for (const n of weekDays) {
      if (past.includes(n) && n !== past.at(-1)) continue
      const at = Math.max(morning(n), released.receivedAt)
      wake(at, () => {
        if (watch.over || person.dead !== null) return
        const latest = person.happenings.get(released.key) as Happening
        const why = ask(person, {
          ...told('three-weeks', latest, workingDaysAfter(at, 1)),
          episode: `three-weeks:${n}:${released.key}`,
          thread: `release:${released.key}`,
          urgency: 'prompt',
          learnedAt: at,
        })
        if (why !== null) suppress(why)
      })
    }
  }

  // --- corrections and deaths -------------------------------------------------------------------

  function correct(person: Someone, happening: Happening) {
    const watch = person.watches.get(`three-weeks:${happening.key}`)
    if (watch !== undefined) watch.over = true
    const { receivedAt, occurredAt } = happening
    const episodes = Array.from(person.episodes.values())
    for (const episode of episodes) {
      if (!episode.name.endsWith(`:${happening.key}`)) continue
      for (const notice of episode.copies) {
        end(notice, 'retracted', 'corrected')
        if (notice.rule !== 'release') continue
        const name = `correction:${notice.recipient}:${happening.version}:${happening.key}`
        const why = tell(
          person,
          { id: notice.recipient, role: notice.role },
          {
            ...told('correction', happening, endOfDay(receivedAt)),
            episode: name,
            urgency: urgencyOf(receivedAt, occurredAt),
            closesWhenAcknowledged: true,
          },
        )
        if (why === null) {
          const correction = (person.episodes.get(name) as Episode).copies[0] as TrueNotice
          wake(correction.dueAt, () => escalate(person, correction))
        }
      }
    }
  }

  function died(person: Someone, happening: Happening): string {
    for (const episode of person.episodes.values())
      for (const notice of episode.copies)
        if (isLive(notice) && episode.rule !== 'correction' && episode.rule !== 'consent') {
          notice.before = notice.state as 'open' | 'acknowledged'
          notice.state = 'paused'
        }
    person.dead = happening.key
    const notice: Told = {
      ...told('death-reported', happening, workingDaysAfter(happening.receivedAt, 1)),
      urgency: 'prompt',
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
    for (const [text, owner] of claims) if (owner === ref) claims.delete(text)
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
      dead: null,
    }
    people.set(ref, person)
    person.versions.push({ at: now, state: 'given', terms })
    recheck(person)
    askToRenew(person, terms)
    lookBack(person, terms, texts)
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

  function askToRenew(person: Someone, terms: Terms) {
    const version = person.versions.length
    const coordinated = terms.grants.filter(({ purpose }) => purpose === 'care-coordination')
    const until = Math.max(...coordinated.map((grant) => grant.until))
    if (coordinated.length === 0) return
    for (const episode of person.episodes.values())
      if (episode.name.startsWith('consent:ends:'))
        for (const notice of episode.copies)
          if (notice.occurredAt < until) end(notice, 'closed', 'renewed')
    const at = Math.max(now, clockTime(dateIn(until), '09:00', -28))
    wake(at, () => {
      if (person.versions.length === version) askAboutConsent(person, 'ends', at, until)
    })
  }

  function askAboutConsent(person: Someone, what: string, at: number, occurredAt = at) {
    ask(person, {
      rule: 'consent',
      episode: `consent:${what}:${person.versions.length}`,
      thread: `consent:${what}:${person.versions.length}`,
      urgency: 'routine',
      learnedAt: at,
      dueAt: workingDaysAfter(at, 5),
      categories: [],
      closesWhenAcknowledged: true,
      occurredAt,
      confirmed: true,
    })
  }

  function lookBack(person: Someone, terms: Terms, texts: readonly string[]) {
    const open = terms.grants.filter(
      ({ from, until, sources }) => sources.includes('custody') && from <= now && now < until,
    )
    const since = Math.min(...open.map(({ lookBackDays }) => now - lookBackDays * day))
    for (const { happening, reached } of retained) {
      if (happening.receivedAt < since || reached.has(person.ref)) continue
      if (!happening.identifiers.some((text) => texts.includes(text))) continue
      arrive(happening, reached)
    }
  }

  function withdraw(person: Someone) {
    const terms = person.versions.at(-1)?.terms as Terms
    person.versions.push({ at: now, state: 'withdrawn', terms })
    recheck(person)
    askAboutConsent(person, 'withdrawn', now)
  }

  /** Whose is it? Exactly one person's, or nobody's. */
  function arrive(happening: Happening, reached: Set<string>) {
    const owners = new Set(happening.identifiers.flatMap((text) => claims.get(text) ?? []))
    const [ref] = owners
    const person = ref === undefined ? undefined : people.get(ref)
    if (person === undefined) return
    if (owners.size > 1) return count('conflict')
    const why = mayFlow(person, now)
    if (why !== null) return suppress(why)
    reached.add(person.ref)
    reach(person, happening)
  }

  function receive(happening: Happening | null) {
    if (happening === null) return
    const reached = new Set<string>()
    const claimed = happening.identifiers.some((text) => claims.has(text))
    if (claimed || happening.heldUnclaimed) retained.push({ happening, reached })
    arrive(happening, reached)
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
          const optional = notice.state === 'retracted' && notice.because === 'withdrawn'
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
