import { createMemoryRegister, sealPerson } from '@throughline/consent'
import {
  agencies,
  type CanonicalEvent,
  categories,
  type Grant,
  nothingCounted,
  type OutcomesState,
  outcomesStep,
  type Purpose,
  personEventIdOf,
} from '@throughline/domain'
import { decodeFramed } from '@throughline/schemas'
import {
  createApp,
  createAuth,
  createLogger,
  listen,
  type Principal,
  tokenHashOf,
} from '@throughline/service'
import {
  createMemoryLog,
  createMemoryStore,
  createMemoryViews,
  emptyStep,
  MemoryDatabase,
  MemoryLogData,
  nodeIds,
  type Schedule,
  sealViewBody,
  steppedClock,
} from '@throughline/stream'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { outcomesRoutes } from '../routes.ts'

const organisation = 'testshire-recovery'

const principals: Readonly<Record<string, Principal>> = {
  analyst: { kind: 'analyst', feed: 'partnership' },
  stranger: { kind: 'analyst', feed: 'elsewhere' },
  operator: { kind: 'operator' },
  custody: { kind: 'agency', agency: 'custody' },
  'lp-1': { kind: 'practitioner', id: 'lp-1', name: 'A', organisation, role: 'lead-practitioner' },
}

export const day = (text: string): number => Date.parse(`${text}T12:00:00Z`)

type Told = { readonly type: CanonicalEvent['type']; readonly on: string } & Readonly<
  Record<string, unknown>
>

interface Call {
  readonly headers?: Readonly<Record<string, string>>
  /** Posted. */
  readonly json?: unknown
}

/** The outcomes edge on a free port, and people whose facts it finds. */
export async function openPartnership(options: { readonly schedule?: Schedule } = {}) {
  const clock = steppedClock(day('2026-01-05'))
  const random = seeded(11).bytes
  const ids = nodeIds(random(32))
  const database = new MemoryDatabase()
  const register = createMemoryRegister({ database, clock })
  const keys = memoryKeys(random)
  const { schedule } = options
  const lookups = register.reader
  const store = createMemoryStore({ db: database, clock, lookups, ...(schedule && { schedule }) })
  const views = createMemoryViews({ db: database })
  const logged = new MemoryLogData()
  const events = createMemoryLog({ data: logged, clock })
  const facts = await store.open({ processor: 'outcomes', generation: 1, partition: 0 })
  const states = new Map<string, OutcomesState>()

  for (const source of agencies) {
    for (const purpose of ['care-coordination', 'outcomes'] as const) {
      await register.change({
        kind: 'put-agreement',
        by: 'operator',
        agreement: {
          agreementId: `${source}-${purpose}`,
          source,
          purpose,
          recipientOrganisation: organisation,
          from: 0,
          until: day('2100-01-01'),
        },
      })
    }
  }

  const auth = createAuth({
    clock,
    random,
    credentials: Object.entries(principals).map(([name, principal]) => ({
      tokenHash: tokenHashOf(`token-of-${name}`),
      principal,
    })),
  })
  const deps = { register, views, keys, clock, ids, store, events, feeds: ['partnership'] }
  const serve = () =>
    listen({
      port: 0,
      graceMs: 50,
      app: createApp({
        auth,
        random,
        clock,
        log: createLogger({ clock, sink: () => {} }),
        routes: [outcomesRoutes(deps)],
      }),
    })
  let listening = await serve()

  /** What the processor does: folds the state and writes the row, sealed under the person's key. */
  async function fold(personId: string, event: CanonicalEvent | null): Promise<void> {
    const rows = lookups.read([{ kind: 'person', personId }, { kind: 'agreements' }])
    const known = { ...rows, index: () => [], past: () => [] }
    const input =
      event === null
        ? ({ kind: 'consent-changed', personId, version: 1, changedAt: clock.now() } as const)
        : ({
            kind: 'person-event',
            personEventId: personEventIdOf(ids, event.eventId, personId),
            personId,
            event,
          } as const)
    const before = states.get(personId) ?? nothingCounted
    const { state, views: changes = [] } = outcomesStep(before, known, input, personId, ids)
    states.set(personId, state)
    const key = await keys.create(`person:${personId}`)
    await facts.commit({
      ...emptyStep,
      views: changes.map(({ content, ...row }) => ({
        ...row,
        body: sealViewBody(row, content, key, random),
      })),
    })
  }

  async function agree(personId: string, purposes: readonly Purpose[] = ['outcomes']) {
    const key = await keys.create(`person:${personId}`)
    const safeContact = { ok: [], never: [], reviewBy: null }
    const content = { displayName: 'Made Up', identifiers: [], ownWords: '', safeContact }
    const isNew = (await register.person(personId)) === undefined
    await register.change({
      kind: 'record-consent',
      personId,
      isNew,
      expectedVersion: null,
      state: 'given',
      identifiers: [`hash-of-${personId}`],
      grants: purposes.map(grantOf),
      assignments: [],
      sealed: sealPerson(personId, content, key, random),
      by: 'register',
    })
    await fold(personId, null)
  }

  return {
    url: () => listening.url,
    clock,
    register,
    keys,
    store,
    agree,
    /** Withdraws, and lets the trigger be late. */
    withdraw: (personId: string, purposes: readonly Purpose[] = ['outcomes']) =>
      register.change({ kind: 'withdraw', personId, purposes, by: 'person', reason: null }),
    tell: (personId: string, { on, ...body }: Told) => fold(personId, eventOf(on, body)),
    call: (as: string, path: string, init: Call = {}) => {
      const { json, headers } = init
      return fetch(`${listening.url}${path}`, {
        redirect: 'manual',
        ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
        headers: {
          authorization: `Bearer token-of-${as}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      })
    },
    /** What lies on the feed's topic, decoded. */
    async published(topic = 'outcomes.measures.partnership.v1') {
      const found: { readonly id: string; readonly schema: string; readonly value: object }[] = []
      for (let partition = 0; partition < 12; partition += 1) {
        for await (const batch of events.read(topic, partition, 0n)) {
          for (const { id, value } of batch) {
            if (value !== null) found.push({ id, ...decodeFramed(value) })
          }
        }
      }
      return found
    },
    /** The edge starts again beside the same database and log. */
    async startAgain() {
      await listening.close()
      listening = await serve()
    },
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

export type Partnership = Awaited<ReturnType<typeof openPartnership>>

const grantOf = (purpose: Purpose): Grant => ({
  purpose,
  sources: agencies,
  recipients: [{ organisation, role: 'lead-practitioner' }],
  categories,
  tier: 'detail',
  from: 0,
  until: day('2030-01-01'),
  lookBackDays: 7,
})

function eventOf(on: string, body: Readonly<Record<string, unknown>>): CanonicalEvent {
  return {
    eventId: JSON.stringify([on, body]),
    version: 1,
    source: { partnership: 'testshire', agency: 'treatment', system: 'ndtms' },
    occurredAt: day(on),
    occurredAtPrecision: 'DAY',
    occurredAtText: null,
    recordedAt: null,
    receivedAt: day('2026-01-05'),
    identifiers: [],
    objectRef: null,
    handling: { holdUntil: null, restricted: false },
    provider: 'N9901',
    episodeRef: '1',
    setting: 'COMMUNITY',
    area: 'X91B',
    ...body,
  } as unknown as CanonicalEvent
}

/** Thirty people in treatment since last autumn, ten of whom have completed it, and three elsewhere. */
export async function aCounty(partnership: Partnership): Promise<void> {
  for (let n = 0; n < 33; n += 1) {
    const person = `p-${n}`
    await partnership.agree(person)
    const area = n < 30 ? 'X91B' : 'X92B'
    const substances = n % 2 === 0 ? ['1011'] : ['7000']
    const started = { type: 'TreatmentStarted', on: '2025-10-06', substances } as const
    await partnership.tell(person, { ...started, area, referralSource: null })
    if (n < 10) {
      const ended = { type: 'TreatmentEnded', on: '2025-12-15', reason: 'COMPLETED' } as const
      await partnership.tell(person, { ...ended, area, prisonExit: null, substances: null })
    }
  }
}
