import type { OutgoingRecord } from '@throughline/stream'
import type { Accepted, Arrival, ArrivingEvent, ParkedArrival, Retelling } from '../port.ts'
import {
  type ClaimRow,
  type LedgerRow,
  type Movement,
  noWrites,
  type ParkedRow,
  type ReceiptRow,
  type ReferralRow,
  type Write,
  type Writes,
} from '../rows.ts'
import { masksOver } from './masks.ts'
import { referralsOver } from './referrals.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How long an unclaimed record leaves a trace, and how long a receipt changes what an agency hears. */
export const inboundRetentionMs = 7 * dayMs
/** How long what was published is known: as long as `person.events.v1` keeps it. */
const publishedKeptMs = 400 * dayMs
/** How long what is in quarantine is known: as long as `quarantine.v1` keeps it. */
const quarantineKeptMs = 30 * dayMs

/** A receipt's key: one inbound record of one system. */
export const receiptKeyOf = (arrival: Arrival): string =>
  [arrival.agency, arrival.system, arrival.naturalKey, String(arrival.version)].join(' ')

/** Parked records wait for one agency's own reference: another agency's cannot release them. */
export const waitKeyOf = (agency: string, reference: string): string => `${agency} ${reference}`

export interface AcceptNeeds {
  readonly receipts: readonly string[]
  readonly claims: readonly string[]
  readonly movements: readonly string[]
  readonly parked: readonly string[]
  readonly referrals: readonly string[]
}

export interface AcceptRows {
  readonly receipts: ReadonlyMap<string, ReceiptRow>
  /** The identifiers, of those asked for, that somebody claims. */
  readonly claimed: ReadonlySet<string>
  /** All claims of the identifiers asked for, with the masks on them. */
  readonly claims: ReadonlyMap<string, ClaimRow>
  readonly movements: ReadonlyMap<string, readonly Movement[]>
  readonly parked: ReadonlyMap<string, readonly ParkedRow[]>
  readonly referrals: ReadonlyMap<string, ReferralRow>
}

/** The rows that a decision about these arrivals reads. */
export function acceptNeeds(arrivals: readonly Arrival[]): AcceptNeeds {
  const receipts = new Set<string>()
  const claims = new Set<string>()
  const movements = new Set<string>()
  const parked = new Set<string>()
  const referrals = new Set<string>()
  for (const arrival of arrivals) {
    const { verdict } = arrival
    if (verdict.outcome === 'rejected') continue
    if (verdict.outcome !== 'ignored') receipts.add(receiptKeyOf(arrival))
    for (const identifier of arrival.masks?.identifiers ?? []) claims.add(identifier)
    for (const reference of arrival.resolves ?? []) parked.add(waitKeyOf(arrival.agency, reference))
    if (verdict.outcome === 'quarantined' && verdict.waitsFor !== undefined)
      parked.add(waitKeyOf(arrival.agency, verdict.waitsFor))
    if (verdict.outcome !== 'published') continue
    if (arrival.referral) referrals.add(arrival.referral.referralId)
    for (const event of verdict.events) {
      for (const identifier of event.identifiers) claims.add(identifier)
      if (event.twin) movements.add(event.twin.group)
    }
  }
  return {
    receipts: [...receipts],
    claims: [...claims],
    movements: [...movements],
    parked: [...parked],
    referrals: [...referrals],
  }
}

/**
 * What becomes of each arrival, in the order they came; a later one sees what an earlier one of the
 * same call did. `now` is the register's time and becomes `receivedAt`.
 */
export function decideAccept(
  rows: AcceptRows,
  arrivals: readonly Arrival[],
  now: number,
): { readonly answer: readonly Accepted[]; readonly writes: Writes } {
  const desk = openDesk(rows, now)
  const answer = arrivals.map((arrival) => acceptOne(desk, arrival))
  return { answer, writes: desk.writes() }
}

function acceptOne(desk: Desk, arrival: Arrival): Accepted {
  const { verdict } = arrival
  if (verdict.outcome === 'rejected') {
    // Not stored, so nothing is remembered: the same record again is rejected again.
    desk.count(arrival, 'rejected', verdict.reason)
    return { outcome: 'rejected', reason: verdict.reason }
  }
  // Before its own events: what a message asks, or takes back, counts for itself too.
  desk.masks.learn(arrival)
  if (verdict.outcome === 'ignored') {
    desk.count(arrival, 'ignored', verdict.reason)
    return withReleased({ outcome: 'ignored', reason: verdict.reason }, desk.released(arrival))
  }
  const receipt = desk.receipt(arrival)
  if (verdict.outcome === 'published' && verdict.retells !== undefined) {
    return retell(desk, arrival, { ...verdict, retells: verdict.retells }, receipt)
  }
  const retried = receipt?.outcome === 'quarantined' && verdict.outcome === 'published'
  if (receipt && !retried) return again(desk, arrival, receipt)
  return verdict.outcome === 'quarantined'
    ? quarantine(desk, arrival, verdict)
    : publish(desk, arrival, verdict, receipt)
}

type Published = Extract<Arrival['verdict'], { outcome: 'published' }>
type Quarantined = Extract<Arrival['verdict'], { outcome: 'quarantined' }>

/** The first time, or the second try of a record that was in quarantine. */
function publish(
  desk: Desk,
  arrival: Arrival,
  verdict: Published,
  receipt: ReceiptRow | undefined,
): Accepted {
  const refusal = desk.referrals.refusal(arrival)
  if (refusal !== null) {
    desk.count(arrival, 'ignored', refusal)
    return { outcome: 'ignored', reason: refusal }
  }
  desk.referrals.take(arrival)
  const kept = verdict.events.filter((event) => verdict.unclaimed === 'hold' || desk.claimed(event))
  const claimed = verdict.events.some((event) => desk.claimed(event))
  const eventIds = kept.map((event) => desk.send(arrival, event))
  const dropped = kept.length === 0 && verdict.events.length > 0
  const outcome = dropped ? 'dropped-unclaimed' : 'published'
  if (receipt) desk.recount(arrival, receipt, outcome)
  else desk.count(arrival, outcome, '')
  const events = verdict.events.map((event) => event.type)
  desk.keep(arrival, {
    outcome: dropped ? 'dropped' : 'published',
    eventIds,
    events: dropped ? [] : events,
    keptMs: claimed || nobodyNamed(verdict) ? publishedKeptMs : inboundRetentionMs,
  })
  if (receipt?.waitsFor != null) desk.unpark(arrival, receipt.waitsFor)
  return withReleased(
    {
      outcome: 'published',
      // What a source that drops hears may not depend on who has agreed, twins included.
      eventIds: verdict.unclaimed === 'drop' ? ownIds(verdict) : eventIds,
      events,
      receivedAt: desk.now,
    },
    desk.released(arrival),
  )
}

type Retold = Published & { readonly retells: Retelling }

/** An object told whole: what it says now replaces what it said before, in the order of arrival. */
function retell(
  desk: Desk,
  arrival: Arrival,
  verdict: Retold,
  receipt: ReceiptRow | undefined,
): Accepted {
  const { retells, unclaimed, events } = verdict
  if (receipt?.contentHash === arrival.contentHash) {
    return sameTelling(desk, arrival, verdict, receipt)
  }
  if (receipt === undefined && events.length === 0 && !retells.ends) {
    desk.count(arrival, 'ignored', 'not-needed')
    return withReleased({ outcome: 'ignored', reason: 'not-needed' }, desk.released(arrival))
  }
  const last = receipt?.telling ?? { number: 0, standing: [] }
  // An end is no telling: what is told after it, and differs, begins the object again.
  const number = retells.ends ? last.number : last.number + 1
  const kept = events.filter((event) => unclaimed === 'hold' || desk.claimed(event))
  const standing = kept.map((event) => desk.send(arrival, { ...event, version: number }))
  const stands = new Set(standing)
  const missing = last.standing.filter((id) => !stands.has(id))
  // After what stands, so that nobody loses for a moment what was only told again.
  const back = retells.ends || missing.length > 0 ? retells.withdrawals(missing) : []
  const version = Math.max(last.number, 1)
  const backIds = back.map((event) => desk.send(arrival, { ...event, version }))
  const dropped = kept.length + back.length === 0 && events.length > 0
  desk.count(arrival, dropped ? 'dropped-unclaimed' : 'published', '')
  const told = { eventIds: [...standing, ...backIds], events: [...kept, ...back].map(typeOf) }
  const isKnown = back.length > 0 || kept.some((event) => desk.claimed(event))
  desk.keep(arrival, {
    outcome: dropped ? 'dropped' : 'published',
    ...told,
    telling: { number, standing },
    keptMs: isKnown ? publishedKeptMs : inboundRetentionMs,
  })
  const answer = { outcome: 'published', ...toldOf(verdict, told), receivedAt: desk.now } as const
  return withReleased(answer, desk.released(arrival))
}

/** Told with nothing new. After a week it is answered as new, as every repeat is. */
function sameTelling(desk: Desk, arrival: Arrival, verdict: Retold, receipt: ReceiptRow): Accepted {
  desk.count(arrival, 'duplicate', '')
  const { receivedAt } = receipt
  const isOld = receivedAt + inboundRetentionMs <= desk.now
  const told = toldOf(verdict, receipt)
  const answer: Accepted = isOld
    ? { outcome: 'published', ...told, receivedAt }
    : { outcome: 'duplicate', ...told }
  return withReleased(answer, desk.released(arrival))
}

/** What a source that drops hears is what it sent, whoever has agreed. */
function toldOf(
  { unclaimed, events, retells }: Retold,
  told: Pick<ReceiptRow, 'eventIds' | 'events'>,
): Pick<ReceiptRow, 'eventIds' | 'events'> {
  if (unclaimed === 'hold') return { eventIds: told.eventIds, events: told.events }
  const own = [...events, ...(retells.ends ? retells.withdrawals([]) : [])]
  return { eventIds: own.map(idOf), events: own.map(typeOf) }
}

const typeOf = ({ type }: ArrivingEvent): string => type
const idOf = ({ eventId }: ArrivingEvent): string => eventId

function quarantine(desk: Desk, arrival: Arrival, verdict: Quarantined): Accepted {
  const record = verdict.record(desk.now)
  desk.count(arrival, 'quarantined', verdict.reason)
  desk.quarantined(record)
  desk.keep(arrival, {
    outcome: 'quarantined',
    reason: verdict.reason,
    at: verdict.at,
    waitsFor: verdict.waitsFor ?? null,
    keptMs: quarantineKeptMs,
  })
  if (verdict.waitsFor !== undefined) desk.park(arrival, verdict.waitsFor, record)
  return { outcome: 'quarantined', reason: verdict.reason, at: verdict.at }
}

/** The same key and version once more: a duplicate, or other content under a key that is taken. */
function again(desk: Desk, arrival: Arrival, receipt: ReceiptRow): Accepted {
  const { verdict } = arrival
  const differs = receipt.contentHash !== arrival.contentHash && receipt.outcome !== 'quarantined'
  if (differs) conflict(desk, arrival, receipt)
  else desk.count(arrival, 'duplicate', '')
  if (verdict.outcome !== 'published') {
    if (differs) return inConflict
    if (receipt.outcome !== 'quarantined') return { outcome: 'duplicate', eventIds: [], events: [] }
    return { outcome: 'quarantined', reason: receipt.reason, at: receipt.at }
  }
  const eventIds = verdict.unclaimed === 'drop' ? ownIds(verdict) : receipt.eventIds
  const events = verdict.events.map((event) => event.type)
  const { receivedAt } = receipt
  // Once the receipts of the unclaimed are gone, everybody's repeat is answered as new: an agency
  // that sends twice may not learn from the answer who has agreed.
  if (receivedAt + inboundRetentionMs <= desk.now)
    return withReleased(
      { outcome: 'published', eventIds, events, receivedAt },
      desk.released(arrival),
    )
  if (differs) return inConflict
  return withReleased({ outcome: 'duplicate', eventIds, events }, desk.released(arrival))
}

/** One of two contents is wrong, and only people can tell which: the later one goes to quarantine, once. */
function conflict(desk: Desk, arrival: Arrival, receipt: ReceiptRow): void {
  const { verdict } = arrival
  if (receipt.conflicts.includes(arrival.contentHash))
    return desk.count(arrival, 'duplicate', 'conflict')
  const mayKeep =
    verdict.outcome !== 'published' ||
    verdict.unclaimed === 'hold' ||
    verdict.events.some((event) => desk.claimed(event))
  desk.conflicting(arrival, receipt)
  const record =
    arrival.conflict ?? (verdict.outcome === 'quarantined' ? verdict.record : undefined)
  if (mayKeep && record) {
    desk.count(arrival, 'quarantined', 'conflict')
    desk.quarantined(record(desk.now))
  } else desk.count(arrival, 'dropped-unclaimed', 'conflict')
}

const inConflict: Accepted = { outcome: 'quarantined', reason: 'conflict', at: [] }

interface Keeping {
  readonly outcome: ReceiptRow['outcome']
  readonly reason?: string
  readonly at?: readonly string[]
  readonly waitsFor?: string | null
  readonly eventIds?: readonly string[]
  readonly events?: readonly string[]
  readonly telling?: ReceiptRow['telling']
  readonly keptMs: number
}

/** The rows as they stand while a call's arrivals are decided one after the other. */
type Desk = ReturnType<typeof openDesk>

function openDesk(rows: AcceptRows, now: number) {
  const receipts = new Map(rows.receipts)
  const movements = new Map(rows.movements)
  const parked = new Map(rows.parked)
  const changed = new Map<string, Write>()
  const outbox: OutgoingRecord[] = []
  const counts = new Map<string, LedgerRow>()
  const masks = masksOver(rows.claims)
  const referrals = referralsOver(rows.referrals, now)
  const setReceipt = (row: ReceiptRow): void => {
    receipts.set(row.key, row)
    changed.set(`receipts ${row.key}`, { table: 'receipts', key: row.key, row })
  }
  const setParked = (key: string, waiting: readonly ParkedRow[]): void => {
    parked.set(key, waiting)
    const row = waiting.length === 0 ? null : waiting
    changed.set(`parked ${key}`, { table: 'parked', key, row })
  }
  const raise = (agency: string, at: number, outcome: string, reason: string, by: number): void => {
    const hour = Math.floor(at / hourMs) * hourMs
    const key = [agency, hour, outcome, reason].join(' ')
    const count = (counts.get(key)?.count ?? 0) + by
    counts.set(key, { agency, hour, outcome, reason, count })
  }
  const waitingFor = (key: string): readonly ParkedRow[] =>
    (parked.get(key) ?? []).filter((row) => row.expiresAt > now)

  return {
    now,
    masks,
    referrals,
    receipt(arrival: Arrival): ReceiptRow | undefined {
      const row = receipts.get(receiptKeyOf(arrival))
      return row && row.expiresAt > now ? row : undefined
    },
    claimed: (event: ArrivingEvent): boolean =>
      event.identifiers.length === 0 || event.identifiers.some((one) => rows.claimed.has(one)),
    /** Puts an event on its way under its final identity, which it gives back. */
    send({ agency }: Arrival, event: ArrivingEvent): string {
      const known = event.twin ? (movements.get(event.twin.group) ?? []) : []
      // A code may be corrected weeks later. Of people nobody claims no movement is remembered so long.
      const kept = this.claimed(event) ? publishedKeptMs : inboundRetentionMs
      const final = identify(event, known, now, now + kept)
      if (event.twin && final.movements) {
        const key = event.twin.group
        movements.set(key, final.movements)
        changed.set(`movements ${key}`, { table: 'movements', key, row: final.movements })
      }
      const { eventId, version } = final
      const on = masks.of(agency, event.identifiers)
      outbox.push(
        event.record({ eventId, version, receivedAt: now, ...(on.length > 0 && { masks: on }) }),
      )
      return eventId
    },
    quarantined(record: OutgoingRecord): void {
      outbox.push(record)
    },
    keep(arrival: Arrival, keeping: Keeping): void {
      setReceipt({
        key: receiptKeyOf(arrival),
        contentHash: arrival.contentHash,
        conflicts: [],
        outcome: keeping.outcome,
        reason: keeping.reason ?? '',
        at: keeping.at ?? [],
        waitsFor: keeping.waitsFor ?? null,
        eventIds: keeping.eventIds ?? [],
        events: keeping.events ?? [],
        receivedAt: now,
        expiresAt: now + keeping.keptMs,
        ...(keeping.telling && { telling: keeping.telling }),
      })
    },
    conflicting(arrival: Arrival, receipt: ReceiptRow): void {
      setReceipt({ ...receipt, conflicts: [...receipt.conflicts, arrival.contentHash] })
    },
    park(arrival: Arrival, reference: string, record: OutgoingRecord): void {
      const waitsFor = waitKeyOf(arrival.agency, reference)
      const row: ParkedRow = {
        waitsFor: reference,
        key: receiptKeyOf(arrival),
        agency: arrival.agency,
        naturalKey: arrival.naturalKey,
        version: arrival.version,
        receivedAt: now,
        expiresAt: now + inboundRetentionMs,
        record,
      }
      setParked(waitsFor, [...waitingFor(waitsFor).filter((one) => one.key !== row.key), row])
    },
    unpark(arrival: Arrival, reference: string): void {
      const waitsFor = waitKeyOf(arrival.agency, reference)
      const key = receiptKeyOf(arrival)
      setParked(
        waitsFor,
        waitingFor(waitsFor).filter((one) => one.key !== key),
      )
    },
    released(arrival: Arrival): readonly ParkedArrival[] {
      const references = arrival.resolves ?? []
      return references.flatMap((reference) =>
        waitingFor(waitKeyOf(arrival.agency, reference)).map(
          ({ waitsFor, naturalKey, version, receivedAt, record }) => ({
            waitsFor,
            naturalKey,
            version,
            receivedAt,
            record,
          }),
        ),
      )
    },
    count(arrival: Arrival, outcome: string, reason: string): void {
      raise(arrival.agency, now, 'received', '', 1)
      raise(arrival.agency, now, outcome, reason, 1)
    },
    /** Out of quarantine: the one input keeps its hour and gets its one outcome. */
    recount(arrival: Arrival, receipt: ReceiptRow, outcome: string): void {
      raise(arrival.agency, receipt.receivedAt, 'quarantined', receipt.reason, -1)
      raise(arrival.agency, receipt.receivedAt, outcome, '', 1)
    },
    writes: (): Writes => ({
      ...noWrites,
      rows: [...changed.values(), ...masks.writes(), ...referrals.writes().rows],
      audit: referrals.writes().audit,
      outbox,
      ledger: [...counts.values()].filter(({ count }) => count !== 0),
    }),
  }
}

/** An event's final id and version; with a twin, those of the movement it belongs to (design, section 5). */
function identify(
  event: ArrivingEvent,
  known: readonly Movement[],
  now: number,
  expiresAt: number,
): { eventId: string; version: number; movements?: readonly Movement[] } {
  const { twin } = event
  if (!twin) return { eventId: event.eventId, version: event.version }
  const living = known.filter((movement) => movement.expiresAt > now)
  const same = living
    .filter((movement) => Math.abs(movement.at - twin.at) <= twin.withinMs)
    .filter(({ place }) => place === twin.place || place === null || twin.place === null)
    .toSorted((a, b) => Math.abs(a.at - twin.at) - Math.abs(b.at - twin.at))[0]
  const family = String(event.version)
  const before = same?.seen[family] ?? 0
  const movement: Movement = {
    eventId: same?.eventId ?? event.eventId,
    place: same?.place ?? twin.place,
    at: same?.at ?? twin.at,
    seen: { ...same?.seen, [family]: before + 1 },
    expiresAt: Math.max(expiresAt, same?.expiresAt ?? 0),
  }
  const movements = [...living.filter((one) => one !== same), movement]
  return { eventId: movement.eventId, version: event.version * 100 + before, movements }
}

const ownIds = (verdict: Published): readonly string[] =>
  verdict.events.map((event) => event.eventId)

const nobodyNamed = (verdict: Published): boolean =>
  verdict.events.every((event) => event.identifiers.length === 0)

function withReleased<A extends Accepted>(answer: A, released: readonly ParkedArrival[]): A {
  return released.length === 0 ? answer : { ...answer, released }
}
