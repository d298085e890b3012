import type { Ledger } from '@throughline/hub'
import type { Answer, Caller } from '../agencies/caller.ts'
import { hearingMessage } from '../agencies/court.ts'
import { adtMessage } from '../agencies/hospital.ts'
import { homelessnessCsv, housingPath, housingRecord } from '../agencies/housing.ts'
import type { MllpClient } from '../agencies/mllp-client.ts'
import { custodyRecord } from '../agencies/police.ts'
import { inNotification, movementEvent, noiseEvent } from '../agencies/prison.ts'
import { probationEvent } from '../agencies/probation.ts'
import { contactRecord, ndtmsCsv, secureCsv } from '../agencies/treatment.ts'
import type { Agency } from './happening.ts'
import type { AgencyFile, Entry } from './plan.ts'

/** What an agency can send, as a plan has it. */
export type Report = Extract<
  Entry,
  {
    kind:
      | 'movement'
      | 'noise'
      | 'police'
      | 'probation'
      | 'court'
      | 'hospital'
      | 'housing'
      | 'treatment'
      | 'file'
  }
>

/** Each agency's way to the hub. A trust has a connection of its own beside HTTP. */
export interface Ways {
  readonly callers: Readonly<Record<Agency, Caller>>
  readonly mllp: MllpClient
  /** The time at which it is sent, and a number that no other notification has. */
  readonly now: () => number
  readonly nextNumber: () => string
}

export interface Sending {
  /** Sends until it is answered. Throws when the answer is not what the sender expects. */
  send(report: Report): Promise<void>
  /** What became of what each agency sent, by `agency outcome`. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Where the ledger says otherwise than the answers did. */
  unaccounted(ledger: Ledger): readonly string[]
}

export function sendingOver({ callers, mllp, now, nextNumber }: Ways): Sending {
  const outcomes = new Map<string, number>()
  const acknowledged = new Set<string>()
  const count = (agency: Agency, outcome: string, by = 1) => {
    const name = `${agency} ${outcome}`
    if (by > 0) outcomes.set(name, (outcomes.get(name) ?? 0) + by)
  }

  async function post(agency: Agency, path: string, body: object, expected: string) {
    const answer = await callers[agency].post(path, body)
    const refused = expected === 'rejected' && answer.status === 422
    if (answer.status !== 202 && !refused) throw unexpected(path, answer)
    for (const outcome of outcomesIn(answer)) {
      count(agency, outcome)
      if (!outcome.startsWith(expected) && !(expected === 'published' && outcome === 'duplicate'))
        throw new Error(`${path}: ${outcome} where ${expected} was expected`)
    }
  }

  async function hl7(message: string, over: 'mllp' | 'http', expected: string) {
    const code = over === 'mllp' ? await mllp.send(message) : await overHttp(message)
    if (code !== 'AA') throw new Error(`hospital: ${code} where AA was expected`)
    // An acknowledgement does not say what became of it: the ledger does.
    const isRepeat = acknowledged.has(message) && !expected.startsWith('ignored')
    acknowledged.add(message)
    count('hospital', isRepeat ? 'duplicate' : expected)
  }

  async function overHttp(message: string): Promise<string> {
    const path = '/intake/hospital/hl7v2'
    const answer = await callers.hospital.postText(path, 'application/hl7-v2+er7', message)
    const code = /\rMSA\|(?<code>\w\w)\|/.exec(String(answer.body))?.groups?.['code']
    if (answer.status !== 200 || code === undefined) throw unexpected(path, answer)
    return code
  }

  async function upload(file: AgencyFile) {
    const { agency, path, csv, rejected, countedOnly } = uploadOf(file)
    const answer = await callers[agency].postText(path, 'text/csv', csv)
    // A file of which nothing could be taken is no success.
    const status = rejected === file.rows.length ? 422 : 200
    if (answer.status !== status) throw unexpected(path, answer)
    const said = answer.body as Readonly<Record<FileCount, number>>
    const expected = { rows: file.rows.length, rejectedRows: rejected, countedOnly }
    for (const [name, must] of Object.entries(expected))
      if (said[name as FileCount] !== must)
        throw new Error(`${path}: ${name} must be ${must}, is ${said[name as FileCount]}`)
    count(agency, 'accepted', said.accepted)
    count(agency, 'unchanged', said.unchanged)
    count(agency, 'duplicate', said.duplicate)
    count(agency, 'counted-only', said.countedOnly)
    count(agency, 'rejected', said.rejectedRows)
  }

  const prison = (event: object, wrapped: boolean, expected: string) =>
    post(
      'custody',
      '/intake/custody/domain-events',
      wrapped ? inNotification(event, nextNumber(), now()) : event,
      expected,
    )

  async function send(report: Report): Promise<void> {
    switch (report.kind) {
      case 'movement': {
        const event = movementEvent(report.report)
        const copies = Array.from({ length: report.copies }, () =>
          prison(event, report.wrapped, 'published'),
        )
        await Promise.all(copies)
        return
      }
      case 'noise': {
        const event = noiseEvent(report.noise, report.noms, report.at)
        return prison(event, report.wrapped, 'ignored')
      }
      case 'police':
        return post('custody', '/intake/custody/police', custodyRecord(report.record), 'published')
      case 'file':
        return upload(report.file)
      default:
        for (let copy = 0; copy < report.copies; copy++) await sendOne(report)
    }
  }

  function sendOne(
    report: Extract<Report, { kind: 'probation' | 'court' | 'hospital' | 'housing' | 'treatment' }>,
  ): Promise<void> {
    const { expects } = report
    switch (report.kind) {
      case 'probation': {
        const event = probationEvent(report.report)
        const body = report.wrapped ? inNotification(event, nextNumber(), now()) : event
        return post('probation', '/intake/probation/domain-events', body, expects)
      }
      case 'court': {
        const message = hearingMessage(report.report, nextNumber())
        return post('probation', '/intake/probation/hearings', message, expects)
      }
      case 'hospital':
        return hl7(adtMessage(report.report), report.over, expects)
      case 'housing':
        return post('housing', housingPath(report.report), housingRecord(report.report), expects)
      case 'treatment':
        return post(
          'treatment',
          '/intake/treatment/contacts',
          contactRecord(report.report),
          expects,
        )
    }
  }

  return { send, outcomes, unaccounted: (ledger) => unaccountedIn(ledger, outcomes) }
}

const unexpected = (path: string, { status, body }: Answer): Error =>
  new Error(`${path}: ${status} ${JSON.stringify(body)}`)

const outcomesIn = ({ body }: Answer): readonly string[] =>
  (
    body as { readonly results: readonly { readonly outcome: string; readonly reason?: string }[] }
  ).results.map(({ outcome, reason }) => (reason === undefined ? outcome : `${outcome}/${reason}`))

type FileCount = 'rows' | 'accepted' | 'unchanged' | 'duplicate' | 'countedOnly' | 'rejectedRows'

interface Upload {
  readonly agency: Agency
  readonly path: string
  readonly csv: string
  readonly rejected: number
  readonly countedOnly: number
}

function uploadOf(file: AgencyFile): Upload {
  switch (file.what) {
    case 'ndtms': {
      const { name, csv } = ndtmsCsv(file)
      return {
        agency: 'treatment',
        path: `/intake/treatment/ndtms?file=${name}`,
        csv,
        rejected: file.rows.filter((row) => row.is === 'episode' && row.mistake !== undefined)
          .length,
        countedOnly: file.rows.filter((row) => row.is === 'refusal').length,
      }
    }
    case 'secure-setting':
      return {
        agency: 'treatment',
        path: `/intake/treatment/secure-setting?agency=${file.prison}`,
        csv: secureCsv(file),
        rejected: file.rows.filter(({ isBad }) => isBad).length,
        countedOnly: 0,
      }
    case 'homelessness':
      return {
        agency: 'housing',
        path: '/intake/housing/homelessness',
        csv: homelessnessCsv(file),
        rejected: file.rows.filter(({ isBad }) => isBad).length,
        countedOnly: 0,
      }
  }
}

/**
 * The ledger knows who has agreed, and the senders do not: what was published, dropped or a duplicate is one to
 * them. Everything else must be counted as it was answered.
 */
function unaccountedIn(
  { agencies }: Ledger,
  outcomes: ReadonlyMap<string, number>,
): readonly string[] {
  const answered = tally(
    [...outcomes].map(([name, count]) => [name.split(' ') as [string, string], count]),
  )
  const kept = tally(
    agencies.flatMap(({ agency, outcomes: counts }) =>
      Object.entries(counts).map(([outcome, count]) => [[agency, outcome], count] as const),
    ),
  )
  return [...new Set([...answered.keys(), ...kept.keys()])].flatMap((name) => {
    const [said, is] = [answered.get(name) ?? 0, kept.get(name) ?? 0]
    return said === is ? [] : [`ledger: ${name}: answered ${said}, counted ${is}`]
  })
}

function tally(
  counts: readonly (readonly [readonly [agency: string, outcome: string], number])[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const [[agency, outcome], count] of counts) {
    const name = `${agency} ${groupOf(outcome)}`
    sums.set(name, (sums.get(name) ?? 0) + count)
  }
  return sums
}

/** A row of a file that nobody needs is accepted like any other. */
function groupOf(outcome: string): string {
  const taken = ['published', 'dropped-unclaimed', 'duplicate', 'accepted', 'unchanged']
  const [kind = ''] = outcome.split('/')
  if (taken.includes(kind) || outcome === 'ignored/not-needed') return 'taken'
  return kind === 'rejected' || kind === 'counted-only' ? kind : outcome
}
