import type { Agreement, Claim, PersonRegister } from '@throughline/domain'
import { type Clock, type LookupReader, noSchedule, type Schedule } from '@throughline/stream'
import { consentChanged } from './consent-changed.ts'
import { acceptNeeds, decideAccept } from './decisions/accept.ts'
import {
  type ChangeRows,
  changeNeeds,
  decideChange,
  isInForce,
  proposalKeyOf,
  reachOf,
} from './decisions/change.ts'
import { decideGate, decideOutcome, gateNeeds, silentMsMax } from './decisions/gate.ts'
import {
  endOfReferrals,
  erasedReferrals,
  referralAt,
  sealedKeyOf,
  subjectOf,
} from './decisions/referrals.ts'
import { decideRestate, saidNeeds, toldAnew } from './decisions/restate.ts'
import type {
  Arrival,
  PersonRecord,
  Referral,
  ReferralQuery,
  Register,
  RegisterAnswer,
  RegisterCommand,
} from './port.ts'
import {
  type AttemptRow,
  noWrites,
  type PersonRow,
  type ReferralRow,
  type RegisterTables,
  type Writes,
} from './rows.ts'

export interface RegisterOptions {
  readonly clock: Clock
  /** Called after each commit that left something in the outbox. The relay is woken through the database anyway. */
  readonly onOutbox?: () => void
}

interface Decided<T> {
  readonly answer: T
  readonly writes: Writes
}

/** The register on one machine, with what the hub around it needs. */
export interface LocalRegister extends Register {
  /** How the Store reads the register's rows inside its own snapshot. */
  readonly reader: LookupReader
  readonly tables: RegisterTables
  /**
   * Ends the permits of a process that is gone: their outcome is `unknown`. Call it once, before
   * the first gate of a new process; gives back how many there were.
   */
  abandonPermits(): number
  /** Calls back after each commit that wrote audit entries; the answer stops it. */
  onAudit(listener: () => void): () => void
  /** Hourly housekeeping: silent attempts become `unknown`, and what has expired is deleted. */
  sweep(): void
}

/**
 * Register over synchronous tables (SQLite, memory). The decisions are pure; this reads their rows,
 * applies what they say and keeps the time, each in one transaction.
 */
export function createRegister(
  tables: RegisterTables,
  { clock, onOutbox }: RegisterOptions,
  schedule: Schedule = noSchedule,
): LocalRegister {
  const told = new Set<() => void>()
  const audited = new Set<() => void>()

  /** Never goes back, whatever the clock does: what was given out is the least there can be. */
  const timeNow = (): number => {
    const last = tables.lastTime()
    const now = Math.max(last, clock.now())
    if (now > last) tables.keepTime(now)
    return now
  }

  const commit = <T>(work: (now: number) => Decided<T>): T => committed(work).answer

  const committed = <T>(work: (now: number) => Decided<T>): Decided<T> => {
    const done = tables.transaction(() => {
      const now = timeNow()
      const decided = work(now)
      tables.apply(decided.writes, now)
      return decided
    })
    if (done.writes.outbox.length > 0) onOutbox?.()
    if (done.writes.audit.length > 0) for (const listener of audited) listener()
    return done
  }

  const changeRows = (command: RegisterCommand): ChangeRows => {
    const needs = changeNeeds(command)
    const { person, idempotency, acted, agreement } = needs
    return {
      person: person === undefined ? undefined : tables.get('people', person),
      idempotency: idempotency === undefined ? undefined : tables.get('idempotency', idempotency),
      claims: tables.getAll('claims', needs.claims ?? []),
      notices: needs.reach && person !== undefined ? tables.notices(person) : [],
      attempts: needs.reach && person !== undefined ? tables.attemptsOf(person) : [],
      acted: acted !== undefined && tables.get('acted', acted) !== undefined,
      agreement: agreement === undefined ? undefined : tables.get('agreements', agreement),
    }
  }

  /** What was restated of somebody before they agreed is told again with the next restatement. */
  const withRetold = <T>(decided: Decided<T>): Decided<T> => {
    const { rows } = decided.writes
    const retold = rows.flatMap((write) =>
      write.table === 'claims' && write.row?.personId != null
        ? tables.restatedOf(write.key).flatMap(([key, row]) => toldAnew(key, row))
        : [],
    )
    if (retold.length === 0) return decided
    return { ...decided, writes: { ...decided.writes, rows: [...rows, ...retold] } }
  }

  /** Whoever is erased goes from every desk in the same transaction. */
  const withoutReferrals = (
    command: RegisterCommand,
    claims: readonly string[],
    decided: Decided<RegisterAnswer>,
    now: number,
  ): Decided<RegisterAnswer> => {
    if (command.kind !== 'erase' || !decided.answer.ok || claims.length === 0) return decided
    const gone = erasedReferrals(tables.referrals(), claims, now)
    return { ...decided, writes: { ...decided.writes, rows: [...decided.writes.rows, ...gone] } }
  }

  /** As `permitsEnded`, for referrals that are taken back. */
  const withdrawalsEnded = async (arrivals: readonly Arrival[]): Promise<void> => {
    for (const { referral } of arrivals)
      if (referral?.kind === 'withdrawn')
        await permitsEnded(subjectOf(referral.referralId), ({ kind }) => kind === 'referral')
  }

  const referralsFor = (query: ReferralQuery): readonly Referral[] => {
    const now = Math.max(tables.lastTime(), clock.now())
    const found: readonly ReferralRow[] =
      'referralId' in query
        ? [tables.get('referrals', query.referralId)].flatMap((row) => row ?? [])
        : tables
            .referrals()
            .filter((row) =>
              'service' in query ? row.service === query.service : row.sender === query.sender,
            )
    return found
      .filter(({ forgetAt }) => forgetAt > now)
      .toSorted((a, b) => b.receivedAt - a.receivedAt || (a.referralId < b.referralId ? -1 : 1))
      .map((row) =>
        referralAt(row, tables.get('sealed', sealedKeyOf(row.referralId))?.bytes ?? null, now),
      )
  }

  /** Resolves once nothing about the person can still leave under a permit given before. */
  const permitsEnded = async (
    personId: string,
    concerns: (attempt: AttemptRow) => boolean,
  ): Promise<void> => {
    for (;;) {
      const now = Math.max(tables.lastTime(), clock.now())
      const open = tables
        .attemptsOf(personId)
        .filter((attempt) => attempt.outcome === null && attempt.until > now && concerns(attempt))
      if (open.length === 0) return
      const heard = new AbortController()
      const hear = () => heard.abort()
      told.add(hear)
      await clock.until(Math.max(...open.map(({ until }) => until)), heard.signal)
      told.delete(hear)
    }
  }

  /** What turned out to have been seen while the answer waited for the permits. */
  const withLateSightings = (
    command: Extract<RegisterCommand, { kind: 'withdraw' }>,
    { answer, writes }: Decided<RegisterAnswer>,
  ): RegisterAnswer => {
    const gone = new Set(command.purposes)
    const attempts = tables.attemptsOf(command.personId)
    const { alreadySeen } = reachOf({ notices: [], attempts }, gone)
    const seen = new Set(alreadySeen.map(({ noticeId }) => noticeId))
    const cancelled = writes.cancelNotices.filter((noticeId) => !seen.has(noticeId)).length
    return { ...answer, cancelled, alreadySeen } as RegisterAnswer
  }

  const scheduled = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    await schedule.at(`register.${name}.before`)
    const result = await work()
    await schedule.at(`register.${name}.after`)
    return result
  }

  return {
    now: () => Math.max(tables.lastTime(), clock.now()),
    tables,
    reader: lookupReader(tables, clock),

    accept: (arrivals) =>
      scheduled('accept', async () => {
        const needs = acceptNeeds(arrivals)
        const accepted = commit((now) => {
          const claims = tables.getAll('claims', needs.claims)
          const rows = {
            receipts: tables.getAll('receipts', needs.receipts),
            claimed: new Set(
              [...claims.values()]
                .filter((row) => row.personId !== null)
                .map((row) => row.identifier),
            ),
            claims,
            movements: tables.getAll('movements', needs.movements),
            parked: tables.getAll('parked', needs.parked),
            referrals: tables.getAll('referrals', needs.referrals),
          }
          return decideAccept(rows, arrivals, now)
        })
        await withdrawalsEnded(arrivals)
        return accepted
      }),

    restate: (restatements, counted = []) =>
      scheduled('restate', () =>
        commit((now) => {
          const said = tables.getAll('said', saidNeeds(restatements))
          return decideRestate(
            {
              said: (key) => said.get(key),
              known: (key) => tables.get('restated', key),
              claimed: (identifier) =>
                (tables.get('claims', identifier)?.personId ?? null) !== null,
            },
            restatements,
            counted,
            now,
          )
        }),
      ),

    change: (command) =>
      scheduled('change', async () => {
        const decided = committed((now) => {
          const rows = changeRows(command)
          const claims = rows.person?.claims ?? []
          const decided = decideChange(rows, command, now, consentChanged)
          return withRetold(withoutReferrals(command, claims, decided, now))
        })
        const { answer } = decided
        if (!answer.ok) return answer
        if (command.kind === 'erase') await permitsEnded(command.personId, () => true)
        if (command.kind !== 'withdraw') return answer
        await permitsEnded(command.personId, ({ purpose }) => command.purposes.includes(purpose))
        return withLateSightings(command, decided)
      }),

    gate: (disclosures) =>
      scheduled('gate', () => {
        const needs = gateNeeds(disclosures)
        return commit((now) => {
          const rows = {
            people: tables.getAll('people', needs.people),
            agreements: tables.agreements(),
            attempts: tables.getAll('attempts', needs.attempts),
            referrals: tables.getAll('referrals', needs.referrals),
          }
          return decideGate(rows, disclosures, now)
        })
      }),

    outcome: (outcomes) =>
      scheduled('outcome', () => {
        const ids = outcomes.map(({ attemptId }) => attemptId)
        commit((now) => ({
          answer: undefined,
          writes: decideOutcome(tables.getAll('attempts', ids), outcomes, now),
        }))
        for (const hear of told) hear()
      }),

    person: (personId) =>
      scheduled('person', () => {
        const row = tables.get('people', personId)
        return row && personRecord(tables, row)
      }),
    claimants: (identifiers) =>
      scheduled('claimants', () => [
        ...new Set(
          [...tables.getAll('claims', identifiers).values()].flatMap(
            ({ personId }) => personId ?? [],
          ),
        ),
      ]),
    people: (limit) =>
      scheduled('people', () =>
        tables.people(limit).map(({ personId, status, state, version, review }) => ({
          personId,
          status,
          state,
          version,
          review,
        })),
      ),
    caseload: (practitionerId) =>
      scheduled('caseload', () => {
        const now = Math.max(tables.lastTime(), clock.now())
        return tables
          .caseload(practitionerId)
          .filter((personId) =>
            tables
              .get('people', personId)
              ?.assignments.some(
                (one) =>
                  one.practitionerId === practitionerId &&
                  one.from <= now &&
                  (one.until === null || now < one.until),
              ),
          )
      }),
    disclosures: (personId) =>
      scheduled('disclosures', () =>
        tables
          .attemptsOf(personId)
          .map((attempt) => ({
            at: attempt.at,
            recipient: attempt.recipient,
            organisation: attempt.organisation,
            what: attempt.kind,
            id: attempt.id,
            outcome: attempt.outcome ?? ('intending' as const),
            sources: attempt.sources,
          }))
          .toReversed(),
      ),
    agreements: () => scheduled('agreements', () => tables.agreements()),
    referrals: (query) => scheduled('referrals', () => referralsFor(query)),
    endReferrals: (destroyed) =>
      scheduled('endReferrals', () =>
        commit((now) => {
          const ended = endOfReferrals(tables.referrals(), new Set(destroyed), now)
          const { keys, rows, audit } = ended
          return { answer: keys, writes: { ...noWrites, rows, audit } }
        }),
      ),
    ledger: () => scheduled('ledger', () => tables.ledger()),

    onAudit(listener) {
      audited.add(listener)
      return () => audited.delete(listener)
    },
    abandonPermits: () => endSilent(Number.MAX_SAFE_INTEGER),
    sweep() {
      const now = Math.max(tables.lastTime(), clock.now())
      endSilent(now - silentMsMax)
      tables.transaction(() => tables.prune(now))
    },
  }

  function endSilent(before: number): number {
    return commit((now) => {
      const open = tables.openAttempts(before)
      const outcomes = open.map(({ attemptId }) => ({ attemptId, outcome: 'unknown' as const }))
      const rows = new Map(open.map((attempt) => [attempt.attemptId, attempt]))
      return { answer: open.length, writes: decideOutcome(rows, outcomes, now) }
    })
  }
}

function personRecord(tables: RegisterTables, row: PersonRow): PersonRecord {
  const { personId, status, version, state, assignments, review, proposedLeads } = row
  const latest = row.versions.at(-1)
  const inForce = row.versions.findLast(isInForce)
  const sealed = tables.get('sealed', personId)?.bytes ?? new Uint8Array(0)
  const waiting = tables.get('sealed', proposalKeyOf(personId))
  return {
    personId,
    status,
    version,
    state,
    grants: (inForce ?? latest)?.grants ?? [],
    assignments,
    sealed,
    review,
    ...(proposedLeads.length > 0 && { proposedLeads }),
    ...(waiting &&
      latest && {
        proposal: { version: latest.version, grants: latest.grants, sealed: waiting.bytes },
      }),
  }
}

/**
 * Claims bring their people's rows, so that one look answers link. Rows once read are used again as
 * long as the register's revision, read in the step's own snapshot, says that none has changed: that
 * is a read of the rows, not a copy of them.
 */
function lookupReader(tables: RegisterTables, clock: Clock): LookupReader {
  let seenAt = -1
  let claims = new Map<string, Claim | undefined>()
  let people = new Map<string, PersonRow | undefined>()
  let agreements: readonly Agreement[] | undefined

  const claimOf = (identifier: string): Claim | undefined => {
    if (claims.has(identifier)) return claims.get(identifier)
    const row = tables.get('claims', identifier)
    const claim = row?.personId == null ? undefined : { identifier, personId: row.personId }
    claims.set(identifier, claim)
    return claim
  }
  const personOf = (personId: string): PersonRow | undefined => {
    if (!people.has(personId)) people.set(personId, tables.get('people', personId))
    return people.get(personId)
  }

  return {
    revision: () => tables.revision(),
    read(lookups) {
      const revision = tables.revision()
      if (revision !== seenAt || claims.size + people.size > rowsKeptMax) {
        claims = new Map()
        people = new Map()
        agreements = undefined
        seenAt = revision
      }
      const knownClaims = new Map<string, Claim>()
      const knownPeople = new Map<string, PersonRegister>()
      let known: readonly Agreement[] = []
      const know = (personId: string): void => {
        const row = personOf(personId)
        if (row) knownPeople.set(personId, row)
      }
      for (const lookup of lookups) {
        if (lookup.kind === 'agreements') known = agreements ??= tables.agreements()
        else if (lookup.kind === 'person') know(lookup.personId)
        else if (lookup.kind === 'claims') {
          const claim = claimOf(lookup.identifier)
          if (!claim) continue
          knownClaims.set(claim.identifier, claim)
          know(claim.personId)
        }
      }
      return {
        now: Math.max(tables.lastTime(), clock.now()),
        agreements: known,
        claim: (identifier) => knownClaims.get(identifier),
        person: (personId) => knownPeople.get(personId),
      }
    },
  }
}

const rowsKeptMax = 50_000
