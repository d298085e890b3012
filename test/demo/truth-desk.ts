import { type Agreed, dutyReaders, type Reader, type Refusal, refusal } from './agreed.ts'
import { hour } from './slots.ts'
import type { Happening } from './truth-events.ts'
import { type Episode, pause, type TrueNotice } from './truth-notices.ts'

export interface Someone extends Agreed {
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

export interface Watch {
  readonly what: 'three-weeks' | 'court'
  readonly key: string
  over: boolean
}

interface Wake {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** Everything the truth knows, and its clock. Times are milliseconds. */
export interface Desk {
  now: number
  readonly people: Map<string, Someone>
  /** Whose each number is: a number is one person's at most. */
  readonly claims: Map<string, string>
  /** How often each number was newly claimed: files are read anew then. */
  readonly timesClaimed: Map<string, number>
  readonly givenUp: Map<string, { readonly at: number; readonly by: string }>
  /** What a look-back may still find. */
  readonly retained: Happening[]
  readonly counts: Map<string, number>
  count(what: string): void
  suppress(why: Refusal | 'conflict'): void
  /** Does something when the clock comes to `at`; at once when it is past, after what is being done. */
  wake(at: number, act: () => void): void
  /** Everything due until `at` happens; then the clock stands there. */
  passTo(at: number): void
}

export function openDesk(): Desk {
  const wakes: Wake[] = []
  const counts = new Map<string, number>()
  let order = 0
  const count = (what: string) => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  const desk: Desk = {
    now: 0,
    people: new Map(),
    claims: new Map(),
    timesClaimed: new Map(),
    givenUp: new Map(),
    retained: [],
    counts,
    count,
    suppress: (why) => count(`suppressed/${why}`),
    wake(at, act) {
      wakes.push({ at, order: order++, act })
      wakes.sort((a, b) => a.at - b.at || a.order - b.order)
    },
    passTo(at) {
      for (let next = wakes[0]; next !== undefined && next.at <= at; next = wakes[0]) {
        wakes.shift()
        desk.now = Math.max(desk.now, next.at)
        next.act()
      }
      desk.now = at
    },
  }
  return desk
}

export const prisonCategories = ['whereabouts', 'justice'] as const
export const arrestCategories = ['whereabouts', 'justice', 'health'] as const
const testCategories = ['justice', 'substance-use'] as const
export const categoriesOf = ({ type }: Happening): readonly string[] =>
  type === 'arrest' ? arrestCategories : type === 'test' ? testCategories : prisonCategories

export const leadOf = (person: Someone): Reader => ({ id: person.lead, role: 'lead-practitioner' })
const asDuty = dutyReaders['duty-1'] as Reader
export const asPrescriber = dutyReaders['rx-1'] as Reader

export type Told = Omit<
  TrueNotice,
  'person' | 'recipient' | 'role' | 'followsLead' | 'toldAt' | 'state' | 'because' | 'before'
>

/** Tells one reader, once; null when the person's agreement does not reach that far. */
export function tell(
  desk: Desk,
  person: Someone,
  to: Reader,
  told: Told,
  followsLead = false,
): Refusal | null {
  const why =
    told.categories.length === 0 ? null : refusal(person, desk.now, told.categories, to.role)
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
    toldAt: desk.now,
    state: 'open',
    because: null,
    before: null,
  }
  if (person.dead !== null && !told.aboutDeath) pause(notice)
  episode.copies.push(notice)
  return null
}

/** Tells the lead, and if nothing happens the deputies, and then the duty team. */
export function ask(desk: Desk, person: Someone, told: Told, followsLead = true): Refusal | null {
  const why = tell(desk, person, leadOf(person), told, followsLead)
  if (why === null) desk.wake(told.dueAt, () => escalate(desk, person, told))
  return why
}

/** The same, to others beside the lead. Null when anybody could be told; it escalates all the same. */
export function askWith(
  desk: Desk,
  person: Someone,
  told: Told,
  others: readonly Reader[],
  categories = told.categories,
): Refusal | null {
  const why = ask(desk, person, told)
  const refusals = others.map((to) => tell(desk, person, to, { ...told, categories }))
  if (why === null || !refusals.includes(null)) return why
  desk.wake(told.dueAt, () => escalate(desk, person, told))
  return null
}

export function escalate(desk: Desk, person: Someone, told: Told) {
  const span = told.dueAt - told.learnedAt
  const stillOpen = () => {
    const episode = person.episodes.get(told.episode) as Episode
    const first = episode.copies.filter(({ learnedAt }) => learnedAt === told.learnedAt)
    return !episode.taken && first.some(({ state }) => state === 'open')
  }
  const pass = (to: Reader, at: number) => {
    const [first = told] = (person.episodes.get(told.episode) as Episode).copies
    const { occurredAt, confirmed } = first
    const why = tell(desk, person, to, {
      ...told,
      occurredAt,
      confirmed,
      learnedAt: at,
      dueAt: at + span,
    })
    if (why !== null) desk.count(`escalation/suppressed/${why}`)
  }
  if (!stillOpen()) return
  for (const id of person.deputies) pass({ id, role: 'lead-practitioner' }, told.dueAt)
  if (person.deputies.length === 0) return pass(asDuty, told.dueAt)
  desk.wake(told.dueAt + span, () => {
    if (stillOpen()) pass(asDuty, told.dueAt + span)
  })
}

export const urgencyOf = (learnedAt: number, occurredAt: number) =>
  learnedAt - occurredAt <= 72 * hour ? ('safety' as const) : ('prompt' as const)

export const outcome = (why: Refusal | null): string =>
  why === null ? 'noticed' : `suppressed/${why}`

export function told(rule: string, happening: Happening, dueAt: number): Told {
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
