import { setTimeout as wait } from 'node:timers/promises'
import { newPlace, takeAway } from './county.ts'
import type { Figure } from './figures.ts'
import { type HubChild, startHubChild } from './hub-child.ts'
import { ndtmsFile } from './ndtms-file.ts'
import type { Sizes } from './sizes.ts'

/** What a large file costs a hub that has just been set up, and again when nothing in it has changed. */
export async function uploadFigures({
  uploadRows,
  idleMs,
  hubs,
}: Sizes): Promise<readonly Figure[]> {
  const taken: Taken[] = []
  for (let run = 0; run < hubs; run += 1) taken.push(await newHub(uploadRows, idleMs))
  const rows = `${uploadRows.toLocaleString('en-GB')} NDTMS rows`
  const figure = (name: string, unit: string, what: keyof Taken, aim = ''): Figure => ({
    name,
    unit,
    values: taken.map((one) => one[what]),
    aim,
  })
  return [
    figure(`memory for ${rows}`, 'MB', 'grownMb', '≤ 200 MB (100,000)'),
    figure('the whole hub at its largest', 'MB', 'mostMb'),
    figure(`new hub, ${rows}`, 'rows/s', 'firstPerSecond'),
    figure('the same again, unchanged', 'rows/s', 'againPerSecond'),
    figure('again, of the hub’s processor time', 'rows/s', 'againPerCpuSecond', '≥ 40,000/s'),
  ]
}

interface Taken {
  /** From before the first upload to the most there ever was. */
  readonly grownMb: number
  readonly mostMb: number
  readonly firstPerSecond: number
  readonly againPerSecond: number
  readonly againPerCpuSecond: number
}

async function newHub(rows: number, idleMs: number): Promise<Taken> {
  const data = newPlace()
  try {
    await using hub = await startHubChild(data)
    await wait(idleMs)
    const before = hub.residentMb()
    const first = await upload(hub, rows, 'accepted')
    // What it said is still on its way: that is not what the second upload costs.
    await quiet(hub, idleMs)
    const again = await upload(hub, rows, 'unchanged')
    const mostMb = hub.mostResidentMb()
    return {
      grownMb: mostMb - before,
      mostMb,
      firstPerSecond: rows / first.seconds,
      againPerSecond: rows / again.seconds,
      againPerCpuSecond: rows / again.cpuSeconds,
    }
  } finally {
    takeAway(data)
  }
}

async function upload(hub: HubChild, rows: number, expected: 'accepted' | 'unchanged') {
  const start = performance.now()
  const cpuBefore = hub.cpuSeconds()
  const text = await hub.upload('treatment', '/intake/treatment/ndtms', ndtmsFile(rows))
  const answer = JSON.parse(text) as Readonly<Record<typeof expected, number>>
  if (answer[expected] !== rows) throw new Error(`${answer[expected]} of ${rows} were ${expected}`)
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: hub.cpuSeconds() - cpuBefore,
  }
}

/** Until it has done nothing much for a while. */
async function quiet(hub: HubChild, idleMs: number): Promise<void> {
  for (;;) {
    const before = hub.cpuSeconds()
    await wait(idleMs)
    if (!(hub.cpuSeconds() - before > idleMs / 1000 / 10)) return
  }
}
