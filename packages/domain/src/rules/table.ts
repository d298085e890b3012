import type { Notice, NoticeRule } from '../notice.ts'
import { addDays, londonDate, londonTimeOn, workingDaysAfter } from '../times.ts'

/** By when something has to be done, counted from when it was learned. */
export type Due =
  | { readonly hours: number }
  | { readonly workingDays: number }
  | { readonly endOf: 'day' }

export type ClosedBy =
  | 'acknowledged'
  | 'prescription-confirmed'
  | 'contact-recorded'
  | 'returned'
  | 'released'
  | 'treatment-started'
  | 'contact-attended'

/** What one rule asks of the recipient. */
export interface Ask {
  readonly rule: NoticeRule
  readonly version: number
  readonly class: Notice['class']
  readonly urgency: Notice['urgency']
  readonly due: Due
  /** Acknowledging what is not closed by it only stops the escalation. */
  readonly closes: readonly ClosedBy[]
}

const action = { version: 1, class: 'action' } as const

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
export function dueAt(due: Due, at: number): number {
  if ('hours' in due) return at + due.hours * hourMs
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
