import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMemoryRegister,
  createSqliteRegister,
  type LocalRegister,
} from '@throughline/consent'
import {
  createMemoryStore,
  createMemoryViews,
  createSqliteStore,
  createSqliteViews,
  MemoryDatabase,
  type MemoryTable,
  openHubDatabase,
  registerTask,
  steppedClock,
} from '@throughline/stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { registerFeatures } from './register.features.ts'
import {
  agreements,
  arrival,
  balance,
  type Desk,
  disclosure,
  grant,
  type KeptRow,
  lead,
  movement,
  record,
  start,
} from './register-desk.ts'

describe('memory', () => registerFeatures(async () => memoryDesk(new FragileDatabase())))

describe('sqlite', () =>
  registerFeatures(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'throughline-register-'))
    return sqliteDesk(directory)
  }))

describe('memory and sqlite', () => {
  it('answer alike, and account for every message, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 40 }), async (steps) => {
        await using memory = memoryDesk(new MemoryDatabase())
        await using sqlite = sqliteDesk(mkdtempSync(join(tmpdir(), 'throughline-register-')))
        let messages = 0
        for (const [i, step] of steps.entries()) {
          const answer = await step(sqlite, i)
          expect(await step(memory, i)).toEqual(answer)
          if (Array.isArray(answer) && 'outcome' in answer[0]) messages += 1
        }
        const ledger = await sqlite.register.ledger()
        const received = ledger.filter(({ outcome }) => outcome === 'received')
        expect(received.reduce((sum, { count }) => sum + count, 0)).toBe(messages)
        expect(balance(ledger)).toEqual([])
        expect(await whatIsKept(sqlite)).toEqual(await whatIsKept(memory))
      }),
      { numRuns: 60 },
    )
  })
})

const whatIsKept = async ({ register, store, ...desk }: Desk): Promise<unknown> => ({
  ledger: await register.ledger(),
  people: await Promise.all(
    (await register.people(10)).map(async ({ personId }) => [
      await register.person(personId),
      await register.disclosures(personId),
    ]),
  ),
  audit: await desk.audit(),
  outbox: (await (await store.open(registerTask)).outbox(10_000)).map(({ records }) =>
    records.map(({ topic, id }) => [topic, id]),
  ),
})

type Doing = (desk: Desk, step: number) => Promise<unknown>

const people = ['ann', 'bob', 'cat'] as const
const numbers = ['NHS 1', 'NHS 2', 'NOMS 1', 'NOMS 2'] as const
const purposes = ['care-coordination', 'duty-to-refer'] as const
const minute = 60_000

/** A message whose key, content and people are often those of an earlier one. */
const message: fc.Arbitrary<Doing> = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c'),
    contentHash: fc.constantFrom('same', 'same', 'other'),
    unclaimed: fc.constantFrom('drop', 'hold'),
    identifiers: fc.subarray([...numbers], { maxLength: 2 }),
  })
  .map(
    ({ key, ...rest }): Doing =>
      (desk) =>
        desk.register.accept([arrival(key, { ...rest, conflict: record('in conflict') })]),
  )

/** One thing that may happen, drawn so that it often meets what happened before. */
const anything: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 6, arbitrary: message },
  fc
    .record({
      name: fc.constantFrom('s', 'c', 'r'),
      family: fc.integer({ min: 1, max: 3 }),
      after: fc.integer({ min: 0, max: 90 }),
      place: fc.constantFrom('ZZX', 'ZZY', null),
    })
    .map(
      ({ name, family, after, place }): Doing =>
        (desk) =>
          desk.register.accept([
            movement(`${name}${family}${after}`, family, after * minute, place),
          ]),
    ),
  fc
    .record({
      personId: fc.constantFrom(...people),
      isNew: fc.boolean(),
      state: fc.constantFrom('given', 'given', 'proposed', 'declined'),
      identifiers: fc.subarray([...numbers]),
      granted: fc.subarray([...purposes], { minLength: 1 }),
    })
    .map(
      ({ granted, ...rest }): Doing =>
        (desk) =>
          desk.register.change({
            kind: 'record-consent',
            expectedVersion: null,
            grants: granted.map((purpose) => grant({ purpose })),
            assignments: [lead('lp-1')],
            sealed: Uint8Array.of(1),
            by: 'lp-1',
            ...rest,
          }),
    ),
  fc.record({ personId: fc.constantFrom(...people), gone: fc.subarray([...purposes]) }).map(
    ({ personId, gone }): Doing =>
      (desk) =>
        desk.register.change({
          kind: 'withdraw',
          personId,
          purposes: gone,
          by: 'person',
          reason: null,
        }),
  ),
  fc
    .record({
      personId: fc.constantFrom(...people),
      kind: fc.constantFrom('erase', 'assign', 'assign'),
      practitionerId: fc.constantFrom('lp-1', 'lp-2'),
    })
    .map(
      ({ personId, kind, practitionerId }): Doing =>
        (desk) =>
          desk.register.change(
            kind === 'erase'
              ? { kind, personId, by: 'person' }
              : { kind: 'assign', personId, assignment: lead(practitionerId), by: 'person' },
          ),
    ),
  fc
    .record({
      personId: fc.constantFrom(...people),
      practitionerId: fc.constantFrom('lp-1', 'lp-2'),
      purpose: fc.constantFrom(...purposes),
      outcome: fc.constantFrom('delivered', 'unused', 'refused'),
    })
    .map(
      ({ personId, practitionerId, purpose, outcome }): Doing =>
        async (desk, step) => {
          const attemptId = `attempt ${step}`
          const one = disclosure(personId, { attemptId, purpose })
          const recipient = { ...one.recipient, practitionerId }
          const permits = await desk.register.gate([{ ...one, recipient }])
          // Told at once: nothing here moves the clock while a withdrawal waits.
          await desk.register.outcome([{ attemptId, outcome }])
          return permits
        },
    ),
  fc.constantFrom(...agreements).map(
    (agreement): Doing =>
      (desk) =>
        desk.register.change({ kind: 'put-agreement', agreement, by: 'operator' }),
  ),
  fc.constantFrom(minute, 60 * minute, 3 * 24 * 60 * minute).map(
    (ms): Doing =>
      async (desk) => {
        await desk.clock.advanceTo(desk.clock.now() + ms)
        await desk.register.sweep()
      },
  ),
)

/** A memory database whose audit can be lost. */
class FragileDatabase extends MemoryDatabase {
  lost = false

  override table<Row>(name: string): MemoryTable<Row> {
    const table = super.table<Row>(name)
    if (name !== 'register_audit') return table
    const set = (key: string, row: Row): void => {
      if (this.lost) throw new Error('the disk is full')
      table.set(key, row)
    }
    return Object.assign(Object.create(table) as MemoryTable<Row>, { set })
  }
}

const tablesOf = ({ tables }: LocalRegister): Pick<Desk, 'kept' | 'audit'> => ({
  kept: async (table, key) => tables.get(table, key) as KeptRow | undefined,
  audit: async () => tables.auditAfter(0, 10_000).map(({ text }) => text),
})

function memoryDesk(database: MemoryDatabase): Desk {
  const clock = steppedClock(start)
  const register = createMemoryRegister({ database, clock })
  register.abandonPermits()
  return {
    register,
    clock,
    store: createMemoryStore({ db: database, clock, lookups: register.reader }),
    views: createMemoryViews({ db: database }),
    ...tablesOf(register),
    restarted: async () => memoryDesk(database.reopened()),
    async loseAudit() {
      if (database instanceof FragileDatabase) database.lost = true
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function sqliteDesk(directory: string): Desk {
  const db = openHubDatabase(join(directory, 'hub.db'))
  const clock = steppedClock(start)
  const register = createSqliteRegister({ db, clock })
  let next: Desk | undefined
  return {
    register,
    clock,
    store: createSqliteStore({ db, clock, lookups: register.reader }),
    views: createSqliteViews({ db }),
    ...tablesOf(register),
    async restarted() {
      db.close()
      next = sqliteDesk(directory)
      return next
    },
    async loseAudit() {
      db.exec('DROP TABLE register_audit')
    },
    async [Symbol.asyncDispose]() {
      db.close()
      await next?.[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
