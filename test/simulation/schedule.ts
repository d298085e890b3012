import { HubError, type HubErrorCode } from '@throughline/domain'
import type { Random } from './random.ts'

/** What may go wrong at a point where the hub awaits its database or log, each as a probability. */
export interface Faults {
  /** The process dies here: nothing after this point ever happens in it. */
  readonly crash: number
  /** The answer is lost: what was asked may have been done, and the caller is told it cannot know. */
  readonly lostAnswer: number
  /** The request never arrives: nothing was done. */
  readonly lostRequest: number
  /** The process stands still for a while, long enough for another to take its place. */
  readonly pause: number
}

export const noFaults: Faults = { crash: 0, lostAnswer: 0, lostRequest: 0, pause: 0 }

interface Ticket {
  readonly process: SimProcess
  readonly point: string
  /** The processor it happens in, where the adapter says so. */
  readonly inside: string
  readonly go: () => void
  readonly fail: (error: Error) => void
}

/** One simulated operating-system process: when it is dead, none of its awaits ever return. */
export class SimProcess {
  readonly name: string
  alive = true
  /** Scheduler step until which it stands still. */
  pausedUntil = 0

  constructor(name: string) {
    this.name = name
  }
}

const unavailable = (point: string): HubErrorCode =>
  point.startsWith('log')
    ? 'HUB_LOG_UNAVAILABLE'
    : point.startsWith('keys')
      ? 'HUB_KEY_UNAVAILABLE'
      : point.startsWith('register')
        ? 'HUB_REGISTER_UNAVAILABLE'
        : 'HUB_STORE_UNAVAILABLE'

/**
 * Holds every await of every simulated process and lets one go at a time, in an order that only the
 * seed decides. This is where crashes, pauses and lost answers come from.
 */
export class Scheduler {
  readonly #random: Random
  readonly #tickets: Ticket[] = []
  /** How often each kind of fault struck, by kind, point and processor. */
  readonly fired = new Map<string, number>()
  faults: Faults = noFaults
  /** A service that cannot be reached: every request whose point begins so is refused. */
  down: string | null = null
  steps = 0
  /** A running digest of every choice made; equal for equal seeds. */
  trace = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The hook that a process's adapters call before and after everything they do. */
  hookFor(process: SimProcess): { at(point: string, detail?: string): Promise<void> } {
    return {
      at: (point, detail = '') =>
        new Promise((resolve, reject) => {
          if (!process.alive) return
          const inside = /^\w+/.exec(detail)?.[0] ?? ''
          this.#tickets.push({ process, point, inside, go: resolve, fail: reject })
        }),
    }
  }

  crash(process: SimProcess): void {
    process.alive = false
    for (let i = this.#tickets.length - 1; i >= 0; i--) {
      if (this.#tickets[i]?.process === process) this.#tickets.splice(i, 1)
    }
  }

  get waiting(): number {
    return this.#tickets.length
  }

  /** Lets one await go. False when nothing can move without the clock. */
  async step(): Promise<boolean> {
    await settle()
    const ready: number[] = []
    for (let i = 0; i < this.#tickets.length; i++) {
      if ((this.#tickets[i] as Ticket).process.pausedUntil <= this.steps) ready.push(i)
    }
    if (ready.length === 0) {
      if (this.#tickets.length === 0) return false
      this.steps += 1
      return true
    }
    this.steps += 1
    const [ticket] = this.#tickets.splice(this.#random.pick(ready), 1) as [Ticket]
    this.note(ticket.process.name, ticket.point)
    this.#letGo(ticket)
    return true
  }

  #letGo(ticket: Ticket): void {
    const { process, point } = ticket
    const after = point.endsWith('.after')
    if (this.#random.chance(this.faults.crash)) {
      this.#count('crash', ticket)
      this.crash(process)
      return
    }
    if (this.down !== null && point.startsWith(this.down) && !after) {
      this.#count('outage', ticket)
      ticket.fail(new HubError(unavailable(point), `simulated at ${point}`))
      return
    }
    if (this.#random.chance(this.faults.pause)) {
      this.#count('pause', ticket)
      process.pausedUntil = this.steps + 20 + this.#random.below(120)
    }
    if (this.#random.chance(after ? this.faults.lostAnswer : this.faults.lostRequest)) {
      this.#count(after ? 'lost-answer' : 'lost-request', ticket)
      ticket.fail(new HubError(unavailable(point), `simulated at ${point}`))
      return
    }
    ticket.go()
  }

  #count(kind: string, { point, inside }: Ticket): void {
    const name = `${kind} ${point} ${inside}`
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1)
    this.note(kind, point)
  }

  /** Takes into the digest what has happened. */
  note(...words: readonly string[]): void {
    for (const word of words) {
      for (let i = 0; i < word.length; i++) {
        this.trace = (Math.imul(this.trace ^ word.charCodeAt(i), 0x01000193) + 1) | 0
      }
    }
  }
}

/** Lets every promise that can go on do so: no timers and no input or output are involved. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
