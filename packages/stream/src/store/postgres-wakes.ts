import pg from 'pg'
import { machinePause } from '../clock.ts'
import { Wakes } from '../wakes.ts'

const channel = 'throughline'
const payloadMax = 7000
const reconnectMs = 1000

/**
 * Alarms among all processes that share a database. What is rung here rings elsewhere a moment
 * later, by NOTIFY and outside every step: a NOTIFY in a transaction holds up all that commit. One
 * that is lost while the connection is away costs a safety poll's wait.
 */
export class PostgresWakes extends Wakes {
  readonly #config: pg.ClientConfig
  readonly #instance: number
  readonly #unsent = new Set<string>()
  #client: pg.Client | undefined
  #sending = false
  #hearing = false
  readonly #closing = new AbortController()

  private constructor(config: pg.ClientConfig, instance: number) {
    super()
    this.#config = config
    this.#instance = instance
  }

  /** Listens, and holds the lock that says that this process lives. */
  static async open(config: pg.ClientConfig, instance: number): Promise<PostgresWakes> {
    const wakes = new PostgresWakes(config, instance)
    await wakes.#connect()
    return wakes
  }

  override wake(name: string): void {
    super.wake(name)
    if (!this.#hearing) this.#tell(name)
  }

  override want(processor: string, at: number): void {
    if (!this.#hearing && this.wantedOf(processor) < at) this.#tell(`want ${at} ${processor}`)
    const hearing = this.#hearing
    this.#hearing = true
    super.want(processor, at)
    this.#hearing = hearing
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#client?.end().catch(() => {})
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#config)
    client.on('error', () => {})
    client.on('end', () => this.#lost(client))
    client.on('notification', ({ payload = '', processId }) => {
      if (processId !== (client as unknown as { readonly processID: number }).processID)
        this.#hear(payload)
    })
    await client.connect()
    // Nothing rests on an alarm: it need not wait for the disk.
    await client.query('SET synchronous_commit = off')
    await client.query(`LISTEN ${channel}`)
    await client.query('SELECT pg_advisory_lock(3, $1)', [this.#instance])
    this.#client = client
    if (this.#closing.signal.aborted) await client.end()
  }

  #lost(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined
    if (this.#closing.signal.aborted) return
    const reconnect = async () => {
      await machinePause(reconnectMs, this.#closing.signal)
      if (!this.#closing.signal.aborted) await this.#connect()
    }
    reconnect().catch(() => {})
  }

  #hear(payload: string): void {
    this.#hearing = true
    try {
      for (const said of payload.split('\n')) {
        const [, at, processor] = /^want (\d+) (.+)$/.exec(said) ?? []
        if (processor === undefined) super.wake(said)
        else super.want(processor, Number(at))
      }
    } finally {
      this.#hearing = false
    }
  }

  #tell(said: string): void {
    this.#unsent.add(said)
    if (!this.#sending) void this.#send()
  }

  /** One message at a time; what is rung meanwhile goes together with the next. */
  async #send(): Promise<void> {
    this.#sending = true
    // What one turn rings goes together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#unsent.size > 0 && this.#client !== undefined) {
      const lines: string[] = []
      let length = 0
      for (const said of this.#unsent) {
        if (lines.length > 0 && length + said.length > payloadMax) break
        lines.push(said)
        length += said.length + 1
        this.#unsent.delete(said)
      }
      await this.#client
        .query('SELECT pg_notify($1, $2)', [channel, lines.join('\n')])
        .catch(() => {})
    }
    this.#unsent.clear()
    this.#sending = false
  }
}
