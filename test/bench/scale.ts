import { startPipeline } from '@throughline/hub'
import { steppedClock } from '@throughline/stream'
import { seededRandom } from '../simulation/random.ts'
import {
  type County,
  inCopyOf,
  makeCounty,
  open,
  type Subject,
  takeAway,
  withLeadSignedIn,
} from './county.ts'
import type { Figure } from './figures.ts'
import { flowIn, type Plan } from './flow.ts'
import { startHubChild } from './hub-child.ts'
import type { Sizes } from './sizes.ts'

const withoutNotice = 10

/** Whether an event costs more when more people are known, and how soon a hub that knows many is back. */
export async function scaleFigures({ scale }: Sizes): Promise<readonly Figure[]> {
  const few = await livedIn(scale.few)
  const many = await livedIn(scale.many)
  try {
    const costFew: number[] = []
    const costMany: number[] = []
    const ratios: number[] = []
    for (let run = 0; run < scale.runs; run += 1) {
      const a = await costIn(few, scale.events, run)
      const b = await costIn(many, scale.events, run)
      costFew.push(a)
      costMany.push(b)
      ratios.push(b / a)
    }
    const named = (count: number) => `${count.toLocaleString('en-GB')} people`
    return [
      { name: `cost of an event, ${named(scale.few)}`, unit: 'µs', values: costFew, aim: '' },
      { name: `cost of an event, ${named(scale.many)}`, unit: 'µs', values: costMany, aim: '' },
      { name: 'cost, many ÷ few', unit: '×', values: ratios, aim: '≤ 1.3× (1,000,000 ÷ 10,000)' },
      {
        name: `restart to first notice, ${named(scale.many)}`,
        unit: 's',
        values: await restarts(many, scale.runs),
        aim: '≤ 5 s (1,000,000)',
      },
    ]
  } finally {
    takeAway(few.data)
    takeAway(many.data)
  }
}

/** A few who have no notice yet, so that whoever waits for one sees it come. */
const newcomersOf = ({ subjects }: County): readonly Subject[] =>
  withLeadSignedIn(subjects).slice(-withoutNotice)

/** Everybody but the newcomers has been released once: notify keeps a state, timers and a notice of each. */
async function livedIn(people: number): Promise<County> {
  // On today's clock: a hub that starts on this later must find no timer overdue.
  const county = await makeCounty(people, Date.now())
  const newcomers = new Set(newcomersOf(county))
  await flowIn(
    county,
    county.subjects
      .filter((subject) => !newcomers.has(subject))
      .map((subject) => ({ subject, stage: 3, round: 0 })),
  )
  return county
}

/** In µs of processor time: on a busy machine the clock would tell more of the neighbours. */
const costIn = (county: County, events: number, run: number): Promise<number> =>
  inCopyOf(county, async (copy) => {
    const { cpuUs } = await flowIn(copy, someOf(copy, events, run))
    return cpuUs
  })

/** Releases of people drawn at random, none twice. */
function someOf({ subjects }: County, count: number, run: number): readonly Plan[] {
  const random = seededRandom(run, 'scale')
  const left = [...subjects]
  const drawn: Plan[] = []
  while (drawn.length < count && left.length > 0) {
    const at = random.below(left.length)
    const subject = left[at] as Subject
    left[at] = left.at(-1) as Subject
    left.pop()
    drawn.push({ subject, stage: 3, round: 1 + run })
  }
  return drawn
}

/** Seconds from starting the process to reading the notice of an event sent as soon as it listens. */
const restarts = (county: County, runs: number): Promise<readonly number[]> =>
  inCopyOf(county, async (copy) => {
    const { data, at } = copy
    await projectAll(data, at)
    const seconds: number[] = []
    for (const subject of newcomersOf(copy).slice(0, runs + 1)) {
      const start = performance.now()
      await using hub = await startHubChild(data)
      await hub.release(subject)
      await hub.readUntilNamed(subject)
      seconds.push((performance.now() - start) / 1000)
    }
    // The first start writes the agreements of its configuration.
    return seconds.slice(1)
  })

/** Lets story and inbox catch up too: a hub that is started again has nothing waiting. */
async function projectAll(data: string, at: number): Promise<void> {
  await using files = await open(data, steppedClock(at))
  await using pipeline = await startPipeline(files, ({ error }) => {
    throw error
  })
  await pipeline.idle()
}
