import type { Agreement } from '@throughline/domain'
import type { KeyRef } from '@throughline/stream'
import { consentChanged } from './consent-changed.ts'
import { acceptNeeds, decideAccept } from './decisions/accept.ts'
import { type ChangeRows, changeNeeds, decideChange } from './decisions/change.ts'
import { decideGate, decideOutcome, gateNeeds } from './decisions/gate.ts'
import { endOfReferrals, erasedReferrals } from './decisions/referrals.ts'
import { decideRestate, restatedKeptMs, saidKeyOf, toldAnew } from './decisions/restate.ts'
import type {
  Accepted,
  Arrival,
  Counted,
  Disclosure,
  DisclosureOutcome,
  Permit,
  RegisterAnswer,
  RegisterCommand,
  Restated,
  Restatement,
} from './port.ts'
import {
  type AttemptRow,
  type ClaimRow,
  type LedgerRow,
  type NoticeRow,
  noWrites,
  type PersonRow,
  type ReferralRow,
  type RegisterRows,
  type RestatedRow,
  type TableName,
  type Writes,
} from './rows.ts'

/** Rows by table and key, and whole sets of them: read together, in one moment. */
export interface Needs extends Readonly<Partial<Record<TableName, readonly string[]>>> {
  readonly everyAgreement?: boolean
  readonly everyReferral?: boolean
  /** The gate's attempts about a person, oldest first. */
  readonly attemptsOf?: string
  /** Attempts without an outcome whose permit ended before; `abandoned`: by a process that is gone. */
  readonly openAttempts?: { readonly before: number; readonly abandoned?: boolean }
  readonly noticesOf?: string
  /** What was restated about the owners of these identifiers. */
  readonly restatedOf?: readonly string[]
  readonly caseloadOf?: string
  readonly latestPeople?: number
  readonly ledger?: boolean
  /** For adapters whose transactions run side by side. Asked for with the first rows. */
  readonly share?: Concerns
  readonly alone?: Concerns
  /** Rows of these tables stay as they are read, until the work is done. */
  readonly hold?: readonly TableName[]
}

/** What must not change under a piece of work (`share`), or what it changes (`alone`). */
export interface Concerns {
  readonly people?: readonly string[]
  readonly claims?: readonly string[]
  readonly agreements?: boolean
  readonly referrals?: boolean
  /** Systems that tell everything again, by agency and name. */
  readonly systems?: readonly string[]
}

/** What was asked for, as it is. */
export interface Found {
  /** The register's time, read after the rows were. */
  readonly now: number
  rows<N extends TableName>(table: N): ReadonlyMap<string, RegisterRows[N]>
  readonly agreements: readonly Agreement[]
  readonly referrals: readonly ReferralRow[]
  readonly attempts: readonly AttemptRow[]
  readonly notices: readonly NoticeRow[]
  readonly restated: readonly (readonly [key: string, row: RestatedRow])[]
  /** Of a caseload, or the latest. */
  readonly people: readonly PersonRow[]
  readonly ledger: readonly LedgerRow[]
}

export interface Decided<T> {
  readonly answer: T
  readonly writes: Writes
}

/**
 * One piece of the register's work: it yields what it needs to read, is given it, and ends with what
 * is to be answered and written. Whoever runs it keeps all of it in one transaction: at once over
 * synchronous tables, or in a few round trips to a database.
 */
export type Work<T> = Generator<Needs, Decided<T>, Found>

export function* accepting(arrivals: readonly Arrival[]): Work<readonly Accepted[]> {
  const needs = acceptNeeds(arrivals)
  const masks = arrivals.some((arrival) => arrival.masks !== undefined)
  const found = yield {
    ...needs,
    share: { claims: needs.claims },
    hold: ['receipts', 'movements', 'parked', 'referrals', ...(masks ? (['claims'] as const) : [])],
    ...(needs.referrals.length > 0 && { alone: { referrals: true } }),
  }
  const claims = found.rows('claims')
  const rows = {
    receipts: found.rows('receipts'),
    claimed: claimedIn(claims),
    claims,
    movements: found.rows('movements'),
    parked: found.rows('parked'),
    referrals: found.rows('referrals'),
  }
  return decideAccept(rows, arrivals, found.now)
}

const claimedIn = (claims: ReadonlyMap<string, ClaimRow>): ReadonlySet<string> =>
  new Set([...claims.values()].flatMap((row) => (row.personId === null ? [] : row.identifier)))

export function* restating(
  given: readonly Restatement[],
  counted: readonly Counted[],
): Work<readonly Restated[]> {
  const things = given.map(askedOnce)
  const systems = [...new Set(things.map(({ agency, system }) => `${agency} ${system}`))]
  const known = yield {
    said: [...new Set(things.flatMap((thing) => thing.rows.map((row) => saidKeyOf(thing, row))))],
    alone: { systems },
  }
  const said = known.rows('said')
  const isNews = (thing: Restatement): boolean =>
    thing.rows.some((row) => {
      const before = said.get(saidKeyOf(thing, row))
      return before === undefined || before.seenAt + restatedKeptMs <= known.now
    })
  const news = things.filter(isNews)
  const read = new Set(news)
  const claims = new Set(news.flatMap((thing) => thing.says().identifiers))
  for (;;) {
    const found = yield {
      restated: [...read].map(({ agency, system, key }) => `${agency} ${system} ${key}`),
      claims: [...claims],
      share: { claims: [...claims] },
    }
    const restated = found.rows('restated')
    const claimed = claimedIn(found.rows('claims'))
    let complete = true
    // What becomes news only by what an earlier one of the same call says is read then.
    const rows = {
      said: (key: string) => said.get(key),
      known: (key: string, thing: Restatement) => {
        if (!read.has(thing)) complete = false
        read.add(thing)
        return restated.get(key)
      },
      claimed: (identifier: string) => {
        if (!claims.has(identifier)) complete = false
        claims.add(identifier)
        return claimed.has(identifier)
      },
    }
    const decided = decideRestate(rows, things, counted, found.now)
    if (complete) return decided
  }
}

/** The caller works them out; it need not do so twice. */
function askedOnce(thing: Restatement): Restatement {
  let key: string | undefined
  let says: ReturnType<Restatement['says']> | undefined
  const { agency, system, rows, unclaimed } = thing
  return {
    agency,
    system,
    rows,
    unclaimed,
    get key() {
      return (key ??= thing.key)
    },
    says: () => (says ??= thing.says()),
  }
}

export function* changing(command: RegisterCommand): Work<RegisterAnswer> {
  const { person, idempotency, acted, agreement, claims = [], reach } = changeNeeds(command)
  const found = yield {
    people: listOf(person),
    idempotency: listOf(idempotency),
    acted: listOf(acted),
    agreements: listOf(agreement),
    claims,
    ...(reach && person !== undefined && { noticesOf: person, attemptsOf: person }),
    alone: {
      people: listOf(person),
      claims,
      agreements: agreement !== undefined,
      referrals: command.kind === 'erase',
    },
    hold: ['idempotency', 'acted'],
  }
  const rows: ChangeRows = {
    person: person === undefined ? undefined : found.rows('people').get(person),
    idempotency: idempotency === undefined ? undefined : found.rows('idempotency').get(idempotency),
    claims: found.rows('claims'),
    notices: found.notices,
    attempts: found.attempts,
    acted: acted !== undefined && found.rows('acted').has(acted),
    agreement: agreement === undefined ? undefined : found.rows('agreements').get(agreement),
  }
  const decided = decideChange(rows, command, found.now, consentChanged)
  return yield* withRetold(yield* withoutReferrals(command, rows.person, decided))
}

const listOf = (one: string | undefined): readonly string[] => (one === undefined ? [] : [one])

/** What was restated of somebody before they agreed is told again with the next restatement. */
function* withRetold<T>(decided: Decided<T>): Work<T> {
  const restatedOf = decided.writes.rows.flatMap((write) =>
    write.table === 'claims' && write.row?.personId != null ? [write.key] : [],
  )
  if (restatedOf.length === 0) return decided
  const { restated } = yield { restatedOf }
  return withRows(
    decided,
    restated.flatMap(([key, row]) => toldAnew(key, row)),
  )
}

/** Whoever is erased goes from every desk in the same transaction. */
function* withoutReferrals(
  command: RegisterCommand,
  person: PersonRow | undefined,
  decided: Decided<RegisterAnswer>,
): Work<RegisterAnswer> {
  const claims = person?.claims ?? []
  if (command.kind !== 'erase' || !decided.answer.ok || claims.length === 0) return decided
  const { referrals, now } = yield { everyReferral: true }
  return withRows(decided, erasedReferrals(referrals, claims, now))
}

const withRows = <T>(decided: Decided<T>, rows: Writes['rows']): Decided<T> =>
  rows.length === 0
    ? decided
    : { ...decided, writes: { ...decided.writes, rows: [...decided.writes.rows, ...rows] } }

export function* gating(disclosures: readonly Disclosure[]): Work<readonly Permit[]> {
  const needs = gateNeeds(disclosures)
  const found = yield {
    ...needs,
    everyAgreement: true,
    share: {
      people: needs.people,
      agreements: true,
      referrals: needs.referrals.length > 0,
    },
  }
  const rows = {
    people: found.rows('people'),
    agreements: found.agreements,
    attempts: found.rows('attempts'),
    referrals: found.rows('referrals'),
  }
  return decideGate(rows, disclosures, found.now)
}

export function* telling(
  outcomes: readonly { readonly attemptId: string; readonly outcome: DisclosureOutcome }[],
): Work<undefined> {
  const attempts = outcomes.map(({ attemptId }) => attemptId)
  const found = yield { attempts, hold: ['attempts'] }
  return {
    answer: undefined,
    writes: decideOutcome(found.rows('attempts'), outcomes, found.now),
  }
}

export function* endingReferrals(destroyed: readonly KeyRef[]): Work<readonly KeyRef[]> {
  const { referrals, now } = yield { everyReferral: true, alone: { referrals: true } }
  const { keys, rows, audit } = endOfReferrals(referrals, new Set(destroyed), now)
  return { answer: keys, writes: { ...noWrites, rows, audit } }
}

/** Attempts of which nobody will tell any more: their outcome is `unknown`. Gives how many there were. */
export function* endingSilent(openAttempts: NonNullable<Needs['openAttempts']>): Work<number> {
  const { attempts, now } = yield { openAttempts }
  const outcomes = attempts.map(({ attemptId }) => ({ attemptId, outcome: 'unknown' as const }))
  const rows = new Map(attempts.map((attempt) => [attempt.attemptId, attempt]))
  return { answer: attempts.length, writes: decideOutcome(rows, outcomes, now) }
}
