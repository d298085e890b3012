import { createPostgresStore, openPostgres } from '@throughline/stream'
import { append } from './contender.ts'
import type { KafkaCounty } from './kafka-county.ts'
import { type OursOptions, startOurs } from './ours.ts'
import type { Services } from './services.ts'
import { shiftedClock } from './shifted-clock.ts'
import { type Flowed, type Load, timed } from './throughput.ts'

export interface Crowded {
  readonly flowed: Flowed
  /** From starting the services until the effects of an event that waited for them are durable. */
  readonly restartMs: number
}

/**
 * What an event costs where so many people have agreed, and how long services take to start again. The
 * database is the crowd's own, and is used up.
 */
export async function amongPeople(
  people: number,
  given: Omit<OursOptions, 'bare'>,
  { warming, plan }: Load,
  receivedAt: number,
): Promise<Crowded> {
  const { services, county, shift } = given
  const url = await crowded(services, county, people, shift)
  const postgres = { ...services.postgres, newDatabase: async () => url }
  const options = { ...given, services: { ...services, postgres }, bare: false }
  return services.withPrefix('crowd', async (prefix) => {
    const first = await startOurs(options, prefix)
    const record = (one: Load['plan'][number]) => county.recordOf(one, receivedAt, false)
    const events = warming.length + plan.length
    await append(first, warming, record)
    await first.untilDone(warming.length)
    for (const service of first.services) await service.pause()
    await append(first, plan, record)
    const flowed = await timed(plan.length, async () => {
      await Promise.all(first.services.map((service) => service.resume()))
      await first.untilDone(events)
    })
    for (const service of first.services) await service.stop()
    await append(first, plan.slice(0, 1), (one) => record({ ...one, round: one.round + 1 }))
    const start = performance.now()
    const second = await startOurs(options, prefix)
    await second.untilDone(events + 1)
    const restartMs = performance.now() - start
    await first.stop()
    await second.stop()
    return { flowed, restartMs }
  })
}

/** Of what notify keeps of somebody whose story has gone on for a while. */
const stateBytes = 1_000
const timersEach = 3

/**
 * The county among so many people: the others have the rows, keys, states and timers that they would have,
 * copied from those of one of its own, under names that nobody's events bear. All lie mixed, as they would
 * had they come one by one. Gives its database, which nobody else has.
 */
async function crowded(
  { postgres }: Services,
  county: KafkaCounty,
  people: number,
  shift: number,
): Promise<string> {
  const url = await postgres.newDatabase(county.template)
  await using db = await openPostgres({ url, connectionsMax: 1 })
  await openTasks(url, shift)
  // It fills a table; nobody waits for what is in it.
  for (const setting of ['statement_timeout = 0', 'synchronous_commit = off']) {
    await db.query(`SET ${setting}`)
  }
  const others = people - county.subjects.length
  const [model] = county.subjects
  if (others > 0 && model) {
    await db.query(`CREATE TEMP TABLE crowd AS
      SELECT n, 'p-' || left(translate(encode(sha256(n::text::bytea), 'base64'), '+/', '-_'), 27) AS person
      FROM generate_series(1, ${others}) AS n`)
    await copyRegister(db.query, model.personId)
    await copyWork(db.query)
    for (const [table, key] of sorted) await db.query(`CLUSTER ${table} USING ${key}`)
  }
  await db.query('VACUUM ANALYZE')
  return url
}

const sorted = [
  ['register_row', 'register_row_pkey'],
  ['data_key', 'data_key_pkey'],
  ['state', 'state_pkey'],
] as const

type Query = (text: string, values?: readonly unknown[]) => Promise<unknown>

async function openTasks(url: string, shift: number): Promise<void> {
  await using db = await openPostgres({ url, connectionsMax: 1 })
  const store = createPostgresStore({ db, clock: shiftedClock(shift) })
  for (let partition = 0; partition < partitions; partition += 1) {
    await store.open({ processor: 'notify', generation: 1, partition })
  }
}

const partitions = 12

async function copyRegister(query: Query, model: string): Promise<void> {
  await query(
    `INSERT INTO register_row (kind, key, sort, row, bytes)
     SELECT kind, person, sort, replace(row, $1, person), bytes
     FROM crowd, register_row WHERE kind IN ('people', 'sealed') AND key = $1`,
    [model],
  )
  await query(
    `INSERT INTO register_row (kind, key, owner, row)
     SELECT 'claims', left(translate(encode(sha256((n || name)::bytea), 'base64'), '+/', '-_'), 27),
       person, model.row
     FROM crowd, unnest(ARRAY['noms', 'nhs']) AS name,
       (SELECT row FROM register_row WHERE kind = 'claims' AND owner = $1 LIMIT 1) AS model`,
    [model],
  )
  await query(
    `INSERT INTO data_key (ref, version, wrapped, made_at)
     SELECT 'person:' || person, version, wrapped, made_at
     FROM crowd, data_key WHERE ref = 'person:' || $1`,
    [model],
  )
}

async function copyWork(query: Query): Promise<void> {
  const scope = `(SELECT id FROM scope WHERE processor = 'notify')`
  await query(`INSERT INTO state (scope, key, version, value)
    SELECT ${scope}, person, 1, decode(repeat(md5(person), ${Math.ceil(stateBytes / 16)}), 'hex') FROM crowd`)
  await query(`INSERT INTO timer (scope, key, name, task, at)
    SELECT ${scope}, person, 'release day ' || day, task.id, 4102444800000 + day
    FROM crowd JOIN task ON processor = 'notify' AND partition = n % ${partitions},
      generate_series(1, ${timersEach}) AS day`)
}
