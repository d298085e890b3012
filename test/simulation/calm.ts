import { MemoryDatabase, MemoryLogData } from '@throughline/stream'
import { agree, everything, leads } from './agreeing.ts'
import { type Derived, derived } from './collect.ts'
import { type Agency, agencies, type Story, someAgencies, storiesOf } from './county/stories.ts'
import { day, hour, numbersOf, people, type SimPerson, type SimRecord } from './county.ts'
import { forLong, Machine, organisation, start } from './machine.ts'
import { memoryPlace } from './place.ts'
import { type Disks, partitions } from './process.ts'
import { type Random, seededRandom } from './random.ts'
import { noFaults, type SimProcess } from './schedule.ts'
import { someFaults } from './world.ts'

/** What three runs of one calm story made of it. */
export interface Settled {
  /** With faults, in the order in which it was told; then read again from the log's start. */
  readonly told: Derived
  /** Without faults, in another order that keeps each source's own. */
  readonly otherwise: Derived
  /** Made anew by fresh processors from what had come in, beside the first. */
  readonly anew: Derived
}

/**
 * Two people who agreed to everything beforehand and never change their minds, a day's records about
 * them, and the month after it. Whatever breaks, and in whichever order the sources are heard, the
 * same notices must stand in the end.
 */
export async function settled(seed: number): Promise<Settled> {
  const random = seededRandom(seed, 'calm')
  const those = people(2)
  const among = someAgencies(random.fork('agencies'))
  const records = aDay(random.fork('records'), those, storiesOf(among))
  const told = new Machine(random.fork('machine'))
  await live(told, random.fork('told'), { those, among, records, faults: true })
  const anew = await foldedAnew(told, random)
  const marks = told.marks()
  await told.readAgain(['link', 'notify', 'story', 'outcomes', 'inbox'])
  const otherwise = new Machine(random.fork('machine'))
  const reordered = shuffled(random, records)
  await live(otherwise, random.fork('otherwise'), {
    those,
    among,
    records: reordered,
    faults: false,
  })
  return {
    told: await derived({ place: memoryPlace(told.disks), poisons: [], marks }),
    otherwise: await madeIn(otherwise.disks),
    anew,
  }
}

/** Two hours lie between one happening and the next, so that no report can be about another's. Nobody dies. */
function aDay(random: Random, those: readonly SimPerson[], story: Story): readonly SimRecord[] {
  return Array.from({ length: 5 + random.below(8) }, (_, i) => {
    const at = start - 27 * hour + i * 2 * hour + random.below(hour)
    const records = story(random, random.pick(those), at, i)
    return records.some(({ kind }) => kind === 'DIED') ? [] : records
  }).flat()
}

const sourceOf = ({ door, confirms }: SimRecord) => `${door} ${confirms === true}`

function shuffled(random: Random, records: readonly SimRecord[]): readonly SimRecord[] {
  const queues = [...Map.groupBy(records, sourceOf).values()]
  const order: SimRecord[] = []
  while (order.length < records.length) {
    const next = random.pick(queues.filter(({ length }) => length > 0)).shift()
    if (next !== undefined) order.push(next)
  }
  return order
}

interface Life {
  readonly those: readonly SimPerson[]
  readonly among: readonly Agency[]
  readonly records: readonly SimRecord[]
  readonly faults: boolean
}

async function live(
  machine: Machine,
  random: Random,
  { those, among, records, faults }: Life,
): Promise<void> {
  await machine.agree(new Map(among.map((agency) => [agency, [forLong]])))
  const [lead, deputy] = leads
  const seats = [seat(lead?.id, 'lead'), seat(deputy?.id, 'deputy')]
  for (const person of those) {
    const identifiers = numbersOf(person)
    await machine.until(() =>
      agree(machine, random, {
        person,
        isNew: true,
        identifiers,
        grants: everything(machine.now, among),
        assignments: seats,
      }),
    )
  }
  await machine.pass(1000)
  machine.scheduler.faults = faults ? someFaults(random) : noFaults
  await sendAll(machine, records)
  machine.heal()
  await machine.rest()
  for (let days = 0; days < 24; days++) {
    await machine.pass(day)
    await machine.rest()
  }
}

const seat = (id = 'nobody', relation: 'lead' | 'deputy') => ({
  practitionerId: id,
  organisation,
  role: 'lead-practitioner',
  relation,
  tier: 'detail' as const,
})

/** Each is sent until it is answered, and the next one only then: so a source keeps its order. */
async function sendAll(machine: Machine, records: readonly SimRecord[]): Promise<void> {
  for (const record of records) {
    let done = false
    let asked: SimProcess | null = null
    while (!done) {
      if (!machine.hub.process.alive) machine.revive()
      if (asked === null || !asked.alive) {
        const { hub } = machine
        asked = hub.process
        hub.post(record).then(
          () => {
            done = true
          },
          () => {
            asked = null
          },
        )
      }
      if (!(await machine.scheduler.step()) && !done) await machine.pass(50)
    }
    // Of two things that came in one millisecond nobody could say which was learned first.
    await machine.pass(1)
  }
}

const inbound = new Set([
  ...agencies.map((agency) => `agency.${agency}.v1`),
  'consent.changes.v1',
  'practitioner.actions.v1',
])

/** Fresh processors in a room of their own: what came in and the register, and nothing that was made of it. */
async function foldedAnew({ disks }: Machine, random: Random): Promise<Derived> {
  const log = new MemoryLogData()
  for (const [name, { spec, partitions: before }] of disks.log.topics) {
    const kept = inbound.has(name)
    log.topics.set(name, {
      spec,
      partitions: Array.from({ length: partitions }, (_, i) => ({
        start: 0n,
        end: kept ? (before[i]?.end ?? 0n) : 0n,
        records: kept ? [...(before[i]?.records ?? [])] : [],
        listeners: new Set<() => void>(),
      })),
    })
  }
  const room: Disks = { ...disks, log, database: new MemoryDatabase(registerTables(disks)) }
  const machine = new Machine(random.fork('anew'), room)
  await machine.rest()
  return madeIn(room)
}

const madeIn = (disks: Disks): Promise<Derived> =>
  derived({ place: memoryPlace(disks), poisons: [], marks: new Map() })

function registerTables({ database }: Disks): Map<string, Map<string, unknown>> {
  const names = ['people', 'claims', 'agreements', 'attempts', 'head'] as const
  return new Map(
    names.map((name) => [
      `register_${name}`,
      new Map(database.table<unknown>(`register_${name}`).entries()),
    ]),
  )
}
