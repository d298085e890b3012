import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { heading, median, percentile, rowOf } from '../figures.ts'
import { morning } from '../flow.ts'
import type { Contender } from './contender.ts'
import { makeKafkaCounty } from './kafka-county.ts'
import { latenciesOf } from './latency.ts'
import { ours } from './ours.ts'
import { buildPeer, peer } from './peer.ts'
import { startServices } from './services.ts'
import { shiftedClock, shiftTo } from './shifted-clock.ts'
import { loadOf, throughputOf } from './throughput.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    samples: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
})
const [events, runs, samples] = [values.events, values.runs, values.samples].map(Number) as [
  number,
  number,
  number,
]
const warmingMax = 40_000
const layout = values.processes === '1' ? [['link', 'notify']] : [['link'], ['notify']]

const classPath = await buildPeer()
await using services = await startServices()
const shift = shiftTo(morning)
const clock = shiftedClock(shift)
console.error('making the county')
const county = await makeKafkaCounty(services, (events + Math.min(events, warmingMax)) / 4, clock)
const receivedAt = clock.now()
const load = loadOf(county, events)
const common = { services, county, shift }
const pairs: readonly (readonly [Contender, Contender])[] = [false, true].map((bare) => [
  ours({ ...common, layout, bare }),
  peer({ ...common, classPath, bare }),
])
const nameOf = ({ name, bare }: Contender): string => `${name}, ${bare ? 'bare' : 'encrypted'}`

if (values.only !== 'latency') await throughput()
if (values.only !== 'throughput') await latency()
county.takeAway()

async function throughput(): Promise<void> {
  const rates = new Map<Contender, number[]>(pairs.flat().map((one) => [one, []]))
  for (let run = 0; run < runs; run += 1) {
    for (const [contender, taken] of rates) {
      console.error(`measuring: ${nameOf(contender)} (load ${loadavg()[0]?.toFixed(1)})`)
      taken.push(await throughputOf(contender, services, county, load, receivedAt))
      console.error(`${Math.round(taken.at(-1) ?? 0)} events/s`)
    }
  }
  console.log(heading)
  for (const [contender, values] of rates) {
    console.log(rowOf({ name: nameOf(contender), unit: 'events/s', values, aim: '' }))
  }
  for (const [mine, theirs] of pairs) {
    const ratio = median(rates.get(mine) ?? []) / median(rates.get(theirs) ?? [])
    console.log(`${mine.bare ? 'ratio, bare' : 'ratio'}: ${ratio.toFixed(2)}`)
  }
}

async function latency(): Promise<void> {
  console.log(heading)
  for (const contender of pairs[0] ?? []) {
    console.error(`measuring: ${nameOf(contender)}, latency`)
    const taken = await latenciesOf(contender, services, county, load, receivedAt, samples)
    for (const percent of [50, 99]) {
      const name = `${contender.name}, sent → notice read, p${percent}`
      const aim = percent === 99 && contender === pairs[0]?.[0] ? '≤ 250 ms' : ''
      console.log(rowOf({ name, unit: 'ms', values: [percentile(taken, percent)], aim }))
    }
  }
}
