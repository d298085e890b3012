import { expect, it } from 'vitest'
import { longRunSeeds } from './config.ts'
import { byKind, inside, runSeeds, type SeedsDone, seedsFrom } from './seeds.ts'

const kinds = ['crash', 'lost-answer', 'lost-request', 'outage', 'pause'] as const
const processors = ['link', 'notify', 'story', 'outcomes', 'inbox', 'register'] as const

const hourMs = 3_600_000
let done: SeedsDone

it(
  'holds every promise in every one of thousands of lives',
  async () => {
    done = await runSeeds({ seeds: seedsFrom(1, longRunSeeds()) })
    expect(done.failed).toEqual([])
    expect(done.passed).toBe(longRunSeeds())
  },
  2 * hourMs,
)

it.each(kinds)('has met %s a hundred times, and ten times inside each processor', (kind) => {
  expect(byKind(done.fired).get(kind) ?? 0).toBeGreaterThanOrEqual(100)
  const seldom = processors.filter((processor) => inside(done.fired, kind, processor) < 10)
  expect(seldom).toEqual([])
})

it('lives fifty lives the same way three times, with another stack and on one core', async () => {
  const seeds = seedsFrom(1, 50)
  const sorted = ({ traces }: SeedsDone) => [...traces].toSorted(([a], [b]) => a - b)
  const first = sorted(await runSeeds({ seeds }))
  expect(sorted(await runSeeds({ seeds: seeds.toReversed() }))).toEqual(first)
  expect(sorted(await runSeeds({ seeds, workers: 1, stackSize: 700 }))).toEqual(first)
}, 300_000)
