import { join } from 'node:path'
import { createSqliteRegister } from '@throughline/consent'
import { type CsvRow, readCsv } from '@throughline/intake'
import { createLogger, createMetrics } from '@throughline/service'
import { nodeIds, openHubDatabase, systemClock, systemRandom } from '@throughline/stream'
import { memoryKeys } from '@throughline/stream/testing'
import { ndtmsLayout, ndtmsTake, treatmentDefaults } from '@throughline/treatment'
import { newPlace, takeAway } from './county.ts'
import type { Figure } from './figures.ts'
import { madeUpMessages, messageReader } from './messages.ts'
import { ndtmsFile } from './ndtms-file.ts'
import type { Sizes } from './sizes.ts'

/** What reading costs before anything is told: HL7 messages, and monthly NDTMS files. */
export async function intakeFigures({ runs, intake }: Sizes): Promise<readonly Figure[]> {
  const messages = hl7Rates(intake.messages, runs)
  const first: Rate[] = []
  const again: Rate[] = []
  for (let run = 0; run < runs; run += 1) {
    const rates = await fileTwice(intake.rows)
    first.push(rates.first)
    again.push(rates.again)
  }
  return [
    ...told('HL7 parse + translate', 'messages', messages, '≥ 50,000/s'),
    ...told('NDTMS compared, all unchanged', 'rows', again, '≥ 40,000/s'),
    ...told('NDTMS first load', 'rows', first, ''),
  ]
}

interface Rate {
  readonly perSecond: number
  /** By this process's processor time: on a busy machine the steadier one. */
  readonly perCpuSecond: number
}

const told = (name: string, what: string, rates: readonly Rate[], aim: string): Figure[] => [
  { name, unit: `${what}/s`, values: rates.map((rate) => rate.perSecond), aim },
  {
    name: `${name}, of processor time`,
    unit: `${what}/s`,
    values: rates.map((rate) => rate.perCpuSecond),
    aim: '',
  },
]

function hl7Rates(count: number, runs: number): readonly Rate[] {
  const messages = madeUpMessages(count)
  const read = messageReader()
  const once = (): void => {
    for (const message of messages) {
      if (!read(message)) throw new Error('a made-up message says nothing')
    }
  }
  once()
  return Array.from({ length: runs }, () => {
    const rate = rateOf(count)
    once()
    return rate()
  })
}

/** Reads, checks, compares and keeps a file in chunks as its door does; then the same file again. */
async function fileTwice(rows: number): Promise<{ readonly first: Rate; readonly again: Rate }> {
  const place = newPlace()
  const clock = systemClock()
  const random = systemRandom()
  using db = openHubDatabase(join(place, 'hub.db'))
  const deps = {
    register: createSqliteRegister({ db, clock }),
    keys: memoryKeys(random),
    ids: nodeIds(new Uint8Array(32)),
    random,
    log: createLogger({ clock, sink: () => {} }),
    metrics: createMetrics(),
    partnership: 'testshire',
    options: treatmentDefaults(),
  }
  const file = [...ndtmsFile(rows)].map((part) => Buffer.from(part))
  const load = async (expected: 'accepted' | 'unchanged'): Promise<Rate> => {
    const rate = rateOf(rows)
    const { options } = deps
    const limits = { bytesMax: options.fileLimit, rowBytesMax: options.rowLimit }
    let take: ReturnType<typeof ndtmsTake> | undefined
    const waiting: CsvRow[] = []
    let done = 0
    const keep = async (chunk: readonly CsvRow[]): Promise<void> => {
      const results = (await take?.(chunk, 'bench')) ?? []
      done += results.filter(({ outcome }) => outcome === expected).length
    }
    for await (const { header, rows: some } of readCsv(inParts(file), ndtmsLayout, limits)) {
      take ??= ndtmsTake(header, 'P', deps)
      waiting.push(...some)
      while (waiting.length >= options.chunkRows) await keep(waiting.splice(0, options.chunkRows))
    }
    await keep(waiting)
    if (done !== rows) throw new Error(`${done} of ${rows} rows were ${expected}`)
    return rate()
  }
  try {
    return { first: await load('accepted'), again: await load('unchanged') }
  } finally {
    takeAway(place)
  }
}

async function* inParts(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* parts
}

/** Starts both clocks; the function that it gives stops them. */
function rateOf(count: number): () => Rate {
  const start = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return {
      perSecond: count / ((performance.now() - start) / 1000),
      perCpuSecond: count / ((user + system) / 1e6),
    }
  }
}
