import type {
  Accepted,
  Arrival,
  ArrivingEvent,
  Disclosure,
  Register,
  RegisterAnswer,
} from '@throughline/consent'
import type { Agreement, Grant, Lookup, PersonRegister } from '@throughline/domain'
import { codecFor } from '@throughline/schemas'
import {
  emptyStep,
  type Loaded,
  type OutgoingRecord,
  registerTask,
  type SteppedClock,
  type Store,
  type Views,
} from '@throughline/stream'
import { expect } from 'vitest'

/** A register on its database, with the Store beside it and a clock that only the test moves. */
export interface Desk extends AsyncDisposable {
  readonly register: Register & { sweep(): void | Promise<void> }
  readonly clock: SteppedClock
  readonly store: Store
  readonly views: Views
  /** The process is gone, and another one opens what it left behind. */
  restarted(): Promise<Desk>
  /** A row as the register has written it. */
  kept(table: 'receipts' | 'claims', key: string): Promise<KeptRow | undefined>
  /** The audit's entries, in order. */
  audit(): Promise<readonly string[]>
  /** From now on no audit entry can be written. */
  loseAudit(): Promise<void>
}

export type KeptRow = Readonly<Record<string, unknown>>

export const start = Date.UTC(2026, 0, 5, 9)
export const hour = 3_600_000
export const day = 24 * hour

export const agreements = ['custody', 'housing'].flatMap((source) =>
  (['care-coordination', 'duty-to-refer'] as const).map(
    (purpose): Agreement => ({
      agreementId: `${source} ${purpose}`,
      source,
      purpose,
      recipientOrganisation: 'testshire-recovery',
      from: 0,
      until: start + 1000 * day,
    }),
  ),
) as [Agreement, ...Agreement[]]

export const grant = (some: Partial<Grant> = {}): Grant => ({
  purpose: 'care-coordination',
  sources: ['custody'],
  recipients: [{ organisation: 'testshire-recovery', role: 'lead-practitioner' }],
  categories: ['whereabouts', 'justice'],
  tier: 'detail',
  from: start,
  until: start + 365 * day,
  lookBackDays: 0,
  ...some,
})

export const lead = (practitionerId: string) =>
  ({
    practitionerId,
    organisation: 'testshire-recovery',
    role: 'lead-practitioner',
    relation: 'lead',
    tier: 'detail',
  }) as const

export const recipient = (practitionerId: string): Disclosure['recipient'] => ({
  practitionerId,
  organisation: 'testshire-recovery',
  role: 'lead-practitioner',
})

export const disclosure = (personId: string, some: Partial<Disclosure> = {}): Disclosure => ({
  attemptId: 'attempt-1',
  personId,
  purpose: 'care-coordination',
  sources: ['custody'],
  categories: ['whereabouts'],
  tier: 'headline',
  recipient: recipient('lp-1'),
  what: { kind: 'notice', id: 'notice-1' },
  ...some,
})

export interface Saying {
  readonly idempotency?: { readonly key: string; readonly body: string }
  readonly grants?: readonly Grant[]
  readonly state?: 'given' | 'declined' | 'proposed'
  readonly expectedVersion?: number
  readonly sealed?: Uint8Array
}

/** A person's first consent, with the agreements of the institutions in force. */
export async function agree(
  desk: Desk,
  personId: string,
  identifiers: readonly string[],
  saying: Saying = {},
): Promise<RegisterAnswer> {
  if ((await desk.register.agreements()).length === 0)
    for (const agreement of agreements)
      await desk.register.change({ kind: 'put-agreement', agreement, by: 'operator' })
  return recorded(desk, personId, identifiers, true, saying)
}

export const change = (
  desk: Desk,
  personId: string,
  identifiers: readonly string[],
  saying: Saying = {},
): Promise<RegisterAnswer> => recorded(desk, personId, identifiers, false, saying)

export const recorded = (
  { register }: Desk,
  personId: string,
  identifiers: readonly string[],
  isNew: boolean,
  { idempotency, grants = [grant()], state = 'given', expectedVersion, sealed }: Saying,
): Promise<RegisterAnswer> =>
  register.change({
    kind: 'record-consent',
    personId,
    isNew,
    expectedVersion: expectedVersion ?? null,
    state,
    identifiers,
    grants,
    assignments: [lead('lp-1')],
    sealed: sealed ?? Uint8Array.of(1),
    by: 'lp-1',
    ...(idempotency && { idempotency }),
  })

export const withdraw = (
  { register }: Desk,
  personId: string,
  purposes: readonly Grant['purpose'][],
): Promise<RegisterAnswer> =>
  register.change({ kind: 'withdraw', personId, purposes, by: 'person', reason: null })

/** A promise whose state can be asked for. */
export function settled<T>(value: Promise<T>): { done: boolean; readonly value: Promise<T> } {
  const watched = { done: false, value }
  void value.then(() => {
    watched.done = true
  })
  return watched
}

/** Resolves once a withdrawal stands, answered or not. */
export async function taken({ register }: Desk, personId: string): Promise<void> {
  while ((await register.person(personId))?.state !== 'withdrawn');
}

export async function gateOne(desk: Desk, one: Disclosure) {
  const [permit] = await desk.register.gate([one])
  return permit
}

/** Through the gate, and seen. */
export async function show(desk: Desk, one: Disclosure): Promise<void> {
  expect(await gateOne(desk, one)).toMatchObject({ allowed: true })
  await desk.register.outcome([{ attemptId: one.attemptId, outcome: 'delivered' }])
}

/** What notify does when a rule fires: a row of the notices view. */
export async function noticed(
  desk: Desk,
  personId: string,
  id: string,
  state = 'open',
): Promise<void> {
  const task = await desk.store.open({ processor: 'notify', generation: 1, partition: 0 })
  const row = {
    view: 'notices',
    id,
    version: 1,
    personId,
    reader: 'lp-1',
    state,
    sort: 0,
    facts: { sources: ['custody'] },
    body: new Uint8Array(0),
  }
  await task.commit({ ...emptyStep, views: [row] })
}

export interface Arriving {
  readonly version?: number
  readonly contentHash?: string
  readonly unclaimed?: 'drop' | 'hold'
  readonly identifiers?: readonly string[]
  readonly conflict?: Arrival['conflict']
  readonly resolves?: readonly string[]
  readonly record?: ArrivingEvent['record']
}

/** A release as the custody connector brings it. */
export function arrival(naturalKey: string, some: Arriving = {}): Arrival {
  const event: ArrivingEvent = {
    type: 'ReleasedFromPrison',
    eventId: `event ${naturalKey}`,
    version: 1,
    identifiers: some.identifiers ?? [`NOMS of ${naturalKey}`],
    record: some.record ?? finalRecord,
  }
  return arrivalOf(naturalKey, event, some)
}

/** A release that several families report, `afterMs` after nine o'clock. */
export function movement(
  name: string,
  family: number,
  afterMs: number,
  place: string | null = 'ZZX',
  person = 'ann',
): Arrival {
  const event: ArrivingEvent = {
    type: 'ReleasedFromPrison',
    eventId: `event ${name}`,
    version: family,
    identifiers: [`NOMS ${person}`],
    twin: { group: `${person} out`, place, at: start + afterMs, withinMs: hour },
    record: finalRecord,
  }
  return arrivalOf(name, event, {})
}

export const arrivalOf = (naturalKey: string, event: ArrivingEvent, some: Arriving): Arrival => ({
  agency: 'custody',
  system: 'test',
  naturalKey,
  version: some.version ?? 1,
  contentHash: some.contentHash ?? 'content',
  verdict: { outcome: 'published', events: [event], unclaimed: some.unclaimed ?? 'hold' },
  ...(some.conflict && { conflict: some.conflict }),
  ...(some.resolves && { resolves: some.resolves }),
})

/** A court hearing as it stands, told whole: the requirements made in it; or that it was deleted. */
export const hearing = (
  names: readonly string[],
  ends = false,
  unclaimed: 'drop' | 'hold' = 'hold',
): Arrival => {
  const eventOf = (type: string, eventId: string, identifiers: readonly string[]) => ({
    type,
    eventId,
    version: 1,
    identifiers,
    record: finalRecord,
  })
  return {
    agency: 'probation',
    system: 'court',
    naturalKey: 'hearing 1',
    version: 1,
    contentHash: ends ? 'deleted' : names.join(),
    verdict: {
      outcome: 'published',
      unclaimed,
      events: names.map((name) =>
        eventOf('TreatmentRequirementMade', `event ${name}`, ['NOMS ann']),
      ),
      retells: {
        ends,
        withdrawals: (missing) => [eventOf('EventWithdrawn', `without ${missing.join(', ')}`, [])],
      },
    },
  }
}

export const finalRecord: ArrivingEvent['record'] = ({ eventId, version, receivedAt }) =>
  record(`${eventId} v${version}`)(receivedAt)

export const record =
  (said: string) =>
  (receivedAt: number): OutgoingRecord => ({
    topic: 'agency.custody.v1',
    key: 'key',
    id: `${said} at ${receivedAt}`,
    value: Uint8Array.of(0),
  })

export async function accept(desk: Desk, one: Arrival): Promise<Accepted> {
  const [answer] = await desk.register.accept([one])
  return answer as Accepted
}

export const eventIdsOf = (answer: Accepted): readonly string[] =>
  'eventIds' in answer ? answer.eventIds : []

export const releasedOf = (answer: Accepted) =>
  'released' in answer ? (answer.released ?? []) : []

/** Whatever the register's relay would send, in order. */
export async function outbox(desk: Desk): Promise<readonly OutgoingRecord[]> {
  const task = await desk.store.open(registerTask)
  return (await task.outbox(1000)).flatMap(({ records }) => records)
}

export const sent = async (desk: Desk): Promise<readonly string[]> =>
  (await outbox(desk)).filter(({ topic }) => topic === 'agency.custody.v1').map(({ id }) => id)

export const triggers = async (desk: Desk): Promise<readonly object[]> =>
  (await outbox(desk))
    .filter(({ topic }) => topic === 'consent.changes.v1')
    .map(({ value }) => codecFor('ConsentChanged').decode(value ?? new Uint8Array(0)))

/** As a step looks it up. */
export async function look(desk: Desk, lookups: readonly Lookup[]): Promise<Loaded> {
  const task = await desk.store.open({ processor: 'looking', generation: 1, partition: 0 })
  return task.load([], lookups)
}

export const claimantOf = async (desk: Desk, identifier: string): Promise<string | undefined> =>
  (await look(desk, [{ kind: 'claims', identifier }])).known.claim(identifier)?.personId

export const rowsOf = async (desk: Desk, personId: string): Promise<PersonRegister | undefined> =>
  (await look(desk, [{ kind: 'person', personId }])).known.person(personId)

export const auditOf = async (desk: Desk): Promise<readonly Record<string, unknown>[]> =>
  (await desk.audit()).map((text) => JSON.parse(text) as Record<string, unknown>)

export const passTo = (desk: Desk, at: number): Promise<void> => desk.clock.advanceTo(at)

export async function ledgerOf(desk: Desk): Promise<Record<string, number>> {
  const rows = await desk.register.ledger()
  return Object.fromEntries(rows.map((row) => [`${row.outcome}/${row.reason}`, row.count]))
}

/** The hours in which what came in is not what became of it. */
export function balance(rows: Awaited<ReturnType<Register['ledger']>>): readonly string[] {
  const byHour = Map.groupBy(rows, ({ agency, hour: at }) => `${agency} ${at}`)
  return [...byHour].flatMap(([name, counts]) => {
    const sum = counts.reduce(
      (left, { outcome, count }) => (outcome === 'received' ? left - count : left + count),
      0,
    )
    return sum === 0 ? [] : [name]
  })
}
