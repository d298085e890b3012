import type { Directory } from '@throughline/service'
import { agencyName, type ShownNotice } from './shown.ts'
import { count, dayWords, dueWords, whenWords } from './times.ts'

/** A notice in the words of its page. */
export interface NoticeCard {
  readonly id: string
  readonly personId: string
  readonly name: string
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
  readonly canAct: boolean
}

/** Notices of one thread: one card, whose first notice is the most urgent. */
export interface ThreadCard {
  readonly personId: string
  readonly name: string
  readonly never: readonly string[]
  readonly notices: readonly NoticeCard[]
}

export interface UrgencyGroup {
  readonly urgency: ShownNotice['urgency']
  readonly heading: string
  readonly explained: string
  readonly count: number
  readonly threads: readonly ThreadCard[]
}

const headings = {
  safety: ['Safety', 'Somebody may come to harm. Today.'],
  prompt: ['Soon', 'In working hours, by the time shown.'],
  routine: ['When you can', 'No hurry.'],
} as const

/** By urgency, then by thread, in the order they came (most urgent and soonest due first). */
export function groupsOf(
  notices: readonly ShownNotice[],
  now: number,
  directory: Directory,
): readonly UrgencyGroup[] {
  const threads = new Map<string, ShownNotice[]>()
  for (const notice of notices) {
    const key = `${notice.personId} ${notice.thread}`
    threads.set(key, [...(threads.get(key) ?? []), notice])
  }
  return (['safety', 'prompt', 'routine'] as const).flatMap((urgency) => {
    const mine = [...threads.values()].filter(([first]) => first?.urgency === urgency)
    if (mine.length === 0) return []
    const [heading, explained] = headings[urgency]
    const cards = mine.map((thread) => ({
      personId: thread[0]?.personId ?? '',
      name: thread[0]?.displayName ?? '',
      never: thread[0]?.safeContact.never.map(wayToReach) ?? [],
      notices: thread.map((notice) => cardOf(notice, now, directory)),
    }))
    return [{ urgency, heading, explained, count: mine.flat().length, threads: cards }]
  })
}

export function cardOf(notice: ShownNotice, now: number, directory: Directory): NoticeCard {
  const open = notice.state === 'open' || notice.state === 'acknowledged'
  return {
    id: notice.noticeId,
    personId: notice.personId,
    name: notice.displayName,
    headline: notice.headline,
    lines: notice.lines,
    when: bothTimes(notice, now),
    dueAt: open ? notice.dueAt : null,
    due: open && notice.dueAt !== null ? dueWords(Date.parse(notice.dueAt), now) : null,
    notes: notesOf(notice, now, directory),
    state: notice.state,
    stateWords: stateWords(notice),
    asksPrescription: notice.rule === 'arrest' || notice.rule === 'into-prison',
    asksContact:
      notice.class === 'action' && notice.rule !== 'consent' && notice.rule !== 'correction',
    canAct: open,
  }
}

/** `Happened today at 07:05; we learned today at 07:35, from custody.` */
export function bothTimes(
  fact: Pick<ShownNotice, 'occurredAt' | 'learnedAt' | 'sources'>,
  now: number,
): string {
  const happened = whenWords(Date.parse(fact.occurredAt), now)
  const learned = whenWords(Date.parse(fact.learnedAt), now)
  const when = happened === learned ? 'the same minute' : learned
  const who = fact.sources.map((one) => agencyName(one).toLowerCase()).join(' and ')
  return `Happened ${happened}; we learned ${when}${who === '' ? '' : `, from ${who}`}.`
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
