import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteRegister } from '@throughline/consent'
import type { CsvAnswer } from '@throughline/intake'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  listen,
  tokenHashOf,
} from '@throughline/service'
import { nodeIds, openHubDatabase, systemClock, systemRandom } from '@throughline/stream'
import { memoryKeys } from '@throughline/stream/testing'
import { expect, it } from 'vitest'
import { treatmentDefaults } from './config.ts'
import { treatmentRoutes } from './source.ts'
import { extract } from './testing/desk.ts'

const rows = 100_000
const mebibyte = 1024 * 1024
const faults: Readonly<Record<number, (row: string) => string>> = {
  17: (row) => row.replace(/"[MF]","[A-Z]","/, '"","A","'),
  50_001: (row) => `${row},"one more"`,
  99_999: (row) => row.replace('"N9901"', '"N 9901"').replace('"N9902"', '"N 9902"'),
}

it('takes 100,000 rows in flat memory, names three faulty ones, and then finds all others unchanged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'large-'))
  const clock = systemClock()
  const random = systemRandom()
  const metrics = createMetrics()
  const log = createLogger({ clock, sink: () => {} })
  using db = openHubDatabase(join(folder, 'hub.db'))
  const register = createSqliteRegister({ db, clock })
  const ids = nodeIds(new Uint8Array(32).fill(7))
  const keys = memoryKeys(random)
  const principal = { kind: 'agency', agency: 'treatment' } as const
  const auth = createAuth({
    credentials: [{ tokenHash: tokenHashOf('own'), principal }],
    clock,
    random,
  })
  const deps = { register, keys, ids, random, log, metrics, partnership: 'testshire' }
  const routes = [treatmentRoutes({ ...deps, options: treatmentDefaults() })]
  const listening = await listen({
    app: createApp({ log, random, clock, auth, metrics, routes }),
    port: 0,
    requestTimeoutMs: 600_000,
  })
  try {
    // What a hub that has been at work has anyway: the page cache, and a heap of the size V8 likes best.
    await upload(listening.port, { rows: 20_000, from: 500_000 })
    const told: string[] = []
    for (const what of ['first', 'second']) {
      const before = process.memoryUsage().rss
      let most = before
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss)
      }, 50)
      const startedAt = performance.now()
      const { status, answer } = await upload(listening.port, { rows, from: 0 })
      clearInterval(watch)
      const perSecond = Math.round(rows / ((performance.now() - startedAt) / 1000))
      told.push(`${what}: ${perSecond} rows/s, ${Math.round((most - before) / mebibyte)} MiB`)
      expect(status).toBe(200)
      expect(answer).toMatchObject({ rows, rejectedRows: 3, warnings: 0 })
      expect(answer.rejected.map(({ line, column, rule }) => [line, column, rule])).toEqual([
        [19, 'SEX', 'required'],
        [50_003, null, 'cell-count'],
        [100_001, 'AGNCY', 'agency-shape'],
      ])
      expect(what === 'first' ? answer.accepted : answer.unchanged).toBe(rows - 3)
      expect(most - before).toBeLessThan(200 * mebibyte)
    }
    process.stdout.write(`${told.join('\n')}\n`)
  } finally {
    await listening.close()
    rmSync(folder, { recursive: true })
  }
})

/** Sends the file line by line, so that it is nowhere in memory whole. */
function upload(
  port: number,
  clients: Clients,
): Promise<{ readonly status: number; readonly answer: CsvAnswer }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => void send())
    const heard: Buffer[] = []
    socket.on('data', (part: Buffer) => heard.push(part))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', ...body] = Buffer.concat(heard).toString().split('\r\n\r\n')
      resolve({
        status: Number(head.split(' ')[1]),
        answer: JSON.parse(body.join('')) as CsvAnswer,
      })
    })
    const send = async (): Promise<void> => {
      socket.write(
        'POST /intake/treatment/ndtms HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer own\r\n' +
          'Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
      )
      for (const part of file(clients)) {
        const going = socket.write(`${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`)
        if (!going) await new Promise((drained) => socket.once('drain', drained))
      }
      socket.write('0\r\n\r\n')
    }
  })
}

interface Clients {
  readonly rows: number
  readonly from: number
}

function* file({ rows: count, from }: Clients): Generator<string> {
  const [header = '', ...lines] = extract.trimEnd().split('\n')
  // One row of each episode, and nobody who refuses.
  const samples = lines.filter((line, at) => at !== 1 && !line.includes('"1003"'))
  yield `${header}\n`
  let part = ''
  for (let at = from; at < from + count; at += 1) {
    const cells = (samples[at % samples.length] ?? '').split('","')
    // A client each, and nobody who shares initials and birth date with another: no row is warned of.
    const initial = `"${letters[Math.floor(at / 20_000) % letters.length]}`
    const own = {
      0: initial,
      2: birthDate(at),
      8: `T-${at}`,
      9: String(at),
      10: String(1_000_000 + at),
    }
    for (const [column, value] of Object.entries(own)) cells[Number(column)] = value
    const row = cells.join('","')
    part += `${faults[at]?.(row) ?? row}\n`
    if (part.length < 65_536) continue
    yield part
    part = ''
  }
  if (part !== '') yield part
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const birthDate = (at: number): string => {
  const day = new Date(Date.UTC(1940, 0, 1) + (at % 20_000) * 86_400_000)
  return day.toISOString().slice(0, 10)
}
