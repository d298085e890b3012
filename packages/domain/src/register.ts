/**
 * What the register knows about people's agreements, as rows that processors look up in the
 * transaction of their own state (design, sections 4 and 7). All times are milliseconds since the
 * epoch on the register's clock; intervals are half-open, `[from, until)`.
 */

export const purposes = [
  'care-coordination',
  'duty-to-refer',
  'contact-sharing',
  'outcomes',
  'research',
] as const

/** That a named group may look in an emergency. No agency's events flow for it, and no feed or notice rests on it. */
export const breakGlass = 'break-glass'
/** All that a person may agree to. */
export const grantPurposes = [...purposes, breakGlass] as const
export type Purpose = (typeof grantPurposes)[number]

export const categories = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'mental-health',
  'housing',
  'family',
  'safety',
] as const
export type Category = (typeof categories)[number]

/** From least to most: that, when, who to ring; then the kind of event; then detail after sign-in. */
export const tiers = ['involvement', 'headline', 'detail'] as const
export type Tier = (typeof tiers)[number]

export const agencies = [
  'custody',
  'probation',
  'hospital',
  'housing',
  'treatment',
  'other',
] as const
export type Agency = (typeof agencies)[number]

export interface RecipientRole {
  readonly organisation: string
  readonly role: string
}

export interface Grant {
  readonly purpose: Purpose
  readonly sources: readonly string[]
  readonly recipients: readonly RecipientRole[]
  readonly categories: readonly Category[]
  readonly tier: Tier
  readonly from: number
  readonly until: number
  readonly lookBackDays: number
}

/**
 * `superseded` was given, until a later version took its place: it still answers for its own time.
 * What was only proposed stays `proposed`, also when it is replaced, and ends no other version.
 * A withdrawal, refusal or lapse is a version of its own, without grants; a withdrawal of some
 * purposes is a `given` version with the grants that remain.
 */
export type ConsentState =
  | 'proposed'
  | 'given'
  | 'declined'
  | 'withdrawn'
  | 'expired'
  | 'superseded'

/** One complete version of a person's consent: never a delta. */
export interface ConsentVersion {
  readonly version: number
  readonly state: ConsentState
  /** When the hub accepted it. */
  readonly acceptedAt: number
  /** When a later version took its place or it was withdrawn; null while it is the current one. */
  readonly endedAt: number | null
  readonly grants: readonly Grant[]
  /** HMACs of the identifiers this version covers. Never the identifiers themselves. */
  readonly identifiers: readonly string[]
  /** Set where the person took something back with it. */
  readonly withdrew?: true
}

export interface Assignment {
  readonly practitionerId: string
  readonly organisation: string
  readonly role: string
  readonly relation: 'lead' | 'deputy' | 'team'
  readonly tier: Tier
  readonly from: number
  readonly until: number | null
}

/** Everything one person's rows say. `versions` are oldest first and include those that ended. */
export interface PersonRegister {
  readonly personId: string
  readonly status: 'active' | 'erased'
  readonly versions: readonly ConsentVersion[]
  readonly assignments: readonly Assignment[]
  /** Each time that somebody looked in an emergency, oldest first. */
  readonly breakGlass?: readonly BreakGlass[]
}

export const breakGlassReasons = [
  'life-at-risk',
  'cannot-speak',
  'child-at-risk',
  'missing',
] as const
export type BreakGlassReason = (typeof breakGlassReasons)[number]

/** One person looked at by one member of a named group in an emergency: who, why, until when. */
export interface BreakGlass {
  readonly breakGlassId: string
  readonly practitionerId: string
  readonly organisation: string
  readonly role: string
  readonly reason: BreakGlassReason
  readonly openedAt: number
  readonly until: number
  /** Until when somebody else has to have looked at it. */
  readonly reviewBy: number
  readonly reviewed: {
    readonly at: number
    readonly by: string
    readonly justified: boolean
  } | null
}

/** The institutions' side: per source × purpose × recipient organisation. */
export interface Agreement {
  readonly agreementId: string
  readonly source: string
  readonly purpose: Purpose
  readonly recipientOrganisation: string
  readonly from: number
  readonly until: number
}

/** Who actively claims an identifier in this partnership. At most one person. */
export interface Claim {
  readonly identifier: string
  readonly personId: string
}
