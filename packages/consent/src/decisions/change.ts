import {
  type Agreement,
  type Assignment,
  type ConsentVersion,
  type Grant,
  type Purpose,
  purposes,
} from '@throughline/domain'
import type { OutgoingRecord } from '@throughline/stream'
import type { ConsentCommand, RegisterAnswer, RegisterCommand, SeenNotice } from '../port.ts'
import {
  type AttemptRow,
  type AuditEntry,
  type ClaimRow,
  type IdempotencyRow,
  type NoticeRow,
  noWrites,
  type PersonRow,
  type SealedRow,
  type Write,
  type Writes,
} from '../rows.ts'
import { inboundRetentionMs } from './accept.ts'
import { type BreakGlassDecision, decideBreakGlass } from './break-glass.ts'

const dayMs = 86_400_000

export interface ChangeNeeds {
  readonly person?: string
  readonly idempotency?: string
  readonly claims?: readonly string[]
  /** The person's notices and the attempts to show them. */
  readonly reach?: boolean
  readonly acted?: string
  readonly agreement?: string
}

export interface ChangeRows {
  readonly person: PersonRow | undefined
  readonly idempotency: IdempotencyRow | undefined
  readonly claims: ReadonlyMap<string, ClaimRow>
  readonly notices: readonly NoticeRow[]
  readonly attempts: readonly AttemptRow[]
  readonly acted: boolean
  readonly agreement: Agreement | undefined
}

/** What the outside makes of a change: the trigger's record, encoded by the adapter's owner. */
export type TriggerOf = (
  person: Pick<PersonRow, 'personId' | 'version' | 'revision' | 'changedAt'>,
) => OutgoingRecord

export interface ChangeDecision {
  readonly answer: RegisterAnswer
  readonly writes: Writes
}

/** The rows that a decision about this command reads. */
export function changeNeeds(command: RegisterCommand): ChangeNeeds {
  switch (command.kind) {
    case 'record-consent':
      return {
        person: command.personId,
        claims: command.identifiers,
        ...(command.idempotency && { idempotency: command.idempotency.key }),
      }
    case 'withdraw':
    case 'erase':
      return { person: command.personId, reach: true }
    case 'assign':
    case 'end-assignment':
    case 'break-glass':
    case 'review-break-glass':
      return { person: command.personId }
    case 'act':
      return { acted: command.actionId }
    case 'put-agreement':
      return { agreement: command.agreement.agreementId }
  }
}

/** What becomes of one command. `now` is the register's time, read after its rows were locked. */
export function decideChange(
  rows: ChangeRows,
  command: RegisterCommand,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  switch (command.kind) {
    case 'record-consent':
      return recordConsent(rows, command, now, triggerOf)
    case 'put-agreement':
      return putAgreement(rows, command)
    case 'act':
      return act(rows, command, now)
    case 'withdraw':
    case 'assign':
    case 'end-assignment':
    case 'break-glass':
    case 'review-break-glass':
    case 'erase': {
      const { person } = rows
      if (!person) return refuse('not-found')
      if (command.kind === 'erase') return erase(rows, person, command.by, now, triggerOf)
      if (person.status === 'erased') return refuse('erased')
      if (command.kind === 'withdraw') return withdraw(rows, person, command, now, triggerOf)
      if (command.kind === 'assign') return assign(person, command, now, triggerOf)
      if (command.kind === 'end-assignment') return endAssignment(person, command, now, triggerOf)
      return lookedAt(person, decideBreakGlass(person, command, now), now)
    }
  }
}

const refuse = (reason: Extract<RegisterAnswer, { ok: false }>['reason']): ChangeDecision => ({
  answer: { ok: false, reason },
  writes: noWrites,
})

function recordConsent(
  rows: ChangeRows,
  command: ConsentCommand,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  const { person, idempotency } = rows
  if (idempotency && command.idempotency) {
    if (idempotency.body !== command.idempotency.body) return refuse('idempotency-mismatch')
    return { answer: idempotency.answer, writes: noWrites }
  }
  if (!command.isNew && !person) return refuse('not-found')
  if (person?.status === 'erased') return refuse('erased')
  // A new person's id is random: one that exists already is a fault of the caller's.
  if (command.isNew && person) return refuse('version-stale')
  const seen = person?.version ?? 0
  if (command.expectedVersion !== null && command.expectedVersion !== seen)
    return refuse('version-stale')
  if (person && isTakenBackSince(person, command.saidAt)) return refuse('withdrawn-since')

  const before = person ?? nobody(command.personId)
  const identifiers = [...new Set(command.identifiers)]
  const inUse =
    command.state !== 'declined' &&
    identifiers.some((identifier) => {
      const claimedBy = rows.claims.get(identifier)?.personId ?? null
      return claimedBy !== null && claimedBy !== command.personId
    })
  const state = inUse ? 'proposed' : command.state
  const version: ConsentVersion = {
    version: seen + 1,
    state,
    acceptedAt: now,
    endedAt: null,
    grants: state === 'given' ? notBefore(command, rows, now) : command.grants,
    identifiers,
  }
  const after: PersonRow = {
    ...before,
    version: version.version,
    state,
    versions: [...ended(before.versions, now, state === 'proposed'), version],
    assignments: opens(before, command, now),
    claims: state === 'given' ? identifiers : state === 'declined' ? [] : before.claims,
    review: inUse ? 'identifier-in-use' : null,
    ...touchedAt(before, now),
  }
  const answer: RegisterAnswer = {
    ok: true,
    personId: command.personId,
    version: version.version,
    state,
    ...(inUse && { review: 'identifier-in-use' }),
  }
  const sealed: SealedRow = { personId: command.personId, bytes: command.sealed }
  const inForceBefore = before.versions.some(isInForce)
  const sealedWrites: Write[] =
    state === 'proposed' && inForceBefore
      ? [{ table: 'sealed', key: proposalKeyOf(command.personId), row: sealed }]
      : [
          { table: 'sealed', key: command.personId, row: sealed },
          { table: 'sealed', key: proposalKeyOf(command.personId), row: null },
        ]
  const idempotencyWrites: Write[] = command.idempotency
    ? [
        {
          table: 'idempotency',
          key: command.idempotency.key,
          row: { ...command.idempotency, answer },
        },
      ]
    : []
  return {
    answer,
    writes: {
      ...noWrites,
      rows: [...personWrites(before, after, now), ...sealedWrites, ...idempotencyWrites],
      outbox: [triggerOf(after)],
      audit: [changed('record-consent', after, command.by, inUse ? { review: after.review } : {})],
    },
  }
}

/** What was said before the person took something back, and arrives after it, opens nothing again. */
const isTakenBackSince = ({ versions }: PersonRow, saidAt = Infinity): boolean =>
  versions.some(({ withdrew, acceptedAt }) => withdrew === true && saidAt <= acceptedAt)

/**
 * A look-back takes up what came before the consent. Where somebody else claimed the identifier
 * then, those events are theirs: the look-back is cut to the whole days since they gave it up.
 */
function notBefore(command: ConsentCommand, rows: ChangeRows, now: number): readonly Grant[] {
  let freeMs = inboundRetentionMs
  for (const identifier of command.identifiers) {
    const claim = rows.claims.get(identifier)
    if (claim?.personId !== null || claim.releasedAt === null) continue
    if (claim.releasedBy === command.personId) continue
    freeMs = Math.min(freeMs, now - claim.releasedAt)
  }
  const days = Math.floor(freeMs / dayMs)
  return command.grants.map((grant) =>
    grant.lookBackDays <= days ? grant : { ...grant, lookBackDays: days },
  )
}

/**
 * A proposal ends nothing but an older proposal; whatever the person gave goes on until they decide.
 * What was only proposed stays `proposed`: `superseded` says that it was once in force.
 */
const ended = (
  versions: readonly ConsentVersion[],
  now: number,
  onlyProposals: boolean,
): readonly ConsentVersion[] =>
  versions.map((version) => {
    if (version.endedAt !== null) return version
    if (version.state === 'given')
      return onlyProposals ? version : { ...version, state: 'superseded', endedAt: now }
    return onlyProposals && version.state !== 'proposed' ? version : { ...version, endedAt: now }
  })

/** A version that the evaluator may find in force: given, and not ended. */
export const isInForce = (version: ConsentVersion): boolean =>
  version.state === 'given' && version.endedAt === null

/** The first consent opens assignments; afterwards they have their own command. */
function opens(before: PersonRow, command: ConsentCommand, now: number): readonly Assignment[] {
  if (command.state === 'declined' || before.assignments.length > 0) return before.assignments
  return (command.assignments ?? []).map((one) => ({ ...one, from: now, until: null }))
}

function withdraw(
  rows: ChangeRows,
  person: PersonRow,
  command: Extract<RegisterCommand, { kind: 'withdraw' }>,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  const gone = new Set<Purpose>(command.purposes)
  const inForce = person.versions.find(isInForce)
  const open = person.versions.filter(
    (version) => version.endedAt === null && ['given', 'proposed'].includes(version.state),
  )
  const touched = open.some(({ grants }) => grants.some(({ purpose }) => gone.has(purpose)))
  const reach = reachOf(rows, gone)
  // Said twice, or never agreed to: nothing ends, and the answer is the same.
  if (!touched)
    return {
      answer: {
        ok: true,
        personId: person.personId,
        version: person.version,
        state: person.state,
        cancelled: 0,
        alreadySeen: reach.alreadySeen,
      },
      writes: noWrites,
    }
  const left = (inForce?.grants ?? []).filter(
    (grant) => !gone.has(grant.purpose) && grant.until > now,
  )
  const wholly = left.length === 0
  const version: ConsentVersion = {
    version: person.version + 1,
    state: wholly ? 'withdrawn' : 'given',
    acceptedAt: now,
    endedAt: null,
    grants: left,
    identifiers: wholly ? [] : (inForce?.identifiers ?? []),
    withdrew: true,
  }
  const after: PersonRow = {
    ...person,
    version: version.version,
    state: version.state,
    versions: [...ended(person.versions, now, false), version],
    claims: wholly ? [] : person.claims,
    review: null,
    ...touchedAt(person, now),
  }
  return {
    answer: {
      ok: true,
      personId: person.personId,
      version: after.version,
      state: after.state,
      cancelled: reach.cancel.length,
      alreadySeen: reach.alreadySeen,
    },
    writes: {
      ...noWrites,
      rows: [
        ...personWrites(person, after, now),
        { table: 'sealed', key: proposalKeyOf(person.personId), row: null },
      ],
      outbox: [triggerOf(after)],
      cancelNotices: reach.cancel,
      audit: [
        changed('withdraw', after, command.by, {
          purposes: command.purposes,
          cancelled: reach.cancel,
        }),
      ],
    },
  }
}

/**
 * What of these purposes had been shown, and what had not. An attempt on the wire, or one whose
 * outcome nobody told, counts as seen: the person hears the worst that is possible.
 */
export function reachOf(
  rows: Pick<ChangeRows, 'notices' | 'attempts'>,
  gone: ReadonlySet<Purpose>,
): { readonly alreadySeen: readonly SeenNotice[]; readonly cancel: readonly string[] } {
  const seen = new Map<string, SeenNotice>()
  for (const attempt of rows.attempts) {
    if (attempt.kind !== 'notice' || !gone.has(attempt.purpose)) continue
    if (attempt.outcome === 'refused' || attempt.outcome === 'unused') continue
    const certain = attempt.outcome === 'delivered'
    const key = `${attempt.id} ${attempt.recipient}`
    const before = seen.get(key)
    if (before && (!before.raced || !certain)) continue
    seen.set(key, {
      noticeId: attempt.id,
      recipient: attempt.recipient,
      at: certain ? (attempt.outcomeAt ?? attempt.at) : attempt.at,
      ...(!certain && { raced: true }),
    })
  }
  const alreadySeen = [...seen.values()]
  // What is still on the wire is cancelled too: if it does not arrive, it must not be tried again.
  const delivered = alreadySeen.filter(({ raced }) => !raced)
  const seenIds = new Set(delivered.map(({ noticeId }) => noticeId))
  const cancel = rows.notices
    .filter(({ state, purpose }) => waits.has(state) && purpose !== null && gone.has(purpose))
    .filter(({ id }) => !seenIds.has(id))
    .map(({ id }) => id)
  return { alreadySeen, cancel }
}

/** States of a notice that somebody may still open. */
const waits: ReadonlySet<string> = new Set(['open', 'paused'])

function assign(
  person: PersonRow,
  command: Extract<RegisterCommand, { kind: 'assign' }>,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  const { assignment } = command
  const { practitionerId, relation } = assignment
  const lead = person.assignments.find((one) => one.relation === 'lead' && isCurrent(one, now))
  if (command.asProposal && relation === 'lead' && lead && lead.practitionerId !== practitionerId) {
    const others = person.proposedLeads.filter((one) => one.practitionerId !== practitionerId)
    const proposedLeads = [...others, assignment]
    const after: PersonRow = { ...person, proposedLeads, ...touchedAt(person, now) }
    const entry = changed('propose-lead', after, command.by, { practitionerId })
    return saved(person, after, now, [], [entry], { review: 'lead-proposed' })
  }
  const ends = (one: Assignment): boolean =>
    isCurrent(one, now) &&
    (one.practitionerId === practitionerId || (relation === 'lead' && one.relation === 'lead'))
  const after: PersonRow = {
    ...person,
    assignments: [
      ...person.assignments.map((one) => (ends(one) ? { ...one, until: now } : one)),
      { ...assignment, from: now, until: null },
    ],
    proposedLeads: relation === 'lead' ? [] : person.proposedLeads,
    ...touchedAt(person, now),
  }
  const entry = changed('assign', after, command.by, { practitionerId, relation })
  return saved(person, after, now, [triggerOf(after)], [entry])
}

function endAssignment(
  person: PersonRow,
  command: Extract<RegisterCommand, { kind: 'end-assignment' }>,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  const { practitionerId } = command
  const ends = (one: Assignment): boolean =>
    one.practitionerId === practitionerId && isCurrent(one, now)
  if (!person.assignments.some(ends)) return saved(person, person, now, [], [])
  const assignments = person.assignments.map((one) => (ends(one) ? { ...one, until: now } : one))
  const after: PersonRow = { ...person, assignments, ...touchedAt(person, now) }
  const entry = changed('end-assignment', after, command.by, { practitionerId })
  return saved(person, after, now, [triggerOf(after)], [entry])
}

const isCurrent = (one: Assignment, now: number): boolean => one.until === null || one.until > now

/** An emergency changes nobody's consent, so nobody has to look at the rows again. */
function lookedAt(person: PersonRow, decided: BreakGlassDecision, now: number): ChangeDecision {
  if (!decided.ok) return refuse(decided.reason)
  if (decided.audit === null) return saved(person, person, now, [], [])
  const { change, facts } = decided.audit
  const after: PersonRow = { ...person, breakGlass: decided.looks, ...touchedAt(person, now) }
  return saved(person, after, now, [], [changed(change, after, decided.by, facts)])
}

function saved(
  before: PersonRow,
  after: PersonRow,
  now: number,
  outbox: readonly OutgoingRecord[],
  audit: readonly AuditEntry[],
  more: { readonly review?: 'lead-proposed' } = {},
): ChangeDecision {
  const { personId, version, state } = after
  return {
    answer: { ok: true, personId, version, state, ...more },
    writes:
      before === after
        ? noWrites
        : { ...noWrites, rows: personWrites(before, after, now), outbox, audit },
  }
}

function putAgreement(
  rows: ChangeRows,
  command: Extract<RegisterCommand, { kind: 'put-agreement' }>,
): ChangeDecision {
  const { agreement } = command
  const answer: RegisterAnswer = { ok: true, personId: '', version: 0, state: 'agreed' }
  // A hub puts its configured agreements at every start: only what differs is news.
  if (rows.agreement && sameAgreement(rows.agreement, agreement))
    return { answer, writes: noWrites }
  return {
    answer,
    writes: {
      ...noWrites,
      rows: [{ table: 'agreements', key: agreement.agreementId, row: agreement }],
      audit: [{ kind: 'changed', facts: { change: 'put-agreement', agreement, by: command.by } }],
    },
  }
}

const sameAgreement = (one: Agreement, other: Agreement): boolean =>
  one.source === other.source &&
  one.purpose === other.purpose &&
  one.recipientOrganisation === other.recipientOrganisation &&
  one.from === other.from &&
  one.until === other.until

function act(
  rows: ChangeRows,
  command: Extract<RegisterCommand, { kind: 'act' }>,
  now: number,
): ChangeDecision {
  const answer: RegisterAnswer = { ok: true, personId: '', version: 0, state: 'recorded' }
  if (rows.acted) return { answer, writes: noWrites }
  const { actionId, noticeId } = command
  return {
    answer,
    writes: {
      ...noWrites,
      rows: [{ table: 'acted', key: actionId, row: { at: now } }],
      outbox: [command.record(now)],
      audit: [{ kind: 'changed', facts: { change: 'act', noticeId, actionId } }],
    },
  }
}

/**
 * The register's half of an erasure: a tombstone, nothing else of the person. The key is destroyed
 * by the caller afterwards (`erasePerson`); the proof stays in the audit, without content.
 */
function erase(
  rows: ChangeRows,
  person: PersonRow,
  by: string,
  now: number,
  triggerOf: TriggerOf,
): ChangeDecision {
  const { personId } = person
  const all = new Set(purposes)
  if (person.status === 'erased')
    return {
      answer: { ok: true, personId, version: person.version, state: 'erased' },
      writes: noWrites,
    }
  const reach = reachOf(rows, all)
  const after: PersonRow = {
    personId,
    status: 'erased',
    version: person.version + 1,
    state: 'withdrawn',
    versions: [],
    assignments: [],
    proposedLeads: [],
    claims: [],
    review: null,
    ...touchedAt(person, now),
  }
  const trigger = triggerOf(after)
  return {
    answer: {
      ok: true,
      personId,
      version: after.version,
      state: 'erased',
      cancelled: reach.cancel.length,
    },
    writes: {
      ...noWrites,
      rows: [
        ...personWrites(person, after, now),
        { table: 'sealed', key: personId, row: null },
        { table: 'sealed', key: proposalKeyOf(personId), row: null },
      ],
      outbox: [trigger, { topic: 'person.stories.v1', key: personId, id: trigger.id, value: null }],
      forgetViewsOf: [personId],
      audit: [changed('erase', after, by, {})],
    },
  }
}

const nobody = (personId: string): PersonRow => ({
  personId,
  status: 'active',
  version: 0,
  state: 'proposed',
  versions: [],
  assignments: [],
  proposedLeads: [],
  claims: [],
  review: null,
  revision: 0,
  changedAt: 0,
})

const touchedAt = (before: PersonRow, now: number) => ({
  revision: before.revision + 1,
  changedAt: now,
})

/** Where the sealed part of a version that is not in force waits. */
export const proposalKeyOf = (personId: string): string => `${personId} proposal`

/** The head row, and the claims that this change takes and gives up. */
function personWrites(before: PersonRow, after: PersonRow, now: number): readonly Write[] {
  const kept = new Set(after.claims)
  const had = new Set(before.claims)
  const { personId } = after
  const released = before.claims.filter((identifier) => !kept.has(identifier))
  const taken = after.claims.filter((identifier) => !had.has(identifier))
  return [
    { table: 'people', key: personId, row: after },
    ...released.map((identifier): Write => {
      const row: ClaimRow = { identifier, personId: null, releasedAt: now, releasedBy: personId }
      return { table: 'claims', key: identifier, row }
    }),
    ...taken.map((identifier): Write => {
      const row: ClaimRow = { identifier, personId, releasedAt: null, releasedBy: null }
      return { table: 'claims', key: identifier, row }
    }),
  ]
}

const changed = (
  change: string,
  person: PersonRow,
  by: string,
  more: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  kind: 'changed',
  facts: {
    change,
    personId: person.personId,
    version: person.version,
    state: person.state,
    by,
    ...more,
  },
})
