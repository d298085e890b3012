import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { heading, median, rowOf } from '../figures.ts'
import { morning } from '../flow.ts'
import type { Contender } from './contender.ts'
import { makeKafkaCounty } from './kafka-county.ts'
import { ours } from './ours.ts'
import { buildPeer, peer } from './peer.ts'
import { startServices } from './services.ts'
import { shiftedClock, shiftTo } from './shifted-clock.ts'
import { loadOf, throughputOf } from './throughput.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '3' },
    processes: { type: 'string', default: '2' },
  },
})
const events = Number(values.events)
const runs = Number(values.runs)
const layout = values.processes === '1' ? [['link', 'notify']] : [['link'], ['notify']]

const classPath = await buildPeer()
await using services = await startServices()
const shift = shiftTo(morning)
const clock = shiftedClock(shift)
const warming = Math.min(events, 40_000)
console.error('making the county')
const county = await makeKafkaCounty(services, (events + warming) / 4, clock)
const receivedAt = clock.now()
const load = loadOf(county, events)
const sealed: readonly Contender[] = [
  ours({ services, county, shift, layout }),
  peer({ services, county, shift, classPath, bare: false }),
]
const bare: readonly Contender[] = [peer({ services, county, shift, classPath, bare: true })]

const rates = new Map<Contender, number[]>()
for (let run = 0; run < runs; run += 1) {
  for (const contender of [...sealed, ...bare]) {
    console.error(`measuring: ${contender.name}${contender.bare ? ', bare' : ''}`)
    const rate = await throughputOf(contender, services, county, load, receivedAt)
    console.error(`${Math.round(rate)} events/s (load ${loadavg()[0]?.toFixed(1)})`)
    rates.set(contender, [...(rates.get(contender) ?? []), rate])
  }
}
console.log(heading)
for (const [{ name, bare }, values] of rates) {
  console.log(
    rowOf({ name: `${name}, ${bare ? 'bare' : 'encrypted'}`, unit: 'events/s', values, aim: '' }),
  )
}
const [a, b] = sealed.map((one) => median(rates.get(one) ?? []))
console.log(`ratio: ${((a ?? Number.NaN) / (b ?? Number.NaN)).toFixed(2)}`)
county.takeAway()
