import { bareLoop } from './bare-loop.ts'
import { type County, inCopyOf, makeCounty, takeAway } from './county.ts'
import type { Figure } from './figures.ts'
import { type Flowed, flowIn, morning, type Plan, stories } from './flow.ts'
import type { Sizes } from './sizes.ts'

/** Accepted events/s through link and notify, beside what a bare loop does in the same minutes. */
export async function throughputFigures({ runs, flow }: Sizes): Promise<readonly Figure[]> {
  const county = await makeCounty(flow.people, morning)
  const plan = stories(county.subjects, flow.rounds)
  try {
    // Once for nothing: compilers warm up in a second, and the hub runs for months.
    await flowInCopy(county, plan)
    bareLoop(plan)
    const ours: Flowed[] = []
    const bare: number[] = []
    for (let run = 0; run < runs; run += 1) {
      bare.push(bareLoop(plan))
      ours.push(await flowInCopy(county, plan))
    }
    const rates = ours.map(({ perSecond }) => perSecond)
    const ratios = rates.map((rate, run) => rate / (bare[run] ?? Number.NaN))
    return [
      {
        name: 'link → notify, encrypted',
        unit: 'events/s',
        values: rates,
        aim: '≥ 20,000, aim 40,000',
      },
      { name: 'bare two-hop loop', unit: 'events/s', values: bare, aim: '' },
      { name: 'link → notify ÷ bare', unit: '×', values: ratios, aim: '' },
      {
        name: 'link → notify, processor time',
        unit: 'µs/event',
        values: ours.map(({ cpuUs }) => cpuUs),
        aim: '',
      },
    ]
  } finally {
    takeAway(county.data)
  }
}

const flowInCopy = (county: County, plan: readonly Plan[]): Promise<Flowed> =>
  inCopyOf(county, (copy) => flowIn(copy, plan))
