import { type Agreed, asDuty, type Needs, type Reader, type Refusal, refusal } from './agreed.ts'
import { hour } from './slots.ts'
import type { Case, Urgency } from './truth-case.ts'
import type { Happening } from './truth-events.ts'
import type { Memory } from './truth-facts.ts'
import {
  correctionsOf,
  type Episode,
  end,
  endOf,
  stateOf,
  type TrueNotice,
} from './truth-notices.ts'

export interface Someone extends Agreed {
  readonly ref: string
  readonly memory: Memory
  readonly episodes: Map<string, Episode>
  /** Threads in which somebody has recorded a contact. */
  readonly contacts: Set<string>
  /** What permission was lost for: that stays lost, whoever may hear what comes later. By `key`. */
  readonly gone: Set<string>
  /** Episodes that could be told to nobody when their time came. */
  readonly lost: Set<string>
  /** What is counted when its time comes, and when that is. By `key`. */
  readonly uncounted: Map<string, number>
  /** Instants at which everything is looked at again. */
  readonly wakes: Set<number>
  /** Somebody has reported the person dead. */
  dead: boolean
  ending: { readonly until: number } | null
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
  /** Who got something of a source's object: what names only that goes to them. */
  readonly objects: Map<string, Set<string>>
  /** What names only an object: it may have come before what it takes back. */
  readonly waiting: Happening[]
  /** Whose each number is: a number is one person's at most. */
  readonly claims: Map<string, string>
  /** How often each number was newly claimed: files are read anew then. */
  readonly timesClaimed: Map<string, number>
  readonly givenUp: Map<string, { readonly at: number; readonly by: string }>
  /** What a look-back may still find. */
  readonly retained: Happening[]
  readonly counts: Map<string, number>
  count(what: string): void
  /** `not-for-care`: it came only to be counted. */
  suppress(why: Refusal | 'conflict' | 'not-for-care'): void
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
    objects: new Map(),
    waiting: [],
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

export const leadOf = (person: Someone): Reader => ({ id: person.lead, role: 'lead-practitioner' })

export type Told = Omit<
  TrueNotice,
  | 'person'
  | 'recipient'
  | 'role'
  | 'followsLead'
  | 'escalated'
  | 'toldAt'
  | 'alsoNeeds'
  | 'acknowledged'
  | 'closed'
  | 'ended'
>

interface How {
  readonly followsLead?: boolean
  readonly escalated?: boolean
  readonly about?: Case | null
  readonly alsoNeeds?: readonly string[]
}

/** Tells one reader, once; null when the person's agreement does not reach that far. */
export function tell(
  desk: Desk,
  person: Someone,
  to: Reader,
  told: Told,
  { followsLead = false, escalated = false, about = null, alsoNeeds = [] }: How = {},
): Refusal | null {
  const categories = [...new Set([...told.categories, ...alsoNeeds])]
  const needs = { sources: told.sources, categories }
  const why = needs.sources.length === 0 ? null : refusal(person, desk.now, needs, to.role)
  if (why !== null) return why
  const { rule, episode: name } = told
  const episode = person.episodes.get(name) ?? { rule, name, about, copies: [], taken: false }
  person.episodes.set(name, episode)
  if (episode.copies.some(({ recipient }) => recipient === to.id)) return null
  episode.copies.push({
    ...told,
    categories,
    person: person.ref,
    recipient: to.id,
    role: to.role,
    followsLead,
    escalated,
    toldAt: desk.now,
    alsoNeeds,
    acknowledged: false,
    closed: null,
    ended: null,
  })
  return null
}

/**
 * Tells the lead and whoever else hears of it, and if nothing happens the deputies, and then the duty team.
 * Null when anybody could be told; it escalates all the same.
 */
export function ask(
  desk: Desk,
  person: Someone,
  told: Told,
  { followsLead = true, about = null }: How = {},
): Refusal | null {
  const why = tell(desk, person, leadOf(person), told, { followsLead, about })
  const refusals = about === null ? [] : tellOthers(desk, person, about)
  if (why !== null && !refusals.includes(null)) return why
  escalateLater(desk, person, told.episode, told.dueAt)
  return null
}

export function tellOthers(desk: Desk, person: Someone, about: Case): readonly (Refusal | null)[] {
  const others = [...about.others, ...(about.aboutDeath ? everybodyElse(person) : [])]
  return others.map(({ reader, alsoNeeds }) =>
    tell(desk, person, reader, toldOf(about), { about, alsoNeeds }),
  )
}

const everybodyElse = ({ deputies, team }: Someone) => [
  ...deputies.map((id) => ({ reader: { id, role: 'lead-practitioner' }, alsoNeeds: [] })),
  ...team.map((id) => ({ reader: { id, role: 'peer-supporter' }, alsoNeeds: [] })),
]

/** What an old lead has not settled, or reads again, becomes the present one's, with the time it always had. */
export function followLead(desk: Desk, person: Someone, { copies }: Episode) {
  for (const notice of copies.filter(({ followsLead }) => followsLead)) {
    if (notice.recipient === person.lead || endOf(notice) !== null) continue
    end(notice, 'closed', 'handed-over')
    tell(desk, person, leadOf(person), notice, { followsLead: true })
  }
}

/** Information asks for nothing, so nobody has to hear that it was not done. */
export function escalateLater(desk: Desk, person: Someone, name: string, dueAt: number | null) {
  if (dueAt !== null) desk.wake(dueAt, () => escalate(desk, person, name, dueAt, 'deputies'))
}

/** What was due later than was thought when it was told waits until then. */
function escalate(desk: Desk, person: Someone, name: string, at: number, to: 'deputies' | 'duty') {
  const { copies, taken } = person.episodes.get(name) as Episode
  const first = copies.filter(({ escalated }) => !escalated)
  const [told] = first
  if (told === undefined || told.dueAt === null) return
  const span = told.dueAt - told.learnedAt
  const deputies = person.deputies.map((id) => ({ id, role: 'lead-practitioner' }))
  const due = told.dueAt + (to === 'duty' ? span : 0)
  if (due > at) {
    desk.wake(due, () => escalate(desk, person, name, due, to))
    return
  }
  if (taken || !first.some((notice) => stateOf(person, notice) === 'open')) return
  const passOn = to === 'duty' || deputies.length === 0 ? [asDuty] : deputies
  for (const reader of passOn) {
    const next = { ...told, learnedAt: at, dueAt: at + span, escalated: true }
    const why = tell(desk, person, reader, next, { escalated: true })
    if (why !== null) desk.count(`escalation/suppressed/${why}`)
  }
  if (to === 'deputies' && deputies.length > 0)
    desk.wake(at + span, () => escalate(desk, person, name, at + span, 'duty'))
}

/** Everybody who holds it reads what is known now; what was over and stays so is left as it was. */
export function amend(desk: Desk, person: Someone, one: Case) {
  const episode = person.episodes.get(one.episode) as Episode
  const isContacted = one.byContact && person.contacts.has(one.thread)
  const { learnedAt, dueAt, categories, closesWhenAcknowledged, ...told } = toldOf(one)
  const span = dueAt === null ? null : dueAt - learnedAt
  episode.about = one
  for (const notice of episode.copies) {
    const wasOver = endOf(notice) !== null
    notice.closed = one.closed ?? (isContacted ? 'contact-recorded' : null)
    // Its source says again what it had taken back: nothing that was said to be wrong is, any more.
    if (notice.ended?.because === 'corrected' && notice.closed === null) {
      notice.ended = null
      for (const correction of correctionsOf(person, notice)) correction.closed = 'superseded'
    }
    notice.closesWhenAcknowledged = closesWhenAcknowledged
    if (wasOver && endOf(notice) !== null) continue
    Object.assign(notice, told)
    notice.categories = [...new Set([...categories, ...notice.alsoNeeds])]
    if (!notice.escalated) notice.learnedAt = learnedAt
    const due = span === null ? null : notice.learnedAt + span
    if (!notice.escalated && due !== notice.dueAt) escalateLater(desk, person, one.episode, due)
    notice.dueAt = due
  }
  followLead(desk, person, episode)
}

/** Safety only when it was learned within three days. */
export const urgencyOf = (urgency: Urgency, learnedAt: number, occurredAt: number): Urgency =>
  urgency === 'safety' && learnedAt - occurredAt > 72 * hour ? 'prompt' : urgency

export const needsOf = ({ stands, categories }: Case): Needs => ({
  sources: [...new Set(stands.map(({ agency }) => agency))],
  categories,
})

export function toldOf(one: Case): Told {
  const { rule, episode, thread, learnedAt, occurredAt, headline, stands } = one
  return {
    rule,
    episode,
    thread,
    urgency: urgencyOf(one.urgency, learnedAt, occurredAt),
    learnedAt,
    dueAt: one.due?.(learnedAt) ?? null,
    ...needsOf(one),
    closesWhenAcknowledged: one.byAcknowledging,
    aboutDeath: one.aboutDeath,
    headline,
    occurredAt,
    standsOn: stands.map(({ key }) => key),
    confirmed: stands[0]?.confirmed ?? true,
  }
}
