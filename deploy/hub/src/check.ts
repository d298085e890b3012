import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Arrival, type HubFiles, openHubFiles, type Register } from '@throughline/consent'
import { HubError } from '@throughline/domain'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  listen,
  tokenHashOf,
} from '@throughline/service'
import { systemClock, systemRandom } from '@throughline/stream'
import type { HubConfig } from './config.ts'
import { edgeRoutes, edges } from './edges.ts'

export interface Checked {
  /** A line for each record that was looked at, and for each fault. */
  readonly lines: readonly string[]
  readonly ok: boolean
}

const partnership = 'check'
const token = 'check'
const contentTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.hl7': 'application/hl7-v2+er7',
  '.json': 'application/json',
}

/**
 * What the connector makes of a file: its own door, over an empty hub that is thrown away. `format` is
 * the end of an intake route, such as `custody/police` or `treatment/ndtms`. Throws `HUB_CONFIG_INVALID`
 * where there is no such door or file.
 */
export async function checkFile(
  format: string,
  file: string,
  options: HubConfig['edges'],
): Promise<Checked> {
  if (!existsSync(file)) throw new HubError('HUB_CONFIG_INVALID', 'there is no such file to check')
  const data = mkdtempSync(join(tmpdir(), 'throughline-check-'))
  try {
    await using files = await openHubFiles({
      data,
      partnership,
      makeKeys: true,
      clock: systemClock(),
      random: systemRandom(),
    })
    return await throughTheDoor(files, format, file, options)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function throughTheDoor(
  files: HubFiles,
  format: string,
  file: string,
  options: HubConfig['edges'],
): Promise<Checked> {
  const verdicts: string[] = []
  const { clock, random, keys, ids } = files
  const log = createLogger({ clock, sink: () => {} })
  const metrics = createMetrics()
  const register = watched(files.register, verdicts)
  const deps = { register, keys, ids, random, clock, log, metrics, partnership }
  const [first = ''] = format.split('/')
  // `referrals` is the door of every source that has none of its own.
  const agency = first === 'referrals' ? 'other' : first
  const principal = { kind: 'agency', agency } as const
  const auth = createAuth({
    credentials: [{ tokenHash: tokenHashOf(token), principal }],
    clock,
    random,
  })
  const app = createApp({ log, random, clock, auth, metrics, routes: edgeRoutes(deps, options) })
  const http = await listen({ app, port: 0 })
  const answer = await fetch(`${http.url}/intake/${format}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': contentTypes[extname(file).toLowerCase()] ?? 'application/json',
    },
    body: readFileSync(file),
  })
  const text = await answer.text()
  await http.close()
  if (answer.status === 404) {
    const agencies = edges.map((edge) => edge.agency).join(', ')
    throw new HubError('HUB_CONFIG_INVALID', `no such format; the agencies are ${agencies}`)
  }
  const faults = faultsIn(text)
  const waiting = verdicts.some((line) => line.includes(': quarantined'))
  return {
    lines: [...verdicts, ...rowsIn(text), ...faults],
    ok: answer.ok && faults.length === 0 && !waiting,
  }
}

/** Says of each record what is about to be kept of it; then it is kept, as by day. */
function watched(register: Register, lines: string[]): Register {
  return {
    ...register,
    accept(arrivals) {
      for (const { verdict } of arrivals) lines.push(`record ${lines.length + 1}: ${said(verdict)}`)
      return register.accept(arrivals)
    },
  }
}

function said(verdict: Arrival['verdict']): string {
  switch (verdict.outcome) {
    case 'published':
      return `published ${verdict.events.map(({ type }) => type).join(', ')}`
    case 'quarantined':
      return `quarantined, ${verdict.reason} at ${verdict.at.join(', ') || 'the record'}`
    case 'ignored':
    case 'rejected':
      return `${verdict.outcome}, ${verdict.reason}`
  }
}

interface Answer {
  readonly error?: { readonly code: string; readonly message: string; readonly at?: string }
  readonly results?: readonly {
    readonly errors?: readonly { readonly path: string; readonly rule: string }[]
  }[]
  readonly rejected?: readonly Row[]
  readonly warned?: readonly Row[]
}

interface Row {
  readonly line: number
  readonly column: string | null
  readonly rule: string
}

/** How many rows of a file came to what. */
function rowsIn(text: string): readonly string[] {
  if (!text.startsWith('{"rows"')) return []
  const counts = Object.entries(JSON.parse(text) as Record<string, unknown>)
  const found = counts.flatMap(([name, count]) =>
    typeof count === 'number' ? [`${name} ${count}`] : [],
  )
  return [found.join(', ')]
}

/** The faults that an answer names; an acknowledgement that is not AA or CA is one. */
function faultsIn(text: string): readonly string[] {
  if (!text.startsWith('{')) {
    const refused = text.match(/MSA\|(?:AE|AR|CE|CR)/g) ?? []
    return refused.map((code) => `acknowledged ${code.slice(4)}`)
  }
  const answer = JSON.parse(text) as Answer
  const inRow = ({ line, column, rule }: Row) => `line ${line}, ${column ?? 'the row'}: ${rule}`
  return [
    ...(answer.error === undefined ? [] : [`${answer.error.code}: ${answer.error.message}`]),
    ...(answer.results ?? []).flatMap(({ errors = [] }, at) =>
      errors.map(({ path, rule }) => `record ${at + 1}, ${path}: ${rule}`),
    ),
    ...(answer.rejected ?? []).map(inRow),
    ...(answer.warned ?? []).map((row) => `${inRow(row)} (warning)`),
  ]
}
