import { createMemoryRegister, type LocalRegister } from '@throughline/consent'
import {
  custodyAcceptance,
  custodyDefaults,
  translate,
  translatePolice,
} from '@throughline/custody'
import type { Ids, PractitionerAction } from '@throughline/domain'
import { type Pipeline, startPipeline } from '@throughline/hub'
import { act, type InboxDeps, readNotices } from '@throughline/inbox'
import { topics } from '@throughline/schemas'
import { createLogger, createMetrics, type JsonValue } from '@throughline/service'
import {
  createMemoryLog,
  createMemoryStore,
  createMemoryViews,
  type Keys,
  type MemoryDatabase,
  type MemoryLogData,
  outboxWake,
  registerTask,
  type Schedule,
  type SteppedClock,
} from '@throughline/stream'
import type { SimRecord } from './county.ts'
import type { ReadFact } from './history.ts'
import type { Random } from './random.ts'
import type { Scheduler, SimProcess } from './schedule.ts'

/** What outlives every process: the disks, the keys, the partnership's secret and the time. */
export interface Disks {
  readonly database: MemoryDatabase
  readonly log: MemoryLogData
  readonly keys: Keys
  readonly ids: Ids
  readonly clock: SteppedClock
}

export const partitions = 2
const smallTopics = topics.map((topic) => ({ ...topic, partitions }))
const partnership = 'testshire'
const options = custodyDefaults({
  unclaimed: { prison: 'hold', police: 'drop' },
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
})

export interface PostAnswer {
  readonly outcome: string
  readonly eventIds: readonly string[]
}

export interface Practitioner {
  readonly id: string
  readonly organisation: string
  readonly role: string
}

export type Deed = Pick<PractitionerAction, 'kind' | 'contact'>

/** One running hub of the simulation: the product's own edge, processors and register, without sockets. */
export interface HubProcess {
  readonly process: SimProcess
  readonly register: LocalRegister
  /** Resolves once it owns its tasks; never, when it dies before. */
  readonly pipeline: Promise<Pipeline>
  /** The slow look that tells one process what another wrote, for alarms ring in one process only. */
  poll(): void
  post(record: SimRecord): Promise<PostAnswer>
  /** What a browser gets, at the moment it gets it. */
  read(who: Practitioner, seen: (fact: ReadFact) => void): Promise<void>
  act(who: Practitioner, noticeId: string, deed: Deed): Promise<void>
}

/** The keys as one process reaches them: over a wire that may break. */
function keysOver(keys: Keys, schedule: Schedule): Keys {
  const over = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await schedule.at(`keys.${name}.before`)
    return work()
  }
  return {
    open: (refs) => over('open', () => keys.open(refs)),
    create: (ref) => over('create', () => keys.create(ref)),
    destroy: (ref, at) => over('destroy', () => keys.destroy(ref, at)),
  }
}

export function startProcess(
  disks: Disks,
  scheduler: Scheduler,
  process: SimProcess,
  random: Random,
  onFault: (what: string) => void,
): HubProcess {
  const { clock, ids } = disks
  const schedule = scheduler.hookFor(process)
  const keys = keysOver(disks.keys, schedule)
  const bytes = (length: number) => random.bytes(length)
  const database = disks.database.reopened()
  const register = createMemoryRegister({ database, clock, schedule })
  const store = createMemoryStore({ db: database, clock, lookups: register.reader, schedule })
  const views = createMemoryViews({ db: database, schedule })
  const log = createMemoryLog({ clock, data: disks.log, schedule })
  const logger = createLogger({ clock, sink: () => {} })
  const parts = { log, store, keys, clock, ids, random: bytes, topics: smallTopics }
  const pipeline = startPipeline(parts, ({ processor, error }) => {
    if (process.alive)
      onFault(`${processor}: ${error instanceof Error ? error.message : 'unknown'}`)
  })
  const intake = custodyAcceptance({
    register,
    keys,
    ids,
    random: bytes,
    log: logger,
    metrics: createMetrics(),
    partnership,
    options,
  })
  const inbox = (watched: LocalRegister): InboxDeps => ({
    register: watched,
    views,
    keys,
    clock,
    ids,
    random: bytes,
    directory: { practitioners: [], organisationName: (code) => code },
    monotonicMs: () => clock.now(),
    stillSignedIn: () => true,
  })

  return {
    process,
    register,
    pipeline,
    poll: () => database.wakes.wake(outboxWake(registerTask)),
    async post(record) {
      const body = record.body as JsonValue
      const isPrison = record.door === 'prison'
      const translations = isPrison
        ? translate([body], ids, { ...options, partnership })
        : translatePolice([body], ids, { ...options, partnership, now: register.now() })
      const message = () => JSON.stringify(body)
      const unclaimed = isPrison ? options.unclaimed.prison : options.unclaimed.police
      const [result] = await intake(
        translations.map((translation) => ({ translation, message, unclaimed })),
        'simulated',
      )
      if (result === undefined) throw new Error('a record without a result')
      return {
        outcome: result.outcome,
        eventIds: 'eventIds' in result ? result.eventIds : [],
      }
    },
    async read(who, seen) {
      const attempts = new Map<string, string>()
      const watched: LocalRegister = {
        ...register,
        gate: async (disclosures) => {
          const permits = await register.gate(disclosures)
          for (const { attemptId, what } of disclosures) attempts.set(what.id, attemptId)
          return permits
        },
      }
      const practitioner = { kind: 'practitioner', name: who.id, ...who } as const
      const states = ['open', 'acknowledged', 'closed', 'paused'] as const
      await readNotices(
        inbox(watched),
        practitioner,
        { practitioner: who.id, states },
        (notices) => {
          for (const notice of notices) {
            seen({
              attemptId: attempts.get(notice.noticeId) ?? 'none',
              startedAt: register.now(),
              reader: who.id,
              organisation: who.organisation,
              personId: notice.personId,
              noticeId: notice.noticeId,
              version: notice.version,
              sources: notice.sources,
              categories: [],
              fields: Object.keys(notice),
            })
          }
        },
      )
    },
    async act(who, noticeId, deed) {
      const practitioner = { kind: 'practitioner', name: who.id, ...who } as const
      await act(inbox(register), practitioner, noticeId, deed)
    },
  }
}
