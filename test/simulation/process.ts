import { createMemoryRegister, type Disclosure, type Register } from '@throughline/consent'
import type { Ids, PractitionerAction } from '@throughline/domain'
import { type Pipeline, type PipelineParts, startPipeline } from '@throughline/hub'
import { act, type InboxDeps, readNotices, readPerson } from '@throughline/inbox'
import { topics } from '@throughline/schemas'
import { createLogger, createMetrics } from '@throughline/service'
import {
  createMemoryLog,
  createMemoryStore,
  createMemoryViews,
  type Keys,
  type MemoryDatabase,
  type MemoryLogData,
  noSchedule,
  outboxWake,
  type Random as RandomBytes,
  registerTask,
  type Schedule,
  type SteppedClock,
  type Views,
} from '@throughline/stream'
import type { DoorName, SimRecord } from './county.ts'
import { doors, type PostAnswer } from './doors.ts'
import type { ReadFact } from './history.ts'
import type { SimProcess } from './schedule.ts'

/** What outlives every process: the disks, the keys, the partnership's secret and the time. */
export interface Disks {
  readonly database: MemoryDatabase
  readonly log: MemoryLogData
  readonly keys: Keys
  readonly ids: Ids
  readonly clock: SteppedClock
}

export const partitions = 2
export const smallTopics = topics.map((topic) => ({ ...topic, partitions }))
export const partnership = 'testshire'

/** What a hub stands on: simulated disks, or real services. */
export interface Ports extends PipelineParts {
  readonly register: Register
  readonly views: Views
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
  readonly register: Register
  /** Resolves once it owns its tasks; never, when it dies before. */
  readonly pipeline: Promise<Pipeline>
  /** The slow look that tells one process what another wrote, for alarms ring in one process only. */
  poll(): void
  post(record: SimRecord): Promise<PostAnswer>
  /** What a browser gets, at the moment it gets it. */
  read(who: Practitioner, seen: (fact: ReadFact) => void): Promise<void>
  /** The same of one person's page. */
  open(who: Practitioner, personId: string, seen: (fact: ReadFact) => void): Promise<void>
  act(who: Practitioner, noticeId: string, deed: Deed): Promise<void>
}

const principalOf = (who: Practitioner) => ({ kind: 'practitioner', name: who.id, ...who }) as const

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

/** The disks as one process reaches them; `schedule` may step in at every call. */
export function memoryPorts(disks: Disks, random: RandomBytes, schedule: Schedule = noSchedule) {
  const { clock, ids } = disks
  const database = disks.database.reopened()
  const register = createMemoryRegister({ database, clock, schedule })
  return {
    clock,
    ids,
    random,
    register,
    keys: keysOver(disks.keys, schedule),
    store: createMemoryStore({ db: database, clock, lookups: register.reader, schedule }),
    views: createMemoryViews({ db: database, schedule }),
    log: createMemoryLog({ clock, data: disks.log, schedule }),
    topics: smallTopics,
  } satisfies Ports
}

export function startProcess(
  ports: Ports,
  process: SimProcess,
  onFault: (what: string) => void,
): HubProcess {
  const { clock, ids, keys, register, views, random, store } = ports
  const logger = createLogger({ clock, sink: () => {} })
  const pipeline = startPipeline(ports, ({ processor, error }) => {
    if (process.alive)
      onFault(`${processor}: ${error instanceof Error ? error.message : 'unknown'}`)
  })
  const metrics = createMetrics()
  const edge = { register, keys, ids, random, log: logger, metrics, partnership }
  const opened = new Map<DoorName, (body: unknown) => Promise<PostAnswer>>()
  const inbox = (watched: Register): InboxDeps => ({
    register: watched,
    views,
    keys,
    clock,
    ids,
    random,
    directory: { practitioners: [], organisationName: (code) => code },
    monotonicMs: () => clock.now(),
    stillSignedIn: () => true,
  })

  /** What the gate last allowed, beside the register that was asked. */
  const watching = () => {
    let last: readonly Disclosure[] = []
    const watched: Register = {
      ...register,
      gate: async (disclosures) => {
        const permits = await register.gate(disclosures)
        const yes = new Set(permits.flatMap((one) => (one.allowed ? [one.attemptId] : [])))
        last = disclosures.filter(({ attemptId }) => yes.has(attemptId))
        return permits
      },
    }
    return { watched, allowed: () => last }
  }
  const seenBy = ({ id, organisation }: Practitioner, personId: string): ReadFact => ({
    attemptId: 'none',
    startedAt: register.now(),
    reader: id,
    organisation,
    personId,
    noticeId: '',
    version: 0,
    sources: [],
    lines: [],
    fields: [],
  })

  return {
    process,
    register,
    pipeline,
    poll: () => store.wakes.wake(outboxWake(registerTask)),
    post({ door, body }) {
      const known = opened.get(door) ?? doors[door].open(edge)
      opened.set(door, known)
      return known(body)
    },
    async read(who, seen) {
      const { watched, allowed } = watching()
      const states = ['open', 'acknowledged', 'closed', 'paused'] as const
      const query = { practitioner: who.id, states }
      await readNotices(inbox(watched), principalOf(who), query, (notices) => {
        for (const notice of notices) {
          const { noticeId, version, sources, personId } = notice
          const attempt = allowed().find(({ what }) => what.id === noticeId)
          seen({
            ...seenBy(who, personId),
            attemptId: attempt?.attemptId ?? 'none',
            noticeId,
            version,
            sources,
            fields: Object.keys(notice),
          })
        }
      })
    },
    async open(who, personId, seen) {
      const { watched, allowed } = watching()
      const about = { personId, withNotices: false }
      await readPerson(inbox(watched), principalOf(who), about, async ({ lines }) => () => {
        for (const { attemptId, sources } of allowed()) {
          const theirs = lines.filter((line) => String(line.sources) === String(sources))
          seen({
            ...seenBy(who, personId),
            attemptId,
            sources,
            lines: theirs.map(({ id }) => id),
            fields: [...new Set(theirs.flatMap((line) => Object.keys(line)))],
          })
        }
      })
    },
    async act(who, noticeId, deed) {
      await act(inbox(register), principalOf(who), noticeId, deed)
    },
  }
}
