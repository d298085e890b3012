import { createMemoryRegister, endReferrals } from '@throughline/consent'
import type { Agency } from '@throughline/domain'
import type { RecordResult } from '@throughline/intake'
import { testIds } from '@throughline/intake/testing'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  type Directory,
  listen,
  type Principal,
  tokenHashOf,
} from '@throughline/service'
import {
  createMemoryStore,
  keyRefOf,
  MemoryDatabase,
  openRecord,
  type SteppedClock,
  steppedClock,
} from '@throughline/stream'
import { type MemoryKeys, memoryKeys, seeded } from '@throughline/stream/testing'
import { referralDefaults } from '../config.ts'
import { referralDeskRoutes } from '../routes.ts'
import { referralIntakeRoutes } from '../source.ts'

export const morning = Date.parse('2026-03-03T09:00:00Z')
export const dayMs = 86_400_000

const practitioner = (id: string, name: string, role: string, organisation: string) => ({
  id,
  name,
  role,
  organisation,
})
const practitioners = [
  practitioner('intake-1', 'Wren Sallow', 'intake', 'testshire-recovery'),
  practitioner('duty-1', 'Bryn Hale', 'duty', 'testshire-recovery'),
  practitioner('lp-1', 'Rowan Ashby', 'lead-practitioner', 'testshire-recovery'),
  practitioner('intake-2', 'Ash Penrose', 'intake', 'testshire-wellbeing'),
  practitioner('gp-1', 'Robin Vale', 'gp', 'testshire-surgery'),
]

const directory: Directory = {
  practitioners,
  organisationName: (code) =>
    code
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(' '),
}

export interface Told {
  readonly topic: string
  readonly schema: string
  readonly value: Record<string, unknown>
}

export interface Office extends AsyncDisposable {
  readonly url: string
  readonly clock: SteppedClock
  readonly register: ReturnType<typeof createMemoryRegister>
  readonly keys: MemoryKeys
  readonly log: readonly string[]
  readonly database: MemoryDatabase
  /** Posts records as this agency; `other` unless told. */
  refer(body: unknown, as?: Agency): Promise<Referred>
  /** Calls as this agency or practitioner. */
  call(as: string, path: string, json?: unknown): Promise<Response>
  /** Signed in with a browser. */
  browser(as: string): Promise<Browser>
  /** What went on to the log so far, opened; `erased` where its key is gone. */
  told(): Promise<readonly Told[]>
  audit(): readonly Readonly<Record<string, unknown>>[]
  /** What the hub's housekeeping does, now. */
  sweep(): Promise<void>
  /** Breaks whatever is asked of the register to keep. */
  breakRegister(broken: boolean): void
}

export interface Referred {
  readonly status: number
  readonly text: string
  readonly results: readonly (RecordResult & { readonly referralId?: string })[]
}

export interface Browser {
  open(path: string): Promise<{ readonly status: number; readonly html: string }>
  post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<{ readonly status: number; readonly html: string; readonly to: string | null }>
}

/** The door and the desk on a free port over the memory adapters, on the morning of 3 March 2026. */
export async function openOffice(
  given: Parameters<typeof referralDefaults>[0] = {},
): Promise<Office> {
  const clock = steppedClock(morning)
  const random = seeded(5).bytes
  const database = new MemoryDatabase()
  const register = createMemoryRegister({ database, clock })
  const store = createMemoryStore({ db: database, clock, lookups: register.reader })
  const relay = await store.open({ processor: 'register', generation: 1, partition: 0 })
  const keys = memoryKeys(random)
  const lines: string[] = []
  const log = createLogger({ clock, sink: (line) => lines.push(line) })
  const metrics = createMetrics()
  let broken = false
  const options = referralDefaults({
    desks: ['testshire-recovery'],
    allowTestNhsNumbers: true,
    nhsNumbersTraced: true,
    ...given,
  })
  const watched: typeof register = {
    ...register,
    async accept(arrivals) {
      if (broken) throw new Error('the disk is full')
      return register.accept(arrivals)
    },
  }
  const deps = {
    register: watched,
    keys,
    ids: testIds,
    random,
    log,
    metrics,
    options,
    directory,
    partnership: 'testshire',
    monotonicMs: () => 0,
  }
  const principals: readonly (readonly [string, Principal])[] = [
    ...practitioners.map((one) => [one.id, { kind: 'practitioner', ...one }] as const),
    ...(['other', 'custody', 'hospital', 'housing', 'elsewhere'] as const).map(
      (agency) => [agency, { kind: 'agency', agency }] as const,
    ),
    ['register', { kind: 'register' }],
    ['operator', { kind: 'operator' }],
  ]
  const auth = createAuth({
    clock,
    random,
    credentials: principals.map(([token, principal]) => ({
      tokenHash: tokenHashOf(`token-of-${token}`),
      principal,
    })),
  })
  const routes = [referralIntakeRoutes(deps), referralDeskRoutes(deps)]
  const listening = await listen({
    app: createApp({ auth, random, clock, log, metrics, routes }),
    port: 0,
    graceMs: 50,
  })
  const { url } = listening
  const call: Office['call'] = (as, path, json) =>
    fetch(`${url}${path}`, {
      redirect: 'manual',
      ...(json !== undefined && {
        method: 'POST',
        body: typeof json === 'string' ? json : JSON.stringify(json),
      }),
      headers: {
        authorization: `Bearer token-of-${as}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
    })
  return {
    url,
    clock,
    register,
    keys,
    database,
    log: lines,
    call,
    async refer(body, as = 'other') {
      const answer = await call(as, '/intake/referrals', body)
      const text = await answer.text()
      const { results = [] } = JSON.parse(text) as Partial<Referred>
      return { status: answer.status, text, results }
    },
    browser: (as) => signedIn(url, `token-of-${as}`),
    async told() {
      const records = (await relay.outbox(10_000)).flatMap((row) => row.records)
      const sealed = records.filter((record) => keyRefOf(record) !== null)
      return Promise.all(
        sealed.map(async (record) => {
          const ref = keyRefOf(record) ?? 'day:none'
          const key = (await keys.open([ref])).get(ref)
          if (key === undefined || key === 'erased')
            return { topic: record.topic, schema: 'erased', value: {} }
          const { schema, value } = openRecord(record, key)
          return { topic: record.topic, schema, value: value as Record<string, unknown> }
        }),
      )
    },
    audit: () =>
      register.tables
        .auditAfter(0, 10_000)
        .map(({ text }) => JSON.parse(text) as Record<string, unknown>),
    async sweep() {
      register.sweep()
      await endReferrals(register, keys)
    },
    breakRegister(is) {
      broken = is
    },
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' }

async function signedIn(url: string, token: string): Promise<Browser> {
  const answer = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: formType,
    body: new URLSearchParams({ token, next: '/referrals' }),
  })
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const open: Browser['open'] = async (path) => {
    const response = await fetch(`${url}${path}`, {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html' },
    })
    return { status: response.status, html: await response.text() }
  }
  const { html } = await open('/referrals')
  const csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return {
    open,
    async post(path, fields) {
      const body = new URLSearchParams({ _csrf: csrf })
      for (const [name, value] of Object.entries(fields)) {
        body.delete(name)
        for (const one of [value].flat()) body.append(name, one)
      }
      const headers = { cookie, accept: 'text/html', ...formType }
      const posted = await fetch(`${url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
      })
      return {
        status: posted.status,
        html: await posted.text(),
        to: posted.headers.get('location'),
      }
    },
  }
}
