import { setTimeout as wait } from 'node:timers/promises'
import { newPlace, takeAway } from './county.ts'
import type { Figure } from './figures.ts'
import { startHubChild } from './hub-child.ts'
import { ndtmsFile } from './ndtms-file.ts'
import type { Sizes } from './sizes.ts'

/** What a large file costs a hub that has just been set up: memory above what it had, and time. */
export async function uploadFigures({
  uploadRows,
  idleMs,
  hubs,
}: Sizes): Promise<readonly Figure[]> {
  const grown: number[] = []
  const rates: number[] = []
  for (let run = 0; run < hubs; run += 1) {
    const one = await newHub(uploadRows, idleMs)
    grown.push(one.grownMb)
    rates.push(one.perSecond)
  }
  const rows = uploadRows.toLocaleString('en-GB')
  return [
    {
      name: `memory for ${rows} NDTMS rows`,
      unit: 'MB',
      values: grown,
      aim: '≤ 200 MB (100,000)',
    },
    { name: `new hub, ${rows} NDTMS rows`, unit: 'rows/s', values: rates, aim: '' },
  ]
}

async function newHub(rows: number, idleMs: number) {
  const data = newPlace()
  try {
    await using hub = await startHubChild(data)
    await wait(idleMs)
    const before = hub.residentMb()
    const start = performance.now()
    const answer = await hub.upload('treatment', '/intake/treatment/ndtms', ndtmsFile(rows))
    const perSecond = rows / ((performance.now() - start) / 1000)
    const { accepted } = JSON.parse(answer) as { readonly accepted: number }
    if (accepted !== rows) throw new Error(`${accepted} of ${rows} rows were accepted`)
    return { grownMb: hub.mostResidentMb() - before, perSecond }
  } finally {
    takeAway(data)
  }
}
