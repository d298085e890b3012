import { HubError, type Ids, type Input, type Processor } from '@throughline/domain'
import { topics } from '@throughline/schemas'
import { afterEach, describe, expect, it } from 'vitest'
import { type SteppedClock, steppedClock } from '../clock.ts'
import { avroCodec } from '../codec.ts'
import { nodeIds } from '../ids.ts'
import { createMemoryLog, MemoryLogData } from '../log/memory.ts'
import { openSqliteLog } from '../log/sqlite.ts'
import { partitionOf } from '../partition.ts'
import type { Log, LogRecord, OutgoingRecord, Store, Views } from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
import { openRecord, openViewBody, sealRecord } from '../sealed.ts'
import { createMemoryStore, createMemoryViews } from '../store/memory.ts'
import { MemoryDatabase } from '../store/memory-database.ts'
import { createSqliteStore, createSqliteViews } from '../store/sqlite.ts'
import { openHubDatabase } from '../store/sqlite-database.ts'
import { memoryKeys } from '../testing/memory-keys.ts'
import { memoryRegister } from '../testing/memory-register.ts'
import { seeded } from '../testing/seeded.ts'
import { type Fault, startProcessor } from './processor.ts'

const morning = Date.UTC(2026, 0, 5, 9)
const minute = 60_000

/** What a test's small processor remembers: which events it has used. */
interface Seen {
  readonly used: readonly string[]
}

/** Tells the lead of each event once, and again an hour later if nothing more has come. */
const teller: Processor<Seen> = {
  name: 'teller',
  inputs: ['person.events.v1', 'consent.changes.v1'],
  outputs: ['practitioner.actions.v1'],
  upstream: ['connectors'],
  stateVersion: 1,
  upgrade: (state) => state as Seen,
  initial: { used: [] },
  personal: true,
  keyOf: (input) => ('personId' in input ? input.personId : null),
  lookups: (_input, key) => (key === null ? [] : [{ kind: 'person', personId: key }]),
  step(state, known, input, key, ids) {
    const person = key ?? ''
    if (!known.person(person)) return { state, counts: ['teller/unknown'] }
    if (input.kind === 'timer') {
      return { state, emit: [told(ids, person, `${input.name}:${input.complete}`, input.dueAt)] }
    }
    if (input.kind !== 'person-event') return { state }
    const { eventId, receivedAt } = input.event
    if (input.event.objectRef === 'poison') throw new Error('this one never works')
    if (state.used.includes(eventId)) return { state, counts: ['teller/repeat'] }
    return {
      state: { used: [...state.used, eventId] },
      emit: [told(ids, person, eventId, receivedAt)],
      timers: [{ name: 'hour', at: receivedAt + 60 * minute }],
      counts: ['teller/told'],
      views: [
        {
          view: 'told',
          id: person,
          version: state.used.length + 1,
          personId: person,
          reader: 'lp-1',
          state: 'open',
          sort: receivedAt,
          facts: {},
          content: { events: state.used.length + 1 },
        },
      ],
    }
  },
}

function told(ids: Ids, personId: string, what: string, at: number) {
  const actionId = ids.hash('told', personId, what, String(at))
  return {
    topic: 'practitioner.actions.v1',
    key: personId,
    id: actionId,
    schema: 'PractitionerAction',
    receivedAt: at,
    value: {
      actionId,
      kind: 'acknowledged',
      noticeId: what,
      thread: what,
      personId,
      by: 'lp-1',
      at,
      receivedAt: at,
      contact: null,
    },
  }
}

type Kind = 'memory' | 'sqlite'

interface Hub {
  readonly clock: SteppedClock
  readonly log: Log
  readonly store: Store
  readonly views: Views
  readonly register: ReturnType<typeof memoryRegister>
  readonly keys: ReturnType<typeof memoryKeys>
  readonly faults: Fault[]
  readonly data: MemoryLogData
  start(processor?: Processor<Seen>): Promise<Awaited<ReturnType<typeof startProcessor>>>
  send(personId: string, eventId: string, more?: Record<string, unknown>): Promise<void>
  append(record: OutgoingRecord): Promise<void>
  told(personId?: string): Promise<string[]>
}

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function hubOf(kind: Kind, schedule: Schedule = noSchedule): Promise<Hub> {
  const clock = steppedClock(morning)
  const random = seeded(1).bytes
  const ids = nodeIds(new Uint8Array(32))
  const register = memoryRegister(() => clock.now())
  const keys = memoryKeys(random)
  const data = new MemoryLogData()
  const memory = new MemoryDatabase()
  const sqlite = openHubDatabase(':memory:', { schedule })
  const log =
    kind === 'memory'
      ? createMemoryLog({ clock, data, schedule })
      : await openSqliteLog({ path: ':memory:', clock, schedule })
  await log.ensureTopics(topics.map((topic) => ({ ...topic, partitions: 2 })))
  const options = { clock, lookups: register }
  const store =
    kind === 'memory'
      ? createMemoryStore({ ...options, db: memory, schedule })
      : createSqliteStore({ ...options, db: sqlite })
  const views =
    kind === 'memory' ? createMemoryViews({ db: memory }) : createSqliteViews({ db: sqlite })
  const faults: Fault[] = []
  open.push(
    async () => sqlite.close(),
    async () => log[Symbol.asyncDispose](),
  )
  const hub: Hub = {
    clock,
    log,
    store,
    views,
    register,
    keys,
    faults,
    data,
    async start(processor = teller) {
      const running = await startProcessor({
        processor,
        log,
        store,
        keys,
        clock,
        ids,
        random,
        onFault: (fault) => faults.push(fault),
      })
      open.push(() => running.stop())
      return running
    },
    async send(personId, eventId, more = {}) {
      const sealUnder = await keys.create(`person:${personId}`)
      const value = { ...release, eventId, receivedAt: clock.now(), ...more }
      const { receivedAt } = value
      const place = { topic: 'person.events.v1', key: personId, id: `record-${eventId}` }
      const rest = { schema: value.type, agency: 'custody', identifierHashes: [], random }
      await log.append([sealRecord({ ...place, ...rest, value, sealUnder, receivedAt })])
    },
    append: (record) => log.append([record]),
    async told(personId) {
      const out: LogRecord[] = []
      for (const partition of [0, 1]) {
        for await (const batch of log.read('practitioner.actions.v1', partition, 0n)) {
          out.push(...batch)
        }
      }
      const found: string[] = []
      for (const record of out) {
        if (personId !== undefined && record.key !== personId) continue
        const key = await keys.create(`person:${record.key}`)
        const { value } = openRecord(record, key)
        found.push((value as { noticeId: string }).noticeId)
      }
      return found
    },
  }
  return hub
}

const release = {
  type: 'ReleasedFromPrison',
  version: 1,
  source: { partnership: 'testshire', agency: 'custody', system: 'prison' },
  occurredAt: morning,
  occurredAtPrecision: 'MINUTE',
  occurredAtText: null,
  recordedAt: null,
  identifiers: [],
  objectRef: null as string | null,
  handling: { holdUntil: null, restricted: false },
  prison: null,
  kind: 'TO_COMMUNITY',
  reasonCode: null,
  confirmed: true,
  homeArea: null,
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** People whose records share, or do not share, a partition of two. */
const ann = 'ann'
const other = ['bob', 'cat', 'dan', 'eve'].filter((p) => partitionOf(p, 2) === partitionOf(ann, 2))
const bob = other[0] as string

describe.each(['memory', 'sqlite'] as const)('a processor on %s', (kind) => {
  it('tells the lead of each person’s events, in order and once', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    hub.register.agree(bob)
    await hub.send(ann, 'in')
    await hub.send(bob, 'in')
    await hub.send(ann, 'out')
    await hub.send(ann, 'in')
    const running = await hub.start()
    await running.idle()
    expect(await hub.told(ann)).toEqual(['in', 'out'])
    expect(await hub.told(bob)).toEqual(['in'])
    expect(await hub.views.counts('teller/')).toEqual(
      new Map([
        ['teller/told', 3],
        ['teller/repeat', 1],
      ]),
    )
  })

  it('goes on where it stopped, and sends nothing a second time', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    const first = await hub.start()
    await first.idle()
    await first.stop()
    await hub.send(ann, 'out')
    const second = await hub.start()
    await second.idle()
    expect(await hub.told()).toEqual(['in', 'out'])
  })

  it('wakes up an hour later, once', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    const running = await hub.start()
    await hub.send(ann, 'in')
    await running.idle()
    await hub.clock.advanceTo(morning + 59 * minute, () => running.idle())
    await running.idle()
    expect(await hub.told()).toEqual(['in'])
    await hub.clock.advanceTo(morning + 61 * minute, () => running.idle())
    await running.idle()
    expect(await hub.told()).toEqual(['in', 'hour:true'])
  })

  it('keeps a page’s row sealed under the person’s key, the highest version last', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    await hub.send(ann, 'out')
    await (await hub.start()).idle()
    const [row] = await hub.views.list({ view: 'told', reader: 'lp-1', limit: 10 })
    expect(row).toMatchObject({ id: ann, version: 2, state: 'open' })
    if (!row) throw new Error('no row')
    expect(openViewBody(row, await hub.keys.create('person:ann'))).toEqual({ events: 2 })
    expect(Buffer.from(row.body).toString('latin1')).not.toContain('events')
  })

  it('sets a poisonous record aside, with what follows it, while others flow', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    hub.register.agree(bob)
    await hub.send(ann, 'bad', { objectRef: 'poison' })
    await hub.send(bob, 'in')
    await hub.send(ann, 'out')
    const running = await hub.start()
    await running.idle()
    expect(await hub.told()).toEqual(['in'])
    const parked = await running.parked(10)
    expect(parked.map(({ key, id, reason }) => [key, id, reason])).toEqual([
      [ann, 'record-bad', 'step-failed'],
      [ann, 'record-out', 'behind'],
    ])
    expect(hub.faults).toEqual([])
  })

  it('runs what was set aside again, in order, once it can be used', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    let mended = false
    const mendable: Processor<Seen> = {
      ...teller,
      step(state, known, input, key, ids) {
        const bad = input.kind === 'person-event' && input.event.objectRef === 'poison'
        if (!bad || !mended) return teller.step(state, known, input, key, ids)
        const event = { ...input.event, objectRef: null }
        return teller.step(state, known, { ...input, event }, key, ids)
      },
    }
    await hub.send(ann, 'bad', { objectRef: 'poison' })
    await hub.send(ann, 'out')
    const running = await hub.start(mendable)
    await running.idle()
    expect(await running.releaseParked(ann)).toBe(2)
    expect(await running.parked(10)).toHaveLength(2)
    mended = true
    expect(await running.releaseParked(ann)).toBe(2)
    await hub.send(ann, 'after')
    await running.idle()
    expect(await hub.told()).toEqual(['bad', 'out', 'after'])
    expect(await running.parked(10)).toEqual([])
  })

  it.each([
    ['bytes that are no record', Buffer.from([0, 0, 0, 0, 1, 250, 250]), 'undecodable'],
    ['a deletion where nothing is deleted', null, 'tombstone'],
    [
      'a record of another topic’s kind',
      avroCodec.encode('ConsentChanged', { personId: ann, version: 1, changedAt: 1 }),
      'schema-unexpected',
    ],
  ])('sets aside %s, and goes on', async (_what, value, reason) => {
    const hub = await hubOf(kind)
    hub.register.agree(bob)
    await hub.append({ topic: 'person.events.v1', key: ann, id: 'odd', value })
    await hub.send(bob, 'in')
    const running = await hub.start()
    await running.idle()
    expect((await running.parked(9)).map((parked) => parked.reason)).toEqual([reason])
    expect(await hub.told()).toEqual(['in'])
  })

  it('sets aside a trigger that is keyed by somebody else', async () => {
    const hub = await hubOf(kind)
    const value = avroCodec.encode('ConsentChanged', { personId: bob, version: 1, changedAt: 1 })
    await hub.append({ topic: 'consent.changes.v1', key: ann, id: 'odd', value })
    const running = await hub.start()
    await running.idle()
    expect((await running.parked(9)).map(({ reason }) => reason)).toEqual(['key-mismatch'])
  })

  it('skips what a destroyed key sealed, and forgets the person’s state', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    hub.register.agree(bob)
    const running = await hub.start()
    await hub.send(ann, 'in')
    await running.idle()
    await hub.send(ann, 'late')
    await hub.keys.destroy('person:ann', hub.clock.now())
    await hub.send(bob, 'in')
    const value = avroCodec.encode('ConsentChanged', { personId: ann, version: 2, changedAt: 1 })
    await hub.append({ topic: 'consent.changes.v1', key: ann, id: 'trigger', value })
    await running.idle()
    expect(await hub.told(bob)).toEqual(['in'])
    await hub.clock.advanceTo(morning + 120 * minute, () => running.idle())
    await running.idle()
    expect(await hub.told(bob)).toEqual(['in', 'hour:true'])
    const task = await hub.store.open({
      processor: 'teller',
      generation: 1,
      partition: partitionOf(ann, 2),
    })
    expect((await task.load([ann], [])).states.size).toBe(0)
    expect(await task.nextTimerAt()).toBeNull()
  })

  it('waits while the keys cannot be reached, and tells then', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    hub.keys.available = false
    const running = await hub.start()
    await running.idle()
    expect(hub.faults).toEqual([])
    hub.keys.available = true
    expect(await hub.told()).toEqual([])
    await hub.clock.advanceTo(morning + minute, () => running.idle())
    await running.idle()
    expect(await hub.told()).toEqual(['in'])
  })

  it('decides again when consent changes between its reading and its writing', async () => {
    let withdraw = () => {}
    const schedule: Schedule = {
      at: (point) => {
        if (point === 'store.commit.before') withdraw()
      },
    }
    const hub = await hubOf(kind, schedule)
    hub.register.agree(ann)
    withdraw = () => {
      withdraw = () => {}
      hub.register.withdraw(ann)
    }
    const careful: Processor<Seen> = {
      ...teller,
      step(state, known, input, key, ids) {
        const state_ = known.person(key ?? '')?.versions.at(-1)?.state
        return state_ === 'given' ? teller.step(state, known, input, key, ids) : { state }
      },
    }
    await hub.send(ann, 'in')
    const running = await hub.start(careful)
    await running.idle()
    expect(await hub.told()).toEqual([])
  })

  it('stops at a position that lies beyond the log, until somebody decides', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    const partition = partitionOf(ann, 2)
    const task = await hub.store.open({ processor: 'teller', generation: 1, partition })
    await task.resetPositions(new Map([['person.events.v1', { offset: 7n, anchor: null }]]), 'test')
    const running = await hub.start()
    await running.idle()
    expect(hub.faults.map(({ error }) => (error as HubError).code)).toEqual(['HUB_POSITION_LOST'])
    expect(await hub.told()).toEqual([])
    await running.resetPositions(partition, new Map(), 'start again')
    await running.idle()
    expect(await hub.told()).toEqual(['in'])
  })

  it('stops where a newer version of it has been, which then goes on as if nothing had happened', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    const newer = { ...teller, stateVersion: 2 }
    await hub.send(ann, 'in')
    const first = await hub.start(newer)
    await first.idle()
    await first.stop()

    await hub.send(ann, 'out')
    const older = await hub.start()
    await older.idle()
    expect(hub.faults.map(({ error }) => (error as HubError).code)).toEqual(['HUB_STATE_NEWER'])
    expect(await older.parked(10)).toEqual([])
    expect(await hub.told()).toEqual(['in'])
    await older.stop()

    const next = await hub.start(newer)
    await hub.send(ann, 'in')
    await next.idle()
    expect(await hub.told()).toEqual(['in', 'out'])
    await hub.clock.advanceTo(morning + 61 * minute, () => next.idle())
    expect(await hub.told()).toEqual(['in', 'out', 'hour:true'])
    expect(hub.faults).toHaveLength(1)
  })

  it('wakes nobody for a newer version of it, which is woken instead', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    const newer = { ...teller, stateVersion: 2 }
    await hub.send(ann, 'in')
    const first = await hub.start(newer)
    await first.idle()
    await first.stop()

    const older = await hub.start()
    await hub.clock.advanceTo(morning + 61 * minute, () => older.idle())
    await older.idle()
    expect(hub.faults.map(({ error }) => (error as HubError).code)).toEqual(['HUB_STATE_NEWER'])
    await older.stop()
    const next = await hub.start(newer)
    await next.idle()
    expect(await hub.told()).toEqual(['in', 'hour:true'])
  })

  it('takes up what an older version of it has left', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    const older = await hub.start()
    await older.idle()
    await older.stop()
    const upgrade = (_state: unknown, from: number): Seen => ({
      used: [`of version ${from}`, 'in'],
    })
    await hub.send(ann, 'in')
    await hub.send(ann, 'of version 1')
    await (await hub.start({ ...teller, stateVersion: 2, upgrade })).idle()
    expect(await hub.told()).toEqual(['in'])
    expect(hub.faults).toEqual([])
  })

  it('leaves quietly when somebody else takes its task, and nothing is told twice', async () => {
    const hub = await hubOf(kind)
    hub.register.agree(ann)
    const old = await hub.start()
    const taken = await hub.start()
    await hub.send(ann, 'in')
    await taken.idle()
    await old.idle()
    expect(await hub.told()).toEqual(['in'])
    expect(hub.faults).toEqual([])
  })
})

describe('a timer', () => {
  const later: Processor<Seen> = { ...teller, name: 'later', upstream: ['connectors', 'teller'] }

  it('waits for what upstream has not yet done, and fires incomplete after a quarter of an hour', async () => {
    const hub = await hubOf('memory')
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    const running = await hub.start(later)
    const idle = () => running.idle()
    await idle()
    await hub.clock.advanceTo(morning + 74 * minute, idle)
    await idle()
    expect(await hub.told()).toEqual(['in'])
    await hub.clock.advanceTo(morning + 76 * minute, idle)
    await idle()
    expect(await hub.told()).toEqual(['in', 'hour:false'])
  })

  it('fires at its time once upstream has come so far', async () => {
    const hub = await hubOf('memory')
    hub.register.agree(ann)
    await hub.send(ann, 'in')
    const upstream = await hub.start()
    const running = await hub.start(later)
    const idle = async () => {
      do {
        await upstream.idle()
        await running.idle()
      } while (upstream.busy())
    }
    await idle()
    await hub.clock.advanceTo(morning + 60 * minute, idle)
    expect(await hub.told()).toContain('hour:true')
    expect(await hub.told()).not.toContain('hour:false')
  })

  it('waits for the backlog to be read, and then knows what was in it', async () => {
    let held: Promise<void> | undefined
    const schedule: Schedule = {
      at: (point) => (point === 'log.deliver.before' ? held : undefined),
    }
    const hub = await hubOf('memory', schedule)
    hub.register.agree(ann)
    const running = await hub.start()
    await hub.send(ann, 'in')
    await running.idle()
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    await hub.send(ann, 'moved on', { receivedAt: morning + 59 * minute })
    await hub.clock.advanceTo(morning + 61 * minute, turn)
    expect(await hub.told()).toEqual(['in'])
    held = undefined
    resolve()
    await running.idle()
    // The event in the backlog set the timer anew, so the hour has not passed yet.
    expect(await hub.told()).toEqual(['in', 'moved on'])
    await hub.clock.advanceTo(morning + 119 * minute, () => running.idle())
    expect(await hub.told()).toEqual(['in', 'moved on', 'hour:true'])
  })

  it('is not fired before a record that came in at the same time', async () => {
    const hub = await hubOf('memory')
    hub.register.agree(ann)
    const inputs: Input['kind'][] = []
    const running = await hub.start({
      ...teller,
      step(state, known, input, key, ids) {
        inputs.push(input.kind)
        return teller.step(state, known, input, key, ids)
      },
    })
    await hub.send(ann, 'in')
    await running.idle()
    // The clock reaches the hour while a record of that very time is on the log.
    const due = hub.clock.advanceTo(morning + 60 * minute)
    await hub.send(ann, 'out', { receivedAt: morning + 60 * minute })
    await due
    await running.idle()
    expect(inputs.slice(0, 2)).toEqual(['person-event', 'person-event'])
  })
})

describe('trouble', () => {
  const everywhere = [
    'store.open.before',
    'store.open.after',
    'store.positions.before',
    'store.load.before',
    'store.load.after',
    'store.commit.before',
    'store.commit.after',
    'store.next-timer.before',
    'store.outbox.before',
    'store.relayed.before',
    'store.relayed.after',
    'log.append.before',
    'log.append.after',
    'log.deliver.before',
    'log.deliver.after',
  ]
  const insideSqlite = [
    'store.commit.fenced',
    'store.commit.states-written',
    'store.commit.outbox-written',
    'store.commit.written',
    'log.append.written',
  ]
  it.each([
    ...everywhere.map((where) => ['memory', where] as const),
    ...[...everywhere, ...insideSqlite].map((where) => ['sqlite', where] as const),
  ])('on %s at %s is nobody’s loss and nobody’s second notice', async (kind, where) => {
    let left = 3
    let on = false
    const schedule: Schedule = {
      at: (point) => {
        if (!on || point !== where || left-- <= 0) return
        const code = where.startsWith('log') ? 'HUB_LOG_UNAVAILABLE' : 'HUB_STORE_UNAVAILABLE'
        throw new HubError(code, 'planted')
      },
    }
    const hub = await hubOf(kind, schedule)
    for (const person of [ann, bob]) hub.register.agree(person)
    for (const event of ['in', 'out', 'back']) {
      await hub.send(ann, event)
      await hub.send(bob, event)
    }
    on = true
    const starting = hub.start()
    // It may have to wait before it can even start.
    for (let i = 0; i < 10; i += 1) {
      await turn()
      await hub.clock.advanceTo(morning + i * 5000, turn)
    }
    const running = await starting
    for (let i = 2; i < 20; i += 1) {
      await hub.clock.advanceTo(morning + i * minute, () => running.idle())
    }
    await running.idle()
    expect(left).toBeLessThan(3)
    expect(hub.faults).toEqual([])
    for (const person of [ann, bob]) {
      expect([...new Set(await hub.told(person))]).toEqual(['in', 'out', 'back'])
    }
    // Six events were folded once each: a commit in doubt is looked up, not made again.
    expect(await hub.views.counts('teller/')).toEqual(new Map([['teller/told', 6]]))
  })
})
