import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devConfig, type Hub, type Ledger, readLaunch, startHub } from '@throughline/hub'
import type { Metrics } from '@throughline/service'
import { systemClock } from '@throughline/stream'
import type { SeenNotice } from '../agencies/practitioner.ts'
import type { Credentials } from '../demo/hub-process.ts'

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** The body as JSON; null where there is none. */
  readonly body: unknown
}

/** A notice as its recipient sees it, in full. */
export interface Seen extends SeenNotice {
  readonly closedBecause: string | null
  readonly incomplete: boolean
  readonly tier: string
}

export interface StoryLine {
  readonly section: string
  readonly text: string
  readonly sources: readonly string[]
  readonly occurredAt: string
  readonly current: boolean
}

export interface Story {
  readonly displayName: string
  readonly ownWords: string
  readonly lines: readonly StoryLine[]
}

export interface Recorded {
  readonly personId: string
  readonly version: number
  readonly state: string
  readonly review?: string
}

export interface Withdrawn extends Recorded {
  readonly cancelled: number
  readonly alreadySeen: readonly {
    readonly noticeId: string
    readonly recipient: string
    readonly at: string
    readonly raced?: boolean
  }[]
}

export interface RecordResult {
  readonly outcome: string
  readonly eventIds?: readonly string[]
  readonly events?: readonly string[]
  readonly reason?: string
  readonly at?: readonly string[]
  readonly errors?: readonly { readonly path: string; readonly rule: string }[]
}

/** How many records agencies sent, by what became of them; throws where the two do not add up. */
export function balanced({ agencies }: Ledger): Readonly<Record<string, number>> {
  const totals: Record<string, number> = { received: 0 }
  for (const { agency, hour, received, outcomes } of agencies) {
    const { received: counted = received, ...others } = outcomes
    const sum = Object.values(others).reduce((total, count) => total + count, 0)
    if (sum !== counted) throw new Error(`${agency} ${hour}: ${counted} received, ${sum} answered`)
    totals['received'] = (totals['received'] ?? 0) + counted
    for (const [name, count] of Object.entries(others)) totals[name] = (totals[name] ?? 0) + count
  }
  return totals
}

export interface Disclosed {
  readonly at: string
  readonly recipient: string
  readonly what: string
  readonly id: string
  readonly outcome: string
  readonly sources: readonly string[]
}

/** Who speaks to the hub: an agency, the register, an operator, an analyst, or a practitioner by id; null is nobody. */
export type Who = string | null

/** The whole hub, in this process and over real sockets, on a clock that only the test moves. */
export interface TestHub extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Where hospitals send HL7 over MLLP. */
  readonly mllpPort: number
  /** Its data directory: hub.db, log.db, keys.db and the key file. */
  readonly data: string
  /** Every log line so far, over restarts. */
  readonly logs: readonly string[]
  readonly credentials: Credentials
  /** Where the clock was last moved to (ISO). */
  now(): string
  token(who: Who): string
  ask(
    who: Who,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** A new person's consent; expects 201. */
  consent(terms: Terms): Promise<Recorded>
  /** The next complete version; expects 200. */
  change(personId: string, terms: Terms): Promise<Recorded>
  withdraw(personId: string, purposes?: readonly string[]): Promise<Withdrawn>
  /** Posts prison events as custody; gives each record's result once the hub is quiet again. */
  custody(...events: readonly object[]): Promise<readonly RecordResult[]>
  /** Posts records of police custody. */
  police(...records: readonly object[]): Promise<readonly RecordResult[]>
  /** A practitioner's notices; open ones unless told. */
  inboxOf(practitioner: string, state?: 'open' | 'any'): Promise<readonly Seen[]>
  /** What a practitioner may read of a person; undefined where the person is not found. */
  story(practitioner: string, personId: string): Promise<Story | undefined>
  acknowledge(practitioner: string, noticeId: string, body?: object): Promise<number>
  contact(practitioner: string, noticeId: string, what: string): Promise<number>
  disclosures(personId: string): Promise<readonly Disclosed[]>
  ledger(): Promise<Ledger>
  /** Moves the clock, stopping at every timer on the way. An ISO time with its offset. */
  passTo(iso: string): Promise<void>
  idle(): Promise<void>
  /** Stops the hub and, after `meanwhile`, starts it on the same data. */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>
  close(): Promise<void>
}

/** What somebody agrees to. All but the numbers have an everyday default; instants are ISO. */
export interface Terms {
  readonly identifiers: readonly {
    readonly type: string
    readonly value: string
    readonly issuer?: string
  }[]
  readonly displayName?: string
  readonly ownWords?: string
  readonly lead?: string
  readonly deputies?: readonly string[]
  readonly team?: readonly { readonly practitionerId: string; readonly tier: string }[]
  /** When it was taken, and from when it counts. */
  readonly from?: string
  readonly sources?: readonly string[]
  readonly categories?: readonly string[]
  readonly recipients?: readonly string[]
  readonly tier?: string
  readonly until?: string
  readonly lookBackDays?: number
}

export const organisation = 'testshire-recovery'

const everything = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'mental-health',
  'housing',
  'safety',
]

/** The body of `POST /consents` for these terms, taken at `from` unless they say when. */
export const consentBody = (terms: Terms, from: string): object => ({
  identifiers: terms.identifiers,
  lead: terms.lead ?? 'lp-1',
  deputies: terms.deputies ?? [],
  team: terms.team ?? [],
  grants: [
    {
      purpose: 'care-coordination',
      sources: terms.sources ?? ['custody', 'probation', 'hospital', 'housing', 'treatment'],
      recipients: (terms.recipients ?? ['lead-practitioner']).map((role) => ({
        organisation,
        role,
      })),
      categories: terms.categories ?? everything,
      tier: terms.tier ?? 'detail',
      from: terms.from ?? from,
      until: terms.until ?? '2027-01-05T00:00:00Z',
      lookBackDays: terms.lookBackDays ?? 0,
    },
  ],
  taken: {
    by: terms.lead ?? 'lp-1',
    at: terms.from ?? from,
    setting: 'community',
    method: 'signed',
    noticeVersion: '2026-04',
  },
  safeContact: { ok: ['letter-to-service'], never: ['voicemail'], reviewBy: '2027-07-05' },
  displayName: terms.displayName ?? 'Corwin F.',
  ownWords: terms.ownWords ?? "Please don't ring before noon.",
})

/** Starts a hub with `--dev` on data of its own, its clock at `from`. */
export async function startTestHub(options: {
  readonly from: string
  /** The machine's clock, for quotas and login sessions; its own unless a test moves it. */
  readonly machine?: ReturnType<typeof systemClock>
  /** Where it measures; where nobody looks unless a test does. */
  readonly metrics?: Metrics
}): Promise<TestHub> {
  const data = mkdtempSync(join(tmpdir(), 'throughline-journey-'))
  const logs: string[] = []
  let now = options.from
  let keys = 0
  const start = () =>
    startHub(
      readLaunch(
        ['--dev', '--clock', now, '--data', data, '--port', '0', '--mllp-port', '0'],
        devConfig,
      ),
      {
        clock: options.machine ?? systemClock(),
        sink: (line) => logs.push(line),
        ...(options.metrics && { metrics: options.metrics }),
      },
    )
  let hub: Hub | undefined = await start()
  const running = (): Hub => {
    if (hub === undefined) throw new Error('the hub is closed')
    return hub
  }
  const credentials = JSON.parse(
    readFileSync(join(data, 'credentials.json'), 'utf8'),
  ) as Credentials
  const tokens = new Map<string, string>([
    ...Object.entries(credentials.agencies).map(([agency, { token }]) => [agency, token] as const),
    ['register', credentials.register.token],
    ['operator', credentials.operators[0]?.token ?? ''],
    ['analyst', credentials.analysts[0]?.token ?? ''],
    ...credentials.practitioners.map(({ id, token }) => [id, token] as const),
  ])
  const token = (who: Who): string => {
    const found = tokens.get(who ?? '')
    if (found === undefined) throw new Error(`nobody is called ${who}`)
    return found
  }

  async function ask(
    who: Who,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(`${running().url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(who === null ? {} : { authorization: `Bearer ${token(who)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'manual',
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return {
      status: response.status,
      text,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : null,
    }
  }

  async function expected<T>(status: number, answering: Promise<Answer>): Promise<T> {
    const answer = await answering
    if (answer.status === status) return answer.body as T
    throw new Error(`answered ${answer.status}, not ${status}: ${answer.text.slice(0, 500)}`)
  }

  async function sent(route: string, records: readonly object[]): Promise<readonly RecordResult[]> {
    const body = records.length === 1 ? records[0] : records
    const answer = await ask('custody', 'POST', `/intake/custody/${route}`, body)
    if (answer.status !== 202 && answer.status !== 422)
      throw new Error(`custody was answered ${answer.status}: ${answer.text.slice(0, 500)}`)
    await running().idle()
    return (answer.body as { readonly results: readonly RecordResult[] }).results
  }

  async function acted(who: string, path: string, body: object): Promise<number> {
    const { status } = await ask(who, 'POST', path, body)
    await running().idle()
    return status
  }

  async function close(): Promise<void> {
    await hub?.close()
    hub = undefined
  }

  return {
    get url() {
      return running().url
    },
    get port() {
      return running().port
    },
    get mllpPort() {
      const { mllpPort } = running()
      if (mllpPort === null) throw new Error('the hub has no door for HL7')
      return mllpPort
    },
    data,
    logs,
    credentials,
    now: () => now,
    token,
    ask,
    async consent(terms) {
      keys += 1
      const key = { 'idempotency-key': `journey-${keys}` }
      const body = consentBody(terms, now)
      const recorded = await expected<Recorded>(
        201,
        ask('register', 'POST', '/consents', body, key),
      )
      await running().idle()
      return recorded
    },
    async change(personId, terms) {
      const body = consentBody(terms, now)
      const recorded = await expected<Recorded>(
        200,
        ask('register', 'PUT', `/consents/${personId}`, body),
      )
      await running().idle()
      return recorded
    },
    async withdraw(personId, purposes = ['care-coordination']) {
      const body = { purposes, by: 'person', reason: null }
      const path = `/consents/${personId}/withdrawals`
      const answer = await expected<Withdrawn>(200, ask('register', 'POST', path, body))
      await running().idle()
      return answer
    },
    custody: (...events) => sent('domain-events', events),
    police: (...records) => sent('police', records),
    async inboxOf(practitioner, state = 'open') {
      const query = state === 'open' ? '&state=open' : ''
      const path = `/notices?practitioner=${practitioner}${query}`
      const answer = await expected<{ readonly notices: readonly Seen[] }>(
        200,
        ask(practitioner, 'GET', path),
      )
      return answer.notices
    },
    async story(practitioner, personId) {
      const { status, body } = await ask(practitioner, 'GET', `/people/${personId}/story`)
      return status === 200 ? (body as Story) : undefined
    },
    acknowledge: (who, noticeId, body = {}) =>
      acted(who, `/notices/${noticeId}/acknowledgements`, body),
    contact: (who, noticeId, contact) => acted(who, `/notices/${noticeId}/contacts`, { contact }),
    async disclosures(personId) {
      const answer = await expected<{ readonly disclosures: readonly Disclosed[] }>(
        200,
        ask('register', 'GET', `/consents/${personId}/disclosures`),
      )
      return answer.disclosures
    },
    ledger: () => expected<Ledger>(200, ask('operator', 'GET', '/ledger')),
    async passTo(iso) {
      await expected(200, ask('operator', 'POST', '/dev/clock', { to: iso }))
      now = iso
    },
    idle: () => running().idle(),
    async restart(meanwhile) {
      await close()
      await meanwhile?.()
      hub = await start()
      await running().idle()
    },
    close,
    async [Symbol.asyncDispose]() {
      await close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
