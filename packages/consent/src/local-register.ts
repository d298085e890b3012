import { type LookupReader, type Schedule, Wakes } from '@throughline/stream'
import type { Sealable } from './audit/sealer.ts'
import { lookupReader } from './lookup-reader.ts'
import type { Register } from './port.ts'
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
import {
  type CheckpointRow,
  noWrites,
  type RegisterRows,
  type RegisterTables,
  type TableName,
} from './rows.ts'

/** The register on one machine, with what the hub around it needs. */
export interface LocalRegister extends Register, Sealable<CheckpointRow | null> {
  /** How the Store reads the register's rows inside its own snapshot. */
  readonly reader: LookupReader
  readonly tables: RegisterTables
  /**
   * Ends the permits of a process that is gone: their outcome is `unknown`. Call it once, before
   * the first gate of a new process; gives back how many there were.
   */
  abandonPermits(): number
  /** Hourly housekeeping: silent attempts become `unknown`, and what has expired is deleted. */
  sweep(): void
}

/** The register over synchronous tables (SQLite, memory): each piece of work at once, in one transaction. */
export function createRegister(
  tables: RegisterTables,
  { clock, onOutbox }: RegisterOptions,
  schedule?: Schedule,
): LocalRegister {
  const wakes = new Wakes()
  const timeNow = (): number => Math.max(tables.lastTime(), clock.now())

  /** Never goes back, whatever the clock does: what was given out is the least there can be. */
  const keptTime = (): number => {
    const last = tables.lastTime()
    const now = Math.max(last, clock.now())
    if (now > last) tables.keepTime(now)
    return now
  }

  const commit = <T>(begin: () => Work<T>): Decided<T> => {
    const done = tables.transaction(() => {
      const now = keptTime()
      const work = begin()
      let step = work.next()
      while (!step.done) step = work.next(new LocalRows(tables, step.value, now))
      tables.apply(step.value.writes, now)
      return step.value
    })
    const { outbox, audit, rows } = done.writes
    if (outbox.length > 0) onOutbox?.()
    if (audit.length > 0) wakes.wake(auditWake)
    if (rows.some(({ table }) => table === 'attempts')) wakes.wake(attemptsWake)
    return done
  }

  const engine: Engine = {
    now: timeNow,
    commit,
    read: (needs) => new LocalRows(tables, needs, timeNow()),
    wakes,
  }
  return {
    ...registerOver(engine, clock, schedule),
    tables,
    reader: lookupReader(tables, clock),
    onAudit: (listener) => wakes.on(auditWake, listener),
    seal: (limit, work) =>
      tables.transaction(() => {
        const last = tables.lastSeal()
        const entries = tables.auditAfter(last?.seq ?? 0, limit)
        const sealing = work({ entries, last, before: tables.lastCheckpoint() })
        if (sealing === null) return null
        const { at, seals, checkpoint, outbox } = sealing
        tables.addSeals(seals, checkpoint)
        if (outbox.length > 0) tables.apply({ ...noWrites, outbox }, at)
        return checkpoint
      }),
    abandonPermits: () => commit(abandoned).answer,
    sweep() {
      const now = timeNow()
      commit(silentBefore(now))
      tables.transaction(() => tables.prune(now))
    },
  }
}

/** Read when they are looked at: the tables are at hand. */
class LocalRows implements Found {
  readonly now: number
  readonly #tables: RegisterTables
  readonly #needs: Needs

  constructor(tables: RegisterTables, needs: Needs, now: number) {
    this.#tables = tables
    this.#needs = needs
    this.now = now
  }

  rows<N extends TableName>(table: N): ReadonlyMap<string, RegisterRows[N]> {
    return this.#tables.getAll(table, this.#needs[table] ?? [])
  }

  get agreements(): Found['agreements'] {
    return this.#needs.everyAgreement ? this.#tables.agreements() : []
  }

  get referrals(): Found['referrals'] {
    return this.#needs.everyReferral ? this.#tables.referrals() : []
  }

  get attempts(): Found['attempts'] {
    const { attemptsOf, openAttempts } = this.#needs
    if (attemptsOf !== undefined) return this.#tables.attemptsOf(attemptsOf)
    return openAttempts ? this.#tables.openAttempts(openAttempts.before) : []
  }

  get notices(): Found['notices'] {
    const { noticesOf } = this.#needs
    return noticesOf === undefined ? [] : this.#tables.notices(noticesOf)
  }

  get restated(): Found['restated'] {
    return (this.#needs.restatedOf ?? []).flatMap((one) => this.#tables.restatedOf(one))
  }

  get people(): Found['people'] {
    const { caseloadOf, latestPeople } = this.#needs
    if (latestPeople !== undefined) return this.#tables.people(latestPeople)
    if (caseloadOf === undefined) return []
    return this.#tables
      .caseload(caseloadOf)
      .flatMap((personId) => this.#tables.get('people', personId) ?? [])
  }

  get ledger(): Found['ledger'] {
    return this.#needs.ledger ? this.#tables.ledger() : []
  }
}
