import { createMemoryRegister, sealPerson } from '@throughline/consent'
import type { Assignment, Grant, Ids, Notice, PractitionerAction } from '@throughline/domain'
import type { Directory } from '@throughline/service'
import {
  createApp,
  createAuth,
  createLogger,
  type Listening,
  listen,
  type Principal,
  tokenHashOf,
} from '@throughline/service'
import {
  type Clock,
  createMemoryStore,
  createMemoryViews,
  MemoryDatabase,
  nodeIds,
  openRecord,
  sealViewBody,
} from '@throughline/stream'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { inboxRoutes } from '../routes.ts'
import type { Story } from '../story.ts'
import { inboxProjection } from '../topology.ts'

/** The morning on which everything in these tests happens. */
export const morning = Date.parse('2025-11-18T10:05:00Z')
const organisation = 'testshire-recovery'
const yearMs = 365 * 86_400_000

const practitioner = (id: string, name: string, role: string) => ({ id, name, role, organisation })
const practitioners = [
  { ...practitioner('lp-1', 'Rowan Ashby', 'lead-practitioner'), telephone: '07700 900101' },
  practitioner('lp-2', 'Sam Tolland', 'lead-practitioner'),
  practitioner('peer-4', 'Kit Marlow', 'peer-supporter'),
  practitioner('duty-1', 'Bryn Hale', 'duty'),
]

export const directory: Directory = {
  practitioners,
  organisationName: (code) => (code === organisation ? 'Testshire Recovery' : code),
  dutyOffice: {
    name: 'Testshire duty office',
    telephone: '07700 900100',
    hours: 'Every day, 8 am to 8 pm',
  },
}

const tokens = new Map<string, Principal>([
  ...practitioners.map((one) => [one.id, { kind: 'practitioner', ...one }] as const),
  ['register', { kind: 'register' }],
  ['operator', { kind: 'operator' }],
  ['hospital', { kind: 'agency', agency: 'hospital' }],
  ['custody', { kind: 'agency', agency: 'custody' }],
])

export const everything: Grant = {
  purpose: 'care-coordination',
  sources: ['custody', 'hospital', 'treatment'],
  recipients: [
    { organisation, role: 'lead-practitioner' },
    { organisation, role: 'peer-supporter' },
    { organisation, role: 'duty' },
  ],
  categories: ['whereabouts', 'justice', 'health', 'substance-use'],
  tier: 'detail',
  from: morning - yearMs,
  until: morning + yearMs,
  lookBackDays: 0,
}

interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Posted, as JSON. */
  readonly json?: unknown
}

export interface Office extends AsyncDisposable {
  readonly url: string
  readonly register: ReturnType<typeof createMemoryRegister>
  readonly keys: ReturnType<typeof memoryKeys>
  readonly ids: Ids
  /** Moves our own clock only, as a slow moment would. */
  monotonicMs: () => number
  /** Calls the inbox as this practitioner, by their token. */
  call(as: string, path: string, init?: Call): Promise<Response>
  agree(personId: string, change?: Agreement): Promise<void>
  tell(...notices: readonly Notice[]): Promise<void>
  tellStory(story: Story): Promise<void>
  /** What practitioners did, as notify will read it. */
  actions(): Promise<readonly PractitionerAction[]>
  readonly log: readonly string[]
}

interface Agreement {
  readonly displayName?: string
  readonly ownWords?: string
  readonly never?: readonly string[]
  readonly grants?: readonly Grant[]
  readonly lead?: string
  /** HMACs; made up where they do not matter. */
  readonly identifiers?: readonly string[]
  readonly team?: readonly Omit<Assignment, 'from' | 'until'>[]
}

/** An inbox on a free port over the memory adapters, with four practitioners. */
export async function openOffice(options: { readonly clock?: Clock } = {}): Promise<Office> {
  const clock: Clock = options.clock ?? standing(morning)
  const random = seeded(7).bytes
  const ids = nodeIds(random(32))
  const database = new MemoryDatabase()
  const register = createMemoryRegister({ database, clock })
  const keys = memoryKeys(random)
  const store = createMemoryStore({ db: database, clock, lookups: register.reader })
  const views = createMemoryViews({ db: database })
  const task = await store.open({ processor: 'inbox', generation: 1, partition: 0 })
  const relay = await store.open({ processor: 'register', generation: 1, partition: 0 })
  const lines: string[] = []
  let steps = 0n

  const auth = createAuth({
    clock,
    random,
    credentials: [...tokens].map(([token, principal]) => ({
      tokenHash: tokenHashOf(`token-of-${token}`),
      principal,
    })),
  })
  const changed = new Set<() => void>()
  const log = createLogger({ clock, sink: (line) => lines.push(line) })
  const app = createApp({
    auth,
    random,
    clock,
    log,
    routes: [
      inboxRoutes({
        register,
        views,
        keys,
        clock,
        ids,
        random,
        directory,
        log,
        allowTestNhsNumbers: true,
        monotonicMs: () => office.monotonicMs(),
        stillSignedIn: (req) => auth.stillSignedIn(req),
        onChange: (listener) => {
          changed.add(listener)
          return () => changed.delete(listener)
        },
      }),
    ],
  })
  const listening: Listening = await listen({ app, port: 0, graceMs: 50 })

  /** Does what the runtime does: the projection's rows, sealed under the person's key. */
  const project = async (input: Parameters<typeof inboxProjection.step>[2]): Promise<void> => {
    const { views: changes = [] } = inboxProjection.step(null, nothingKnown, input, null, ids)
    const rows = await Promise.all(
      changes.map(async ({ content, ...row }) => {
        const key = await keys.create(`person:${row.personId}`)
        return { ...row, body: sealViewBody(row, content, key, random) }
      }),
    )
    steps += 1n
    const positions = new Map([['practitioner.notices.v1', { offset: steps, anchor: null }]])
    await task.commit({ ...nothingElse, positions, views: rows })
    for (const listener of changed) listener()
  }

  const office: Office = {
    url: listening.url,
    register,
    keys,
    ids,
    monotonicMs: () => 0,
    call: (as, path, { json, ...init } = {}) =>
      fetch(`${listening.url}${path}`, {
        redirect: 'manual',
        ...init,
        ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
        headers: {
          authorization: `Bearer token-of-${as}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...init.headers,
        },
      }),
    async agree(personId, change = {}) {
      const { displayName = 'Corwin F.', ownWords = '', never = [], grants = [everything] } = change
      const { lead = 'lp-1', team = [], identifiers = [`hash-of-${personId}`] } = change
      const key = await keys.create(`person:${personId}`)
      const safeContact = { ok: ['letter-to-service'], never, reviewBy: null }
      const content = { displayName, identifiers: [], ownWords, safeContact }
      const isNew = (await register.person(personId)) === undefined
      await register.change({
        kind: 'record-consent',
        personId,
        isNew,
        expectedVersion: null,
        state: 'given',
        identifiers,
        grants,
        assignments: [
          {
            practitionerId: lead,
            organisation,
            role: 'lead-practitioner',
            relation: 'lead',
            tier: 'detail',
          },
          ...team,
        ],
        sealed: sealPerson(personId, content, key, random),
        by: 'register',
      })
    },
    async tell(...notices) {
      for (const notice of notices) await project({ kind: 'notice', notice })
    },
    tellStory: (story) => project({ kind: 'story', personId: story.personId, story }),
    async actions() {
      const records = (await relay.outbox(1000)).flatMap((row) => row.records)
      const opened = records
        .filter(({ topic }) => topic === 'practitioner.actions.v1')
        .map(async (record) => {
          const key = await keys.create(`person:${record.key}`)
          return openRecord(record, key).value as PractitionerAction
        })
      return Promise.all(opened)
    },
    log: lines,
    [Symbol.asyncDispose]: () => listening.close(),
  }

  for (const source of ['custody', 'hospital', 'treatment']) {
    await register.change({
      kind: 'put-agreement',
      by: 'operator',
      agreement: {
        agreementId: source,
        source,
        purpose: 'care-coordination',
        recipientOrganisation: organisation,
        from: morning - yearMs,
        until: morning + yearMs,
      },
    })
  }
  return office
}

/** A clock that stands still until the test is over. */
const standing = (at: number): Clock => ({
  now: () => at,
  until: (_at, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) resolve()
      signal?.addEventListener('abort', () => resolve())
    }),
})

const nothingKnown = {
  now: morning,
  agreements: [],
  claim: () => undefined,
  person: () => undefined,
  index: () => [],
  past: () => [],
}
const nothingElse = {
  states: [],
  timers: [],
  outbox: [],
  index: [],
  parked: [],
  counts: new Map<string, number>(),
}

/** A notice to the lead about a release this morning, as far as it is not said otherwise. */
export const released = (change: Partial<Notice> = {}): Notice => ({
  noticeId: 'n-release',
  version: 1,
  personId: 'p-corwin',
  thread: 'release:e-1',
  episode: 'release:e-1',
  rule: 'release',
  ruleVersion: 1,
  class: 'action',
  urgency: 'safety',
  state: 'open',
  recipient: { practitionerId: 'lp-1', organisation, role: 'lead-practitioner' },
  headline: 'Released from prison',
  lines: ['See them today, or speak with them.'],
  occurredAt: Date.parse('2025-11-18T09:12:44Z'),
  learnedAt: Date.parse('2025-11-18T09:12:46Z'),
  dueAt: Date.parse('2025-11-19T00:00:00Z'),
  sources: ['custody'],
  categories: ['whereabouts', 'justice'],
  corrects: null,
  closedBecause: null,
  incomplete: false,
  because: { eventIds: ['e-1'], timer: null },
  push: true,
  ...change,
})
