import type { RegisterAnswer } from '@throughline/consent'
import type { SteppedClock } from '@throughline/stream'
import { agree, identifierNames } from '../simulation/agreeing.ts'
import { collect } from '../simulation/collect.ts'
import { numbersOf, type SimRecord } from '../simulation/county.ts'
import type { History, ReadFact, WithdrawalFact } from '../simulation/history.ts'
import { agreementsOf } from '../simulation/machine.ts'
import type { Rows } from '../simulation/place.ts'
import { type HubProcess, type Ports, partitions, startProcess } from '../simulation/process.ts'
import { SimProcess } from '../simulation/schedule.ts'
import { postOf, valueOf } from '../simulation/world.ts'
import { faultyLog, type LogFault } from './faulty-log.ts'
import { type Kept, keptIn } from './kept.ts'
import type { Happening, Round, Scenario } from './scenario.ts'

/** What a hub stands on that lives through a scenario, and what can be read of it afterwards. */
export interface Ground {
  readonly ports: Ports & { readonly clock: SteppedClock }
  readonly rows: Rows
}

/** What became of a scenario on one ground. */
export interface Lived {
  readonly history: History
  /** What everybody was answered, in the order in which they asked. */
  readonly said: readonly string[]
  readonly kept: Kept
  /** How often each kind of fault has struck. */
  readonly struck: ReadonlyMap<string, number>
}

/** Lives through the scenario, one thing after another, and gives all that came of it. */
export async function live(scenario: Scenario, ground: Ground): Promise<Lived> {
  const life = new Life(scenario, ground)
  try {
    return await life.whole()
  } finally {
    await life.end()
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

class Life {
  readonly #scenario: Scenario
  readonly #ground: Ground
  readonly #ports: Ground['ports']
  readonly #log: ReturnType<typeof faultyLog>
  readonly #said: string[] = []
  readonly #posts = new Map<string, Mutable<ReturnType<typeof postOf>>>()
  readonly #reads: ReadFact[] = []
  readonly #withdrawals: WithdrawalFact[] = []
  readonly #poisons: { id: string; readers: number }[] = []
  readonly #stopped: string[] = []
  #hub: HubProcess

  constructor(scenario: Scenario, ground: Ground) {
    this.#scenario = scenario
    this.#ground = ground
    this.#log = faultyLog(ground.ports.log)
    this.#ports = { ...ground.ports, log: this.#log.log }
    this.#hub = this.#start()
  }

  async whole(): Promise<Lived> {
    await this.#rest()
    for (const agreement of agreementsOf(this.#scenario.agreements))
      await this.#hub.register.change({ kind: 'put-agreement', by: 'test', agreement })
    await this.#pass(1000)
    for (const round of this.#scenario.rounds) await this.#round(round)
    const history = await this.#collect()
    return { history, said: this.#said, kept: await keptIn(this.#ports), struck: this.#struck() }
  }

  async end(): Promise<void> {
    const pipeline = await this.#hub.pipeline
    await pipeline.stop()
  }

  #start(): HubProcess {
    const { seed } = this.#scenario
    const process = new SimProcess(`hub of scenario ${seed}`)
    return startProcess(this.#ports, process, (what) => this.#stopped.push(what))
  }

  /** The whole of one round: what happens, while what breaks, until all is quiet again. */
  async #round({ does, faults, passes }: Round): Promise<void> {
    this.#log.arm(faults.filter(isOfLog))
    await this.#do(does)
    for (const fault of faults) {
      if (fault.kind === 'owner-replaced') await this.#replaceOwner()
      if (fault.kind === 'read-again') await this.#readAgain(fault.processor)
    }
    await this.#rest()
    // Whatever has failed is tried again a little later.
    await this.#pass(1000)
    this.#log.calm()
    await this.#pass(passes)
  }

  async #replaceOwner(): Promise<void> {
    await this.end()
    this.#hub = this.#start()
    await this.#hub.pipeline
  }

  async #readAgain(name: string): Promise<void> {
    await this.#rest()
    const processor = (await this.#hub.pipeline).processors.get(name)
    this.#log.readsAgain(name)
    for (let partition = 0; partition < partitions; partition++)
      await processor?.resetPositions(partition, new Map(), 'read again')
  }

  async #rest(): Promise<void> {
    const pipeline = await this.#hub.pipeline
    await pipeline.idle()
  }

  async #pass(ms: number): Promise<void> {
    const { clock } = this.#ports
    await clock.advanceTo(clock.now() + ms, () => this.#rest())
  }

  async #do(does: Happening): Promise<unknown> {
    switch (does.kind) {
      case 'records':
        for (const record of does.records) {
          await this.#send(record)
          await this.#moment()
        }
        return
      case 'consent':
        return this.#tell(
          agree({ disks: this.#ports, hub: this.#hub }, { bytes: this.#ports.random }, does.agreed),
        )
      case 'withdraw':
        return this.#withdraw(does)
      case 'hand-over': {
        const { id: practitionerId, organisation, role } = does.to
        const assignment = {
          practitionerId,
          organisation,
          role,
          relation: 'lead',
          tier: 'detail',
        } as const
        const { personId } = does
        return this.#tell(
          this.#hub.register.change({ kind: 'assign', personId, assignment, by: 'register' }),
        )
      }
      case 'look':
        return this.#look(does)
      case 'act':
        return this.#act(does)
      case 'poison': {
        const id = `poison ${this.#poisons.length + 1}`
        this.#poisons.push({ id, readers: does.readers })
        const { topic, value } = does
        this.#log.calm()
        return this.#ports.log.append([{ topic, key: id, id, value }])
      }
      case 'nothing':
    }
  }

  /** A millisecond: of two things in one nobody could say which came first. */
  async #moment(): Promise<void> {
    const { clock } = this.#ports
    await clock.advanceTo(clock.now() + 1)
  }

  async #tell(asked: Promise<RegisterAnswer>): Promise<RegisterAnswer> {
    const answer = await asked
    this.#said.push(JSON.stringify(answer))
    await this.#moment()
    return answer
  }

  async #send(record: SimRecord): Promise<void> {
    const sentAt = this.#ports.clock.now()
    const post = this.#posts.get(record.name) ?? postOf(record, sentAt)
    if (this.#scenario.corrected.has(record.name)) post.corrected = true
    this.#posts.set(record.name, post)
    try {
      const { outcome, eventIds } = await this.#hub.post(record)
      post.answers.push({ sentAt, at: this.#ports.clock.now(), outcome, eventIds })
      this.#said.push(`${record.name}: ${outcome} ${eventIds.join(' ')}`)
    } catch (error) {
      this.#said.push(`${record.name}: ${String(error)}`)
    }
    await this.#moment()
  }

  async #withdraw({ personId, purposes }: Extract<Happening, { kind: 'withdraw' }>) {
    const command = { kind: 'withdraw', personId, purposes, by: 'person', reason: null } as const
    const answer = await this.#tell(this.#hub.register.change(command))
    if (!answer.ok) return
    const answeredAt = this.#ports.clock.now()
    this.#withdrawals.push({ personId, purposes, version: answer.version, answeredAt })
  }

  async #look({ who, personId }: Extract<Happening, { kind: 'look' }>): Promise<void> {
    const before = this.#reads.length
    const seen = (fact: ReadFact) => this.#reads.push(fact)
    const looks =
      personId === null ? this.#hub.read(who, seen) : this.#hub.open(who, personId, seen)
    await looks.catch((refused: unknown) => this.#said.push(`${who.id}: ${String(refused)}`))
    for (const { attemptId: _, ...fact } of this.#reads.slice(before))
      this.#said.push(JSON.stringify(fact))
    await this.#moment()
  }

  async #act({ who, nth, deed }: Extract<Happening, { kind: 'act' }>): Promise<void> {
    const theirs = this.#reads.filter(
      ({ reader, noticeId }) => reader === who.id && noticeId !== '',
    )
    const { noticeId } = theirs.at(-1 - (nth % Math.max(1, theirs.length))) ?? {}
    if (noticeId === undefined) return
    const done = await this.#hub.act(who, noticeId, deed).catch(String)
    this.#said.push(`${who.id} ${deed.kind}: ${done ?? 'done'}`)
    await this.#moment()
  }

  #struck(): ReadonlyMap<string, number> {
    const kinds = this.#scenario.rounds.flatMap(({ faults }) => faults.map(({ kind }) => kind))
    const times = (fault: string) => kinds.filter((kind) => kind === fault).length
    const ours = ['owner-replaced', 'read-again'].map((kind) => [kind, times(kind)] as const)
    return new Map([...this.#log.struck, ...ours])
  }

  async #collect(): Promise<History> {
    const { log, keys, ids, topics = [] } = this.#ports
    const { people, rounds } = this.#scenario
    const readAgain = rounds.some(({ faults }) => faults.some(({ kind }) => kind === 'read-again'))
    return collect({
      place: { log, keys, ids, topics, rows: this.#ground.rows },
      identifiers: identifierNames(ids, people),
      posts: [...this.#posts.values()],
      reads: this.#reads,
      direct: people.flatMap((one) => [one.name, ...numbersOf(one).map(valueOf)]),
      withdrawals: this.#withdrawals,
      drain: { tookMs: 0, faults: this.#stopped, readAgain },
      poisons: this.#poisons,
      outages: [],
      marks: new Map(),
      countedBefore: null,
    })
  }
}

const isOfLog = (fault: Round['faults'][number]): fault is LogFault =>
  fault.kind !== 'owner-replaced' && fault.kind !== 'read-again'
