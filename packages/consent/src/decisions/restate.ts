import type { OutgoingRecord } from '@throughline/stream'
import type { Counted, Restated, Restatement, StatedFact } from '../port.ts'
import {
  type LedgerRow,
  noWrites,
  type RestatedRow,
  type SaidRow,
  type Write,
  type Writes,
} from '../rows.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How long after it was last seen a thing's hashes are kept: as long as what was told of it. */
export const restatedKeptMs = 400 * dayMs
/** A thing that is only seen again is written down again after this time, not each month. */
const seenAnewMs = 90 * dayMs

/** Rows of the register, asked for in the decision's own transaction. */
export interface RestateRows {
  readonly said: (key: string) => SaidRow | undefined
  readonly known: (key: string, thing: Restatement) => RestatedRow | undefined
  readonly claimed: (identifier: string) => boolean
}

/**
 * What of a restatement is new. Compared and written in one transaction: the same file sent twice at
 * once is told once. What one restatement does, a later one of the same call sees.
 */
export function decideRestate(
  rows: RestateRows,
  restatements: readonly Restatement[],
  counted: readonly Counted[],
  now: number,
): { readonly answer: readonly Restated[]; readonly writes: Writes } {
  const desk = openDesk(rows, now)
  for (const { agency, outcome, reason, count } of counted)
    desk.count(agency, outcome, reason, count)
  const answer = restatements.map((restatement) => restateOne(desk, restatement))
  return { answer, writes: desk.writes() }
}

/** Everything told before somebody claimed this identifier is to be told again with the next restatement. */
export const toldAnew = (key: string, row: RestatedRow): readonly Write[] => [
  { table: 'restated', key, row: { ...row, rows: [], facts: forgotten(row) } },
  ...row.rows.map(([, hash]): Write => ({ table: 'said', key: saidUnder(key, hash), row: null })),
]

const forgotten = ({ facts }: RestatedRow): RestatedRow['facts'] =>
  Object.fromEntries(
    Object.entries(facts).map(([id, [hash, version]]) => [
      id,
      [hash === null ? null : unknownHash, version],
    ]),
  )

/** No content hash is empty: what stands under it differs from whatever is said next. */
const unknownHash = ''

/** Rows are known within their agency's system. */
export const saidKeyOf = (
  { agency, system }: Pick<Restatement, 'agency' | 'system'>,
  row: string,
): string => `${agency} ${system} ${row}`

/** As `saidKeyOf`: agency and system are the first two words of a thing's key. */
const saidUnder = (thingKey: string, row: string): string => {
  const system = thingKey.slice(0, thingKey.indexOf(' ', thingKey.indexOf(' ') + 1))
  return `${system} ${row}`
}

function restateOne(desk: Desk, restatement: Restatement): Restated {
  const { agency, rows } = restatement
  const said = rows.map((row) => desk.said(saidKeyOf(restatement, row)))
  const outcomes = rows.map((row, at) =>
    rows.indexOf(row) < at ? 'duplicate' : said[at] ? 'unchanged' : 'changed',
  )
  if (!outcomes.includes('changed')) {
    if (said.some((row) => row && row.seenAt + seenAnewMs <= desk.now)) seenAnew(desk, restatement)
    desk.countRows(agency, outcomes, 'published')
    return { rows: outcomes, events: [] }
  }
  const key = keyOf(restatement)
  const told = tell(desk, key, restatement, desk.known(key, restatement))
  desk.countRows(agency, outcomes, told.outcome)
  return { rows: outcomes, events: told.events }
}

const keyOf = ({ agency, system, key }: Restatement): string => `${agency} ${system} ${key}`

function seenAnew(desk: Desk, restatement: Restatement): void {
  const key = keyOf(restatement)
  const before = desk.known(key, restatement)
  if (before) desk.keep(key, before, { ...before, seenAt: desk.now })
}

/** Tells what is new or different, takes back what is no longer so, and remembers it. */
function tell(desk: Desk, key: string, restatement: Restatement, last: RestatedRow | undefined) {
  const { identifiers, rowKeys, facts, disown } = restatement.says()
  const owner = identifiers[0] ?? null
  const sends = restatement.unclaimed === 'hold' || desk.claimed(identifiers)
  const moved = last !== undefined && last.owner !== owner
  const before = moved ? startedAgain(last) : last
  const events: string[] = []
  if (moved) {
    desk.send(disown({ version: highestOf(last), receivedAt: desk.now }))
    events.push('EventWithdrawn')
  }
  const known = { ...before?.facts }
  let corrects = moved
  for (const fact of facts) {
    const [hash, version] = known[fact.eventId] ?? [null, 0]
    if (hash === fact.contentHash) continue
    corrects ||= version > 0
    known[fact.eventId] = [fact.contentHash, fact.contentHash === null ? version : version + 1]
    events.push(fact.contentHash === null ? 'EventWithdrawn' : fact.type)
    if (sends) desk.send(recordOf(fact, version, desk.now))
  }
  const now = restatement.rows.map((hash, at) => [rowKeys[at] ?? hash, hash] as const)
  // Once a fact is told otherwise, rows from before it are no longer what was last said.
  const others = corrects ? [] : (before?.rows ?? [])
  const rows = [...new Map([...others, ...now])]
  desk.keep(key, last, { owner, rows, facts: known, seenAt: desk.now })
  const outcome = events.length === 0 ? 'ignored' : sends ? 'published' : 'dropped-unclaimed'
  return { events, outcome } as const
}

const recordOf = (fact: StatedFact, version: number, receivedAt: number): OutgoingRecord =>
  fact.contentHash === null
    ? fact.takeBack({ version, receivedAt })
    : fact.tell({ version: version + 1, receivedAt })

const highestOf = ({ facts }: RestatedRow): number =>
  Math.max(0, ...Object.values(facts).map(([, version]) => version))

/** Said of somebody else until now: what stood is told again, above everything that was taken back. */
const startedAgain = (row: RestatedRow): RestatedRow => ({
  ...row,
  facts: Object.fromEntries(
    Object.entries(forgotten(row)).map(([id, [hash]]) => [id, [hash, highestOf(row)]]),
  ),
})

type Desk = ReturnType<typeof openDesk>

function openDesk(rows: RestateRows, now: number) {
  const changed = new Map<string, RestatedRow>()
  const rowsSaid = new Map<string, SaidRow | null>()
  const outbox: OutgoingRecord[] = []
  const counts = new Map<
    string,
    { agency: string; outcome: string; reason: string; count: number }
  >()
  const hour = Math.floor(now / hourMs) * hourMs
  const raise = (agency: string, outcome: string, reason: string, by: number): void => {
    const key = `${agency} ${outcome} ${reason}`
    const row = counts.get(key)
    if (row) row.count += by
    else counts.set(key, { agency, outcome, reason, count: by })
  }
  const count = (agency: string, outcome: string, reason: string, by: number): void => {
    raise(agency, 'received', '', by)
    raise(agency, outcome, reason, by)
  }
  const living = <Row extends SaidRow>(row: Row | undefined): Row | undefined =>
    row && row.seenAt + restatedKeptMs > now ? row : undefined
  return {
    now,
    said: (key: string): SaidRow | undefined =>
      living((rowsSaid.has(key) ? rowsSaid.get(key) : rows.said(key)) ?? undefined),
    known: (key: string, thing: Restatement): RestatedRow | undefined =>
      living(changed.get(key) ?? rows.known(key, thing)),
    claimed: (identifiers: readonly string[]): boolean =>
      identifiers.length === 0 || identifiers.some((one) => rows.claimed(one)),
    send(record: OutgoingRecord): void {
      outbox.push(record)
    },
    keep(key: string, before: RestatedRow | undefined, row: RestatedRow): void {
      for (const [, hash] of before?.rows ?? []) rowsSaid.set(saidUnder(key, hash), null)
      for (const [, hash] of row.rows) rowsSaid.set(saidUnder(key, hash), { seenAt: now })
      changed.set(key, row)
    },
    count,
    countRows(
      agency: string,
      outcomes: Restated['rows'],
      changedAs: 'published' | 'ignored' | 'dropped-unclaimed',
    ): void {
      for (const outcome of outcomes) {
        if (outcome !== 'changed') count(agency, outcome, '', 1)
        else count(agency, changedAs, changedAs === 'ignored' ? 'not-needed' : '', 1)
      }
    },
    writes: (): Writes => ({
      ...noWrites,
      rows: [
        ...[...changed].map(([key, row]): Write => ({ table: 'restated', key, row })),
        ...[...rowsSaid].map(([key, row]): Write => ({ table: 'said', key, row })),
      ],
      outbox,
      ledger: [...counts.values()].map((row): LedgerRow => ({ ...row, hour })),
    }),
  }
}
