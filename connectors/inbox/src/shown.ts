import type { Ids, Notice, Tier } from '@throughline/domain'

export interface SafeContact {
  readonly ok: readonly string[]
  readonly never: readonly string[]
  /** A Europe/London day by which to ask again, `yyyy-mm-dd`. */
  readonly reviewBy: string | null
}

/** A notice as one reader may see it (design, section 10). Times are UTC, ISO 8601. */
export interface ShownNotice {
  readonly noticeId: string
  readonly version: number
  readonly thread: string
  /** `involvement` where the reader may know that a service is in touch, but not why. */
  readonly rule: Notice['rule'] | 'involvement'
  readonly ruleVersion: number
  readonly class: Notice['class']
  readonly urgency: Notice['urgency']
  readonly state: Notice['state']
  readonly personId: string
  readonly displayName: string
  /** Stands before any number: how the person may be reached, and how never. */
  readonly safeContact: SafeContact
  readonly headline: string
  readonly lines: readonly string[]
  readonly occurredAt: string
  readonly learnedAt: string
  readonly dueAt: string | null
  readonly sources: readonly string[]
  readonly corrects: string | null
  readonly closedBecause: string | null
  readonly incomplete: boolean
  readonly recipient: Notice['recipient']
  readonly tier: Tier
}

/**
 * What a permit's tier leaves of a notice: `involvement` says that, when, and who to ring;
 * `headline` the kind of event; `detail` the rest (design, section 7). A notice that rests on no
 * agency discloses nothing of one, so its words stay.
 */
export function shownNotice(
  notice: Notice,
  { displayName, safeContact }: { readonly displayName: string; readonly safeContact: SafeContact },
  tier: Tier,
  ids: Ids,
): ShownNotice {
  const involvedOnly = tier === 'involvement' && notice.sources.length > 0
  return {
    noticeId: notice.noticeId,
    version: notice.version,
    // A thread is named after its rule, so below `headline` it is given a name that says nothing.
    thread: involvedOnly ? ids.hash('thread', notice.thread) : notice.thread,
    rule: involvedOnly ? 'involvement' : notice.rule,
    ruleVersion: notice.ruleVersion,
    class: notice.class,
    urgency: notice.urgency,
    state: notice.state,
    personId: notice.personId,
    displayName,
    safeContact,
    headline: involvedOnly ? involvementHeadline(notice.sources, displayName) : notice.headline,
    lines: tier === 'detail' || notice.sources.length === 0 ? notice.lines : [],
    occurredAt: iso(notice.occurredAt),
    learnedAt: iso(notice.learnedAt),
    dueAt: notice.dueAt === null ? null : iso(notice.dueAt),
    sources: notice.sources,
    corrects: notice.corrects,
    closedBecause: involvedOnly ? null : notice.closedBecause,
    incomplete: notice.incomplete,
    recipient: notice.recipient,
    tier,
  }
}

/** UTC, to the millisecond where there is one: `2025-11-18T09:12:44Z`. */
export const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')

const involvementHeadline = (sources: readonly string[], displayName: string): string =>
  sources.length === 1
    ? `${agencyName(sources[0] ?? '')} has been in touch about ${displayName}`
    : `${sources.map(agencyName).join(' and ')} have been in touch about ${displayName}`

const agencyNames: Readonly<Record<string, string>> = {
  custody: 'Custody',
  probation: 'Probation',
  hospital: 'Hospital',
  housing: 'Housing',
  treatment: 'Treatment',
}

/** An agency's name at the start of a line. */
export const agencyName = (agency: string): string =>
  agencyNames[agency] ?? `${agency.charAt(0).toUpperCase()}${agency.slice(1).replaceAll('-', ' ')}`
