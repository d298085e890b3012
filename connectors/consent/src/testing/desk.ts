import { createMemoryRegister } from '@throughline/consent'
import type { Directory } from '@throughline/service'
import {
  createApp,
  createAuth,
  createLogger,
  listen,
  type Principal,
  tokenHashOf,
} from '@throughline/service'
import {
  createMemoryStore,
  MemoryDatabase,
  nodeIds,
  type SteppedClock,
  steppedClock,
} from '@throughline/stream'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { consentRoutes } from '../routes.ts'
import { terms } from './fhir.ts'

const organisation = 'testshire-recovery'
const practitioner = (id: string, name: string, role: string) => ({ id, name, role, organisation })
const practitioners = [
  practitioner('lp-1', 'Rowan Ashby', 'lead-practitioner'),
  practitioner('lp-2', 'Sam Tolland', 'lead-practitioner'),
  practitioner('lp-3', 'Noor Castell', 'lead-practitioner'),
  practitioner('peer-4', 'Kit Marlow', 'peer-supporter'),
]

const directory: Directory = {
  practitioners,
  organisationName: (code) => (code === organisation ? 'Testshire Recovery' : code),
}

export interface Desk extends AsyncDisposable {
  readonly url: string
  readonly clock: SteppedClock
  readonly register: ReturnType<typeof createMemoryRegister>
  readonly keys: ReturnType<typeof memoryKeys>
  call(
    as: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
  /** Signs in with a browser, and gives what a browser would send with every request. */
  browser(as: string): Promise<Browser>
  readonly log: readonly string[]
}

export interface Browser {
  open(path: string): Promise<{ readonly status: number; readonly html: string }>
  /** Posts a form with the session's CSRF token; lists are repeated fields. */
  post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<Response>
}

/** The register's edge on a free port over the memory adapters. */
export async function openDesk(): Promise<Desk> {
  const clock = steppedClock(Date.parse('2026-01-05T09:30:00Z'))
  const random = seeded(11).bytes
  const database = new MemoryDatabase()
  const register = createMemoryRegister({ database, clock })
  createMemoryStore({ db: database, clock, lookups: register.reader })
  const keys = memoryKeys(random)
  const log: string[] = []
  const principals: readonly (readonly [string, Principal])[] = [
    ...practitioners.map((one) => [one.id, { kind: 'practitioner', ...one }] as const),
    ['register', { kind: 'register' }],
    ['operator', { kind: 'operator' }],
    ['custody', { kind: 'agency', agency: 'custody' }],
  ]
  const auth = createAuth({
    clock,
    random,
    credentials: principals.map(([token, principal]) => ({
      tokenHash: tokenHashOf(`token-of-${token}`),
      principal,
    })),
  })
  const app = createApp({
    auth,
    random,
    clock,
    log: createLogger({ clock, sink: (line) => log.push(line) }),
    routes: [
      consentRoutes({
        register,
        keys,
        ids: nodeIds(random(32)),
        random,
        directory,
        monotonicMs: () => 0,
        allowTestNhsNumbers: true,
        fhirTerms: terms,
      }),
    ],
  })
  const listening = await listen({ app, port: 0, graceMs: 50 })
  const { url } = listening
  return {
    url,
    clock,
    register,
    keys,
    log,
    call: (as, method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: {
          authorization: `Bearer token-of-${as}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      }),
    browser: (as) => signedIn(url, `token-of-${as}`),
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' }

async function signedIn(url: string, token: string): Promise<Browser> {
  const answer = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: formType,
    body: new URLSearchParams({ token, next: '/consents' }),
  })
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const open = async (path: string) => {
    const response = await fetch(`${url}${path}`, {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html' },
    })
    return { status: response.status, html: await response.text() }
  }
  const { html } = await open('/consents')
  const csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return {
    open,
    post(path, fields) {
      const body = new URLSearchParams({ _csrf: csrf })
      for (const [name, value] of Object.entries(fields))
        for (const one of [value].flat()) body.append(name, one)
      const headers = { cookie, accept: 'text/html', ...formType }
      return fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', headers, body })
    },
  }
}
