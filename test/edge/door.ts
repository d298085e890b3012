import { connect } from 'node:net'
import { expect } from 'vitest'
import { moved, noms, pnc } from '../journeys/events.ts'
import { type Answer, balanced, startTestHub, type TestHub, type Who } from '../journeys/hub.ts'
import { sampleBytes } from '../journeys/published.ts'
import { madeUpPeople, type Person } from '../people/people.ts'
import { adt, nhs } from './adt.ts'
import { type Engine, openEngine } from './engine.ts'

/** A hub's outside, under bad input: all that it answers and logs is kept, to be searched afterwards. */
export interface Door extends AsyncDisposable {
  readonly hub: TestHub
  /** A text that no answer, header or log line may ever repeat. */
  plant<T extends string>(value: T): T
  /** Sends a body as it is, as custody unless told, with these headers. */
  post(
    path: string,
    body: string | Uint8Array | object,
    headers?: Readonly<Record<string, string>>,
    who?: Who,
  ): Promise<Answer>
  ask(
    who: Who,
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** Writes bytes to the socket, piece by piece, and gives all that comes back until it closes. */
  raw(...pieces: readonly (string | Uint8Array | { readonly waitMs: number })[]): Promise<string>
  /** A trust's connection over MLLP. */
  engine(): Promise<Engine>
  /** How many records have been counted so far; throws where the ledger does not balance. */
  counted(): Promise<Readonly<Record<string, number>>>
  /** The hub answers, is ready, keeps its ledger balanced, told no secret, and still does its work. */
  stillWell(): Promise<void>
}

export const domainEvents = '/intake/custody/domain-events'
export const police = '/intake/custody/police'

export async function openDoor(options: Parameters<typeof startTestHub>[0]): Promise<Door> {
  const hub = await startTestHub(options)
  const said: string[] = []
  const planted = new Set<string>()
  // The last of the made-up people, so that no test's own person has their numbers.
  const someone = madeUpPeople(1, 500).at(-1) as Person
  await hub.consent({ identifiers: [noms(someone), pnc(someone), nhs(someone)], lead: 'lp-8' })

  async function answered(response: Response): Promise<Answer> {
    const text = await response.text()
    said.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`)
    const isJson = response.headers.get('content-type')?.includes('json') === true
    const body: unknown = isJson ? JSON.parse(text) : null
    return { status: response.status, text, headers: response.headers, body }
  }

  const bearer = (who: Who): Record<string, string> =>
    who === null ? {} : { authorization: `Bearer ${hub.token(who)}` }

  const door: Door = {
    hub,
    plant(value) {
      planted.add(value)
      return value
    },
    async post(path, body, headers = {}, who = 'custody') {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      return answered(
        await fetch(`${hub.url}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            ...bearer(who),
            ...headers,
          },
          body: isRaw ? (body as string) : JSON.stringify(body),
        }),
      )
    },
    ask: async (who, method, path, headers = {}) =>
      answered(
        await fetch(`${hub.url}${path}`, {
          method,
          headers: { accept: 'application/json', ...bearer(who), ...headers },
          redirect: 'manual',
        }),
      ),
    raw: (...pieces) =>
      new Promise((resolve) => {
        const socket = connect(hub.port, '127.0.0.1')
        let answer = ''
        socket.on('data', (bytes) => {
          answer += bytes.toString('latin1')
        })
        socket.on('error', () => {})
        socket.on('close', () => {
          said.push(answer)
          resolve(answer)
        })
        void (async () => {
          for (const piece of pieces) {
            if (socket.destroyed) return
            if (typeof piece === 'object' && 'waitMs' in piece) {
              await new Promise((go) => setTimeout(go, piece.waitMs))
            } else if (!socket.write(piece)) {
              await new Promise<void>((go) => {
                socket.once('drain', go)
                socket.once('close', () => go())
              })
            }
          }
        })()
      }),
    engine: () => openEngine(hub.mllpPort, (answer) => said.push(answer)),
    counted: async () => balanced(await hub.ledger()),
    async stillWell() {
      await hub.idle()
      expect((await hub.ask(null, 'GET', '/healthz')).status).toBe(200)
      expect((await hub.ask(null, 'GET', '/readyz')).status).toBe(200)
      balanced(await hub.ledger())
      const metrics = (await hub.ask(null, 'GET', '/metrics')).text
      for (const secret of planted) {
        for (const text of [...said, ...hub.logs, metrics]) {
          if (text.includes(secret)) throw new Error(`repeated in: ${text.slice(0, 300)}`)
        }
      }
      const known = (await hub.inboxOf('lp-8', 'any')).length
      await hub.custody(moved(someone, 'released', hub.now()))
      expect(await hub.inboxOf('lp-8', 'any')).toHaveLength(known + 1)
      using engine = await openEngine(hub.mllpPort)
      expect(await engine.hears(adt(someone, 'LAST'))).toBe('AA LAST')
      for (const [who, path, name, type] of goodMessages) {
        // Ten years back: the samples are of a year that has not come on every test's clock.
        const sample = sampleBytes(who, name).toString('utf8')
        const answer = await door.post(
          `/intake/${who}/${path}`,
          sample.replaceAll(/\b202(\d-)/g, '201$1'),
          { 'content-type': type },
          who,
        )
        expect([path, answer.status]).toEqual([path, type === 'text/csv' ? 200 : 202])
      }
    },
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  }
  return door
}

/** What every other agency can send at any time, and as often as it likes. */
const goodMessages = [
  ['probation', 'domain-events', 'licence-activated.json', 'application/json'],
  ['probation', 'hearings', 'court-libra-court-case.json', 'application/json'],
  ['hospital', 'fhir', 'fhir-encounter-ed-in-progress.json', 'application/fhir+json'],
  ['housing', 'tenancies', 'tenancy-arrears-notice-asb.json', 'application/json'],
  ['housing', 'homelessness', 'hclic-style-duties.csv', 'text/csv'],
  ['treatment', 'ndtms', 'ndtms-adult-community-extract.csv', 'text/csv'],
  ['treatment', 'secure-setting', 'secure-setting-extract.csv', 'text/csv'],
] as const

/** The head of a request by custody, without its last empty line. */
export const head = (hub: TestHub, path: string, ...headers: readonly string[]): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${hub.token('custody')}`,
    'Content-Type: application/json',
    ...headers,
    '',
  ].join('\r\n')
