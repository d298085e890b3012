import { createMemoryRegister, type LocalRegister } from '@throughline/consent'
import { canonicalText, identifierHash } from '@throughline/domain'
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
import { custodyDefaults } from '../config.ts'
import { custodyRoutes, type RecordResult } from '../source.ts'

export const ids = nodeIds(new Uint8Array(32).fill(7))

export interface Desk extends AsyncDisposable {
  readonly clock: SteppedClock
  readonly register: LocalRegister
  readonly keys: MemoryKeys
  readonly lines: string[]
  readonly metrics: ReturnType<typeof createMetrics>
  /** Posts JSON (or a text as it is) with custody's token. */
  post(
    route: 'domain-events' | 'police',
    body: unknown,
    token?: string,
  ): Promise<{ status: number; text: string; results: readonly RecordResult[] }>
  /** A prison number that somebody agreed to have joined. */
  claim(noms: string): Promise<void>
  /** What has been sent on so far, opened. */
  sent(): Promise<readonly { topic: string; schema: string; value: Record<string, unknown> }[]>
}

/** Custody's real routes on a real port, over the memory register and a clock that only the test moves. */
export async function openDesk(
  given: Parameters<typeof custodyDefaults>[0] = {},
  broken: { accept?: () => void } = {},
): Promise<Desk> {
  const clock = steppedClock(Date.UTC(2026, 2, 3, 9))
  const database = new MemoryDatabase()
  const records: OutgoingRecord[] = []
  const register = createMemoryRegister({ database, clock })
  const { bytes: random } = seeded(1)
  const keys = memoryKeys(random)
  const lines: string[] = []
  const log = createLogger({ clock, sink: (line) => lines.push(line) })
  const metrics = createMetrics()
  const watched: LocalRegister = {
    ...register,
    async accept(arrivals) {
      broken.accept?.()
      // The outbox is the register's own affair; what is sealed for it is what we look at.
      const kept = arrivals.map((arrival) => watch(arrival, records))
      return register.accept(kept)
    },
  }
  const auth = createAuth({
    credentials: [
      { tokenHash: tokenHashOf('prison'), principal: { kind: 'agency', agency: 'custody' } },
      { tokenHash: tokenHashOf('council'), principal: { kind: 'agency', agency: 'housing' } },
    ],
    clock,
    random,
  })
  const options = custodyDefaults({ allowTestNhsNumbers: true, nhsNumbersTraced: true, ...given })
  const deps = { register: watched, keys, clock, ids, random, log, metrics, options }
  const app = createApp({ log, random, clock, auth, metrics, routes: [custodyRoutes(deps)] })
  const listening = await listen({ app, port: 0 })
  return {
    clock,
    register,
    keys,
    lines,
    metrics,
    async post(route, body, token = 'prison') {
      const answer = await fetch(`${listening.url}/intake/custody/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      const text = await answer.text()
      const { results = [] } = JSON.parse(text) as { results?: readonly RecordResult[] }
      return { status: answer.status, text, results }
    },
    async claim(value) {
      const hash = identifierHash(ids, canonicalText({ type: 'NOMS', value, issuer: null }))
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
    async sent() {
      return Promise.all(
        records.map(async (record) => {
          const ref = keyRefOf(record)
          if (ref === null) throw new Error('not sealed')
          const key = (await keys.open([ref])).get(ref)
          if (key === undefined || key === 'erased') throw new Error('no key')
          const { schema, value } = openRecord(record, key)
          return { topic: record.topic, schema, value: value as Record<string, unknown> }
        }),
      )
    },
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

type Arrivals = Parameters<LocalRegister['accept']>[0]

function watch(arrival: Arrivals[number], records: OutgoingRecord[]): Arrivals[number] {
  const noted = <A extends readonly unknown[]>(seal: (...given: A) => OutgoingRecord) => {
    return (...given: A): OutgoingRecord => {
      const record = seal(...given)
      records.push(record)
      return record
    }
  }
  const { verdict } = arrival
  const seen = { ...arrival, ...(arrival.conflict && { conflict: noted(arrival.conflict) }) }
  if (verdict.outcome === 'quarantined') {
    return { ...seen, verdict: { ...verdict, record: noted(verdict.record) } }
  }
  if (verdict.outcome !== 'published') return seen
  const events = verdict.events.map((event) => ({ ...event, record: noted(event.record) }))
  return { ...seen, verdict: { ...verdict, events } }
}
