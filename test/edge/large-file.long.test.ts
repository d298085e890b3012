/**
 * A file far larger than memory, against a hub in a process of its own. By hand, for five million rows:
 *
 *     CSV_ROWS=5000000 npx vitest run --project long test/edge/large-file.long.test.ts
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CsvAnswer } from '@throughline/intake'
import { expect, it } from 'vitest'
import { type HubProcess, startHub } from '../demo/hub-process.ts'
import { sampleBytes } from '../journeys/published.ts'
import { largeFileRows } from './config.ts'

const rows = largeFileRows()
const [header = '', first = ''] = sampleBytes('treatment', 'ndtms-adult-community-extract.csv')
  .toString('utf8')
  .split('\n')

it(`CSV-12: ${rows} rows are streamed: memory does not grow with them, and the hub goes on answering`, async () => {
  const data = mkdtempSync(join(tmpdir(), 'throughline-large-'))
  const clock = Date.parse('2026-11-16T09:00:00Z')
  try {
    await using hub = await startHub({ data, port: 0, mllpPort: 0, clock, killAt: null })
    const residents: number[] = []
    let slowestMs = 0
    const watch = setInterval(() => {
      residents.push(residentMiB(data))
      const askedAt = performance.now()
      void fetch(`${hub.base()}/healthz`).then(() => {
        slowestMs = Math.max(slowestMs, performance.now() - askedAt)
      })
    }, 200)
    const startedAt = performance.now()
    const answer = await upload(hub)
    clearInterval(watch)
    const perSecond = Math.round(rows / ((performance.now() - startedAt) / 1000))
    const half = residents.length >> 1
    const [before, after] = [residents.slice(0, half), residents.slice(half)].map((some) =>
      Math.round(Math.max(...some)),
    ) as [number, number]
    process.stdout.write(
      `${perSecond} rows/s, at most ${before} MiB in the first half and ${after} MiB in the second, ` +
        `others answered within ${Math.round(slowestMs)} ms\n`,
    )
    expect(answer).toMatchObject({ rows, accepted: rows, rejectedRows: 0 })
    // A busy hub has a heap of a certain size; twice the rows must not make it larger.
    expect(after - before).toBeLessThan(100)
    expect(slowestMs).toBeLessThan(2_000)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})

/** Sends the file part by part, so that it is nowhere in memory whole. */
function upload(hub: HubProcess): Promise<CsvAnswer> {
  return new Promise((resolve, reject) => {
    const sending = request(
      `${hub.base()}/intake/treatment/ndtms`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${hub.credentials().agencies['treatment']?.token}`,
          'content-type': 'text/csv',
        },
      },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString()) as CsvAnswer))
      },
    )
    sending.on('error', reject)
    void (async () => {
      for (const part of parts()) {
        if (!sending.write(part)) await new Promise((drained) => sending.once('drain', drained))
      }
      sending.end()
    })()
  })
}

function* parts(): Generator<string> {
  const columns = header.slice(1, -1).split('","')
  const [client, number, episode, born] = ['CLIENT', 'CLIENTID', 'EPISODID', 'DOB'].map((column) =>
    columns.indexOf(column),
  ) as [number, number, number, number]
  const cells = first.slice(1, -1).split('","')
  let part = `${header}\n`
  for (let n = 0; n < rows; n += 1) {
    cells[client] = `L-${n}`
    cells[number] = String(n)
    cells[episode] = String(10_000_000 + n)
    cells[born] = new Date(Date.UTC(1940, 0, 1) + (n % 20_000) * 86_400_000)
      .toISOString()
      .slice(0, 10)
    part += `"${cells.join('","')}"\n`
    if (part.length < 65_536) continue
    yield part
    part = ''
  }
  yield part
}

/** What Linux says of the hub on this data; 0 elsewhere. */
function residentMiB(data: string): number {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const pid = pids.find((one) => read(`/proc/${one}/cmdline`).includes(`--data=${data}`))
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}
