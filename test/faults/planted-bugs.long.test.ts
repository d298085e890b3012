import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { plantedBugs } from './planted-bugs.ts'
import { type PlantedBug, plant, simulateIn } from './planted-copy.ts'

/** Within how many seeds a bug must have been noticed (assurance, section 6). */
const seedsMax = 2000

/** A copy on each core: the first failing seed ends it. */
const cores = availableParallelism()
let busy = 0
const waiting: (() => void)[] = []

async function onACore<T>(work: () => Promise<T>): Promise<T> {
  if (busy === cores) await new Promise<void>((resolve) => waiting.push(resolve))
  busy += 1
  try {
    return await work()
  } finally {
    busy -= 1
    waiting.shift()?.()
  }
}

const none: PlantedBug = {
  id: 'none',
  wrong: 'nothing',
  file: 'package.json',
  find: '"name": "throughline"',
  replace: '"name": "throughline"',
}

const simulated = (bug: PlantedBug, seeds: number) =>
  onACore(async () => {
    const { directory, remove } = plant(bug)
    try {
      return await simulateIn(directory, ['--seeds', String(seeds), '--first', '--workers', '1'])
    } finally {
      remove()
    }
  })

describe.concurrent('the simulation, in a copy of the tree', () => {
  it('finds nothing where nothing was planted', async () => {
    const { code, output } = await simulated(none, 200)
    expect(output).toContain('simulation: 200 passed, 0 failed')
    expect(code).toBe(0)
  }, 600_000)

  it.each(plantedBugs)(
    'notices $id: $wrong',
    async (bug) => {
      const { output } = await simulated(bug, seedsMax)
      // A copy that cannot even start would fail as well, without having noticed anything.
      expect(output).toMatch(/seed \d+ failed.*\n {2}[CDR]\d+: /)
      expect(output).toMatch(/simulation: \d+ passed, 1 failed/)
    },
    600_000,
  )
})
