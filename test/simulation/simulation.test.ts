import { describe, expect, it } from 'vitest'
import { byKind, runSeeds, seedsFrom } from './seeds.ts'

/** Every seed that ever failed: it may never fail again. */
const onceFailed: readonly number[] = [
  8, 24, 48, 51, 71, 77, 96, 128, 138, 146, 154, 156, 196, 260, 587, 640, 788, 1098, 1166, 2064,
  2703, 6379, 7284, 7896,
]

describe('a small county whose hub keeps dying', () => {
  it('loses nothing, tells nobody twice and shows nothing that may not be shown', async () => {
    const { failed, passed, fired } = await runSeeds({ seeds: seedsFrom(1, 300) })
    expect(failed).toEqual([])
    expect(passed).toBe(300)
    const kinds = [...byKind(fired).keys()].toSorted((a, b) => (a < b ? -1 : 1))
    expect(kinds).toEqual(['crash', 'lost-answer', 'lost-request', 'outage', 'pause'])
  }, 120_000)

  it('does not fail again where it once failed', async () => {
    const { failed } = await runSeeds({ seeds: onceFailed })
    expect(failed).toEqual([])
  }, 60_000)

  it('lives the same life twice, whatever the size of the stack', async () => {
    const seeds = seedsFrom(1, 8)
    const { traces } = await runSeeds({ seeds })
    const again = await runSeeds({ seeds: seeds.toReversed(), workers: 1, stackSize: 700 })
    expect(new Map([...again.traces].toReversed())).toEqual(new Map([...traces].toSorted(bySeed)))
  }, 60_000)
})

const bySeed = ([a]: readonly [number, number], [b]: readonly [number, number]) => a - b
