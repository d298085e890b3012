import { machinePause } from '@throughline/stream'
import type { Random } from '../../simulation/random.ts'
import type { Fault } from './fault.ts'
import { outcomeOf, rowsOf } from './outcome.ts'
import type { Rig } from './rig.ts'
import { noticed, type Sent, Traffic } from './traffic.ts'

/** Of a service in its group. */
const sessionMs = 6_000
const afterSessionMs = 3_000
const quietMs = 500
const quietMsMax = 1_500
/** What was on its way when it happened counts, too. */
const onTheWayMs = 1_000
const backMsMax = 180_000
const lookMs = 250

interface Cycle {
  readonly fault: Fault
  readonly at: number
  readonly healedAt: number
}

export interface Report {
  /** One line for each fault, for whoever reads the run. */
  readonly lines: readonly string[]
  /** What should not be, in words. */
  readonly differences: readonly string[]
  /** Faults after which somebody heard later than allowed. */
  readonly tooSlow: readonly string[]
}

/** Faults, one after the other, while people are released all the time. */
export class Cycles {
  readonly #rig: Rig
  readonly #random: Random
  readonly #traffic: Traffic
  readonly #done: Cycle[] = []

  constructor(rig: Rig, random: Random) {
    this.#rig = rig
    this.#random = random
    const { county, token } = rig
    this.#traffic = new Traffic({ subjects: county.subjects, token, edges: () => rig.edges() })
  }

  /** A cycle without a fault first, one for each fault, and on until so many messages are sent. */
  async run(faults: readonly Fault[], messages: number): Promise<Report> {
    this.#traffic.start()
    try {
      // The first messages of all meet connections and keys that nobody has opened.
      await machinePause(quietMsMax)
      const all = [nothing, ...faults]
      for (const [n, fault] of all.entries()) {
        this.#traffic.goal = (messages * (n + 1)) / all.length
        await this.#cycle(fault)
      }
      while (this.#traffic.sent.length < messages) await machinePause(lookMs)
    } finally {
      await this.#traffic.stop()
    }
    await this.#untilAllHeard(this.#traffic.sent)
    await this.#untilRelayed()
    return this.#report()
  }

  async #cycle(fault: Fault): Promise<void> {
    await machinePause(quietMs + this.#random.next() * quietMsMax)
    const at = Date.now()
    const heal = await fault.strike(this.#rig, this.#random)
    await machinePause(onTheWayMs)
    await this.#untilHeardAgain(at, fault)
    const healedAt = Date.now()
    await heal()
    await this.#untilReady(fault)
    await this.#untilHeardAgain(healedAt, fault)
    this.#done.push({ fault, at, healedAt })
    const [mended, over] = [healedAt, Date.now()].map((time) => time - at)
    console.log(`${fault.name}: everybody is heard of after ${mended} ms, mended after ${over} ms`)
  }

  /** Until everybody has been heard of who was released between then and now. */
  async #untilHeardAgain(from: number, fault: Fault): Promise<void> {
    const now = Date.now()
    const some = this.#traffic.sent.filter(
      ({ triedAt }) => triedAt >= from - onTheWayMs && triedAt <= now,
    )
    await this.#until(`people are heard of after: ${fault.name}`, () => this.#haveHeard(some))
  }

  #untilAllHeard(sent: readonly Sent[]): Promise<void> {
    return this.#until('everybody has been heard of', () => this.#haveHeard(sent))
  }

  async #haveHeard(sent: readonly Sent[]): Promise<boolean> {
    const people = new Set(sent.flatMap(({ subject }) => (subject ? [subject.personId] : [])))
    const [row] = await rowsOf(
      this.#rig.url,
      `SELECT count(DISTINCT person_id)::int AS heard FROM view_row
       WHERE view = 'notices' AND person_id = ANY($1)`,
      [[...people]],
    )
    return row?.['heard'] === people.size
  }

  #untilRelayed(): Promise<void> {
    return this.#until('everything has been relayed', async () => {
      const waiting = await rowsOf(this.#rig.url, 'SELECT 1 FROM outbox LIMIT 1')
      return waiting.length === 0
    })
  }

  #untilReady({ name }: Fault): Promise<void> {
    return this.#until(`every service is ready after: ${name}`, async () => {
      const ready = await Promise.all(this.#rig.services.map((service) => service.isReady()))
      return ready.every(Boolean)
    })
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const until = Date.now() + backMsMax
    // While the database is away, nobody can say.
    while (!(await holds().catch(() => false))) {
      if (Date.now() > until) {
        const said = this.#rig.services.map(({ name, said }) => `${name}: ${said.slice(-500)}`)
        throw new Error(`waited in vain until ${what}\n${said.join('\n')}`)
      }
      await machinePause(lookMs)
    }
  }

  async #report(): Promise<Report> {
    const { sent } = this.#traffic
    const started = performance.now()
    const { differences, repeats, noticedAt } = await outcomeOf(this.#rig, sent)
    const judgedMs = Math.round(performance.now() - started)
    const releases = sent.filter(({ subject, version }) => subject !== null && version === noticed)
    const slowest = (from: number, to: number) =>
      Math.max(
        0,
        ...releases
          .filter(({ triedAt }) => triedAt >= from && triedAt < to)
          .map(({ subject, triedAt }) => (noticedAt.get(subject?.personId ?? '') ?? 0) - triedAt),
      )
    const stalls = this.#done.map(({ fault, at, healedAt }, n) => {
      const next = this.#done[n + 1]?.at ?? Number.POSITIVE_INFINITY
      const stall = slowest(at - onTheWayMs, healedAt - onTheWayMs)
      return { fault, stall, after: slowest(healedAt - onTheWayMs, next - onTheWayMs) }
    })
    const usual = stalls[0]?.stall ?? 0
    // What was under way is done once more, each time as slowly as this machine does it undisturbed.
    const limit = sessionMs + afterSessionMs + 2 * usual
    return {
      differences,
      tooSlow: stalls
        .filter(({ fault, stall }) => fault.limited && stall > limit)
        .map(({ fault, stall }) => `${fault.name}: ${stall} ms of ${limit} ms`),
      lines: [
        ...stalls.map(({ fault, stall, after }) => {
          const asked = fault.limited ? ` (at most ${limit})` : ''
          return `${fault.name}: slowest ${stall} ms${asked}; while it was mended ${after} ms`
        }),
        `${sent.length} messages in ${this.#done.length} cycles, ${repeats} records sent again in doubt; judged in ${judgedMs} ms`,
      ],
    }
  }
}

const nothing: Fault = {
  name: 'nothing at all',
  limited: false,
  async strike() {
    await machinePause(quietMsMax)
    return async () => {}
  },
}
