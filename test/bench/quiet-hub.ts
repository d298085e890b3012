import { setTimeout as wait } from 'node:timers/promises'
import { type County, inCopyOf, makeCounty, takeAway, withLeadSignedIn } from './county.ts'
import { type Figure, percentile } from './figures.ts'
import { startHubChild } from './hub-child.ts'
import type { Sizes } from './sizes.ts'

const betweenMs = 20

/** What a hub of its own needs when idle, and how soon a release that it accepted can be read. */
export async function quietHubFigures({
  latency,
  idleMs,
  hubs,
}: Sizes): Promise<readonly Figure[]> {
  const county = await makeCounty(latency.people, Date.now())
  try {
    const memory: number[] = []
    const medians: number[] = []
    const slowest: number[] = []
    for (let run = 0; run < hubs; run += 1) {
      const one = await oneHub(county, latency.samples, idleMs)
      memory.push(one.memory)
      medians.push(percentile(one.waits, 50))
      slowest.push(percentile(one.waits, 99))
    }
    const people = latency.people.toLocaleString('en-GB')
    return [
      { name: 'accepted → notice readable, p50', unit: 'ms', values: medians, aim: '' },
      { name: 'accepted → notice readable, p99', unit: 'ms', values: slowest, aim: '≤ 100 ms' },
      { name: `hub idle, ${people} people`, unit: 'MB', values: memory, aim: '≤ 250 MB (10,000)' },
    ]
  } finally {
    takeAway(county.data)
  }
}

const oneHub = (county: County, samples: number, idleMs: number) =>
  inCopyOf(county, async ({ data, subjects }) => {
    await using hub = await startHubChild(data)
    await wait(idleMs)
    const memory = hub.residentMb()
    const waits: number[] = []
    for (const subject of withLeadSignedIn(subjects).slice(0, samples)) {
      await hub.release(subject)
      const accepted = performance.now()
      await hub.readUntilNamed(subject)
      waits.push(performance.now() - accepted)
      await wait(betweenMs)
    }
    return { memory, waits }
  })
