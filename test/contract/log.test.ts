import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  createMemoryLog,
  MemoryLogData,
  openSqliteLog,
  partitionOf,
  steppedClock,
} from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { type LogDesk, logFeatures, specs } from './log.features.ts'

const start = Date.UTC(2026, 0, 5, 9)
const hour = 3_600_000
const day = 24 * hour

describe('memory', () => logFeatures(() => memoryDesk(new MemoryLogData())))

describe('sqlite', () => logFeatures(() => sqliteDesk(newFile())))

describe('a file that is tidied', () => {
  const change = (key: string, text: string | null) => ({
    topic: 'changes.v1',
    key,
    id: `${key} ${text}`,
    value: text === null ? null : Buffer.from(text),
  })
  const open = async () => {
    const clock = steppedClock(start)
    const log = await openSqliteLog({ path: ':memory:', clock })
    await log.ensureTopics(specs)
    const left = async (person: string) => {
      const ids: string[] = []
      for await (const batch of log.read('changes.v1', partitionOf(person, 4), 0n)) {
        ids.push(...batch.map(({ id }) => id))
      }
      return ids
    }
    return { clock, log, left }
  }

  it('keeps the last word about each person', async () => {
    const { log, left } = await open()
    await log.append([change('ann', 'v1'), change('ann', 'v2'), change('ann', 'v3')])
    expect(await log.enforceRetention()).toBe(2)
    expect(await left('ann')).toEqual(['ann v3'])
    await log.append([change('ann', 'v4')])
    expect(await left('ann')).toEqual(['ann v3', 'ann v4'])
  })

  it('keeps a deletion for a day, so that every reader sees it', async () => {
    const { clock, log, left } = await open()
    const twin = ['bob', 'cat', 'dan', 'eve', 'fay', 'gus'].find(
      (person) => partitionOf(person, 4) === partitionOf('ann', 4),
    ) as string
    await log.append([change('ann', 'v1'), change('ann', null), change(twin, 'v1')])
    await log.enforceRetention()
    expect(await left('ann')).toEqual(['ann null', `${twin} v1`])
    await clock.advanceTo(start + day + 1)
    await log.enforceRetention()
    expect(await left('ann')).toEqual([`${twin} v1`])
  })

  it('forgets what is older than its topic keeps, and gives no offset twice', async () => {
    const { clock, log } = await open()
    const move = (what: string) => ({ ...change('ann', what), topic: 'moves.v1' })
    await log.append([move('in'), move('out')])
    await clock.advanceTo(start + hour + 1)
    await log.append([move('back')])
    await log.enforceRetention()
    expect(await log.bounds('moves.v1', partitionOf('ann', 4))).toEqual({ start: 2n, end: 3n })
  })
})

describe('a file of rows that hold many records', () => {
  const many = 300
  const move = (n: number) => ({
    topic: 'moves.v1',
    key: 'ann',
    id: `ann ${n}`,
    value: Buffer.from(String(n)),
  })
  const partition = partitionOf('ann', 4)
  const reopened = async () => {
    const path = newFile()
    const clock = steppedClock(start)
    {
      await using log = await openSqliteLog({ path, clock })
      await log.ensureTopics(specs)
      await log.append(Array.from({ length: many }, (_, n) => move(n)))
      await log.append([move(many)])
    }
    return { path, log: await openSqliteLog({ path, clock }) }
  }

  it('is read from any of them on, each once and in order', async () => {
    await using log = (await reopened()).log
    for (const from of [0, 1, 127, 128, 200, many - 1, many]) {
      const offsets: number[] = []
      for await (const batch of log.read('moves.v1', partition, BigInt(from))) {
        offsets.push(...batch.map(({ offset }) => Number(offset)))
      }
      expect(offsets).toEqual(Array.from({ length: many + 1 - from }, (_, n) => from + n))
    }
  })

  it('knows the record before a position that lies in the middle of a row', async () => {
    await using log = (await reopened()).log
    const faultsAt = async (anchor: string) => {
      const faults: unknown[] = []
      const positions = new Map([['moves.v1', { offset: 200n, anchor }]])
      await using _consumer = await log.consume('story', ['moves.v1'], {
        assigned: async (p) => (p === partition ? positions : new Map()),
        records: async () => {},
        revoked: async () => {},
        faulted: (_partition, error) => faults.push(error),
      })
      return faults
    }
    expect(await faultsAt('ann 199')).toEqual([])
    expect(await faultsAt('ann 198')).toMatchObject([{ code: 'HUB_POSITION_LOST' }])
  })

  it('is refused when its rows are written in a way that is not known', async () => {
    const { path, log } = await reopened()
    await log[Symbol.asyncDispose]()
    {
      using db = new DatabaseSync(path)
      db.exec('PRAGMA user_version = 99')
    }
    await expect(openSqliteLog({ path, clock: steppedClock(start) })).rejects.toMatchObject({
      code: 'HUB_CONFIG_INVALID',
    })
  })
})

async function memoryDesk(data: MemoryLogData): Promise<LogDesk> {
  const log = createMemoryLog({ data, clock: steppedClock(start) })
  await log.ensureTopics(specs)
  return {
    log,
    restarted: () => memoryDesk(data),
    async retentionPasses(topic, partition) {
      data.dropBefore(topic, partition, (await log.bounds(topic, partition)).end)
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}

async function sqliteDesk(path: string): Promise<LogDesk> {
  const clock = steppedClock(start)
  const log = await openSqliteLog({ path, clock })
  await log.ensureTopics(specs)
  return {
    log,
    async restarted() {
      await log[Symbol.asyncDispose]()
      return sqliteDesk(path)
    },
    async retentionPasses() {
      await clock.advanceTo(start + 2 * hour)
      await log.enforceRetention()
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}

const newFile = () => join(mkdtempSync(join(tmpdir(), 'throughline-log-')), 'log.db')
