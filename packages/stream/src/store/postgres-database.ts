import { HubError } from '@throughline/domain'
import pg from 'pg'
import { type Clock, machinePause } from '../clock.ts'
import { StaleStep } from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
import { assertMigrated } from './postgres-migrate.ts'
import { PostgresWakes } from './postgres-wakes.ts'

export type PostgresRow = Readonly<Record<string, unknown>>

/** Sends a statement at once, behind those before it; the rows come when its answer does. */
export type PostgresSend = (text: string, values?: readonly unknown[]) => Promise<PostgresRow[]>

/** The one database of Store and Register, shared by every process of a hub. */
export interface PostgresDatabase extends AsyncDisposable {
  /** One statement, and one transaction of its own. */
  readonly query: PostgresSend
  /**
   * BEGIN, the work, COMMIT. What the work sends and does not wait for is waited for here, so that the
   * last statements and the COMMIT share one round trip. Whatever fails rolls everything back, but a
   * connection lost at the COMMIT leaves it open whether it was done: `HUB_STORE_UNAVAILABLE`.
   */
  transaction<T>(work: (send: PostgresSend) => Promise<T>): Promise<T>
  /** The number of this process, on which it holds an advisory lock (3, instance) while it lives. */
  readonly instance: number
  readonly wakes: PostgresWakes
  readonly schedule: Schedule
  close(): Promise<void>
}

export interface PostgresOptions {
  /** `postgres://…`, of the primary. TLS by its parameters (`sslmode=verify-full`). */
  readonly url: string
  /** Connections at most. */
  readonly connectionsMax?: number
  /**
   * Where the hub's clock is moved by hand, by whoever waits for the hub: a caller who finds no
   * connection waits for one here, for on that clock nobody could wait before trying again.
   */
  readonly persistent?: boolean
  readonly schedule?: Schedule
}

const statementTimeoutMs = 30_000
const connectTimeoutMs = 5000
// A process that stands still in the middle of a transaction holds up others no longer than this.
const idleTimeoutMs = 3000
const againMs = 100

/**
 * Every statement here looks for a few rows by their keys, whatever is known of the tables: a plan
 * made while a table was small would otherwise read all of it when it has grown.
 */
const planning = ['jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
  .map((setting) => `-c ${setting}=off`)
  .join(' ')

/** What a step has seen may have changed since: it is to be looked into. */
export class MayBeStale extends StaleStep {}

/**
 * Connects to a migrated database and asserts that what it acknowledges is durable: `fsync`,
 * `full_page_writes` and `synchronous_commit` on, and no replica. Otherwise `HUB_CONFIG_INVALID`.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresDatabase> {
  const { url, connectionsMax = 10, persistent = false, schedule = noSchedule } = options
  const config: pg.PoolConfig & { readonly pipeline: boolean } = {
    connectionString: url,
    max: connectionsMax,
    pipeline: true,
    types: { getTypeParser },
    application_name: 'throughline',
    options: planning,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  }
  const pool = new pg.Pool(config)
  // A connection that ends while nobody uses it: the next one who asks gets another.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const connectOnce: Connect = () => named(() => pool.connect())
  const connect = persistent ? () => untilConnected(pool, connectOnce) : connectOnce
  const query: PostgresSend = (text, values) => statement(connect, text, values)
  // Where it stands is found out now, or never.
  const first: PostgresSend = (text, values) => statement(connectOnce, text, values)
  try {
    await assertDurable(first)
    await assertMigrated(first)
    const [row] = await first(`SELECT nextval('instance') AS instance`)
    const instance = Number(row?.['instance'])
    const { max: _max, pipeline: _pipeline, ...single } = config
    const wakes = await named(() => PostgresWakes.open(single, instance))
    let closing: Promise<void> | undefined
    const close = () =>
      (closing ??= (async () => {
        await wakes.close()
        await pool.end()
      })())
    return {
      query,
      transaction: (work) => transaction(connect, work),
      instance,
      wakes,
      schedule,
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}

/**
 * How far a clock is ahead of the primary's, in ms; for readiness. The register keeps its time from
 * going back whatever the clocks do, but clocks far apart give some agencies' events a later time.
 */
export async function clockSkewMs(db: PostgresDatabase, clock: Clock): Promise<number> {
  const before = clock.now()
  const [row] = await db.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')
  return (before + clock.now()) / 2 - Number(row?.['now'])
}

type Connect = () => Promise<pg.PoolClient>

/** Unless the pool is closed: a server that takes no more has room again when others go. */
async function untilConnected(pool: pg.Pool, connect: Connect): Promise<pg.PoolClient> {
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      if (pool.ending || !isUnavailable(error)) throw error
      await machinePause(againMs)
    }
  }
}

async function statement(
  connect: Connect,
  text: string,
  values: readonly unknown[] = [],
): Promise<PostgresRow[]> {
  const client = await connect()
  let failed = true
  try {
    const { rows } = await named(() => client.query<PostgresRow>(prepared(text, values)))
    failed = false
    return rows
  } finally {
    client.release(failed)
  }
}

async function transaction<T>(
  connect: Connect,
  work: (send: PostgresSend) => Promise<T>,
): Promise<T> {
  const client = await connect()
  const sent: Promise<PostgresRow[]>[] = []
  const send: PostgresSend = (text, values = []) => {
    const answer = named(() => client.query<PostgresRow>(prepared(text, values))).then(
      ({ rows }) => rows,
    )
    // Whoever waits hears of it; the transaction does in any case.
    answer.catch(() => {})
    sent.push(answer)
    return answer
  }
  let broken: unknown
  try {
    void send('BEGIN')
    const result = await work(send)
    void send('COMMIT')
    await allOf(sent)
    return result
  } catch (error) {
    const cause = await firstFault(sent)
    broken = isUnavailable(cause ?? error) ? (cause ?? error) : undefined
    if (broken === undefined) await client.query('ROLLBACK').catch((lost) => (broken = lost))
    throw cause ?? error
  } finally {
    // What is not known to be in order is thrown away.
    client.release(broken !== undefined)
  }
}

async function allOf(sent: readonly Promise<unknown>[]): Promise<void> {
  const fault = await firstFault(sent)
  if (fault !== undefined) throw fault
}

/** The first that failed by itself: what came after it in the same transaction failed because of it. */
async function firstFault(sent: readonly Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(sent)
  const faults = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  return faults[0] ?? undefined
}

/** Whether the database could not be used, or went away: what was asked of it may have been done or not. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof HubError && error.code === 'HUB_STORE_UNAVAILABLE'

const names = new Map<string, string>()

/** Prepared once for each connection, under a name of its own. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  if (values.length === 0) return { text }
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `s${names.size + 1}`))
  return { name, text, values: values as unknown[] }
}

/** 64-bit integers are offsets, times in ms and counts: all within what a number holds exactly. */
const getTypeParser: typeof pg.types.getTypeParser = (oid, format?) =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)

// What passes, or an operator mends: connections, resources, shutdown, disks, time-outs, a primary that became a replica.
const passing = /^(08|53|57|58|25P03|25006|XX)/

// What was seen has changed, serialisation, deadlock; somebody else was first to insert a key.
const beginsAgain = new Set(['TL002', '40001', '40P01', '23505'])

/** Runs it, and gives PostgreSQL's faults the names by which the hub knows them. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const state = cause instanceof pg.DatabaseError ? cause.code : undefined
    if (state === 'TL003') throw new MayBeStale()
    if (state === 'TL001') throw new HubError('HUB_FENCED', 'the task has another owner')
    // Of two in each other's way one begins again: it has written nothing.
    if (state !== undefined && beginsAgain.has(state)) throw new StaleStep()
    if (state !== undefined && !passing.test(state)) throw cause
    throw new HubError('HUB_STORE_UNAVAILABLE', 'the database cannot be used now', { cause })
  }
}

async function assertDurable(query: PostgresSend): Promise<void> {
  const [row] = await query(
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
       current_setting('synchronous_commit') AS commit, pg_is_in_recovery() AS replica`,
  )
  const { fsync, pages, commit, replica } = row ?? {}
  const waits = commit === 'on' || commit === 'remote_apply'
  if (fsync === 'on' && pages === 'on' && waits && replica === false) return
  throw new HubError('HUB_CONFIG_INVALID', 'PostgreSQL does not keep the durability settings')
}
