import {
  type Agreed,
  assignments,
  claimed,
  grants,
  leads,
  peer,
  personIdOf,
} from '../simulation/agreeing.ts'
import { type Agency, type Story, someAgencies, storiesOf } from '../simulation/county/stories.ts'
import { day, hour, minute, people, type SimPerson, type SimRecord } from '../simulation/county.ts'
import { forLong, type Period, start } from '../simulation/machine.ts'
import type { Deed, Practitioner } from '../simulation/process.ts'
import { type Random, seededRandom } from '../simulation/random.ts'
import type { LogFault } from './faulty-log.ts'

/** A small county's life, written down beforehand: what is done, one thing after another, and what breaks then. */
export interface Scenario {
  readonly seed: number
  readonly people: readonly SimPerson[]
  readonly agreements: ReadonlyMap<Agency, readonly Period[]>
  readonly rounds: readonly Round[]
  /** Names of records that another one tells differently. */
  readonly corrected: ReadonlySet<string>
}

export interface Round {
  readonly does: Happening
  readonly faults: readonly Fault[]
  /** How long nothing is done afterwards, in ms; the hub has come to rest before. */
  readonly passes: number
}

export type Happening =
  /** Told one behind the other, each about somebody else. */
  | { readonly kind: 'records'; readonly records: readonly SimRecord[] }
  | { readonly kind: 'consent'; readonly agreed: Agreed }
  | {
      readonly kind: 'withdraw'
      readonly personId: string
      readonly purposes: readonly ('care-coordination' | 'outcomes')[]
    }
  | { readonly kind: 'hand-over'; readonly personId: string; readonly to: Practitioner }
  | { readonly kind: 'look'; readonly who: Practitioner; readonly personId: string | null }
  /** Of the notices that the practitioner sees, the n-th from the end on, over and over. */
  | {
      readonly kind: 'act'
      readonly who: Practitioner
      readonly nth: number
      readonly deed: Deed
    }
  /** Bytes that nobody can read, and how many processors have to set them aside. */
  | {
      readonly kind: 'poison'
      readonly topic: string
      readonly value: Uint8Array
      readonly readers: number
    }
  | { readonly kind: 'nothing' }

export type Fault =
  | LogFault
  /** Another hub takes everything over in the middle of the round. */
  | { readonly kind: 'owner-replaced' }
  /** An operator sends a processor back to the start of the log. */
  | { readonly kind: 'read-again'; readonly processor: string }

const readers: readonly Practitioner[] = [...leads, peer]
const processors = ['link', 'notify', 'story', 'outcomes', 'inbox'] as const

export function scenarioOf(seed: number): Scenario {
  return new Plan(seed).whole()
}

class Plan {
  readonly #seed: number
  readonly #random: Random
  readonly #people: readonly SimPerson[]
  readonly #agencies: readonly Agency[]
  readonly #story: Story
  /** Where nobody ever claims another's numbers, several people may be told of at once. */
  readonly #mistakes: boolean
  readonly #troubled: boolean
  readonly #agreed = new Set<SimPerson>()
  readonly #told: SimRecord[] = []
  readonly #corrected = new Set<string>()
  #untold: SimRecord[] = []
  #now = start
  #serial = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed, 'agree')
    this.#people = people(2 + this.#random.below(3))
    this.#mistakes = this.#random.chance(0.3)
    this.#troubled = this.#random.chance(0.85)
    this.#agencies = someAgencies(this.#random.fork('agencies'))
    this.#story = storiesOf(this.#agencies)
  }

  whole(): Scenario {
    const rounds = 16 + this.#random.below(12)
    return {
      seed: this.#seed,
      people: this.#people,
      agreements: new Map(this.#agencies.map((one) => [one, this.#periods()])),
      rounds: [
        ...this.#people.slice(1).map((person) => this.#calmRound(this.#consent(person))),
        ...Array.from({ length: rounds }, () => this.#round()),
        ...this.#afterwards(),
      ],
      corrected: this.#corrected,
    }
  }

  #periods(): readonly Period[] {
    if (this.#random.chance(0.8)) return [forLong]
    const lapses = start + hour + this.#random.below(6 * day)
    return [
      { ...forLong, until: lapses },
      { ...forLong, from: lapses + this.#random.pick([minute, hour, day]) },
    ]
  }

  #calmRound(does: Happening): Round {
    this.#now += minute
    return { does, faults: [], passes: minute }
  }

  #round(): Round {
    const does = this.#happening()
    const passes = this.#random.pick([1000, minute, hour, 6 * hour, day])
    this.#now += passes
    const faults = this.#troubled && this.#random.chance(0.4) ? this.#faults() : []
    return { does, faults, passes }
  }

  /** The weeks in which clocks run out, and everybody looks once more. */
  #afterwards(): readonly Round[] {
    const weeks = [day, 6 * day, 7 * day, 8 * day].map(
      (passes): Round => ({ does: { kind: 'nothing' }, faults: [], passes }),
    )
    const looks = readers.map(
      (who): Round => ({ does: { kind: 'look', who, personId: null }, faults: [], passes: 1000 }),
    )
    return [...weeks, ...looks]
  }

  #happening(): Happening {
    const { random, person } = { random: this.#random, person: this.#random.pick(this.#people) }
    const roll = random.next()
    if (roll < 0.6) return this.#records()
    if (roll < 0.77) return this.#register(person)
    const who = random.pick(readers)
    if (roll < 0.88) {
      return { kind: 'look', who, personId: random.chance(0.5) ? personIdOf(person) : null }
    }
    if (roll < 0.98) return { kind: 'act', who, nth: random.below(5), deed: this.#deed() }
    const [topic, taken] = random.pick([
      [`agency.${random.pick(this.#agencies)}.v1`, 1],
      ['person.events.v1', 3],
      ['practitioner.notices.v1', 1],
    ] as const)
    return { kind: 'poison', topic, readers: taken, value: random.bytes(24) }
  }

  #register(person: SimPerson): Happening {
    const roll = this.#random.next()
    const personId = personIdOf(person)
    if (!this.#agreed.has(person) || roll < 0.45) return this.#consent(person)
    if (roll < 0.75) {
      const purposes = this.#random.pick([
        ['care-coordination'],
        ['outcomes'],
        ['care-coordination', 'outcomes'],
      ] as const)
      return { kind: 'withdraw', personId, purposes }
    }
    return { kind: 'hand-over', personId, to: this.#random.pick(leads) }
  }

  #consent(person: SimPerson): Happening {
    const isNew = !this.#agreed.has(person)
    this.#agreed.add(person)
    const neighbours = this.#mistakes ? this.#people : [person]
    return {
      kind: 'consent',
      agreed: {
        person,
        isNew,
        identifiers: claimed(this.#random, person, neighbours),
        grants: grants(this.#random, this.#now, true, this.#agencies),
        assignments: assignments(this.#random),
      },
    }
  }

  #deed(): Deed {
    return this.#random.pick([
      { kind: 'acknowledged', contact: null },
      { kind: 'contact-recorded', contact: 'spoken' },
      { kind: 'contact-recorded', contact: 'tried' },
      { kind: 'prescription-confirmed', contact: null },
    ] as const)
  }

  #records(): Happening {
    const most = this.#mistakes ? 1 : 1 + this.#random.below(this.#people.length)
    const about = new Set<string>()
    const records: SimRecord[] = []
    while (records.length < most) {
      const record = this.#next()
      if (record === undefined || (about.size > 0 && isOfSeveral(record))) break
      if (about.has(nameIn(record))) break
      about.add(nameIn(record))
      this.#told.push(record)
      this.#untold = this.#untold.filter((one) => one !== record)
      records.push(record)
      if (isOfSeveral(record)) break
    }
    return { kind: 'records', records }
  }

  /** Something new, the next part of what has begun, or a repeat of what was told last of its kind. */
  #next(): SimRecord | undefined {
    const roll = this.#random.next()
    if (roll < 0.15 && this.#told.length > 0) {
      const record = this.#random.pick(this.#told)
      const isLast = this.#told.findLast(({ line }) => line === record.line) === record
      if (record.line === undefined || isLast) return record
    }
    if (roll < 0.5 && this.#untold.length > 0) return this.#oneOf(this.#untold)
    this.#serial += 1
    const late = this.#random.pick([0, 0, 0, minute, hour, 2 * day, 5 * day])
    const person = this.#random.pick(this.#people)
    const at = this.#now - late - 5 * minute
    const records = this.#story(this.#random, person, at, this.#serial)
    const differ = new Set(records.map(({ kind }) => kind)).size > 1
    if (differ) for (const { name } of records) this.#corrected.add(name)
    this.#untold.push(...records)
    return this.#oneOf(this.#untold)
  }

  /** Of what is told whole each time, in the order in which it came about. */
  #oneOf(records: readonly SimRecord[]): SimRecord | undefined {
    const record = this.#random.pick(records)
    return record.line === undefined ? record : records.find(({ line }) => line === record.line)
  }

  #faults(): readonly Fault[] {
    const { random } = { random: this.#random }
    const where = random.pick([
      'agency.',
      'person.events',
      'practitioner.notices',
      'person.stories',
      'consent.changes',
    ])
    const some = (): Fault =>
      random.pick<Fault>([
        { kind: 'append-answer-lost', where },
        { kind: 'append-refused', where },
        { kind: 'append-doubled', where },
        { kind: 'partitions-reversed' },
        { kind: 'polls-cut-short' },
        // To join and leave takes a group of readers longer than all else.
        random.chance(0.5)
          ? { kind: 'owner-replaced' }
          : { kind: 'read-again', processor: random.pick(processors) },
      ])
    return random.chance(0.4) ? [some(), some()] : [some()]
  }
}

const isOfSeveral = ({ door }: SimRecord): boolean => door === 'ndtms'

/** Whom it is about, by the name that every made-up person has. */
const nameIn = ({ name }: SimRecord): string => name.split(' ').slice(0, 2).join(' ')
