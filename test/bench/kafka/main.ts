import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { heading, median, percentile, rowOf } from '../figures.ts'
import { morning } from '../flow.ts'
import type { Contender } from './contender.ts'
import { amongPeople } from './crowd.ts'
import { sharedBy } from './instances.ts'
import { makeKafkaCounty } from './kafka-county.ts'
import { latenciesOf } from './latency.ts'
import { ours } from './ours.ts'
import { buildPeer, peer } from './peer.ts'
import { sumOf } from './processor-time.ts'
import { startServices } from './services.ts'
import { shiftedClock, shiftTo } from './shifted-clock.ts'
import { type Flowed, loadOf, throughputOf } from './throughput.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    samples: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    people: { type: 'string' },
    contenders: { type: 'string' },
    profile: { type: 'string' },
    only: { type: 'string' },
  },
})
const [events, runs, samples] = [values.events, values.runs, values.samples].map(Number) as [
  number,
  number,
  number,
]
const warmingMax = 40_000
const instanceRunsMax = 3
const inProcesses = (...hops: readonly string[]) =>
  values.processes === '1' ? [hops] : hops.map((hop) => [hop])
const layout = inProcesses('link', 'notify')
const sameLayout = inProcesses('forward', 'watch')

const classPath = await buildPeer()
await using services = await startServices()
const shift = shiftTo(morning)
const clock = shiftedClock(shift)
console.error('making the county')
const county = await makeKafkaCounty(services, (events + Math.min(events, warmingMax)) / 4, clock)
const receivedAt = clock.now()
const load = loadOf(county, events)
const { profile } = values
const common = { services, county, shift, ...(profile !== undefined && { profile }) }
const product = ours('link → notify', { ...common, layout, bare: false })
const [same, sameBare] = [false, true].map((bare) =>
  ours('the same step', { ...common, layout: sameLayout, bare }),
) as [Contender, Contender]
const [theirs, theirsBare] = [false, true].map((bare) => peer({ ...common, classPath, bare })) as [
  Contender,
  Contender,
]
const all: ReadonlyMap<string, Contender> = new Map([
  ['same', same],
  ['peer', theirs],
  ['same-bare', sameBare],
  ['peer-bare', theirsBare],
  ['product', product],
])
const asked = values.contenders?.split(',') ?? [...all.keys()]
const contenders = asked.flatMap((name) => all.get(name) ?? [])
/** What is set against what, and how the line says so. */
const ratios = [
  { name: '', mine: same, other: theirs },
  { name: ', bare', mine: sameBare, other: theirsBare },
  { name: ", product's own rules", mine: product, other: theirs },
]
const nameOf = ({ name, bare }: Contender): string => `${name}, ${bare ? 'bare' : 'encrypted'}`

if (values.only === undefined || values.only === 'throughput') await throughput()
if (values.only === undefined || values.only === 'latency') await latency()
if (values.only === undefined || values.only === 'instances') await instances()
if (values.people !== undefined) await crowds(values.people.split(',').map(Number))
county.takeAway()

async function throughput(): Promise<void> {
  const flows = new Map<Contender, Flowed[]>(contenders.map((one) => [one, []]))
  for (let run = 0; run < runs; run += 1) {
    // Nobody is always the first.
    const order = [...flows].map((_, n, all) => all[(n + run) % all.length] as (typeof all)[number])
    for (const [contender, taken] of order) {
      console.error(`measuring: ${nameOf(contender)} (load ${loadavg()[0]?.toFixed(1)})`)
      const flowed = await throughputOf(contender, services, county, load, receivedAt)
      taken.push(flowed)
      console.error(`${Math.round(flowed.perSecond)} events/s, ${costOf(flowed)}`)
    }
  }
  console.log(heading)
  for (const [contender, taken] of flows) {
    const name = nameOf(contender)
    const perSecond = taken.map((one) => one.perSecond)
    console.log(rowOf({ name, unit: 'events/s', values: perSecond, aim: '' }))
    const spent = taken.map(({ cost }) => sumOf(cost))
    console.log(rowOf({ name: `${name}, processor time`, unit: 'µs', values: spent, aim: '' }))
  }
  for (const { name, mine, other } of ratios) {
    if (!contenders.includes(mine) || !contenders.includes(other)) continue
    const of = (what: (one: Flowed) => number) =>
      median((flows.get(mine) ?? []).map(what)) / median((flows.get(other) ?? []).map(what))
    console.log(`ratio${name}: ${of(({ perSecond }) => perSecond).toFixed(2)}`)
    console.log(`processor time, ours ÷ theirs${name}: ${of(({ cost }) => sumOf(cost)).toFixed(2)}`)
  }
}

function costOf({ cost }: Flowed): string {
  const { services, database, broker } = cost
  const [all, ...parts] = [sumOf(cost), services, database, broker].map(Math.round)
  return `${all} µs an event (services ${parts[0]}, database ${parts[1]}, broker ${parts[2]})`
}

async function latency(): Promise<void> {
  console.log(heading)
  for (const contender of [product, same, theirs]) {
    console.error(`measuring: ${nameOf(contender)}, latency`)
    const taken = await latenciesOf(contender, services, county, load, receivedAt, samples)
    for (const percent of [50, 99]) {
      const name = `${contender.name}, sent → notice read, p${percent}`
      const aim = percent === 99 && contender === product ? '≤ 250 ms' : ''
      console.log(rowOf({ name, unit: 'ms', values: [percentile(taken, percent)], aim }))
    }
  }
}

async function instances(): Promise<void> {
  console.log(heading)
  let alone = 0
  for (const count of [1, 2, 4]) {
    console.error(`measuring: notify, ${count} instances (load ${loadavg()[0]?.toFixed(1)})`)
    const taken: Flowed[] = []
    for (let run = 0; run < Math.min(runs, instanceRunsMax); run += 1) {
      taken.push(await sharedBy(count, common, load, receivedAt))
      console.error(`${Math.round(taken.at(-1)?.perSecond ?? 0)} events/s`)
    }
    const perSecond = taken.map((one) => one.perSecond)
    const spent = taken.map(({ cost }) => sumOf(cost))
    if (count === 1) alone = median(perSecond)
    const name = `notify alone, instances: ${count}`
    console.log(rowOf({ name, unit: 'events/s', values: perSecond, aim: '' }))
    console.log(rowOf({ name: `${name}, processor time`, unit: 'µs', values: spent, aim: '' }))
    console.log(`of one instance's: ${(median(perSecond) / alone).toFixed(2)}`)
  }
}

async function crowds(counts: readonly number[]): Promise<void> {
  console.log(heading)
  const costs: number[] = []
  for (const people of counts) {
    console.error(`measuring: among ${people} people (load ${loadavg()[0]?.toFixed(1)})`)
    const { flowed, restartMs } = await amongPeople(people, { ...common, layout }, load, receivedAt)
    console.error(`${Math.round(flowed.perSecond)} events/s, ${costOf(flowed)}`)
    const name = `among ${people.toLocaleString('en')} people`
    const cost = sumOf(flowed.cost)
    costs.push(cost)
    console.log(rowOf({ name: `${name}, processor time`, unit: 'µs', values: [cost], aim: '' }))
    const aim = people >= 1_000_000 ? '≤ 5 s' : ''
    console.log(rowOf({ name: `${name}, restart`, unit: 's', values: [restartMs / 1000], aim }))
  }
  const [few = Number.NaN] = costs
  console.log(`cost, most people ÷ fewest: ${((costs.at(-1) ?? Number.NaN) / few).toFixed(2)}`)
}
