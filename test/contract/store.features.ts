import type { HubErrorCode } from '@throughline/domain'
import {
  emptyStep,
  type OutgoingRecord,
  type ParkedRecord,
  registerTask,
  StaleStep,
  type Step,
  type SteppedClock,
  type StoredTimer,
  type SweptStore,
  type TaskId,
  type ViewRow,
  type Views,
} from '@throughline/stream'
import { expect, it } from 'vitest'

/** A store beside a register of rows, and what may happen to it. */
export interface StoreDesk extends AsyncDisposable {
  readonly store: SweptStore
  readonly views: Views
  readonly register: Agreeing
  readonly clock: SteppedClock
  /** The process is gone, and another one opens what it left behind. */
  restarted(): Promise<StoreDesk>
  /** From now on, at this point of an adapter's method, somebody steps in. */
  at(point: string, interfere: () => unknown): void
  /** Puts records into a task's outbox as the register's acceptance does, all or nothing. */
  accept(records: readonly OutgoingRecord[], fail?: boolean): void | Promise<void>
}

/** Who agrees and who no longer does, as far as a store can tell. */
interface Agreeing {
  agree(
    personId: string,
    agreed?: { readonly identifiers?: readonly string[] },
  ): void | Promise<void>
  withdraw(personId: string): void | Promise<void>
}

export const start = Date.UTC(2026, 0, 5, 9)
const notify: TaskId = { processor: 'notify', generation: 1, partition: 0 }

/** What every store promises: a step is one transaction, and only the owner's. */
export function storeFeatures(open: () => Promise<StoreDesk>): void {
  it('has all of a step after a restart', async () => {
    await using desk = await open()
    await (await desk.store.open(notify)).commit(wholeStep)
    await using after = await desk.restarted()
    const task = await after.store.open(notify)
    expect(await task.positions()).toEqual(wholeStep.positions)
    const { states, parkedKeys, known } = await task.load(['ann', 'bob'], [index])
    expect(states.get('ann')).toMatchObject({ key: 'ann', stateVersion: 3 })
    expect(Buffer.from(states.get('ann')?.value ?? [])).toEqual(Buffer.from('state of ann'))
    expect(states.has('bob')).toBe(false)
    expect(parkedKeys).toEqual(new Set(['eve']))
    expect(known.index('look-back', 'id-1')).toEqual(['moves/0/1'])
    expect(await task.dueTimers(start + 10, 9)).toEqual([{ key: 'ann', name: 'nine', at: start }])
    expect(await task.nextTimerAt()).toBe(start)
    expect((await task.outbox(9)).flatMap((row) => row.records.map(({ id }) => id))).toEqual(['n1'])
    expect(await task.parked(9)).toMatchObject([{ key: 'eve', reason: 'step-failed', id: 'm1' }])
    expect(await after.views.get('notices', 'n1')).toEqual({ ...view, body: expect.anything() })
    expect(await after.views.counts('notices/')).toEqual(new Map([['notices/open', 2]]))
  })

  it('has nothing of a step that fails on the way', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const broken = { ...wholeStep, counts: new Unwritable() }
    await expect(task.commit(broken)).rejects.toThrow('unwritable')
    expect(await task.positions()).toEqual(new Map())
    expect((await task.load(['ann'], [])).states.size).toBe(0)
    expect(await task.nextTimerAt()).toBeNull()
    expect(await task.outbox(9)).toEqual([])
    expect(await desk.views.counts('')).toEqual(new Map())
  })

  it('raises for a former owner, and takes nothing from them', async () => {
    await using desk = await open()
    const former = await desk.store.open(notify)
    const owner = await desk.store.open(notify)
    expect(owner.epoch).toBeGreaterThan(former.epoch)
    const fenced = code('HUB_FENCED')
    await expect(former.commit(wholeStep)).rejects.toMatchObject(fenced)
    await expect(former.commit({ ...emptyStep, doneTo: start })).rejects.toMatchObject(fenced)
    await expect(former.relayed(9n)).rejects.toMatchObject(fenced)
    await expect(former.outbox(9)).rejects.toMatchObject(fenced)
    await expect(former.unpark('eve')).rejects.toMatchObject(fenced)
    await expect(former.resetPositions(new Map(), 'no')).rejects.toMatchObject(fenced)
    expect(await owner.positions()).toEqual(new Map())
    await owner.commit(wholeStep)
  })

  it('raises for an owner who loses the task while the commit is under way', async () => {
    await using desk = await open()
    const former = await desk.store.open(notify)
    const taken: Promise<unknown>[] = []
    desk.at('store.commit.before', () => {
      const opened = desk.store.open(notify)
      taken.push(opened)
      return opened
    })
    const committed = former.commit(wholeStep)
    await Promise.all([expect(committed).rejects.toMatchObject(code('HUB_FENCED')), ...taken])
  })

  it('can be asked what came of a commit whose answer was lost', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    desk.at('store.commit.after', () => {
      throw new Error('the answer is lost')
    })
    await expect(task.commit(wholeStep)).rejects.toThrow('lost')
    expect(await task.positions()).toEqual(wholeStep.positions)
  })

  it('leaves alone the tasks of other partitions, generations and processors', async () => {
    await using desk = await open()
    const tasks = await Promise.all(
      [notify, { ...notify, partition: 1 }, { ...notify, generation: 2 }, story].map((id) =>
        desk.store.open(id),
      ),
    )
    for (const task of tasks) await task.commit({ ...emptyStep, outbox: [record(nameOf(task.id))] })
    for (const task of tasks) {
      const rows = await task.outbox(9)
      expect(rows.flatMap(({ records }) => records.map(({ id }) => id))).toEqual([nameOf(task.id)])
    }
  })

  it('keys states by processor and generation, never by partition', async () => {
    await using desk = await open()
    await (await desk.store.open(notify)).commit(wholeStep)
    const sizes = await Promise.all(
      [{ ...notify, partition: 5 }, { ...notify, generation: 2 }, story].map(async (id) => {
        const task = await desk.store.open(id)
        return (await task.load(['ann'], [])).states.size
      }),
    )
    expect(sizes).toEqual([1, 0, 0])
  })

  it('replaces and drops states and timers', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    await task.commit(wholeStep)
    await task.commit({
      ...emptyStep,
      states: [{ key: 'ann', value: Buffer.from('new'), stateVersion: 4 }],
      timers: [{ key: 'ann', name: 'nine', at: start + 5 }],
    })
    expect((await task.load(['ann'], [])).states.get('ann')?.stateVersion).toBe(4)
    expect(await task.nextTimerAt()).toBe(start + 5)
    await task.commit({
      ...emptyStep,
      states: [{ key: 'ann', value: null }],
      timers: [{ key: 'ann', name: 'nine', at: null }],
    })
    expect((await task.load(['ann'], [])).states.size).toBe(0)
    expect(await task.nextTimerAt()).toBeNull()
  })

  it('gives due timers by time, then person, then name', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const timers = [
      { key: 'bob', name: 'a', at: 5 },
      { key: 'ann', name: 'b', at: 5 },
      { key: 'ann', name: 'a', at: 5 },
      { key: 'eve', name: 'a', at: 4 },
      { key: 'ann', name: 'late', at: 6 },
    ]
    await task.commit({ ...emptyStep, timers })
    const due = await task.dueTimers(5, 9)
    expect(due.map(({ key, name }) => `${key} ${name}`)).toEqual([
      'eve a',
      'ann a',
      'ann b',
      'bob a',
    ])
    expect(await task.dueTimers(5, 1)).toEqual([{ key: 'eve', name: 'a', at: 4 }])
  })

  it('cuts timers of one time by person and name, in whichever order they were set', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    for (const key of ['eve', 'bob', 'ann']) {
      const timers = ['b', 'a'].map((name) => ({ key, name, at: 5 }))
      await task.commit({ ...emptyStep, timers })
    }
    expect(said(await task.dueTimers(5, 3))).toEqual(['ann a 5', 'ann b 5', 'bob a 5'])
  })

  it('has one timer of each name, of the task that set it last', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const another = await desk.store.open({ ...notify, generation: 2 })
    const taking = await desk.store.open({ ...notify, partition: 1 })
    const timers = ['ann', 'bob'].flatMap((key) =>
      ['a', 'b', 'c'].map((name) => ({ key, name, at: 5 })),
    )
    await task.commit({ ...emptyStep, timers })
    await another.commit({ ...emptyStep, timers: timers.slice(0, 1) })
    await task.commit({
      ...emptyStep,
      timers: [
        { key: 'ann', name: 'a', at: null },
        { key: 'ann', name: 'b', at: 7 },
        { key: 'ann', name: 'd', at: 9 },
        { key: 'ann', name: 'd', at: 6 },
        { key: 'bob', name: 'a', at: 8 },
        { key: 'bob', name: 'a', at: null },
        { key: 'bob', name: 'never set', at: null },
      ],
    })
    await taking.commit({ ...emptyStep, timers: [{ key: 'bob', name: 'c', at: 4 }] })
    expect(said(await task.dueTimers(9, 9))).toEqual(['ann c 5', 'bob b 5', 'ann d 6', 'ann b 7'])
    expect(said(await taking.dueTimers(9, 9))).toEqual(['bob c 4'])
    expect(said(await another.dueTimers(9, 9))).toEqual(['ann a 5'])
  })

  it('gives the outbox in the order of the commits, and forgets it once acknowledged', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    for (const id of ['n1', 'n2', 'n3']) {
      await task.commit({ ...emptyStep, outbox: [record(id), record(`${id} again`)] })
    }
    const [first, second] = await task.outbox(2)
    expect(first?.records).toEqual([record('n1'), record('n1 again')])
    await task.relayed(second?.seq ?? 0n)
    expect((await task.outbox(9)).map(({ records }) => records[0]?.id)).toEqual(['n3'])
  })

  it('rings for the relay when an outbox is filled, and only then', async () => {
    await using desk = await open()
    const rung: string[] = []
    desk.store.wakes.on('outbox notify 1 0', () => rung.push('notify'))
    desk.store.wakes.on('outbox register 1 0', () => rung.push('register'))
    const task = await desk.store.open(notify)
    await task.commit({ ...emptyStep, counts: new Map([['c', 1]]) })
    await expect(async () => desk.accept([record('a0')], true)).rejects.toThrow()
    expect(rung).toEqual([])
    await task.commit({ ...emptyStep, outbox: [record('n1')] })
    await desk.accept([record('a1')])
    expect(rung).toEqual(['notify', 'register'])
  })

  it('reads states and the register’s rows of one moment', async () => {
    await using desk = await open()
    await desk.register.agree('ann', { identifiers: ['id-1'] })
    const task = await desk.store.open(notify)
    const { known } = await task.load(
      ['ann'],
      [{ kind: 'claims', identifier: 'id-1' }, { kind: 'person', personId: 'ann' }, index],
    )
    await task.commit(wholeStep)
    await desk.register.withdraw('ann')
    expect(known.claim('id-1')).toEqual({ identifier: 'id-1', personId: 'ann' })
    expect(known.person('ann')?.versions.map(({ state }) => state)).toEqual(['given'])
    expect(known.index('look-back', 'id-1')).toEqual([])
    expect(known.now).toBe(start)
  })

  it('refuses a step whose rows have changed since they were read', async () => {
    await using desk = await open()
    await desk.register.agree('ann')
    const task = await desk.store.open(notify)
    const { seen } = await task.load([], [{ kind: 'person', personId: 'ann' }])
    await desk.register.withdraw('ann')
    const step: Step = { ...wholeStep, seen }
    await expect(task.commit(step)).rejects.toBeInstanceOf(StaleStep)
    expect(await task.positions()).toEqual(new Map())
    const again = await task.load([], [{ kind: 'person', personId: 'ann' }])
    await task.commit({ ...wholeStep, seen: again.seen })
  })

  it('keeps an index of many values until each expires', async () => {
    await using desk = await open()
    const tasks = [
      await desk.store.open(notify),
      await desk.store.open({ ...notify, partition: 1 }),
    ]
    for (const [i, task] of tasks.entries()) {
      const entry = { name: 'look-back', key: 'id-1', value: `v${i}`, expiresAt: start + 10 + i }
      await task.commit({ ...emptyStep, index: [entry, entry] })
    }
    const values = async () => (await (tasks[0] as (typeof tasks)[0]).load([], [index])).known
    expect((await values()).index('look-back', 'id-1')).toEqual(['v0', 'v1'])
    await desk.clock.advanceTo(start + 10)
    expect((await values()).index('look-back', 'id-1')).toEqual(['v1'])
    expect(await desk.store.sweep()).toBeGreaterThan(0)
    expect(await desk.store.sweep()).toBe(0)
    expect((await values()).index('look-back', 'id-1')).toEqual(['v1'])
  })

  it('shows the highest version of a page’s row, whichever is written last', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const versions = [2, 3, 1].map((version) => ({ ...view, version, state: `v${version}` }))
    for (const row of versions) await task.commit({ ...emptyStep, views: [row] })
    expect(await desk.views.get('notices', 'n1')).toMatchObject({ version: 3, state: 'v3' })
    expect(await desk.views.get('notices', 'nothing')).toBeUndefined()
  })

  it('lists rows by reader, person and state, in their order', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const rows: ViewRow[] = [
      { ...view, id: 'a', sort: 3 },
      { ...view, id: 'b', sort: 1, state: 'closed' },
      { ...view, id: 'c', sort: 2, reader: 'lp-2', personId: 'bob' },
      { ...view, id: 'd', sort: 1, view: 'stories' },
    ]
    await task.commit({ ...emptyStep, views: rows })
    const ids = async (query: object) =>
      (await desk.views.list({ view: 'notices', limit: 9, ...query })).map(({ id }) => id)
    expect(await ids({})).toEqual(['b', 'c', 'a'])
    expect(await ids({ reader: 'lp-1' })).toEqual(['b', 'a'])
    expect(await ids({ reader: 'lp-1', states: ['open'] })).toEqual(['a'])
    expect(await ids({ personId: 'bob' })).toEqual(['c'])
    expect(await ids({ limit: 1 })).toEqual(['b'])
  })

  it('forgets parked records once they were dealt with, and keeps them in order until then', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const second = { ...parked, offset: 8n, id: 'm2' }
    await task.commit({
      ...emptyStep,
      parked: [parked, second, { ...parked, key: 'bob', id: 'm3' }],
    })
    expect((await task.parked(9)).map(({ id }) => id)).toEqual(['m1', 'm2', 'm3'])
    await task.commit({ ...emptyStep, unpark: ['eve'], parked: [second] })
    expect((await task.parked(9)).map(({ id }) => id).toSorted()).toEqual(['m2', 'm3'])
    await task.unpark('eve')
    expect((await task.load([], [])).parkedKeys).toEqual(new Set(['bob']))
  })

  it('writes an operator’s reset, and starts from there', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    await task.commit(wholeStep)
    const decided = new Map([['moves.v1', { offset: 2n, anchor: null }]])
    await task.resetPositions(decided, 'restored from backup')
    expect(await task.positions()).toEqual(decided)
  })

  it('knows a processor to be as far as its slowest partition, and never further back', async () => {
    await using desk = await open()
    const slow = await desk.store.open(notify)
    const fast = await desk.store.open({ ...notify, partition: 1 })
    expect(await desk.store.doneTo('notify')).toBe(0)
    await fast.commit({ ...emptyStep, doneTo: start + 9 })
    expect(await desk.store.doneTo('notify')).toBe(0)
    await slow.commit({ ...emptyStep, doneTo: start + 5 })
    expect(await desk.store.doneTo('notify')).toBe(start + 5)
    await slow.commit({ ...emptyStep, doneTo: start + 4 })
    expect(await desk.store.doneTo('notify')).toBe(start + 5)
    expect(await desk.store.doneTo('nobody')).toBe(0)
  })

  it('does not commit what rests on an index entry that another task has changed since', async () => {
    await using desk = await open()
    const task = await desk.store.open(notify)
    const other = await desk.store.open({ ...notify, partition: 1 })
    const { seen } = await task.load([], [index])
    await other.commit(wholeStep)
    await expect(task.commit({ ...wholeStep, seen })).rejects.toThrow(StaleStep)
    const again = await task.load([], [index])
    expect(again.known.index(index.name, index.key)).toEqual(['moves/0/1'])
    await task.commit({ ...wholeStep, seen: again.seen })
  })

  it('knows the connectors to be as far as what the register has not yet sent', async () => {
    await using desk = await open()
    expect(await desk.store.doneTo('connectors')).toBe(start)
    await desk.accept([record('a1')])
    await desk.clock.advanceTo(start + 60_000)
    expect(await desk.store.doneTo('connectors')).toBe(start)
    const relay = await desk.store.open(registerTask)
    const [row] = await relay.outbox(1)
    await relay.relayed(row?.seq ?? 0n)
    expect(await desk.store.doneTo('connectors')).toBe(start + 60_000)
  })
}

const story: TaskId = { ...notify, processor: 'story' }
const index = { kind: 'index', name: 'look-back', key: 'id-1' } as const

const record = (id: string): OutgoingRecord => ({
  topic: 'moves.v1',
  key: 'ann',
  id,
  value: Buffer.from(`sealed ${id}`),
})

const parked: ParkedRecord = {
  key: 'eve',
  topic: 'moves.v1',
  offset: 7n,
  id: 'm1',
  reason: 'step-failed',
  record: { ...record('m1'), key: 'eve' },
}

const view: ViewRow = {
  view: 'notices',
  id: 'n1',
  version: 1,
  personId: 'ann',
  reader: 'lp-1',
  state: 'open',
  sort: 1,
  facts: { rule: 'release', sources: ['custody'] },
  body: Buffer.from('sealed'),
}

const wholeStep: Step = {
  positions: new Map([['moves.v1', { offset: 4n, anchor: 'm0' }]]),
  states: [{ key: 'ann', value: Buffer.from('state of ann'), stateVersion: 3 }],
  timers: [{ key: 'ann', name: 'nine', at: start }],
  outbox: [record('n1')],
  index: [{ name: 'look-back', key: 'id-1', value: 'moves/0/1', expiresAt: start + 1000 }],
  views: [view],
  parked: [parked],
  counts: new Map([['notices/open', 2]]),
}

const said = (timers: readonly StoredTimer[]) =>
  timers.map(({ key, name, at }) => `${key} ${name} ${at}`)
const nameOf = (id: TaskId) => `${id.processor} ${id.generation} ${id.partition}`
const code = (expected: HubErrorCode) => ({ code: expected })

/** Counters are written last: when they fail, all the rest has been written already. */
class Unwritable extends Map<string, number> {
  override [Symbol.iterator](): MapIterator<[string, number]> {
    throw new Error('unwritable')
  }
}
