import type { RegisterAnswer } from '@throughline/consent'
import { sealPerson } from '@throughline/consent'
import {
  type CanonicalEvent,
  type Category,
  canonicalText,
  type Grant,
  identifier,
  identifierHash,
} from '@throughline/domain'
import { MemoryDatabase, MemoryLogData, nodeIds, steppedClock } from '@throughline/stream'
import { memoryKeys } from '@throughline/stream/testing'
import { collect } from './collect.ts'
import {
  arrest,
  day,
  hour,
  minute,
  movement,
  noise,
  people,
  type SimPerson,
  type SimRecord,
} from './county.ts'
import type { History, Post, ReadFact, WithdrawalFact } from './history.ts'
import { type Disks, type HubProcess, type Practitioner, startProcess } from './process.ts'
import { type Random, seededRandom } from './random.ts'
import { type Faults, noFaults, Scheduler, SimProcess, settle } from './schedule.ts'

export interface Run {
  readonly history: History
  readonly steps: number
  readonly trace: number
  readonly fired: ReadonlyMap<string, number>
  /** Simulated time that passed, in ms. */
  readonly lasted: number
}

export interface RunOptions {
  readonly seed: number
  readonly steps: number
  /** Off for the reference run of a scenario. */
  readonly faults?: boolean
}

const start = Date.UTC(2026, 0, 5, 9)
const organisation = 'testshire-recovery'
const leads: readonly Practitioner[] = ['lp-1', 'lp-2', 'lp-3'].map((id) => ({
  id,
  organisation,
  role: 'lead-practitioner',
}))

interface Client {
  post: Mutable<Post>
  record: SimRecord
  /** The process that has been asked and has not answered. */
  asked: SimProcess | null
  done: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

/** One seed's life: a small county, one hub that keeps dying, and everything that was said and seen. */
export async function run({ seed, steps, faults = true }: RunOptions): Promise<Run> {
  const world = new World(seed, steps, faults)
  return world.live()
}

class World {
  readonly #random: Random
  readonly #scheduler: Scheduler
  readonly #disks: Disks
  readonly #people: readonly SimPerson[]
  readonly #personIds = new Map<string, string>()
  readonly #clients: Client[] = []
  readonly #reads: ReadFact[] = []
  readonly #withdrawals: WithdrawalFact[] = []
  readonly #faultsSeen: string[] = []
  readonly #seenNotices: { who: Practitioner; noticeId: string }[] = []
  readonly #steps: number
  readonly #faulty: Faults
  readonly #started: SimProcess[] = []
  #hub: HubProcess
  #serial = 0
  #processes = 0

  constructor(seed: number, steps: number, faults: boolean) {
    this.#random = seededRandom(seed)
    this.#steps = steps
    this.#people = people(2 + this.#random.below(3))
    // Two stages, so that some seeds meet one kind of fault often and others meet all of them seldom.
    const often = (most: number) =>
      faults && this.#random.chance(0.6) ? this.#random.next() * most : 0
    this.#faulty = {
      crash: often(0.012),
      lostAnswer: often(0.03),
      lostRequest: often(0.03),
      pause: often(0.02),
    }
    const clock = steppedClock(start)
    const secrets = this.#random.fork('keys')
    this.#disks = {
      clock,
      database: new MemoryDatabase(),
      log: new MemoryLogData(),
      keys: memoryKeys((length) => secrets.bytes(length)),
      ids: nodeIds(secrets.bytes(32)),
    }
    this.#scheduler = new Scheduler(this.#random.fork('schedule'), () => {})
    this.#hub = this.#startHub()
  }

  async live(): Promise<Run> {
    await this.#agree()
    this.#scheduler.faults = this.#faulty
    while (this.#scheduler.steps < this.#steps) await this.#turn()
    const drain = await this.#heal()
    const history = await collect({
      disks: this.#disks,
      identifiers: this.#identifierNames(),
      posts: this.#clients.map(({ post }) => post),
      reads: this.#reads,
      withdrawals: this.#withdrawals,
      drain: { ...drain, faults: this.#faultsSeen },
    })
    const { steps, trace, fired } = this.#scheduler
    return { history, steps, trace, fired, lasted: this.#disks.clock.now() - start }
  }

  #startHub(): HubProcess {
    this.#processes += 1
    const process = new SimProcess(`hub ${this.#processes}`)
    this.#started.push(process)
    const random = this.#random.fork(process.name)
    const hub = startProcess(this.#disks, this.#scheduler, process, random, (what) =>
      this.#faultsSeen.push(what),
    )
    // A hub that cannot start ends, and whoever supervises it starts another.
    hub.pipeline.catch(() => this.#scheduler.crash(process))
    return hub
  }

  /** The institutions' agreement, before anything begins. */
  async #agree(): Promise<void> {
    const { register } = this.#hub
    const from = start - day
    const changed = register.change({
      kind: 'put-agreement',
      by: 'test',
      agreement: {
        agreementId: 'custody',
        source: 'custody',
        purpose: 'care-coordination',
        recipientOrganisation: organisation,
        from,
        until: start + 900 * day,
      },
    })
    await this.#until(() => changed)
  }

  /** Lets the hub go on until this is answered. */
  async #until<T>(work: () => Promise<T>): Promise<T> {
    let answer: { value: T } | undefined
    void work().then((value) => {
      answer = { value }
    })
    for (;;) {
      await settle()
      if (answer) return answer.value
      if (!(await this.#scheduler.step())) await this.#pass(1)
    }
  }

  async #turn(): Promise<void> {
    if (!this.#hub.process.alive) this.#revive()
    if (this.#random.chance(0.3)) await this.#pass(1 + this.#random.below(40))
    if (this.#random.chance(0.1)) {
      if (this.#random.chance(0.3))
        await this.#pass(this.#random.pick([1000, minute, hour, 6 * hour, day]))
      this.#something()
    }
    if (this.#random.chance(0.01) && this.#hub.process.pausedUntil > this.#scheduler.steps) {
      // Somebody takes the place of a hub that stands still; when it wakes it is a former owner.
      this.#revive()
    }
    if (!(await this.#scheduler.step())) {
      this.#something()
      await this.#pass(this.#random.pick([1, 50, 1000, minute, hour, 6 * hour, day]))
      this.#scheduler.steps += 1
    }
  }

  #revive(): void {
    this.#hub = this.#startHub()
    for (const client of this.#clients) if (client.asked?.alive === false) client.asked = null
  }

  async #pass(ms: number): Promise<void> {
    const { clock } = this.#disks
    await clock.advanceTo(clock.now() + ms, settle)
    if (ms >= 50) this.#hub.poll()
  }

  #something(): void {
    const roll = this.#random.next()
    const person = this.#random.pick(this.#people)
    if (roll < 0.3) this.#happens(person)
    else if (roll < 0.45) this.#sendAgain()
    else if (roll < 0.65) this.#register(person)
    else if (roll < 0.9) this.#look()
    else this.#acts()
  }

  #happens(person: SimPerson): void {
    this.#serial += 1
    const late = this.#random.pick([0, 0, 0, minute, hour, 2 * day])
    const at = this.#disks.clock.now() - late - 5 * minute
    const roll = this.#random.next()
    const records =
      roll < 0.65
        ? movement(this.#random, person, at, this.#serial)
        : roll < 0.85
          ? [arrest(this.#random, person, at, this.#serial)]
          : [noise(person, at, this.#serial)]
    const differs = new Set(records.map(({ kind }) => kind)).size > 1
    for (const record of records) {
      const { name, type, kind, identifiers, occurredAt } = record
      const post: Mutable<Post> = {
        name,
        sentAt: this.#disks.clock.now(),
        agency: 'custody',
        unclaimed: record.door === 'prison' ? 'hold' : 'drop',
        type,
        kind,
        identifiers: [...identifiers],
        occurredAt,
        answers: [],
        corrected: differs || kind === 'DIED',
      }
      const client: Client = { post, record, asked: null, done: false }
      this.#clients.push(client)
      this.#send(client)
    }
  }

  /** A sender without an answer sends again; one with an answer sometimes does, too. */
  #sendAgain(): void {
    const waiting = this.#clients.filter(({ asked, done }) => asked === null && !done)
    const again = waiting.length > 0 ? waiting : this.#clients.filter(({ asked }) => asked === null)
    if (again.length > 0) this.#send(this.#random.pick(again))
  }

  #send(client: Client): void {
    const hub = this.#hub
    const sentAt = this.#disks.clock.now()
    client.asked = hub.process
    hub.post(client.record).then(
      ({ outcome, eventIds }) => {
        if (!hub.process.alive) return
        client.asked = null
        client.done = true
        client.post.answers.push({ sentAt, at: this.#disks.clock.now(), outcome, eventIds })
      },
      () => {
        if (client.asked === hub.process) client.asked = null
      },
    )
  }

  #register(person: SimPerson): void {
    const known = this.#personIds.get(person.name)
    const roll = this.#random.next()
    if (known === undefined) this.#consent(person, null)
    else if (roll < 0.3) this.#withdraw(known)
    else if (roll < 0.75) this.#consent(person, known)
    else this.#handOver(known)
  }

  #consent(person: SimPerson, known: string | null): void {
    const hub = this.#hub
    const personId = known ?? `p-${person.name.replace(' ', '-')}`
    const identifiers = this.#claimed(person)
    void (async () => {
      const key = await this.#disks.keys.create(`person:${personId}`)
      const content = {
        displayName: person.name,
        identifiers: [],
        ownWords: null,
        safeContact: null,
      }
      const answer = await hub.register.change({
        kind: 'record-consent',
        personId,
        isNew: known === null,
        expectedVersion: null,
        state: 'given',
        identifiers,
        grants: [this.#grant()],
        ...(known === null && { assignments: this.#assignments() }),
        ...(known === null && { idempotency: { key: personId, body: person.name } }),
        sealed: sealPerson(personId, content, key, (length) => this.#random.bytes(length)),
        by: 'test',
      })
      if (answer.ok) this.#personIds.set(person.name, answer.personId)
    })().catch(() => {})
  }

  /** Mostly one's own numbers; now and then, by somebody's mistake, a neighbour's as well. */
  #claimed(person: SimPerson): readonly string[] {
    const own = [`NOMS:${person.noms}`, ...(this.#random.chance(0.7) ? [`NHS:${person.nhs}`] : [])]
    const mistaken = this.#random.chance(0.06)
      ? [`NOMS:${this.#random.pick(this.#people).noms}`]
      : []
    return [...new Set([...own, ...mistaken])].map((name) => this.#hashOf(name))
  }

  #hashOf(name: string): string {
    const [type = '', value = ''] = name.split(':')
    const parsed = identifier({ type, value }, { allowTestNhsNumbers: true })
    if (!parsed.ok) throw new Error(`a made-up number is not valid: ${type}`)
    return identifierHash(this.#disks.ids, canonicalText(parsed.identifier))
  }

  #identifierNames(): ReadonlyMap<string, string> {
    const names = this.#people.flatMap(({ noms, nhs }) => [`NOMS:${noms}`, `NHS:${nhs}`])
    return new Map(names.map((name) => [this.#hashOf(name), name]))
  }

  #grant(): Grant {
    const now = this.#disks.clock.now()
    const all: Category[] = [
      'whereabouts',
      'justice',
      'health',
      'substance-use',
      'housing',
      'safety',
    ]
    return {
      purpose: 'care-coordination',
      sources: this.#random.chance(0.9) ? ['custody'] : ['housing'],
      recipients: [{ organisation, role: 'lead-practitioner' }],
      categories: this.#random.chance(0.85)
        ? all
        : all.filter((one) => one !== this.#random.pick(all)),
      tier: this.#random.pick(['detail', 'detail', 'headline']),
      from: now - (this.#random.chance(0.9) ? hour : -hour),
      until: now + this.#random.pick([2 * hour, 3 * day, 400 * day, 400 * day]),
      lookBackDays: this.#random.chance(0.8) ? 0 : 1 + this.#random.below(7),
    }
  }

  #assignments() {
    const [lead, deputy] = [this.#random.pick(leads), this.#random.pick(leads)]
    const seat = (who: Practitioner, relation: 'lead' | 'deputy') => ({
      practitionerId: who.id,
      organisation,
      role: who.role,
      relation,
      tier: 'detail' as const,
    })
    return lead === deputy ? [seat(lead, 'lead')] : [seat(lead, 'lead'), seat(deputy, 'deputy')]
  }

  #withdraw(personId: string): void {
    const purposes = ['care-coordination'] as const
    this.#hub.register
      .change({ kind: 'withdraw', personId, purposes, by: 'person', reason: null })
      .then((answer: RegisterAnswer) => {
        if (answer.ok) {
          const { version } = answer
          this.#withdrawals.push({
            personId,
            purposes,
            version,
            answeredAt: this.#disks.clock.now(),
          })
        }
      })
      .catch(() => {})
  }

  #handOver(personId: string): void {
    const { id, role } = this.#random.pick(leads)
    this.#hub.register
      .change({
        kind: 'assign',
        personId,
        assignment: { practitionerId: id, organisation, role, relation: 'lead', tier: 'detail' },
        by: 'register',
      })
      .catch(() => {})
  }

  #look(): void {
    const who = this.#random.pick(leads)
    this.#hub
      .read(who, (fact) => {
        this.#reads.push(fact)
        this.#seenNotices.push({ who, noticeId: fact.noticeId })
      })
      .catch(() => {})
  }

  #acts(): void {
    if (this.#seenNotices.length === 0) return
    const { who, noticeId } = this.#random.pick(this.#seenNotices)
    const kind = this.#random.pick(['acknowledged', 'contact-recorded'] as const)
    this.#hub.act(who, noticeId, kind).catch(() => {})
  }

  /** No more faults: whoever waits for an answer gets one, and the backlog must come to an end. */
  async #heal(): Promise<{
    tookMs: number | null
    outboxLeft: number
    behind: number
    parked: number
  }> {
    this.#scheduler.faults = noFaults
    // Whoever supervises hubs ends those that were replaced; one fresh hub takes over everything.
    for (const process of this.#started) this.#scheduler.crash(process)
    this.#revive()
    const { clock } = this.#disks
    const began = clock.now()
    const unanswered = () => this.#clients.filter(({ asked, done }) => asked !== null || !done)
    const limit = this.#scheduler.steps + 60_000
    const inTime = () => this.#scheduler.steps < limit && clock.now() - began <= 120_000
    while (unanswered().length > 0 && inTime()) {
      for (const client of unanswered()) if (client.asked === null) this.#send(client)
      if (!(await this.#scheduler.step())) await this.#pass(50)
    }
    let idle = false
    const resting = this.#hub.pipeline.then((pipeline) => pipeline.idle())
    resting.then(
      () => {
        idle = true
      },
      (error: unknown) => this.#faultsSeen.push(String(error)),
    )
    while (!idle && inTime()) {
      if (!(await this.#scheduler.step()) && !idle) await this.#pass(50)
    }
    const answered = () => unanswered().length === 0
    const tookMs = idle && answered() ? clock.now() - began : null
    return { tookMs, outboxLeft: this.#rows('outbox'), behind: 0, parked: this.#rows('parked') }
  }

  #rows(table: string): number {
    return this.#disks.database.table(table).size
  }
}

export type { CanonicalEvent }
