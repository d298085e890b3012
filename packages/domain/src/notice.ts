import type { Category } from './register.ts'

/** The rules of design section 8, and the schema's `values` (a test holds them equal). */
export const noticeRules = [
  'arrest',
  'drug-test',
  'into-prison',
  'court-no-return',
  'release-ahead',
  'release',
  'three-weeks',
  'moves',
  'order-made',
  'breach-recall',
  'overdose',
  'hospital',
  'frequent-attender',
  'losing-home',
  'treatment-lost',
  'treatment-done',
  'cluster',
  'referral-unanswered',
  'safeguarding',
  'death-reported',
  'correction',
  'consent',
] as const
export type NoticeRule = (typeof noticeRules)[number]

/** `paused`: a death was reported; a withdrawn report restores what was open. */
export const noticeStates = ['open', 'acknowledged', 'closed', 'paused', 'retracted'] as const
export type NoticeState = (typeof noticeStates)[number]

export const noticeClasses = ['action', 'information'] as const
export const urgencies = ['safety', 'prompt', 'routine'] as const

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
  readonly class: (typeof noticeClasses)[number]
  readonly urgency: (typeof urgencies)[number]
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

export const actionKinds = [
  'acknowledged',
  'contact-recorded',
  'prescription-confirmed',
  'handed-over',
  'arranged',
] as const

export const contactKinds = ['seen', 'spoken', 'tried'] as const

/** What has to be arranged before a release, in the order in which it is asked for. */
export const arrangements = ['home', 'treatment', 'script', 'identity-papers'] as const
export type Arrangement = (typeof arrangements)[number]

export const arrangementAnswers = ['made', 'not-needed', 'declined'] as const
export type ArrangementAnswer = (typeof arrangementAnswers)[number]

/** What a practitioner did about a notice; input to notify, keyed by person. */
export interface PractitionerAction {
  readonly actionId: string
  readonly kind: (typeof actionKinds)[number]
  readonly noticeId: string
  readonly thread: string
  readonly personId: string
  readonly by: string
  readonly at: number
  readonly receivedAt: number
  /** What a recorded contact was: seen, spoken, tried. Null for the other kinds. */
  readonly contact: (typeof contactKinds)[number] | null
  /** For `arranged`: which of the arrangements before a release, and what came of it. */
  readonly item?: Arrangement | null
  readonly answer?: ArrangementAnswer | null
}
