import type { HubErrorCode } from '@throughline/domain'
import {
  type Log,
  type LogRecord,
  type OutgoingRecord,
  type Positions,
  partitionOf,
  type TaskOwner,
  type TopicSpec,
} from '@throughline/stream'
import { expect, it } from 'vitest'

/** A log with the topics of this suite, and what may happen to it. */
export interface LogDesk extends AsyncDisposable {
  readonly log: Log
  /** The process is gone, and another one opens what it left behind. */
  restarted(): Promise<LogDesk>
  /** Retention has passed: every record of the topic's partition below `start` is gone. */
  retentionPasses(topic: string, partition: number): Promise<void>
}

const topic = 'moves.v1'
const other = 'changes.v1'
const partitions = 4

/** What the suite's logs are opened with. */
export const specs: readonly TopicSpec[] = [
  { name: topic, partitions, retentionMs: 3_600_000, cleanup: 'delete' },
  { name: other, partitions, retentionMs: null, cleanup: 'compact' },
]

/** What every log promises. A fake that passes may stand in for Kafka; one that does not may not. */
export function logFeatures(open: () => Promise<LogDesk>): void {
  it('gives back the messages of one person in the order they were written', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), message('bob', 'in'), message('ann', 'out')])
    expect(await said(desk.log, 'ann')).toEqual(['in', 'out'])
  })

  it('keeps key, id, value, headers and the topic’s own order of offsets', async () => {
    await using desk = await open()
    const headers = { traceparent: '00-ab' }
    await desk.log.append([{ ...message('ann', 'in'), headers }, message('ann', 'out')])
    const [first, second] = await everythingOf(desk.log, 'ann')
    expect(first).toMatchObject({ topic, key: 'ann', id: 'ann in', headers, offset: 0n })
    expect(second).toMatchObject({ headers: {}, offset: 1n, partition: partitionOf('ann', 4) })
  })

  it('keeps a deletion as a record without a value', async () => {
    await using desk = await open()
    await desk.log.append([{ ...message('ann', 'gone'), value: null }])
    expect((await everythingOf(desk.log, 'ann'))[0]?.value).toBeNull()
  })

  it('appends a record that is sent again a second time: readers know its id', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in')])
    await desk.log.append([message('ann', 'in')])
    expect((await everythingOf(desk.log, 'ann')).map(({ id }) => id)).toEqual(['ann in', 'ann in'])
  })

  it('has what it acknowledged after a restart, and goes on behind it', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in')])
    await using after = await desk.restarted()
    await after.log.append([message('ann', 'out')])
    expect(await said(after.log, 'ann')).toEqual(['in', 'out'])
    const { offset } = (await everythingOf(after.log, 'ann'))[1] as LogRecord
    expect(offset).toBe(1n)
  })

  it('says where each partition starts and ends', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), message('ann', 'out')])
    expect(await desk.log.bounds(topic, partitionOf('ann', 4))).toEqual({ start: 0n, end: 2n })
  })

  it('reads to the end as it was when the reading began', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in')])
    const read: string[] = []
    for await (const batch of desk.log.read(topic, partitionOf('ann', 4), 0n)) {
      read.push(...batch.map(text))
      await desk.log.append([message('ann', 'out')])
    }
    expect(read).toEqual(['in'])
  })

  it('refuses a topic that differs from what it has, and changes nothing', async () => {
    await using desk = await open()
    await desk.log.ensureTopics(specs)
    for (const drift of [{ partitions: 5 }, { retentionMs: 1 }, { cleanup: 'compact' as const }]) {
      const asked = [{ ...(specs[0] as TopicSpec), ...drift }]
      await expect(desk.log.ensureTopics(asked)).rejects.toMatchObject(code('HUB_TOPIC_DRIFT'))
    }
    await desk.log.ensureTopics(specs)
  })

  it('takes nothing for a topic it does not have', async () => {
    await using desk = await open()
    const lost = { ...message('ann', 'in'), topic: 'nowhere.v1' }
    await expect(desk.log.append([message('ann', 'in'), lost])).rejects.toMatchObject(
      code('HUB_TOPIC_DRIFT'),
    )
    expect(await said(desk.log, 'ann')).toEqual([])
  })

  it('starts where its owner says, whatever has been read before', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), message('ann', 'out')])
    const owner = new Owner(positionsOf(1n, 'ann in'))
    await using _consumer = await desk.log.consume('story', [topic], owner)
    expect(await owner.firstTexts('ann', 1)).toEqual(['out'])
  })

  it('starts at the beginning where its owner has no position', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in')])
    const owner = new Owner(new Map())
    await using _consumer = await desk.log.consume('story', [topic], owner)
    expect(await owner.firstTexts('ann', 1)).toEqual(['in'])
  })

  it('wakes a reader that has read everything', async () => {
    await using desk = await open()
    const owner = new Owner(new Map())
    await using _consumer = await desk.log.consume('story', [topic], owner)
    await desk.log.append([message('ann', 'in')])
    expect(await owner.firstTexts('ann', 1)).toEqual(['in'])
    await desk.log.append([message('ann', 'out')])
    expect(await owner.firstTexts('ann', 2)).toEqual(['in', 'out'])
  })

  it('gives the same partition of every topic to one owner, one batch at a time', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), { ...message('ann', 'consent'), topic: other }])
    const owner = new Owner(new Map())
    await using _consumer = await desk.log.consume('story', [topic, other], owner)
    expect((await owner.firstTexts('ann', 2)).toSorted()).toEqual(['consent', 'in'])
    await desk.log.append(Array.from({ length: 50 }, (_, i) => message('ann', `${i}`)))
    await owner.firstTexts('ann', 52)
    expect(owner.mostAtOnce).toBe(1)
  })

  it.each([
    ['beyond the end', 5n, null],
    ['behind another record than the one it remembers', 1n, 'bob out'],
  ])('stops at a position %s, and skips nothing', async (_where, offset, anchor) => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), message('ann', 'out')])
    const owner = new Owner(positionsOf(offset, anchor))
    await using _consumer = await desk.log.consume('story', [topic], owner)
    expect(await owner.firstFault()).toMatchObject(code('HUB_POSITION_LOST'))
    expect(owner.texts('ann')).toEqual([])
  })

  it('stops at a position that retention has passed', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in'), message('ann', 'out')])
    await desk.retentionPasses(topic, partitionOf('ann', 4))
    const owner = new Owner(positionsOf(1n, 'ann in'))
    await using _consumer = await desk.log.consume('story', [topic], owner)
    expect(await owner.firstFault()).toMatchObject(code('HUB_POSITION_LOST'))
  })

  it('goes on after an operator’s decision', async () => {
    await using desk = await open()
    await desk.log.append([message('ann', 'in')])
    const owner = new Owner(positionsOf(5n, null))
    await using consumer = await desk.log.consume('story', [topic], owner)
    await owner.firstFault()
    owner.positions = new Map()
    await consumer.restart(partitionOf('ann', 4))
    expect(await owner.firstTexts('ann', 1)).toEqual(['in'])
  })

  it('stops the partition of an owner who fails, and no other', async () => {
    await using desk = await open()
    const owner = new Owner(new Map())
    owner.failAt = 'poison'
    await using _consumer = await desk.log.consume('story', [topic], owner)
    await desk.log.append([message('ann', 'poison')])
    expect(await owner.firstFault()).toMatchObject({ message: 'poison' })
    await desk.log.append([message('ann', 'after'), message(elsewhere, 'in')])
    expect(await owner.firstTexts(elsewhere, 1)).toEqual(['in'])
    expect(owner.texts('ann')).toEqual([])
  })
}

const elsewhere = ['bob', 'cat', 'dan', 'eve'].find(
  (person) => partitionOf(person, partitions) !== partitionOf('ann', partitions),
) as string

const message = (person: string, what: string): OutgoingRecord => ({
  topic,
  key: person,
  id: `${person} ${what}`,
  value: Buffer.from(what),
})

const text = ({ value }: LogRecord) => Buffer.from(value ?? []).toString()

const code = (expected: HubErrorCode) => ({ code: expected })

const positionsOf = (offset: bigint, anchor: string | null): Positions =>
  new Map([[topic, { offset, anchor }]])

async function everythingOf(log: Log, person: string): Promise<LogRecord[]> {
  const all: LogRecord[] = []
  for await (const batch of log.read(topic, partitionOf(person, partitions), 0n)) all.push(...batch)
  return all.filter(({ key }) => key === person)
}

const said = async (log: Log, person: string) => (await everythingOf(log, person)).map(text)

/** Owns every partition; `positions` are those of ann's partition, the others start at the beginning. */
class Owner implements TaskOwner {
  positions: Positions
  failAt: string | undefined
  mostAtOnce = 0
  readonly #seen: LogRecord[] = []
  readonly #faults: unknown[] = []
  readonly #waiting = new Set<() => void>()
  readonly #open = new Map<number, number>()

  constructor(positions: Positions) {
    this.positions = positions
  }

  async assigned(partition: number): Promise<Positions> {
    return partition === partitionOf('ann', partitions) ? this.positions : new Map()
  }

  async records(partition: number, batch: readonly LogRecord[]): Promise<void> {
    const open = (this.#open.get(partition) ?? 0) + 1
    this.#open.set(partition, open)
    this.mostAtOnce = Math.max(this.mostAtOnce, open)
    await new Promise((resolve) => setImmediate(resolve))
    this.#open.set(partition, open - 1)
    const poison = batch.map(text).find((said_) => said_ === this.failAt)
    if (poison !== undefined) throw new Error(poison)
    this.#seen.push(...batch)
    for (const waiting of this.#waiting) waiting()
  }

  async revoked(): Promise<void> {}

  faulted(_partition: number, error: unknown): void {
    this.#faults.push(error)
    for (const waiting of this.#waiting) waiting()
  }

  texts(person: string): string[] {
    return this.#seen.filter(({ key }) => key === person).map(text)
  }

  async firstTexts(person: string, count: number): Promise<string[]> {
    await this.#until(() => this.texts(person).length >= count)
    return this.texts(person)
  }

  async firstFault(): Promise<unknown> {
    await this.#until(() => this.#faults.length > 0)
    return this.#faults[0]
  }

  async #until(met: () => boolean): Promise<void> {
    while (!met()) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
      })
    }
  }
}
