import type { Agreement } from '@throughline/domain'
import { MemoryDatabase, MemoryLogData, nodeIds, steppedClock } from '@throughline/stream'
import { memoryKeys } from '@throughline/stream/testing'
import type { Agency } from './county/stories.ts'
import { day } from './county.ts'
import { type Disks, type HubProcess, memoryPorts, partitions, startProcess } from './process.ts'
import type { Random } from './random.ts'
import { noFaults, Scheduler, SimProcess, settle } from './schedule.ts'

/** When every simulated life begins: a Monday morning in London. */
export const start = Date.UTC(2026, 0, 5, 9)
export const organisation = 'testshire-recovery'
/** Where figures are made of what people agree to have counted. */
export const analysts = 'testshire-analysts'

/** Half-open, as agreements are. */
export interface Period {
  readonly from: number
  readonly until: number
}

export const forLong: Period = { from: start - day, until: start + 900 * day }

/** With the team, that it is told, and with the analysts, that it is counted. */
export function agreementsOf(
  periodsOf: ReadonlyMap<Agency, readonly Period[]>,
): readonly Agreement[] {
  const sides = [
    { purpose: 'care-coordination', recipientOrganisation: organisation },
    { purpose: 'outcomes', recipientOrganisation: analysts },
  ] as const
  return [...periodsOf].flatMap(([source, periods]) =>
    periods.flatMap((period, i) =>
      sides.map((side) => ({
        agreementId: `${source} ${side.purpose} ${i + 1}`,
        source,
        ...side,
        ...period,
      })),
    ),
  )
}

export interface Rest {
  /** Simulated ms until nothing was left to do; null when that never came. */
  readonly tookMs: number | null
  readonly outboxLeft: number
}

/** The machine room: disks that outlive everything, and the hubs that are started on them one after another. */
export class Machine {
  readonly scheduler: Scheduler
  readonly disks: Disks
  /** Tasks that stopped and need a person. */
  readonly faultsSeen: string[] = []
  readonly #random: Random
  readonly #started: SimProcess[] = []
  hub: HubProcess

  /** New disks, or the ones of another machine room. */
  constructor(random: Random, disks?: Disks) {
    this.#random = random
    const secrets = random.fork('keys')
    this.disks = disks ?? {
      clock: steppedClock(start),
      database: new MemoryDatabase(),
      log: new MemoryLogData(),
      keys: memoryKeys((length) => secrets.bytes(length)),
      ids: nodeIds(secrets.bytes(32)),
    }
    this.scheduler = new Scheduler(random.fork('schedule'))
    this.hub = this.#start()
  }

  get now(): number {
    return this.disks.clock.now()
  }

  /** Another hub takes everything over; whoever had it finds out. */
  revive(): void {
    this.hub = this.#start()
  }

  #start(): HubProcess {
    const process = new SimProcess(`hub ${this.#started.length + 1}`)
    this.#started.push(process)
    const random = this.#random.fork(process.name)
    const schedule = this.scheduler.hookFor(process)
    const ports = memoryPorts(this.disks, (length) => random.bytes(length), schedule)
    const hub = startProcess(ports, process, (what) => this.faultsSeen.push(what))
    // A hub that cannot start ends, and whoever supervises it starts another.
    hub.pipeline.catch(() => this.scheduler.crash(process))
    return hub
  }

  /** The institutions' agreements, before anything begins: for each agency the periods in which they hold. */
  async agree(periodsOf: ReadonlyMap<Agency, readonly Period[]>): Promise<void> {
    for (const agreement of agreementsOf(periodsOf)) {
      const put = { kind: 'put-agreement', by: 'test', agreement } as const
      await this.until(() => this.hub.register.change(put))
    }
  }

  /** Lets the hub go on until this is answered. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    let answer: { value: T } | undefined
    void work().then((value) => {
      answer = { value }
    })
    for (;;) {
      await settle()
      if (answer) return answer.value
      if (!(await this.scheduler.step())) await this.pass(1)
    }
  }

  async pass(ms: number): Promise<void> {
    await this.#wait(ms)
    if (ms >= 50) this.hub.poll()
  }

  async #wait(ms: number): Promise<void> {
    const { clock } = this.disks
    await clock.advanceTo(clock.now() + ms, settle)
  }

  /** No more faults, and one fresh hub: whoever supervises hubs ends those that were replaced. */
  heal(): void {
    this.scheduler.faults = noFaults
    this.scheduler.down = null
    for (const process of this.#started) this.scheduler.crash(process)
    this.revive()
  }

  /** Where every partition ends now. */
  marks(): Map<string, bigint> {
    const marks = new Map<string, bigint>()
    for (const [topic, { partitions }] of this.disks.log.topics) {
      for (const [i, { end }] of partitions.entries()) marks.set(`${topic}/${i}`, end)
    }
    return marks
  }

  /** An operator sends these processors back to the start of the log, and they work it off again. */
  async readAgain(processors: readonly string[]): Promise<Rest> {
    const { pipeline } = this.hub
    await this.until(async () => {
      const { processors: running } = await pipeline
      for (const name of processors) {
        for (let partition = 0; partition < partitions; partition++) {
          await running.get(name)?.resetPositions(partition, new Map(), 'read again')
        }
      }
    })
    return this.rest()
  }

  /** Works until nothing is left to do, for two simulated minutes at most. `unanswered` posts are sent until they are answered. */
  async rest(unanswered: () => number = () => 0): Promise<Rest> {
    const began = this.now
    const limit = this.scheduler.steps + 60_000
    const inTime = () => this.scheduler.steps < limit && this.now - began <= 120_000
    while (unanswered() > 0 && inTime()) {
      if (!(await this.scheduler.step())) await this.pass(50)
    }
    let idle = false
    this.hub.pipeline
      .then((pipeline) => pipeline.idle())
      .then(
        () => {
          idle = true
        },
        (error: unknown) => this.faultsSeen.push(String(error)),
      )
    // One hub alone hears of whatever it writes; a poll at the wrong moment would keep it awake for ever.
    while (!idle && inTime()) {
      if (!(await this.scheduler.step()) && !idle) await this.#wait(50)
    }
    const outboxLeft = this.disks.database.table('outbox').size
    return { tookMs: idle && unanswered() === 0 ? this.now - began : null, outboxLeft }
  }
}
