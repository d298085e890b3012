import type { Directory } from '@throughline/service'
import { agencyName, type ShownNotice } from './shown.ts'
import { count, dayWords, dueWords, monthWords, whenWords } from './times.ts'

/** A notice in the words of its page. */
export interface NoticeCard {
  readonly id: string
  readonly headline: string
  readonly lines: readonly string[]
  /** Both times, and who told us. */
  readonly when: string
  readonly due: { readonly text: string; readonly overdue: boolean } | null
  /** ISO 8601, for the page to renew itself when the time has come. */
  readonly dueAt: string | null
  readonly notes: readonly string[]
  readonly state: ShownNotice['state']
  readonly stateWords: string
  readonly asksPrescription: boolean
  readonly asksContact: boolean
  readonly asksArrangements: boolean
  readonly canAct: boolean
}

/** Notices of one thread. What is done about the head is done about the thread. */
export interface ThreadCard {
  /** Where the page is after something was done about the thread before this one. */
  readonly anchor: string
  /** The most urgent, and of those the latest: what the thread asks for now. */
  readonly head: NoticeCard
  /** What else it asks for, latest first. */
  readonly also: readonly NoticeCard[]
  /** What was told in it before, and is settled, replaced or taken back; latest first. */
  readonly before: readonly NoticeCard[]
  /** Whether any of them is still to be taken in hand. */
  readonly isOpen: boolean
}

/** Everything about one person that is as urgent. */
export interface PersonCard {
  readonly personId: string
  readonly name: string
  readonly never: readonly string[]
  readonly threads: readonly ThreadCard[]
}

export interface UrgencyGroup {
  readonly urgency: ShownNotice['urgency']
  readonly heading: string
  readonly explained: string
  /** Threads, for a thread is one thing to do. */
  readonly count: number
  readonly people: readonly PersonCard[]
}

const headings = {
  safety: ['Safety', 'Somebody may come to harm. Today.'],
  prompt: ['Soon', 'In working hours, by the time shown.'],
  routine: ['When you can', 'No hurry.'],
} as const

const rank = { safety: 0, prompt: 1, routine: 2 } as const

/**
 * By urgency, then by person, then by thread, in the order they came (most urgent and soonest due
 * first). `states` are those the list is about; what a thread holds of other states is what was told
 * before.
 */
export function groupsOf(
  notices: readonly ShownNotice[],
  states: readonly ShownNotice['state'][],
  now: number,
  directory: Directory,
): readonly UrgencyGroup[] {
  const threads = threadsOf(notices, states).map((thread) => ({
    urgency: thread.head.urgency,
    person: thread.head,
    card: threadCard(thread, now, directory),
  }))
  return (['safety', 'prompt', 'routine'] as const).flatMap((urgency) => {
    const mine = threads.filter((thread) => thread.urgency === urgency)
    if (mine.length === 0) return []
    const [heading, explained] = headings[urgency]
    const people = [...Map.groupBy(mine, ({ person }) => person.personId).values()].map((theirs) =>
      personCard(theirs),
    )
    return [{ urgency, heading, explained, count: mine.length, people }]
  })
}

function personCard(
  threads: readonly { readonly person: ShownNotice; readonly card: ThreadCard }[],
): PersonCard {
  const person = threads[0]?.person
  return {
    personId: person?.personId ?? '',
    name: person?.displayName ?? '',
    never: person?.safeContact.never.map(wayToReach) ?? [],
    threads: threads.map(({ card }) => card),
  }
}

interface Thread {
  readonly head: ShownNotice
  readonly also: readonly ShownNotice[]
  readonly before: readonly ShownNotice[]
}

/** Threads that hold a notice of these states, in the order of their first one. */
export function threadsOf(
  notices: readonly ShownNotice[],
  states: readonly ShownNotice['state'][],
): readonly Thread[] {
  const threads = Map.groupBy(notices, ({ personId, thread }) => `${personId} ${thread}`)
  return [...threads.values()].flatMap((all) => {
    const listed = all.filter(({ state }) => states.includes(state))
    const [head, ...also] = listed.toSorted(
      (a, b) => rank[a.urgency] - rank[b.urgency] || byLearned(a, b),
    )
    if (head === undefined) return []
    const before = all.filter(({ state }) => !states.includes(state)).toSorted(byLearned)
    return [{ head, also: also.toSorted(byLearned), before }]
  })
}

/** Latest first. */
const byLearned = (a: ShownNotice, b: ShownNotice): number =>
  Date.parse(b.learnedAt) - Date.parse(a.learnedAt) || (a.noticeId < b.noticeId ? -1 : 1)

export function threadCard(thread: Thread, now: number, directory: Directory): ThreadCard {
  const card = (notice: ShownNotice) => cardOf(notice, now, directory)
  const asking = [thread.head, ...thread.also]
  return {
    anchor: `t-${thread.head.noticeId}`,
    head: {
      ...card(thread.head),
      asksPrescription: asking.some(asksPrescription),
      asksContact: asking.some(asksContact),
    },
    also: thread.also.map(card),
    before: thread.before.map(card),
    isOpen: asking.some(({ state }) => state === 'open'),
  }
}

const asksPrescription = ({ rule }: ShownNotice): boolean =>
  rule === 'arrest' || rule === 'into-prison'

const asksContact = (notice: ShownNotice): boolean =>
  notice.class === 'action' && notice.rule !== 'consent' && notice.rule !== 'correction'

function cardOf(notice: ShownNotice, now: number, directory: Directory): NoticeCard {
  const open = notice.state === 'open' || notice.state === 'acknowledged'
  return {
    id: notice.noticeId,
    headline: notice.headline,
    lines: notice.lines,
    when: bothTimes(notice, now),
    dueAt: open ? notice.dueAt : null,
    due: open && notice.dueAt !== null ? dueWords(Date.parse(notice.dueAt), now) : null,
    notes: notesOf(notice, now, directory),
    state: notice.state,
    stateWords: stateWords(notice),
    asksPrescription: asksPrescription(notice),
    asksContact: asksContact(notice),
    asksArrangements: notice.rule === 'release-ahead',
    canAct: open,
  }
}

interface Told {
  readonly occurredAt: string
  readonly learnedAt: string
  readonly sources: readonly string[]
  readonly precision?: string
  readonly place?: string | null
}

/** `Happened today at 07:05; we learned at 07:35, from custody.` What is to come only falls on its day. */
export function bothTimes({ occurredAt, learnedAt, ...told }: Told, now: number): string {
  if (Date.parse(occurredAt) > Date.parse(learnedAt) + 24 * 3_600_000) {
    const raised = whenWords(Date.parse(learnedAt), now)
    return `Falls on ${dayWords(Date.parse(occurredAt), now)}; raised ${raised}.`
  }
  const happened = happenedWords(Date.parse(occurredAt), told.precision ?? 'INSTANT', now)
  const learned = learnedWords(Date.parse(learnedAt), Date.parse(occurredAt), now)
  const who = told.sources.map((one) => agencyName(one).toLowerCase()).join(' and ')
  const place = told.place == null ? '' : ` (${told.place})`
  return `Happened ${happened}; we learned ${learned}${who === '' ? '' : `, from ${who}${place}`}.`
}

/** A day is no midnight: what the source did not say is not shown. */
function happenedWords(at: number, precision: string, now: number): string {
  switch (precision) {
    case 'DAY':
      return dayWords(at, now)
    case 'MONTH':
      return `in ${monthWords(at)}`
    case 'YEAR':
      return `in ${monthWords(at).split(' ')[1]}`
    case 'UNKNOWN':
      return `about ${dayWords(at, now)}`
    default:
      return whenWords(at, now)
  }
}

function learnedWords(learned: number, happened: number, now: number): string {
  const words = whenWords(learned, now)
  if (words === whenWords(happened, now)) return 'the same minute'
  const isSameDay = dayWords(learned, now) === dayWords(happened, now)
  return isSameDay ? words.slice(words.indexOf(' at ') + 1) : words
}

const wayWords: Readonly<Record<string, string>> = {
  'letter-home': 'letter to their home',
  'letter-to-service': 'letter to a service',
  text: 'text message',
  visit: 'visit at home',
  'through-keyworker': 'through their keyworker',
}

/** A way to reach somebody, in words. */
export const wayToReach = (way: string): string => wayWords[way] ?? way.replaceAll('-', ' ')

/** What else the reader needs to know about where the notice comes from. */
const notesOf = (
  { corrects, incomplete, recipient, learnedAt }: ShownNotice,
  now: number,
  directory: Directory,
): readonly string[] => [
  ...(corrects === null ? [] : ['This corrects something you were told before.']),
  ...(incomplete
    ? [
        `Not every service had reported by ${dayWords(Date.parse(learnedAt), now)}. Something may be missing.`,
      ]
    : []),
  ...(recipient.practitionerId.includes(':')
    ? [
        `For whoever is on ${dutyWords(recipient.role)} at ${directory.organisationName(recipient.organisation)}.`,
      ]
    : []),
]

const dutyWords = (role: string): string =>
  role === 'duty' ? 'duty' : `duty as ${role.replaceAll('-', ' ')}`

const closedWords: Readonly<Record<string, string>> = {
  acknowledged: 'Dealt with',
  'prescription-confirmed': 'Prescription confirmed',
  'contact-recorded': 'Contact recorded',
  returned: 'Back in prison',
  released: 'Released',
  'treatment-started': 'Treatment started',
  'contact-attended': 'Came to an appointment',
  arranged: 'Everything is arranged',
  'duty-accepted': 'The council has taken it on',
  'referral-answered': 'The referral was answered',
  'referral-made': 'Referred to treatment',
  'requirement-ended': 'The requirement ended',
  'tenancy-secured': 'Has a home',
  'treatment-ended': 'Treatment ended',
  'handed-over': 'Handed over',
  superseded: 'Replaced by something newer',
}

function stateWords({ state, closedBecause }: ShownNotice): string {
  if (state === 'open') return 'To do'
  if (state === 'acknowledged') return 'In hand'
  if (state === 'paused') return 'Paused: a death has been reported'
  if (state === 'retracted') return 'Taken back'
  return closedWords[closedBecause ?? ''] ?? 'Done'
}

/** `2 things to do, 1 for safety.` */
export function summaryOf(groups: readonly UrgencyGroup[], tab: Tab): string {
  const all = groups.reduce((sum, group) => sum + group.count, 0)
  if (all === 0) return emptyWords[tab]
  const safety = groups.find(({ urgency }) => urgency === 'safety')?.count ?? 0
  const what = tab === 'open' ? ' to do' : tab === 'acknowledged' ? ' in hand' : ' done'
  const first = `${count(all, 'thing')}${what}`
  return safety === 0 || tab === 'closed' ? `${first}.` : `${first}, ${safety} for safety.`
}

export type Tab = 'open' | 'acknowledged' | 'closed'

const emptyWords: Readonly<Record<Tab, string>> = {
  open: 'Nothing to do. New notices appear here by themselves.',
  acknowledged: 'Nothing in hand.',
  closed: 'Nothing done yet.',
}
