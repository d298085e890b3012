import { HubError } from '@throughline/domain'
import {
  type Clock,
  outboxWake,
  type PostgresDatabase,
  type PostgresSend,
  registerTask,
  StaleStep,
  viewsWake,
} from '@throughline/stream'
import type { Sealable } from './audit/sealer.ts'
import type { AuditAsk, verifyAuditPages } from './audit/verify.ts'
import type { Register } from './port.ts'
import { auditPage, sealAudit } from './postgres-audit.ts'
import { isOneRead, placesOf, readRows, writeRows } from './postgres-rows.ts'
import {
  abandoned,
  attemptsWake,
  auditWake,
  type Engine,
  type RegisterOptions,
  registerOver,
  silentBefore,
} from './register.ts'
import type { Decided, Found, Needs, Work } from './register-work.ts'
import type { CheckpointRow, Write, Writes } from './rows.ts'
import { expiringTables } from './sort.ts'

/** The register that many processes share, with what a service around it needs. */
export interface PostgresRegister extends Register, Sealable<Promise<CheckpointRow | null>> {
  /** Ends the permits of processes that are gone: their outcome is `unknown`. Gives how many there were. */
  abandonPermits(): Promise<number>
  /** The audit, page by page, for `verifyAuditPages`. */
  readonly auditPages: (
    asked: AuditAsk,
  ) => ReturnType<Parameters<typeof verifyAuditPages>[0]['pages']>
  /** Hourly housekeeping: silent attempts become `unknown`, and what has expired is deleted. */
  sweep(): Promise<void>
}

/**
 * The register in the hub's PostgreSQL database. Its time is the injected clock's, held by a floor
 * that all processes share: what one has given out is the least that any gives out afterwards.
 */
export async function createPostgresRegister({
  db,
  clock,
  onOutbox,
}: RegisterOptions & { readonly db: PostgresDatabase }): Promise<PostgresRegister> {
  const engine = new PostgresEngine(db, clock, onOutbox)
  await engine.read({})
  return {
    ...registerOver(engine, clock, db.schedule),
    onAudit: (listener) => db.wakes.on(auditWake, listener),
    auditPages: (asked) => auditPage(db, asked),
    async seal(limit, work) {
      const sealed = await sealAudit(db, limit, work)
      if (sealed !== null && sealed.outbox.length > 0) db.wakes.wake(outboxWake(registerTask))
      return sealed?.checkpoint ?? null
    },
    abandonPermits: async () => (await engine.commit(abandoned)).answer,
    async sweep() {
      await engine.commit(silentBefore(engine.now()))
      await db.query(`DELETE FROM register_row WHERE kind = ANY($1) AND sort <= $2`, [
        expiringTables,
        engine.now(),
      ])
      await db.query(
        'DELETE FROM register_change WHERE xid < (SELECT max(xid) FROM register_change)',
      )
    },
  }
}

/** How often work begins anew when others were in its way: each time one of them has come through. */
const triesMax = 50

class PostgresEngine implements Engine {
  readonly #db: PostgresDatabase
  readonly #clock: Clock
  readonly #onOutbox: (() => void) | undefined
  /** The greatest time that this process has seen given out. */
  #floor = 0

  constructor(db: PostgresDatabase, clock: Clock, onOutbox: (() => void) | undefined) {
    this.#db = db
    this.#clock = clock
    this.#onOutbox = onOutbox
  }

  get wakes(): Engine['wakes'] {
    return this.#db.wakes
  }

  now(): number {
    return this.#timeOf(0)
  }

  async read(needs: Needs): Promise<Found> {
    if (isOneRead(needs)) return readRows(this.#db.query, needs, false, this.#timeOf)
    return this.#db.transaction((send) => {
      void send('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
      return readRows(send, needs, false, this.#timeOf)
    })
  }

  async commit<T>(begin: () => Work<T>): Promise<Decided<T>> {
    for (let tries = 1; ; tries += 1) {
      try {
        const done = await this.#once(begin())
        this.#ring(done.writes)
        return done
      } catch (error) {
        if (!(error instanceof StaleStep)) throw error
        if (tries < triesMax) continue
        throw new HubError('HUB_REGISTER_UNAVAILABLE', 'others are in the way', { cause: error })
      }
    }
  }

  async #once<T>(work: Work<T>): Promise<Decided<T>> {
    let step = work.next()
    if (step.done) return step.value
    const claimed = await this.#claimedBy(step.value.alone?.people ?? [])
    return this.#db.transaction(async (send) => {
      const absent = new Set<string>()
      let now = 0
      while (!step.done) {
        const needs: Needs = step.value
        takeLocks(send, needs, claimed)
        const found = await readRows(send, needs, true, this.#timeOf)
        assertLocked(needs, found, claimed)
        for (const table of needs.hold ?? []) {
          const rows = found.rows(table)
          for (const key of needs[table] ?? []) if (!rows.has(key)) absent.add(`${table} ${key}`)
        }
        now = Math.max(now, found.now)
        step = work.next({ ...found, now })
      }
      const isMissing = ({ table, key, row }: Write): boolean =>
        absent.has(`${table} ${key}`) || (table === 'attempts' && row?.outcome === null)
      writeRows(send, step.value.writes, now, this.#db.instance, isMissing)
      this.#floor = Math.max(this.#floor, now)
      return step.value
    })
  }

  /** What people claim whose consent is to be changed: it changes with them, and is locked with them. */
  async #claimedBy(people: readonly string[]): Promise<ReadonlySet<string>> {
    if (people.length === 0) return new Set()
    const rows = await this.#db.query(
      "SELECT key FROM register_row WHERE kind = 'claims' AND owner = ANY($1)",
      [people],
    )
    return new Set(rows.map(({ key }) => String(key)))
  }

  readonly #timeOf = (floor: number): number => {
    this.#floor = Math.max(this.#floor, floor)
    return Math.max(this.#floor, this.#clock.now())
  }

  #ring({ outbox, audit, rows, cancelNotices, forgetViewsOf }: Writes): void {
    const { wakes } = this.#db
    if (outbox.length > 0) {
      this.#onOutbox?.()
      wakes.wake(outboxWake(registerTask))
    }
    if (audit.length > 0) wakes.wake(auditWake)
    if (rows.some(({ table }) => table === 'attempts')) wakes.wake(attemptsWake)
    if (cancelNotices.length + forgetViewsOf.length > 0) wakes.wake(viewsWake)
  }
}

function takeLocks(send: PostgresSend, needs: Needs, claimed: ReadonlySet<string>): void {
  const { share = {}, alone = {} } = needs
  const shared = placesOf(share)
  const own = placesOf({ ...alone, claims: [...(alone.claims ?? []), ...claimed] })
  if (shared.length + own.length > 0) void send('SELECT take_locks($1, $2)', [shared, own])
}

/** What they claim may have changed between the look at it and the lock: then once more. */
function assertLocked(needs: Needs, found: Found, claimed: ReadonlySet<string>): void {
  for (const personId of needs.alone?.people ?? []) {
    for (const identifier of found.rows('people').get(personId)?.claims ?? []) {
      if (!claimed.has(identifier)) throw new StaleStep()
    }
  }
}
