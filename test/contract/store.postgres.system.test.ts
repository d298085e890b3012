import { readFileSync } from 'node:fs'
import {
  appendPostgresOutbox,
  clockSkewMs,
  createPostgresStore,
  createPostgresViews,
  emptyStep,
  headOf,
  machinePause,
  migratePostgres,
  type OutboxRow,
  openPostgres,
  type PostgresDatabase,
  registerTask,
  type Schedule,
  StaleStep,
  type Step,
  steppedClock,
  type Task,
  type TaskId,
} from '@throughline/stream'
import { memoryRegister } from '@throughline/stream/testing'
import { expect, it } from 'vitest'
import { describeOnPostgres } from '../backends/postgres-suite.ts'
import { type StoreDesk, start, storeFeatures } from './store.features.ts'

describeOnPostgres('postgres', (postgres) => {
  storeFeatures(async () => postgresDesk(await postgres.newDatabase()))

  it('fences the older of two owners, even when its transaction began first', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    const older = await desk.store.open(notify)
    let committed: Promise<unknown> = Promise.resolve()
    await desk.db.transaction(async (send) => {
      await send("SELECT FROM task WHERE processor = 'notify' FOR UPDATE")
      committed = expect(older.commit(counted(1))).rejects.toMatchObject({ code: 'HUB_FENCED' })
      await waiting(desk.db, 1)
      await send("UPDATE task SET epoch = epoch + 1 WHERE processor = 'notify'")
    })
    await committed
    expect(await desk.views.counts('')).toEqual(new Map())
  })

  it('has every step once and whole, however often connections are cut', async () => {
    const url = await postgres.newDatabase()
    await using desk = await postgresDesk(url)
    const task = await desk.store.open(notify)
    let done = 0
    let cuts = 0
    const cutting = (async () => {
      while (done < steps) {
        await machinePause(20)
        cuts += (await postgres.server().cutConnections(url)) > 0 ? 1 : 0
      }
    })()
    let lost = false
    while (done < steps) {
      try {
        if (lost) done = Number((await task.positions()).get('moves.v1')?.offset ?? 0n)
        lost = false
        if (done >= steps) break
        await task.commit(counted(done + 1))
        done += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'HUB_STORE_UNAVAILABLE' })
        lost = true
      }
    }
    await cutting
    expect(cuts).toBeGreaterThan(0)
    await using after = await desk.restarted()
    const owner = await after.store.open(notify)
    const sent = (await owner.outbox(steps + 1)).flatMap(({ records }) => records)
    expect(sent.map(({ id }) => id)).toEqual(Array.from({ length: steps }, (_, n) => `n${n + 1}`))
    expect(await after.views.counts('')).toEqual(new Map([['steps', steps]]))
    const { states } = await owner.load(['ann'], [])
    expect(Buffer.from(states.get('ann')?.value ?? []).toString()).toBe(`${steps}`)
  })

  it('keeps out a commit that arrives after its sender has taken it for lost', async () => {
    const url = await postgres.newDatabase()
    await using desk = await postgresDesk(url)
    const task = await desk.store.open(notify)
    const { epoch } = task
    let lost: Promise<unknown> = Promise.resolve()
    await desk.db.transaction(async (send) => {
      await send("SELECT FROM task WHERE processor = 'notify' FOR UPDATE")
      lost = expect(task.commit(counted(1))).rejects.toMatchObject({
        code: 'HUB_STORE_UNAVAILABLE',
      })
      const [pid] = await waiting(desk.db, 1)
      await desk.db.query('SELECT pg_terminate_backend($1)', [pid])
      await lost
    })
    expect(await task.positions()).toEqual(new Map())
    expect(task.epoch).toBeGreaterThan(epoch)
    await expect(
      desk.db.query('SELECT hold_lease(id, $1) FROM task WHERE processor = $2', [epoch, 'notify']),
    ).rejects.toMatchObject({ code: 'HUB_FENCED' })
    await task.commit(counted(1))
  })

  it('lets of two steps that each look for what the other notes at least one look again', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    const [first, second] = await Promise.all([
      desk.store.open(notify),
      desk.store.open({ ...notify, partition: 1 }),
    ])
    for (let key = 0; key < 25; key += 1) {
      const noting = async (task: Task, noted: string, lookedFor: string) => {
        const { seen } = await task.load([], [{ kind: 'index', name: lookedFor, key: `${key}` }])
        const entry = { name: noted, key: `${key}`, value: 'x', expiresAt: start + 1000 }
        return () => task.commit({ ...emptyStep, seen, index: [entry] })
      }
      const commits = await Promise.all([
        noting(first, 'object', 'waiting'),
        noting(second, 'waiting', 'object'),
      ])
      const settled = await Promise.allSettled(commits.map((commit) => commit()))
      const stale = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(stale).toEqual([expect.any(StaleStep)])
    }
  })

  it('does not call the connectors done with a time while an acceptance of then is under way', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    await desk.db.transaction(async (send) => {
      await send('SELECT pg_current_xact_id()')
      const receivedAt = desk.clock.now()
      await desk.clock.advanceTo(start + 60_000)
      expect(await desk.store.doneTo('connectors')).toBeLessThanOrEqual(receivedAt)
      appendPostgresOutbox(send, registerTask, counted(1).outbox, receivedAt)
    })
    expect(await desk.store.doneTo('connectors')).toBe(start)
  })

  it('takes for sent only what it has given out', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    const relay = await desk.store.open(registerTask)
    let given: readonly OutboxRow[] = []
    await desk.db.transaction(async (send) => {
      // The lower number is taken first, and committed last.
      appendPostgresOutbox(send, registerTask, counted(1).outbox, start)
      await send('SELECT 1')
      await desk.accept(counted(2).outbox)
      given = await relay.outbox(9)
    })
    await relay.relayed(given.at(-1)?.seq ?? 0n)
    const left = (await relay.outbox(9)).flatMap(({ records }) => records.map(({ id }) => id))
    expect([given.length, left]).toEqual([1, ['n1']])
  })

  it('rings in every process that shares the database', async () => {
    const url = await postgres.newDatabase()
    await using one = await postgresDesk(url)
    await using other = await postgresDesk(url)
    const rung = new Promise<void>((resolve) => {
      other.store.wakes.on('outbox register 1 0', resolve)
    })
    await one.accept(counted(1).outbox)
    await rung
    const wanted = new Promise<void>((resolve) => {
      other.store.wakes.on('wanted link', () => {
        if (other.store.wakes.wantedOf('link') === start) resolve()
      })
    })
    one.store.wakes.want('link', start)
    await wanted
  })

  it('knows how far a clock is from the primary’s', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    const skew = await clockSkewMs(desk.db, { ...desk.clock, now: () => Date.now() + 60_000 })
    expect(Math.round(skew / 10_000)).toBe(6)
  })

  it.each([
    ['waits', true, ['fulfilled']],
    ['is told', false, ['fulfilled', 'rejected']],
  ])(
    '%s where the server takes no more connections (persistent: %s)',
    async (_does, persistent, expected) => {
      const url = new URL(await postgres.newDatabase())
      await using desk = await postgresDesk(url.toString())
      url.username = await guestOf(desk.db, url)
      await using db = await openPostgres({ url: url.toString(), connectionsMax: 4, persistent })
      const asked = await Promise.allSettled([1, 2, 3].map(() => db.query('SELECT pg_sleep(0.1)')))
      expect([...new Set(asked.map(({ status }) => status))].toSorted()).toEqual(expected)
      for (const one of asked)
        if (one.status === 'rejected')
          expect(one.reason).toMatchObject({ code: 'HUB_STORE_UNAVAILABLE' })
    },
  )

  it('keeps every timer through the migration that looks for them in another way', async () => {
    const url = await postgres.newDatabase()
    await using desk = await postgresDesk(url)
    await desk.db.query(undoing('0005_timers'))
    const task = await desk.store.open(notify)
    await desk.db.query(`INSERT INTO timer (scope, key, name, task, at)
      SELECT scope.id, key, name, task.id, 5 FROM scope, task,
        unnest(ARRAY['ann', 'bob']) AS key, unnest(ARRAY['a', 'b']) AS name
      WHERE scope.processor = 'notify' AND task.processor = 'notify'`)
    await migratePostgres(url)
    await task.commit({
      ...emptyStep,
      timers: [
        { key: 'bob', name: 'a', at: null },
        { key: 'bob', name: 'b', at: 4 },
      ],
    })
    const due = await task.dueTimers(5, 9)
    expect(due.map(({ key, name, at }) => `${key} ${name} ${at}`)).toEqual([
      'bob b 4',
      'ann a 5',
      'ann b 5',
    ])
  })

  it('does not start where commits are not durable, or tables are missing', async () => {
    const invalid = { code: 'HUB_CONFIG_INVALID' }
    const url = new URL(await postgres.newDatabase())
    url.searchParams.set('options', '-c synchronous_commit=off')
    await expect(openPostgres({ url: url.toString() })).rejects.toMatchObject(invalid)
    const empty = await postgres.server().newDatabase()
    await expect(openPostgres({ url: empty })).rejects.toMatchObject(invalid)
    const nobody = 'postgres://nobody@127.0.0.1:1/nothing'
    const unavailable = { code: 'HUB_STORE_UNAVAILABLE' }
    await expect(openPostgres({ url: nobody })).rejects.toMatchObject(unavailable)
  })
})

const notify: TaskId = { processor: 'notify', generation: 1, partition: 0 }
const steps = 150

/** The nth step: each raises what it can be counted by. */
const counted = (n: number): Step => ({
  ...emptyStep,
  positions: new Map([['moves.v1', { offset: BigInt(n), anchor: `m${n}` }]]),
  states: [{ key: 'ann', value: Buffer.from(`${n}`), stateVersion: 1 }],
  outbox: [{ topic: 'moves.v1', key: 'ann', id: `n${n}`, value: Buffer.from('x') }],
  counts: new Map([['steps', 1]]),
})

/** Statements after which a migration has not been run. */
function undoing(migration: string): string {
  const file = new URL(`../../packages/stream/migrations/${migration}.sql`, import.meta.url)
  const [, down = ''] = readFileSync(file, 'utf8').split('-- Down Migration')
  return `${down}; DELETE FROM migration WHERE name = '${migration}'`
}

/** The processes of the server that wait for a lock, once there are so many. */
async function waiting(db: PostgresDatabase, count: number): Promise<readonly number[]> {
  for (;;) {
    const rows = await db.query(
      `SELECT pid FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    )
    if (rows.length >= count) return rows.map(({ pid }) => Number(pid))
  }
}

/** A user whom the server lets in twice at a time, as if it were full. Users are the server's: named by its database. */
async function guestOf(db: PostgresDatabase, { pathname, password }: URL): Promise<string> {
  const name = `guest_of_${pathname.slice(1)}`
  await db.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' CONNECTION LIMIT 2`)
  await db.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${name}`)
  await db.query(`GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${name}`)
  return name
}

interface PostgresDesk extends StoreDesk {
  readonly db: PostgresDatabase
  restarted(): Promise<PostgresDesk>
}

async function postgresDesk(url: string): Promise<PostgresDesk> {
  const planned = new Map<string, () => unknown>()
  const schedule: Schedule = {
    at(point) {
      const interfere = planned.get(point)
      planned.delete(point)
      return interfere?.() as Promise<void> | undefined
    },
  }
  const db = await openPostgres({ url, connectionsMax: 4, schedule })
  const clock = steppedClock(start)
  return {
    db,
    store: createPostgresStore({ db, clock }),
    views: createPostgresViews({ db }),
    register: agreeing(db),
    clock,
    at: (point, interfere) => planned.set(point, interfere),
    async restarted() {
      await db.close()
      return postgresDesk(url)
    },
    async accept(records, fail) {
      await db.transaction(async (send) => {
        appendPostgresOutbox(send, registerTask, records, clock.now())
        if (fail) throw new Error('the acceptance fails')
      })
      db.wakes.wake('outbox register 1 0')
    },
    [Symbol.asyncDispose]: () => db.close(),
  }
}

/** The rows as the register writes them, under its locks. */
function agreeing(db: PostgresDatabase): StoreDesk['register'] {
  const register = memoryRegister(() => start)
  const save = (personId: string, identifiers: readonly string[]) =>
    db.transaction(async (send) => {
      const person = register.read([{ kind: 'person', personId }]).person(personId)
      void send('SELECT take_locks($1, $2)', [
        [],
        [headOf.person(personId), ...identifiers.map(headOf.claim)],
      ])
      void send(
        `INSERT INTO register_row (kind, key, row) VALUES ('people', $1, $2)
         ON CONFLICT (kind, key) DO UPDATE SET row = excluded.row, rev = DEFAULT`,
        [personId, JSON.stringify(person)],
      )
      void send(
        `INSERT INTO register_row (kind, key, owner, row) SELECT 'claims', key, $1, '{}'
         FROM unnest($2::text[]) AS key`,
        [personId, identifiers],
      )
    })
  return {
    async agree(personId, agreed = {}) {
      register.agree(personId, agreed)
      await save(personId, agreed.identifiers ?? [])
    },
    async withdraw(personId) {
      register.withdraw(personId)
      await save(personId, [])
    },
  }
}
