import { machinePause } from '@throughline/stream'
import { type Caller, callerOn } from '../../agencies/caller.ts'
import { movementEvent } from '../../agencies/prison.ts'
import type { Subject } from '../../bench/county.ts'
import { madeUpPeople } from '../../people/people.ts'

const hourMs = 3_600_000
const path = '/intake/custody/domain-events'
const prison = 'TSI'
/** That of the subjects: who comes after them is nobody among them. */
const peopleSeed = 7
const perRequest = 10
const betweenMs = 100
/** When as much has been sent as a cycle asks for, people are still released, but fewer. */
const betweenMsSlow = 1_000
const retryMs = 200
/** One in so many messages is about somebody whom nobody claims. */
const strangerEach = 10

export const noticed = 200
const confirmed = 300

/** One message of a prison, from its first try to its answer. */
export interface Sent {
  /** Null for somebody whom nobody claims. */
  readonly subject: Subject | null
  readonly noms: string
  /** Of the movement, as the hub counts: what the search index has noticed, or what the prison confirms. */
  readonly version: typeof noticed | typeof confirmed
  readonly event: object
  /** When they were released, in ms. */
  readonly movedAt: number
  /** When it was first tried, in ms. */
  readonly triedAt: number
  answeredAt: number | null
  eventId: string | null
}

export interface TrafficOptions {
  readonly subjects: readonly Subject[]
  readonly token: string
  /** Addresses of the custody edges; another is tried when one does not answer. */
  readonly edges: () => readonly string[]
}

/**
 * Prisons that release people all the time at an even pace, whatever happens to the hub: ten messages in
 * each request, sent again until it is answered. Everybody is released once, in two messages: the search
 * index's at once, the prison's own when `confirm` is open.
 */
export class Traffic {
  readonly sent: Sent[] = []
  /** How many messages there may be at full pace. */
  goal = 0
  readonly #options: TrafficOptions
  readonly #caller: Caller
  readonly #strangers: ReturnType<typeof madeUpPeople>
  readonly #open = new Set<Promise<void>>()
  readonly #toConfirm: Sent[] = []
  #subject = 0
  #turn = 0
  #going = false
  #loop: Promise<void> = Promise.resolve()
  #failed: unknown

  constructor(options: TrafficOptions) {
    this.#options = options
    const known = options.subjects.length
    this.#strangers = madeUpPeople(peopleSeed, Math.ceil(known * 1.25)).slice(known)
    this.#caller = callerOn(
      {
        base: () => {
          const edges = options.edges()
          return edges[(this.#turn += 1) % edges.length] ?? ''
        },
        lost: () => machinePause(retryMs),
      },
      options.token,
    )
  }

  start(): void {
    this.#going = true
    this.#loop = this.#run()
  }

  /** Sends nothing new, and waits for the answers. */
  async stop(): Promise<void> {
    this.#going = false
    await this.#loop
    await Promise.all(this.#open)
    if (this.#failed !== undefined) throw this.#failed
  }

  async #run(): Promise<void> {
    let next = performance.now()
    let n = 0
    while (this.#going) {
      next += this.sent.length < this.goal ? betweenMs : betweenMsSlow
      const early = next - performance.now()
      if (early > 1) await machinePause(early)
      const batch = Array.from({ length: perRequest }, () => this.#next((n += 1)))
      const some = batch.filter((one) => one !== undefined)
      if (some.length === 0) return
      const sending = this.#send(some)
        .catch((error: unknown) => {
          this.#failed ??= error
        })
        .finally(() => this.#open.delete(sending))
      this.#open.add(sending)
    }
  }

  #next(n: number): Sent | undefined {
    const triedAt = Date.now()
    const message = (
      subject: Subject | null,
      noms: string,
      version: Sent['version'],
      movedAt: number,
    ): Sent => {
      const report = { movement: 'released', noms, prison, movedAt, code: 'CR' } as const
      const family = version === noticed ? 'search' : 'coded'
      const event = movementEvent({ ...report, family })
      const unanswered = { answeredAt: null, eventId: null }
      const one: Sent = { subject, noms, version, event, movedAt, triedAt, ...unanswered }
      this.sent.push(one)
      return one
    }
    const movedAt = Math.floor(triedAt / 1000) * 1000 - hourMs
    if (n % strangerEach === strangerEach - 1) {
      const stranger = this.#strangers[Math.floor(n / strangerEach)]
      return stranger && message(null, stranger.noms, noticed, movedAt)
    }
    const first = n % 2 === 1 ? this.#toConfirm.shift() : undefined
    if (first?.subject) {
      return message(first.subject, first.subject.person.noms, confirmed, first.movedAt)
    }
    const subject = this.#options.subjects[this.#subject]
    this.#subject += 1
    return subject && message(subject, subject.person.noms, noticed, movedAt)
  }

  async #send(batch: readonly Sent[]): Promise<void> {
    const answer = await this.#caller.post(
      path,
      batch.map(({ event }) => event),
    )
    const { results } = answer.body as { results?: readonly Result[] }
    for (const [i, one] of batch.entries()) {
      const result = results?.[i]
      if (result?.outcome !== 'published' && result?.outcome !== 'duplicate') {
        throw new Error(`answered ${answer.status} ${JSON.stringify(result)}`)
      }
      one.answeredAt = Date.now()
      one.eventId = result.eventIds[0] ?? null
      if (one.subject && one.version === noticed) this.#toConfirm.push(one)
    }
  }
}

interface Result {
  readonly outcome: string
  readonly eventIds: readonly string[]
}
