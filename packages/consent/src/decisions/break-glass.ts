import {
  type BreakGlass,
  breakGlassReviewMs,
  mayBreakGlass,
  openBreakGlass,
} from '@throughline/domain'
import type { RegisterCommand } from '../port.ts'
import type { PersonRow } from '../rows.ts'

export type BreakGlassCommand = Extract<
  RegisterCommand,
  { readonly kind: 'break-glass' | 'review-break-glass' }
>

export type BreakGlassDecision =
  | {
      readonly ok: true
      readonly looks: readonly BreakGlass[]
      readonly by: string
      /** What the audit says of it; null where nothing is new. */
      readonly audit: {
        readonly change: string
        readonly facts: Readonly<Record<string, unknown>>
      } | null
    }
  | { readonly ok: false; readonly reason: 'not-found' | 'not-permitted' }

/** What becomes of an emergency that somebody declares or reviews. */
export function decideBreakGlass(
  person: PersonRow,
  command: BreakGlassCommand,
  now: number,
): BreakGlassDecision {
  return command.kind === 'break-glass'
    ? declared(person, command, now)
    : reviewed(person, command, now)
}

function declared(
  person: PersonRow,
  command: Extract<BreakGlassCommand, { kind: 'break-glass' }>,
  now: number,
): BreakGlassDecision {
  const { breakGlassId, recipient, reason } = command
  const looks = person.breakGlass ?? []
  const by = recipient.practitionerId
  const permitted = mayBreakGlass(person, { recipient, now })
  if (!permitted.ok) return { ok: false, reason: 'not-permitted' }
  if (openBreakGlass(person, { recipient, now })) return { ok: true, looks, by, audit: null }
  const { practitionerId, organisation, role } = recipient
  const look: BreakGlass = {
    breakGlassId,
    practitionerId,
    organisation,
    role,
    reason,
    openedAt: now,
    until: permitted.until,
    reviewBy: now + breakGlassReviewMs,
    reviewed: null,
  }
  const { until, reviewBy } = look
  const facts = { breakGlassId, practitionerId, organisation, role, reason, until, reviewBy }
  return { ok: true, looks: [...looks, look], by, audit: { change: 'break-glass', facts } }
}

function reviewed(
  { breakGlass: looks = [] }: PersonRow,
  command: Extract<BreakGlassCommand, { kind: 'review-break-glass' }>,
  now: number,
): BreakGlassDecision {
  const { breakGlassId, justified, by } = command
  const look = looks.find((one) => one.breakGlassId === breakGlassId)
  if (look === undefined) return { ok: false, reason: 'not-found' }
  // A second person, always: nobody reviews themselves.
  if (look.practitionerId === by) return { ok: false, reason: 'not-permitted' }
  if (look.reviewed !== null) return { ok: true, looks, by, audit: null }
  const done: BreakGlass = { ...look, reviewed: { at: now, by, justified } }
  const facts = { breakGlassId, justified }
  return {
    ok: true,
    looks: looks.map((one) => (one === look ? done : one)),
    by,
    audit: { change: 'review-break-glass', facts },
  }
}
