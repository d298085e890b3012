import { createMemoryLog } from '@throughline/stream'
import {
  agree,
  assignments,
  claimed,
  grants,
  identifierNames,
  leads,
  peer,
  personIdOf,
} from './agreeing.ts'
import { collect, derived } from './collect.ts'
import { type Agency, type Story, someAgencies, storiesOf } from './county/stories.ts'
import { day, hour, minute, numbersOf, people, type SimPerson, type SimRecord } from './county.ts'
import { doors } from './doors.ts'
import type { History, OutageFact, Post, ReadFact, WithdrawalFact } from './history.ts'
import { forLong, Machine, organisation, type Period, start } from './machine.ts'
import { memoryPlace } from './place.ts'
import type { Deed, Practitioner } from './process.ts'
import { type Random, seededRandom } from './random.ts'
import type { Faults, SimProcess } from './schedule.ts'

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
}

const noSecondReading = { marks: new Map<string, bigint>(), countedBefore: null }

const readers: readonly Practitioner[] = [...leads, peer]

interface Client {
  post: Mutable<Post>
  record: SimRecord
  /** The process that has been asked and has not answered. */
  asked: SimProcess | null
  done: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

/** One seed's life: a small county, one hub that keeps dying, and everything that was said and seen. */
export async function run({ seed, steps }: RunOptions): Promise<Run> {
  return new World(seed, steps).live()
}

/** What a post is before anything has been said about it. */
export const postOf = (record: SimRecord, sentAt: number): Mutable<Post> => ({
  name: record.name,
  sentAt,
  agency: doors[record.door].agency,
  unclaimed: doors[record.door].unclaimed,
  type: record.type,
  kind: record.kind,
  identifiers: [...record.identifiers],
  occurredAt: record.occurredAt,
  answers: [],
  corrected: record.kind === 'DIED',
  confirms: record.confirms === true,
  line: record.line ?? null,
  states: [...(record.states ?? [])],
  dissent: record.dissent ?? null,
  takesBack: record.takesBack ?? null,
})

/** What a number is, without what kind of number. */
export const valueOf = (name: string): string => name.split(':').at(-1) ?? name

/** Two stages, so that some seeds meet one kind of fault often and others meet all of them seldom. */
export function someFaults(random: Random): Faults {
  const often = (most: number) => (random.chance(0.6) ? random.next() * most : 0)
  return {
    crash: often(0.012),
    lostAnswer: often(0.03),
    lostRequest: often(0.03),
    pause: often(0.02),
  }
}

const ended = (outage: OutageFact, now: number): OutageFact => ({
  ...outage,
  until: Math.min(outage.until, now),
})

class World {
  readonly #random: Random
  readonly #machine: Machine
  readonly #people: readonly SimPerson[]
  readonly #agreed = new Set<SimPerson>()
  readonly #clients: Client[] = []
  readonly #reads: ReadFact[] = []
  readonly #withdrawals: WithdrawalFact[] = []
  readonly #seenNotices: { who: Practitioner; noticeId: string }[] = []
  readonly #poisons: { id: string; readers: number }[] = []
  readonly #outages: OutageFact[] = []
  /** When something begins or ends to be allowed, and whose it is. */
  readonly #edges: { readonly at: number; readonly person: SimPerson | null }[] = []
  #later: { readonly step: number; readonly happens: () => void | Promise<void> }[] = []
  readonly #steps: number
  readonly #faulty: Faults
  readonly #readAgain: boolean
  readonly #lookBacks: boolean
  readonly #agencies: readonly Agency[]
  readonly #story: Story
  #serial = 0

  constructor(seed: number, steps: number) {
    this.#random = seededRandom(seed)
    this.#steps = steps
    this.#people = people(2 + this.#random.below(3))
    this.#faulty = someFaults(this.#random)
    this.#readAgain = this.#random.chance(0.25)
    this.#lookBacks = this.#random.chance(0.5)
    this.#agencies = someAgencies(this.#random.fork('agencies'))
    this.#story = storiesOf(this.#agencies)
    this.#machine = new Machine(this.#random)
  }

  async live(): Promise<Run> {
    const machine = this.#machine
    await machine.agree(new Map(this.#agencies.map((one) => [one, this.#agreements()])))
    machine.scheduler.faults = this.#faulty
    while (machine.scheduler.steps < this.#steps) await this.#turn()
    machine.heal()
    this.#outages.push(...this.#outages.splice(0).map((one) => ended(one, this.#now)))
    const { faultsSeen } = machine
    const rest = await machine.rest(() => this.#unanswered())
    const again = this.#readAgain ? await this.#readAllAgain() : noSecondReading
    const history = await collect({
      place: memoryPlace(machine.disks),
      identifiers: identifierNames(machine.disks.ids, this.#people),
      posts: this.#clients.map(({ post }) => post),
      reads: this.#reads,
      direct: this.#people.flatMap((one) => [one.name, ...numbersOf(one).map(valueOf)]),
      withdrawals: this.#withdrawals,
      drain: { ...rest, faults: faultsSeen, readAgain: this.#readAgain },
      poisons: this.#poisons,
      outages: this.#outages,
      ...again,
    })
    machine.scheduler.note(...history.notices.map(({ text }) => text))
    machine.scheduler.note(
      ...history.reads.map(({ attemptId, startedAt }) => `${attemptId} ${startedAt}`),
    )
    const { steps, trace, fired } = machine.scheduler
    return { history, steps, trace, fired, lasted: machine.now - start }
  }

  /** Sends everybody who reads of people back to the start; gives where they were, and what was counted until then. */
  async #readAllAgain() {
    const { disks } = this.#machine
    const place = memoryPlace(disks)
    const before = await derived({ place, poisons: this.#poisons, marks: new Map() })
    const marks = this.#machine.marks()
    await this.#machine.readAgain(['notify', 'story', 'outcomes', 'inbox'])
    return { marks, countedBefore: before.outcomes }
  }

  /** Mostly one for ever; now and then it lapses, and is made again later. */
  #agreements(): readonly Period[] {
    if (this.#random.chance(0.7)) return [forLong]
    const lapses = start + hour + this.#random.below(6 * day)
    const again = lapses + this.#random.pick([minute, hour, day])
    this.#edges.push({ at: lapses, person: null }, { at: again, person: null })
    return [
      { ...forLong, until: lapses },
      { ...forLong, from: again },
    ]
  }

  get #now(): number {
    return this.#machine.now
  }

  async #turn(): Promise<void> {
    const { scheduler, hub } = this.#machine
    if (!hub.process.alive) this.#revive()
    this.#mend()
    await this.#catchUp()
    if (this.#random.chance(0.3)) await this.#pass(1 + this.#random.below(40))
    if (this.#random.chance(0.1)) {
      if (this.#random.chance(0.3))
        await this.#pass(this.#random.pick([1000, minute, hour, 6 * hour, day]))
      this.#something()
    }
    if (this.#random.chance(0.006)) await this.#standAtAnEdge()
    if (this.#random.chance(0.04) && hub.process.pausedUntil > scheduler.steps) {
      // Somebody takes the place of a hub that stands still; when it wakes it is a former owner.
      this.#revive()
    }
    if (!(await scheduler.step())) {
      this.#something()
      await this.#pass(this.#random.pick([1, 50, 1000, minute, hour, 6 * hour, day]))
      scheduler.steps += 1
    }
  }

  #revive(): void {
    this.#machine.revive()
    for (const client of this.#clients) if (client.asked?.alive === false) client.asked = null
  }

  #pass(ms: number): Promise<void> {
    return this.#machine.pass(ms)
  }

  /** The millisecond before, the instant itself, and the one after: something arrives, and everybody looks. */
  async #standAtAnEdge(): Promise<void> {
    const ahead = this.#edges.filter(({ at }) => at > this.#now && at < this.#now + 4 * day)
    if (ahead.length === 0) return
    const edge = this.#random.pick(ahead)
    const person = edge.person ?? this.#random.pick(this.#people)
    for (const at of [edge.at - 1, edge.at, edge.at + 1]) {
      await this.#pass(Math.max(0, at - this.#now))
      this.#happens(person)
      for (const who of readers) if (this.#random.chance(0.5)) this.#look(who)
      for (let left = this.#random.below(120); left > 0; left--) {
        if (!(await this.#machine.scheduler.step())) break
      }
    }
  }

  #something(): void {
    const roll = this.#random.next()
    const person = this.#random.pick(this.#people)
    if (roll < 0.3) this.#happens(person)
    else if (roll < 0.44) this.#sendAgain()
    else if (roll < 0.63) this.#register(person)
    else if (roll < 0.88) this.#look(this.#random.pick(readers))
    else if (roll < 0.97) this.#acts()
    else if (roll < 0.98) this.#poison()
    else this.#breaks()
  }

  #happens(person: SimPerson): void {
    this.#serial += 1
    const late = this.#random.pick([0, 0, 0, 0, minute, hour, 2 * day, 5 * day])
    const at = this.#now - late - 5 * minute
    const records = this.#story(this.#random, person, at, this.#serial)
    const differs = new Set(records.map(({ kind }) => kind)).size > 1
    for (const [i, record] of records.entries()) {
      const post = postOf(record, this.#now)
      if (differs) post.corrected = true
      const client: Client = { post, record, asked: null, done: false }
      this.#clients.push(client)
      // What comes after is told later, and sometimes at once.
      if (i === 0 || this.#random.chance(0.3)) this.#send(client)
    }
  }

  /** A sender without an answer sends again; one with an answer sometimes does, too. */
  #sendAgain(): void {
    const free = this.#clients.filter((one) => one.asked === null && this.#isNext(one))
    const waiting = free.filter(({ done }) => !done)
    const again = waiting.length > 0 ? waiting : free
    if (again.length > 0) this.#send(this.#random.pick(again))
  }

  /** Who tells the same things whole again waits for the answer, and never goes back to what was said before. */
  #isNext(client: Client): boolean {
    const { line } = client.record
    if (line === undefined) return true
    const others = this.#clients.filter(({ record }) => record.line === line)
    const first = others.find(({ asked, done }) => !done || asked?.alive === true)
    return (first ?? others.at(-1)) === client
  }

  #send(client: Client): void {
    if (!this.#isNext(client)) return
    const { hub } = this.#machine
    const sentAt = this.#now
    client.asked = hub.process
    hub.post(client.record).then(
      ({ outcome, eventIds }) => {
        if (!hub.process.alive) return
        client.asked = null
        client.done = true
        client.post.answers.push({ sentAt, at: this.#now, outcome, eventIds })
      },
      () => {
        if (client.asked === hub.process) client.asked = null
      },
    )
  }

  /** Sends whatever has no answer yet; gives how many still wait for one. */
  #unanswered(): number {
    for (const client of this.#clients) if (client.asked?.alive === false) client.asked = null
    const left = this.#clients.filter(({ asked, done }) => asked !== null || !done)
    for (const client of left) if (client.asked === null) this.#send(client)
    return left.length
  }

  #register(person: SimPerson): void {
    const roll = this.#random.next()
    if (!this.#agreed.has(person)) this.#consent(person, true)
    else if (roll < 0.3) this.#withdrawWhileTheyLook(personIdOf(person))
    else if (roll < 0.75) this.#consent(person, false)
    else this.#handOver(personIdOf(person))
  }

  #consent(person: SimPerson, isNew: boolean): void {
    const given = grants(this.#random, this.#now, this.#lookBacks, this.#agencies)
    agree(this.#machine, this.#random, {
      person,
      isNew,
      identifiers: claimed(this.#random, person, this.#people),
      grants: given,
      assignments: assignments(this.#random),
    })
      .then(({ ok }) => {
        if (!ok) return
        this.#agreed.add(person)
        for (const { from, until } of given) {
          this.#edges.push({ at: from, person }, { at: until, person })
        }
      })
      .catch(() => {})
  }

  #withdraw(personId: string): void {
    const purposes = this.#random.pick([
      ['care-coordination'],
      ['care-coordination'],
      ['outcomes'],
      ['care-coordination', 'outcomes'],
    ] as const)
    this.#machine.hub.register
      .change({ kind: 'withdraw', personId, purposes, by: 'person', reason: null })
      .then((answer) => {
        if (!answer.ok) return
        const { version } = answer
        this.#withdrawals.push({ personId, purposes, version, answeredAt: this.#now })
      })
      .catch(() => {})
  }

  /** Whoever has the page open looks before, while and after it is withdrawn. */
  #withdrawWhileTheyLook(personId: string): void {
    const withdrawn = this.#random.below(25)
    this.#later.push({ step: this.#step + withdrawn, happens: () => this.#withdraw(personId) })
    for (const who of readers) {
      for (let times = this.#random.below(4); times > 0; times--) {
        const step = this.#step + this.#random.below(2 * withdrawn + 20)
        this.#later.push({ step, happens: () => this.#look(who) })
      }
    }
  }

  get #step(): number {
    return this.#machine.scheduler.steps
  }

  async #catchUp(): Promise<void> {
    const due = this.#later.filter(({ step }) => step <= this.#step)
    if (due.length === 0) return
    this.#later = this.#later.filter(({ step }) => step > this.#step)
    for (const { happens } of due) await happens()
  }

  #handOver(personId: string): void {
    const { id, role } = this.#random.pick(leads)
    this.#machine.hub.register
      .change({
        kind: 'assign',
        personId,
        assignment: { practitionerId: id, organisation, role, relation: 'lead', tier: 'detail' },
        by: 'register',
      })
      .catch(() => {})
  }

  #look(who: Practitioner): void {
    const { hub } = this.#machine
    if (this.#random.chance(0.25)) {
      const personId = personIdOf(this.#random.pick(this.#people))
      hub.open(who, personId, (fact) => this.#reads.push(fact)).catch(() => {})
      return
    }
    hub
      .read(who, (fact) => {
        this.#reads.push(fact)
        this.#seenNotices.push({ who, noticeId: fact.noticeId })
      })
      .catch(() => {})
  }

  #acts(): void {
    if (this.#seenNotices.length === 0) return
    const { who, noticeId } = this.#random.pick(this.#seenNotices)
    const deed: Deed = this.#random.pick([
      { kind: 'acknowledged', contact: null },
      { kind: 'acknowledged', contact: null },
      { kind: 'contact-recorded', contact: 'spoken' },
      { kind: 'contact-recorded', contact: 'tried' },
      { kind: 'prescription-confirmed', contact: null },
    ] as const)
    this.#machine.hub.act(who, noticeId, deed).catch(() => {})
  }

  /** Bytes that nobody can read, where a record should be. */
  #poison(): void {
    const { clock, log: data } = this.#machine.disks
    const [topic, taken] = this.#random.pick([
      [`agency.${this.#random.pick(this.#agencies)}.v1`, 1],
      ['person.events.v1', 3],
      ['practitioner.notices.v1', 1],
    ] as const)
    const id = `poison ${this.#poisons.length + 1}`
    const value = this.#random.bytes(24)
    if (!data.topics.has(topic)) return
    this.#poisons.push({ id, readers: taken })
    void createMemoryLog({ clock, data }).append([{ topic, key: id, id, value }])
  }

  /** A service is gone for a while. */
  #breaks(): void {
    const { scheduler } = this.#machine
    if (this.#faulty.lostRequest === 0 || scheduler.down !== null) return
    const what = this.#random.pick([
      'keys',
      'keys',
      'register.gate',
      'register',
      'log.append',
      'store',
    ])
    scheduler.down = what
    const until = this.#now + this.#random.pick([5000, minute, hour])
    this.#outages.push({ what, from: this.#now, until })
    // Longer than a permit lives, and then somebody looks.
    this.#later.push({ step: this.#step + this.#random.below(20), happens: () => this.#pass(4000) })
    for (let times = 6; times > 0; times--) {
      const who = this.#random.pick(readers)
      const step = this.#step + this.#random.below(150)
      this.#later.push({ step, happens: () => this.#look(who) })
    }
  }

  #mend(): void {
    const last = this.#outages.at(-1)
    if (last === undefined || this.#now < last.until) return
    this.#machine.scheduler.down = null
  }
}
