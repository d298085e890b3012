import {
  createApp,
  createAuth,
  createLogger,
  listen,
  type Principal,
  tokenHashOf,
} from '@throughline/service'
import { createMemoryStore, MemoryDatabase, type Schedule, steppedClock } from '@throughline/stream'
import { seeded } from '@throughline/stream/testing'
import { registryBase, registryDialect, registryRoutes } from '../routes.ts'

const principals: Readonly<Record<string, Principal>> = {
  analyst: { kind: 'analyst', feed: 'partnership' },
  operator: { kind: 'operator' },
  custody: { kind: 'agency', agency: 'custody' },
  practitioner: {
    kind: 'practitioner',
    id: 'lp-1',
    name: 'A',
    organisation: 'testshire-recovery',
    role: 'lead-practitioner',
  },
}

export interface Asked {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly body: unknown
  /** The registry's own number of a refusal; undefined where nothing was refused. */
  readonly code: number | undefined
}

export interface RegistryOptions {
  readonly schedule?: Schedule
  /** Nothing in it, as if it were somebody else's: it gives ids of its own. */
  readonly isEmpty?: boolean
}

/** The registry edge on a free port, before a database that outlives it. */
export async function openRegistry(options: RegistryOptions = {}) {
  const clock = steppedClock(Date.parse('2026-01-05T09:00:00Z'))
  const random = seeded(5).bytes
  const db = new MemoryDatabase()
  const { schedule, isEmpty = false } = options
  const lookups = {
    read: () => ({ people: new Map(), claims: new Map(), agreements: [] }) as never,
  }
  const serve = () => {
    const store = createMemoryStore({ db, clock, lookups, ...(schedule && { schedule }) })
    const auth = createAuth({
      clock,
      random,
      basicUnder: [registryBase],
      credentials: Object.entries(principals).map(([name, principal]) => ({
        tokenHash: tokenHashOf(`token-of-${name}`),
        principal,
      })),
    })
    const app = createApp({
      auth,
      random,
      clock,
      log: createLogger({ clock, sink: () => {} }),
      dialects: [registryDialect],
      routes: [registryRoutes({ store, feeds: ['partnership'], ...(isEmpty && { released: [] }) })],
    })
    return listen({ port: 0, graceMs: 50, app })
  }
  let listening = await serve()

  async function ask(
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Asked> {
    const answer = await fetch(`${listening.url}${registryBase}${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        authorization: `Basic ${Buffer.from(`anybody:token-of-${who}`).toString('base64')}`,
        ...(body !== undefined && { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
        ...headers,
      },
    })
    const text = await answer.text()
    const type = answer.headers.get('content-type') ?? ''
    const json = /json/.test(type) && text !== '' ? JSON.parse(text) : null
    return { status: answer.status, type, text, body: json, code: json?.error_code }
  }

  return {
    url: () => `${listening.url}${registryBase}`,
    /** For basic authentication, by any user. */
    password: (who: string) => `token-of-${who}`,
    ask,
    /** What an analyst's client reads. */
    read: async (path: string) => (await ask('analyst', 'GET', path)).body,
    /** As an operator: for trying things out. */
    readWrite: () => ask('operator', 'PUT', '/mode', { mode: 'READWRITE' }),
    register: (subject: string, schema: unknown, more: object = {}) =>
      ask('operator', 'POST', `/subjects/${subject}/versions`, {
        schema: typeof schema === 'string' ? schema : JSON.stringify(schema),
        ...more,
      }),
    /** The edge starts again before the same database. */
    async startAgain() {
      await listening.close()
      listening = await serve()
    },
    [Symbol.asyncDispose]: () => listening.close(),
  }
}
