import { connect } from 'node:net'
import type { Router } from 'express'
import { createApp, type Dialect } from './app.ts'
import { type AuthOptions, createAuth, tokenHashOf } from './auth.ts'
import { type Listening, type ListenOptions, listen } from './listen.ts'
import { createLogger } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { Principal } from './principal.ts'
import { type QuotaOptions, quota } from './quota.ts'

export const callers = {
  custody: { kind: 'agency', agency: 'custody' },
  housing: { kind: 'agency', agency: 'housing' },
  register: { kind: 'register' },
  practitioner: {
    kind: 'practitioner',
    id: 'lp-1',
    name: 'Practitioner One',
    organisation: 'testshire-recovery',
    role: 'lead-practitioner',
  },
  operator: { kind: 'operator' },
  analyst: { kind: 'analyst', feed: 'national' },
} as const satisfies Record<string, Principal>

export const tokenOf = (caller: keyof typeof callers): string => `token-of-${caller}`

const credentials: AuthOptions['credentials'] = Object.entries(callers).map(
  ([name, principal]) => ({ tokenHash: tokenHashOf(`token-of-${name}`), principal }),
)

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly listening: Listening
  readonly clock: { at: number; now(): number }
  /** Every log line so far. */
  readonly lines: string[]
  readonly metrics: ReturnType<typeof createMetrics>
  as(caller: keyof typeof callers): { authorization: string }
  /** Sends bytes as they are and gives back all that comes until the connection ends. */
  raw(request: string | Uint8Array): Promise<string>
}

/** A real server on a free port, with a clock that only the test moves. */
export async function serve(
  routes: (parts: { stillSignedIn: ReturnType<typeof createAuth>['stillSignedIn'] }) => Router,
  more: {
    readonly quota?: Omit<QuotaOptions, 'clock'>
    readonly listen?: Partial<ListenOptions>
    readonly hosts?: readonly string[]
    readonly basicUnder?: readonly string[]
    readonly dialects?: readonly Dialect[]
  } = {},
): Promise<Served> {
  const clock = { at: Date.UTC(2026, 0, 5, 9), now: () => clock.at }
  const lines: string[] = []
  let seed = 0
  const random = (size: number) =>
    Uint8Array.from({ length: size }, () => (seed = (seed * 31 + 7) % 251))
  const { basicUnder = [], dialects = [] } = more
  const auth = createAuth({ credentials, clock, random, basicUnder })
  const metrics = createMetrics()
  const app = createApp({
    log: createLogger({ clock, sink: (line) => lines.push(line) }),
    random,
    clock,
    auth,
    metrics,
    dialects,
    ...(more.quota && { quota: quota({ clock, ...more.quota }) }),
    ...(more.hosts && { hosts: more.hosts }),
    routes: [routes(auth)],
  })
  const listening = await listen({ app, port: 0, ...more.listen })
  return {
    url: listening.url,
    listening,
    clock,
    lines,
    metrics,
    as: (caller) => ({ authorization: `Bearer ${tokenOf(caller)}` }),
    raw: (request) =>
      new Promise((resolve) => {
        const socket = connect(listening.port, '127.0.0.1')
        let answer = ''
        socket.on('data', (bytes) => {
          answer += bytes.toString()
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve(answer))
        socket.write(request)
      }),
    [Symbol.asyncDispose]: () => listening.close(),
  }
}
