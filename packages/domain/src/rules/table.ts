import type { Notice, NoticeRule } from '../notice.ts'
import { addDays, londonDate, londonTimeOn, workingDaysAfter } from '../times.ts'

/** By when something has to be done, counted from when it was learned. */
export type Due =
  | { readonly hours: number }
  | { readonly days: number }
  | { readonly workingDays: number }
  | { readonly endOf: 'day' }

export type ClosedBy =
  | 'acknowledged'
  | 'arranged'
  | 'contact-attended'
  | 'contact-recorded'
  | 'duty-accepted'
  | 'handed-over'
  | 'prescription-confirmed'
  | 'referral-answered'
  | 'referral-made'
  | 'released'
  | 'requirement-ended'
  | 'returned'
  | 'superseded'
  | 'tenancy-secured'
  | 'treatment-ended'
  | 'treatment-started'

/** What one rule asks of the recipient. */
export interface Ask {
  readonly rule: NoticeRule
  readonly version: number
  readonly class: Notice['class']
  readonly urgency: Notice['urgency']
  /** Null: nothing has to be done. */
  readonly due: Due | null
  /** Acknowledging what is not closed by it only stops the escalation. */
  readonly closes: readonly ClosedBy[]
  /** False: it goes to nobody else, however long nobody has seen it. */
  readonly escalates?: false
}

const action = { version: 1, class: 'action' } as const
const information = {
  version: 1,
  class: 'information',
  urgency: 'routine',
  due: null,
  closes: ['acknowledged'],
} as const

/** The rules of design section 8 as data. An episode keeps the version of the rule that opened it. */
export const asks = {
  arrest: {
    ...action,
    rule: 'arrest',
    urgency: 'safety',
    due: { hours: 2 },
    closes: ['prescription-confirmed'],
  },
  'arrest-no-prescription': {
    ...action,
    rule: 'arrest',
    urgency: 'prompt',
    due: { hours: 4 },
    closes: ['acknowledged'],
  },
  'drug-test': {
    ...action,
    rule: 'drug-test',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['referral-made', 'acknowledged'],
  },
  'into-prison': {
    ...action,
    rule: 'into-prison',
    urgency: 'safety',
    due: { hours: 2 },
    closes: ['prescription-confirmed'],
  },
  'into-prison-no-prescription': {
    ...action,
    rule: 'into-prison',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['acknowledged'],
  },
  'court-no-return': {
    ...action,
    rule: 'court-no-return',
    urgency: 'safety',
    due: { hours: 2 },
    closes: ['returned', 'released', 'contact-recorded'],
  },
  'release-ahead': {
    ...action,
    rule: 'release-ahead',
    urgency: 'routine',
    due: { workingDays: 5 },
    closes: ['arranged', 'superseded', 'released'],
  },
  release: {
    ...action,
    rule: 'release',
    urgency: 'safety',
    due: { endOf: 'day' },
    closes: ['contact-recorded', 'returned'],
  },
  'three-weeks': {
    ...action,
    rule: 'three-weeks',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['treatment-started', 'contact-attended', 'returned'],
  },
  moves: {
    ...information,
    rule: 'moves',
    closes: ['acknowledged', 'superseded'],
  },
  'moves-outside': {
    ...action,
    rule: 'moves',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['handed-over', 'returned'],
  },
  'order-made': {
    ...action,
    rule: 'order-made',
    urgency: 'routine',
    due: { workingDays: 5 },
    closes: ['treatment-started', 'contact-attended', 'requirement-ended'],
  },
  'order-made-mental-health': {
    ...action,
    rule: 'order-made',
    urgency: 'routine',
    due: { workingDays: 5 },
    closes: ['treatment-started', 'contact-attended', 'requirement-ended', 'acknowledged'],
  },
  'breach-recall': {
    ...action,
    rule: 'breach-recall',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['acknowledged'],
  },
  overdose: {
    ...action,
    rule: 'overdose',
    urgency: 'safety',
    due: { hours: 4 },
    closes: ['contact-recorded', 'contact-attended'],
  },
  hospital: { ...information, rule: 'hospital' },
  'hospital-discharge': {
    ...action,
    rule: 'hospital',
    urgency: 'prompt',
    due: { days: 7 },
    closes: ['referral-answered', 'treatment-started', 'contact-attended', 'contact-recorded'],
  },
  'frequent-attender': {
    ...action,
    rule: 'frequent-attender',
    urgency: 'routine',
    due: { workingDays: 10 },
    closes: ['acknowledged'],
  },
  'losing-home': {
    ...action,
    rule: 'losing-home',
    urgency: 'prompt',
    due: { workingDays: 2 },
    closes: ['duty-accepted', 'tenancy-secured', 'superseded'],
  },
  'treatment-lost': {
    ...action,
    rule: 'treatment-lost',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['treatment-started', 'contact-attended', 'contact-recorded', 'treatment-ended'],
  },
  'treatment-done': {
    ...information,
    rule: 'treatment-done',
    closes: ['acknowledged', 'treatment-started'],
  },
  cluster: {
    ...action,
    rule: 'cluster',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['acknowledged'],
  },
  'referral-unanswered': {
    ...action,
    rule: 'referral-unanswered',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: ['referral-answered', 'treatment-started'],
  },
  safeguarding: {
    ...action,
    rule: 'safeguarding',
    urgency: 'safety',
    due: { hours: 4 },
    closes: ['acknowledged'],
    escalates: false,
  },
  'death-reported': {
    ...action,
    rule: 'death-reported',
    urgency: 'prompt',
    due: { workingDays: 1 },
    closes: [],
  },
  consent: {
    ...action,
    rule: 'consent',
    urgency: 'routine',
    due: { workingDays: 5 },
    closes: ['acknowledged'],
  },
} as const satisfies Record<string, Ask>

export type AskName = keyof typeof asks

export const askOf = (name: AskName): Ask => asks[name]

/** By when, for something learned at `at`; days and working days are London's. */
export function dueAt(due: Due, at: number): number
export function dueAt(due: Due | null, at: number): number | null
export function dueAt(due: Due | null, at: number): number | null {
  if (due === null) return null
  if ('hours' in due) return at + due.hours * hourMs
  if ('days' in due) return londonTimeOn(addDays(londonDate(at), due.days), 17, 0)
  if ('workingDays' in due) return workingDaysAfter(at, due.workingDays)
  return londonTimeOn(addDays(londonDate(at), 1), 0, 0)
}

/** Safety only when it was learned within 72 hours of happening; later it is prompt (design, section 8). */
export const urgencyAt = (
  urgency: Notice['urgency'],
  occurredAt: number,
  learnedAt: number,
): Notice['urgency'] => (urgency === 'safety' && isLate(occurredAt, learnedAt) ? 'prompt' : urgency)

export const isLate = (occurredAt: number, learnedAt: number): boolean =>
  learnedAt - occurredAt > 72 * hourMs

const hourMs = 3_600_000
