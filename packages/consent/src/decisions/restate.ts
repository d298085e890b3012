import type { OutgoingRecord } from '@throughline/stream'
import type { Counted, Restated, Restatement, StatedFact } from '../port.ts'
import { type LedgerRow, noWrites, type RestatedRow, type Write, type Writes } from '../rows.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How long after it was last seen a thing's hashes are kept: as long as what was told of it. */
export const restatedKeptMs = 400 * dayMs
/** A thing that is only seen again is written down again after this time, not each month. */
const seenAnewMs = 90 * dayMs

/** Two rows of the register, asked for in the decision's own transaction. */
export interface RestateRows {
  readonly known: (key: string) => RestatedRow | undefined
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
export const toldAnew = (row: RestatedRow): RestatedRow => ({
  ...row,
  rows: [],
  facts: Object.fromEntries(
    Object.entries(row.facts).map(([id, [hash, version]]) => [
      id,
      [hash === null ? null : unknownHash, version],
    ]),
  ),
})

/** No content hash is empty: what stands under it differs from whatever is said next. */
const unknownHash = ''

function restateOne(desk: Desk, restatement: Restatement): Restated {
  const { agency, rows } = restatement
  const key = `${agency} ${restatement.system} ${restatement.key}`
  const before = desk.known(key)
  const outcomes = rows.map((row, at) =>
    rows.indexOf(row) < at ? 'duplicate' : isKnown(before, row) ? 'unchanged' : 'changed',
  )
  let events: readonly string[] = []
  if (outcomes.includes('changed')) {
    const told = tell(desk, key, restatement, before)
    events = told.events
    desk.countRows(agency, outcomes, told.outcome)
  } else {
    desk.seen(key, before)
    desk.countRows(agency, outcomes, 'published')
  }
  return { rows: outcomes, events }
}

const isKnown = (before: RestatedRow | undefined, row: string): boolean =>
  before?.rows.some(([, hash]) => hash === row) ?? false

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
  desk.keep(key, { owner, rows, facts: known, seenAt: desk.now })
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
    Object.entries(toldAnew(row).facts).map(([id, [hash]]) => [id, [hash, highestOf(row)]]),
  ),
})

type Desk = ReturnType<typeof openDesk>

function openDesk(rows: RestateRows, now: number) {
  const changed = new Map<string, RestatedRow>()
  const outbox: OutgoingRecord[] = []
  const counts = new Map<string, LedgerRow>()
  const hour = Math.floor(now / hourMs) * hourMs
  const raise = (agency: string, outcome: string, reason: string, by: number): void => {
    const key = [agency, outcome, reason].join(' ')
    const count = (counts.get(key)?.count ?? 0) + by
    counts.set(key, { agency, hour, outcome, reason, count })
  }
  const count = (agency: string, outcome: string, reason: string, by: number): void => {
    raise(agency, 'received', '', by)
    raise(agency, outcome, reason, by)
  }
  return {
    now,
    known(key: string): RestatedRow | undefined {
      const row = changed.get(key) ?? rows.known(key)
      return row && row.seenAt + restatedKeptMs > now ? row : undefined
    },
    claimed: (identifiers: readonly string[]): boolean =>
      identifiers.length === 0 || identifiers.some((one) => rows.claimed(one)),
    send(record: OutgoingRecord): void {
      outbox.push(record)
    },
    keep(key: string, row: RestatedRow): void {
      changed.set(key, row)
    },
    seen(key: string, row: RestatedRow | undefined): void {
      if (row && row.seenAt + seenAnewMs <= now) changed.set(key, { ...row, seenAt: now })
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
      rows: [...changed].map(([key, row]): Write => ({ table: 'restated', key, row })),
      outbox,
      ledger: [...counts.values()],
    }),
  }
}
