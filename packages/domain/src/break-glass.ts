import { type Allowance, inForce } from './consent.ts'
import { type BreakGlass, breakGlass, type PersonRegister, type RecipientRole } from './register.ts'

/**
 * Looking in an emergency (design, section 7; assurance, C10): one member of a group that the person
 * named themselves, one person, four hours, a reason given first. All times are milliseconds on the
 * register's clock. No agreement between institutions is asked for: nothing of an agency is shown.
 */
export const breakGlassMs = 4 * 3_600_000

/** Within this somebody else looks at whether it was right. */
export const breakGlassReviewMs = 72 * 3_600_000

export interface BreakGlassQuestion {
  readonly recipient: RecipientRole & { readonly practitionerId: string }
  readonly now: number
}

/**
 * May this practitioner declare an emergency about this person now? A grant in force must name the
 * group; and whoever's last look was not reviewed in time, or not found right, may not look at this
 * person again until it is: only that access is suspended, nobody else's and to nobody else.
 */
export function mayBreakGlass(
  person: PersonRegister,
  { recipient, now }: BreakGlassQuestion,
): Allowance {
  if (person.status === 'erased') return { ok: false, reason: 'erased' }
  const current = inForce(person, now)
  if (current === undefined) return { ok: false, reason: 'no-consent' }
  const ends = current.grants
    .filter(({ purpose, from, until }) => purpose === breakGlass && from <= now && now < until)
    .filter(({ recipients }) => recipients.some((named) => isOf(recipient, named)))
    .map(({ until }) => until)
  if (ends.length === 0) return { ok: false, reason: 'recipient-not-granted' }
  const suspended = looksOf(person, recipient).some((one) => isSuspending(one, now))
  if (suspended) return { ok: false, reason: 'review-overdue' }
  return {
    ok: true,
    tier: 'involvement',
    consentVersion: current.version,
    agreementIds: [],
    until: Math.min(now + breakGlassMs, Math.max(...ends), current.endedAt ?? Infinity),
  }
}

/** May this practitioner be shown what an emergency opens (the gate)? They declared it, and it is not over. */
export function allowsBreakGlass(person: PersonRegister, question: BreakGlassQuestion): Allowance {
  const permitted = mayBreakGlass(person, question)
  if (!permitted.ok) return permitted
  const open = openBreakGlass(person, question)
  if (open === undefined) return { ok: false, reason: 'not-declared' }
  return { ...permitted, until: Math.min(permitted.until, open.until) }
}

/** What this practitioner has declared about this person and is not over; undefined where there is nothing. */
export const openBreakGlass = (
  person: Pick<PersonRegister, 'breakGlass'>,
  { recipient, now }: BreakGlassQuestion,
): BreakGlass | undefined =>
  looksOf(person, recipient).findLast(({ openedAt, until }) => openedAt <= now && now < until)

const looksOf = (
  { breakGlass: looks = [] }: Pick<PersonRegister, 'breakGlass'>,
  { practitionerId }: BreakGlassQuestion['recipient'],
): readonly BreakGlass[] => looks.filter((one) => one.practitionerId === practitionerId)

const isSuspending = ({ reviewed, reviewBy }: BreakGlass, now: number): boolean =>
  reviewed === null ? reviewBy <= now : !reviewed.justified

const isOf = (one: RecipientRole, named: RecipientRole): boolean =>
  one.organisation === named.organisation && one.role === named.role
