import { createMemoryRegister, type LocalRegister, type Restatement } from '@throughline/consent'
import { canonicalText, type Identifier, identifierHash } from '@throughline/domain'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  listen,
  tokenHashOf,
} from '@throughline/service'
import {
  keyRefOf,
  MemoryDatabase,
  nodeIds,
  type OutgoingRecord,
  openRecord,
  type SteppedClock,
  steppedClock,
} from '@throughline/stream'
import { type MemoryKeys, memoryKeys, seeded } from '@throughline/stream/testing'
import type { Router } from 'express'
import type { IntakeDeps, RecordResult } from '../acceptance.ts'

/** The HMACs of every desk: under a key that only tests have. */
export const testIds = nodeIds(new Uint8Array(32).fill(7))

export interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** Of a JSON intake route; empty otherwise. */
  readonly results: readonly RecordResult[]
}

export interface Desk extends AsyncDisposable {
  readonly url: string
  readonly clock: SteppedClock
  readonly register: LocalRegister
  readonly keys: MemoryKeys
  /** What the log says, a line each. */
  readonly lines: string[]
  readonly metrics: ReturnType<typeof createMetrics>
  /** Posts JSON (or a text or bytes as they are) with the agency's token, unless another is given. */
  post(path: string, body: unknown, more?: PostOptions): Promise<Answered>
  /** A number that somebody agreed to have joined. */
  claim(identifier: Pick<Identifier, 'type' | 'value' | 'issuer'>): Promise<void>
  /** What has been sent on so far, opened. */
  sent(): Promise<readonly Sent[]>
}

export interface PostOptions {
  /** `own` (the agency's) or `other` (another agency's), or any token. */
  readonly token?: string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Sent {
  readonly topic: string
  readonly schema: string
  readonly value: Record<string, unknown>
}

export interface DeskOptions {
  readonly agency: string
  /** The connector's routes, over the parts it would get from the hub. */
  readonly routes: (deps: DeskDeps) => Router | readonly Router[]
  /** Unix ms; 3 March 2026, 09:00 without it. */
  readonly now?: number
  /** Called before each acceptance; throw here to have nothing kept. */
  readonly beforeAccept?: () => void
}

export interface DeskDeps extends IntakeDeps {
  readonly clock: SteppedClock
}

/** An agency's real routes on a real port, over the memory register and a clock that only the test moves. */
export async function openDesk(given: DeskOptions): Promise<Desk> {
  const clock = steppedClock(given.now ?? Date.UTC(2026, 2, 3, 9))
  const records: OutgoingRecord[] = []
  const register = createMemoryRegister({ database: new MemoryDatabase(), clock })
  const { bytes: random } = seeded(1)
  const keys = memoryKeys(random)
  const lines: string[] = []
  const log = createLogger({ clock, sink: (line) => lines.push(line) })
  const metrics = createMetrics()
  const watched: LocalRegister = {
    ...register,
    async accept(arrivals) {
      given.beforeAccept?.()
      // The outbox is the register's own affair; what is sealed for it is what we look at.
      return register.accept(arrivals.map((arrival) => watch(arrival, records)))
    },
    async restate(restatements, counted) {
      given.beforeAccept?.()
      return register.restate(
        restatements.map((one) => watchRestated(one, records)),
        counted,
      )
    },
  }
  const other = given.agency === 'housing' ? 'custody' : 'housing'
  const auth = createAuth({
    credentials: [
      { tokenHash: tokenHashOf('own'), principal: { kind: 'agency', agency: given.agency } },
      { tokenHash: tokenHashOf('other'), principal: { kind: 'agency', agency: other } },
    ],
    clock,
    random,
  })
  const partnership = 'testshire'
  const deps = { register: watched, keys, clock, ids: testIds, random, log, metrics, partnership }
  const routes = [given.routes(deps)].flat()
  const app = createApp({ log, random, clock, auth, metrics, routes })
  const listening = await listen({ app, port: 0 })
  return {
    url: listening.url,
    clock,
    register,
    keys,
    lines,
    metrics,
    async post(path, body, { token = 'own', contentType = 'application/json', headers } = {}) {
      const answer = await fetch(`${listening.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': contentType, authorization: `Bearer ${token}`, ...headers },
        body: bodyOf(body),
      })
      const text = await answer.text()
      return { status: answer.status, text, headers: answer.headers, results: resultsIn(text) }
    },
    async claim(identifier) {
      const hash = identifierHash(testIds, canonicalText(identifier))
      await register.change({
        kind: 'record-consent',
        personId: `person-of-${hash}`,
        isNew: true,
        expectedVersion: null,
        state: 'given',
        identifiers: [hash],
        grants: [],
        sealed: new Uint8Array(),
        by: 'lp-1',
      })
    },
    sent: () => Promise.all(records.map((record) => opened(record, keys))),
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

const bodyOf = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string'
    ? body
    : body instanceof Uint8Array
      ? new Uint8Array(body)
      : JSON.stringify(body)

function resultsIn(text: string): readonly RecordResult[] {
  try {
    return (JSON.parse(text) as { results?: readonly RecordResult[] }).results ?? []
  } catch {
    return []
  }
}

async function opened(record: OutgoingRecord, keys: MemoryKeys): Promise<Sent> {
  const ref = keyRefOf(record)
  if (ref === null) throw new Error('not sealed')
  const key = (await keys.open([ref])).get(ref)
  if (key === undefined || key === 'erased') throw new Error('no key')
  const { schema, value } = openRecord(record, key)
  return { topic: record.topic, schema, value: value as Record<string, unknown> }
}

type Arrivals = Parameters<LocalRegister['accept']>[0]

const noting =
  (records: OutgoingRecord[]) =>
  <A extends readonly unknown[]>(seal: (...given: A) => OutgoingRecord) =>
  (...given: A): OutgoingRecord => {
    const record = seal(...given)
    records.push(record)
    return record
  }

function watchRestated(restatement: Restatement, records: OutgoingRecord[]): Restatement {
  const noted = noting(records)
  const says = () => {
    const stated = restatement.says()
    const facts = stated.facts.map((fact) => ({
      ...fact,
      tell: noted(fact.tell),
      takeBack: noted(fact.takeBack),
    }))
    return { ...stated, facts, disown: noted(stated.disown) }
  }
  return { ...restatement, says }
}

function watch(arrival: Arrivals[number], records: OutgoingRecord[]): Arrivals[number] {
  const noted = noting(records)
  const { verdict } = arrival
  const seen = { ...arrival, ...(arrival.conflict && { conflict: noted(arrival.conflict) }) }
  if (verdict.outcome === 'quarantined') {
    return { ...seen, verdict: { ...verdict, record: noted(verdict.record) } }
  }
  if (verdict.outcome !== 'published') return seen
  const notedEvents = (events: typeof verdict.events) =>
    events.map((event) => ({ ...event, record: noted(event.record) }))
  const { retells } = verdict
  const retold = retells && {
    retells: {
      ...retells,
      withdrawals: (missing: readonly string[]) => notedEvents(retells.withdrawals(missing)),
    },
  }
  return { ...seen, verdict: { ...verdict, events: notedEvents(verdict.events), ...retold } }
}
