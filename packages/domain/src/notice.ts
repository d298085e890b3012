import type { Category } from './register.ts'

export type NoticeRule =
  | 'arrest'
  | 'into-prison'
  | 'court-no-return'
  | 'release'
  | 'three-weeks'
  | 'death-reported'
  | 'correction'
  | 'consent'

/** `paused`: a death was reported; a withdrawn report restores what was open. */
export type NoticeState = 'open' | 'acknowledged' | 'closed' | 'paused' | 'retracted'

/** Who a notice is for: a practitioner, or a duty role (`duty:<organisation>`, `prescriber:<organisation>`). */
export interface NoticeRecipient {
  readonly practitionerId: string
  readonly organisation: string
  readonly role: string
}

/**
 * One thing one practitioner is told about one person. A notice has one id for ever; later events
 * amend it as higher versions, and the highest version wins.
 */
export interface Notice {
  readonly noticeId: string
  readonly version: number
  readonly personId: string
  readonly thread: string
  readonly episode: string
  readonly rule: NoticeRule
  readonly ruleVersion: number
  readonly class: 'action' | 'information'
  readonly urgency: 'safety' | 'prompt' | 'routine'
  readonly state: NoticeState
  readonly recipient: NoticeRecipient
  /** Plain and kind words: what happened, for the list. */
  readonly headline: string
  /** What to do, and what is not known. Shown after sign-in only. */
  readonly lines: readonly string[]
  readonly occurredAt: number
  readonly learnedAt: number
  readonly dueAt: number | null
  /** Every agency whose event this rests on: permission is the intersection over all of them. */
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly corrects: string | null
  readonly closedBecause: string | null
  /** A timer fired without word from every source (design, section 4): say so. */
  readonly incomplete: boolean
  /** Why did I get this: ids alone. */
  readonly because: { readonly eventIds: readonly string[]; readonly timer: string | null }
  /** Events of a first load or a replay never push. */
  readonly push: boolean
}

/** What a practitioner did about a notice; input to notify, keyed by person. */
export interface PractitionerAction {
  readonly actionId: string
  readonly kind: 'acknowledged' | 'contact-recorded' | 'prescription-confirmed' | 'handed-over'
  readonly noticeId: string
  readonly thread: string
  readonly personId: string
  readonly by: string
  readonly at: number
  readonly receivedAt: number
  /** What a recorded contact was: seen, spoken, tried. Null for the other kinds. */
  readonly contact: 'seen' | 'spoken' | 'tried' | null
}
