import pg from 'pg'
import { machinePause } from '../clock.ts'
import type { Duty, Turns } from '../turns.ts'

/** How often who has no turn asks for it, and who has one says that it lives. */
const askEveryMs = 1000
/** A process that stands still loses its turns after so long: the server ends its session. */
const silentMsMax = 4000
const connectTimeoutMs = 5000

interface Wanted {
  readonly name: string
  readonly begin: () => Promise<Duty>
  duty: Duty | undefined
}

/**
 * Turns by advisory locks (4, hash of the name) of one session. When it ends, the turns end: two may
 * then overlap for a moment, so what is done in turn is fenced or harmless to do twice.
 */
export class PostgresTurns implements Turns, AsyncDisposable {
  readonly #url: string
  readonly #onFault: (error: unknown) => void
  readonly #wanted = new Set<Wanted>()
  #client: pg.Client | undefined
  #asking: Promise<void> | undefined
  #queue: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(url: string, onFault: (error: unknown) => void = () => {}) {
    this.#url = url
    this.#onFault = onFault
  }

  async take(name: string, begin: () => Promise<Duty>): Promise<Duty> {
    const wanted: Wanted = { name, begin, duty: undefined }
    this.#wanted.add(wanted)
    await this.#exclusively(() => this.#round())
    this.#asking ??= this.#ask()
    return {
      stop: () =>
        this.#exclusively(async () => {
          this.#wanted.delete(wanted)
          if (wanted.duty === undefined) return
          await this.#end(wanted)
          await this.#client
            ?.query('SELECT pg_advisory_unlock(4, hashtext($1))', [name])
            .catch(() => {})
        }),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#asking
    await this.#exclusively(async () => {
      for (const wanted of this.#wanted) await this.#end(wanted)
      await this.#client?.end().catch(() => {})
    })
  }

  async #ask(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await machinePause(askEveryMs, signal)
      await this.#exclusively(() => this.#round())
    }
  }

  /** One round after the other: whoever asks meanwhile waits. */
  #exclusively(work: () => Promise<void>): Promise<void> {
    // A database that cannot be reached is asked again, and is everybody's news anyhow.
    const mine = this.#queue.then(work).catch(() => {})
    this.#queue = mine
    return mine
  }

  async #round(): Promise<void> {
    if (this.#closing.signal.aborted) return
    const client = (this.#client ??= await this.#connect())
    await client.query('SELECT 1')
    for (const wanted of this.#wanted) {
      if (wanted.duty !== undefined) continue
      const { rows } = await client.query<{ ours: boolean }>(
        'SELECT pg_try_advisory_lock(4, hashtext($1)) AS ours',
        [wanted.name],
      )
      if (rows[0]?.ours !== true) continue
      try {
        wanted.duty = await wanted.begin()
      } catch (error) {
        await client.query('SELECT pg_advisory_unlock(4, hashtext($1))', [wanted.name])
        this.#onFault(error)
      }
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'throughline turns',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    })
    client.on('error', () => {})
    client.on('end', () => {
      if (this.#client !== client) return
      this.#client = undefined
      void this.#exclusively(async () => {
        for (const wanted of this.#wanted) await this.#end(wanted)
      })
    })
    await client.connect()
    await client.query(`SET idle_session_timeout = ${silentMsMax}`)
    return client
  }

  async #end(wanted: Wanted): Promise<void> {
    const { duty } = wanted
    wanted.duty = undefined
    await duty?.stop()
  }
}
