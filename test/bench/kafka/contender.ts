import { setTimeout as sleep } from 'node:timers/promises'
import type { OutgoingRecord } from '@throughline/stream'
import type { Plan } from '../flow.ts'
import type { ServiceProcess } from './service-process.ts'

/** One of those that are measured against each other. */
export interface Contender {
  readonly name: string
  /** Nothing is encrypted: what waits on the agency's topic is the event itself. */
  readonly bare: boolean
  /** Starts it on topics of its own. */
  start(prefix: string): Promise<Running>
}

export interface Running {
  readonly services: readonly ServiceProcess[]
  /** Onto the agency's topic. */
  append(records: readonly OutgoingRecord[]): Promise<void>
  /** Resolves when so many events, counted from the start, have gone through to the last hop, durably. */
  untilDone(events: number): Promise<void>
  stop(): Promise<Counted>
}

/** What went through, from the start: warming up included. */
export interface Counted {
  readonly forwarded: number
  readonly notices: number
}

const appendedAtOnce = 2_000

export async function append(
  running: Running,
  plan: readonly Plan[],
  record: (one: Plan) => OutgoingRecord,
): Promise<void> {
  for (let n = 0; n < plan.length; n += appendedAtOnce) {
    await running.append(plan.slice(n, n + appendedAtOnce).map(record))
  }
}

const lookEveryMs = 25
const patienceMs = 180_000

/** Asks until it is so; a count that stands still for long is a failure. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + patienceMs; !(await isSo()); await sleep(lookEveryMs)) {
    if (performance.now() > end) throw new Error(`${what}: not within ${patienceMs / 1000} s`)
  }
}
