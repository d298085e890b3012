import type { Agreement, Claim, Known, Lookup, PersonRegister } from '@throughline/domain'
import { murmur2 } from '../partition.ts'
import type { FoundEntries } from '../ports.ts'
import type { PostgresRow, PostgresSend } from './postgres-database.ts'
import { KeptRows, type Standing } from './postgres-kept.ts'
import { headOf } from './postgres-locks.ts'

/** What a load saw of the register and the index, to be held against them at the commit. */
export interface PostgresSeen {
  /** Who claimed each identifier that was asked for; null for nobody. */
  readonly claims: ReadonlyMap<string, string | null>
  /** Each person's revision; null for somebody unknown. */
  readonly people: ReadonlyMap<string, number | null>
  /** Null when they were not asked for. */
  readonly agreements: number | null
  readonly found: readonly FoundEntries[]
  /** Whatever changes later is done by a transaction of this number, or of a higher one. */
  readonly horizon: number
}

/** The places in a load's answer: one statement, so that all of it is of one moment. */
const part = {
  state: 0,
  claim: 1,
  person: 2,
  agreement: 3,
  entry: 4,
  parked: 5,
  time: 6,
  horizon: 7,
  change: 8,
} as const

/** What one load asks for, and how its answer is understood. */
export interface Asking {
  /** The statement's values, from the fourth on. */
  readonly values: readonly unknown[]
  read(rows: readonly PostgresRow[]): {
    readonly known: Omit<Known, 'past'>
    readonly seen: PostgresSeen
  }
}

/** `now` is the time in ms on the database's clock. */
export type PostgresLookups = (lookups: readonly Lookup[], now: number) => Asking

const peopleKeptMax = 25_000
const claimsOfOne = 2

const ifChanged = (keys: string) =>
  `CASE WHEN (SELECT last FROM change) >= $14 THEN ${keys}::text[] ELSE '{}' END`

/**
 * $1 scope, $2 state keys, $3 task, $4… the lookups; $12 and $13 are looked up only where the register
 * has changed since $14, the agreements where it has since $15. Each key is looked for by itself: where
 * a step asks for hundreds, the planner would rather read the whole of a table of which it knows little
 * yet.
 */
export const loadStatement = `
  WITH change AS (SELECT max(xid) AS last FROM register_change), claim AS (
    SELECT one.key, one.owner FROM unnest($4::text[] || ${ifChanged('$12')}) AS asked (key),
      LATERAL (SELECT key, owner FROM register_row
        WHERE kind = 'claims' AND key = asked.key AND owner IS NOT NULL OFFSET 0) AS one
  )
  SELECT ${part.state} AS part, asked.key, version::bigint AS num,
      encode(value, 'base64') AS text
    FROM unnest($2::text[]) AS asked (key),
      LATERAL (SELECT version, value FROM state
        WHERE scope = $1 AND key = asked.key OFFSET 0) AS one
  UNION ALL SELECT ${part.claim}, key, NULL, owner FROM claim
  UNION ALL SELECT ${part.person}, asked.key, one.rev,
      CASE WHEN ($6::jsonb ->> asked.key)::bigint = one.rev THEN NULL ELSE one.row END
    FROM (SELECT unnest($5::text[] || ${ifChanged('$13')}) AS key UNION SELECT owner FROM claim)
        AS asked,
      LATERAL (SELECT rev, row FROM register_row
        WHERE kind = 'people' AND key = asked.key OFFSET 0) AS one
  UNION ALL SELECT ${part.agreement}, key, rev, row
    FROM register_row
    WHERE kind = 'agreements' AND $7 AND (SELECT last FROM change) >= $15
  UNION ALL SELECT DISTINCT ${part.entry}, asked.name || E'\\n' || asked.key, NULL::bigint, entry.value
    FROM unnest($8::integer[], $9::text[], $10::text[]) AS asked (hash, name, key),
      LATERAL (SELECT value FROM index_entry AS one
        WHERE one.hash = asked.hash AND one.name = asked.name AND one.key = asked.key
          AND one.expires_at > $11 OFFSET 0) AS entry
  UNION ALL SELECT ${part.parked}, key, NULL, NULL FROM parked WHERE task = $3
  UNION ALL SELECT ${part.time}, NULL, last_value, NULL FROM register_time
  UNION ALL SELECT ${part.horizon}, NULL,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint, NULL
  UNION ALL SELECT ${part.change}, NULL, last, NULL FROM change`

interface PersonRow {
  readonly rev: number
  readonly row: PersonRegister
}

interface Agreed {
  readonly rev: number
  readonly rows: readonly Agreement[]
}

/**
 * Reads the register's rows as a step looks them up. What this process has read before is not looked up
 * again while the register stands still: the step's own snapshot says whether anything has changed since
 * the rows were last seen to be so. Where it has, a person's row comes without its text if its revision
 * is still the same. At least the `keptMax` people are kept that were looked up last.
 */
export function postgresLookups(keptMax = peopleKeptMax): PostgresLookups {
  const people = new KeptRows<PersonRow | null>(keptMax)
  const claimants = new KeptRows<string | null>(keptMax * claimsOfOne)
  const agreements = new KeptRows<Agreed>(1)
  /** The latest change of the register that any answer has told of. */
  let lastChange = 0

  return (lookups, now) => {
    const wanted = askedFor(lookups)
    const claims = claimants.standing(wanted.claims, lastChange)
    const persons = people.standing(new Set([...wanted.people, ...ownersIn(claims)]), lastChange)
    const agreed = agreements.standing(wanted.agreements ? [all] : [], lastChange)
    const since = Math.min(claims.since, persons.since)
    // Kept by this load until its answer is there: others may make the process forget meanwhile.
    const sent = new Map<string, PersonRow>()
    const mayComeBare = claims.others.flatMap((key) => claimants.get(key) ?? [])
    for (const key of [...persons.others, ...mayComeBare]) {
      const kept = people.get(key)
      if (kept) sent.set(key, kept)
    }
    for (const [key, row] of persons.rows) if (row) sent.set(key, row)
    return {
      values: [
        claims.others,
        persons.others,
        Object.fromEntries([...sent].map(([key, { rev }]) => [key, rev])),
        wanted.agreements,
        wanted.indexes.map(({ name, key }) => indexHash(name, key)),
        wanted.indexes.map(({ name }) => name),
        wanted.indexes.map(({ key }) => key),
        now,
        [...claims.rows.keys()],
        [...persons.rows.keys()],
        since,
        agreed.rows.size > 0 ? agreed.since : 0,
      ],
      read(rows) {
        const came = answerIn(rows as unknown as readonly LoadedRow[], sent)
        const { horizon, change } = came
        lastChange = Math.max(lastChange, change)
        const claimed = new Map<string, string | null>(wanted.claims.map((key) => [key, null]))
        const known = new Map<string, PersonRow | null>(wanted.people.map((key) => [key, null]))
        if (change < since) {
          for (const [key, owner] of claims.rows) claimed.set(key, owner)
          for (const [key, row] of persons.rows) known.set(key, row)
        }
        for (const [key, owner] of came.claims) claimed.set(key, owner)
        for (const [key, row] of came.people) known.set(key, row)
        const inForce = (change < agreed.since && agreed.rows.get(all)) || came.agreed

        for (const [key, owner] of claimed) claimants.put(key, owner, horizon)
        for (const [key, row] of known) people.put(key, row, horizon)
        if (wanted.agreements) agreements.put(all, inForce, horizon)
        const found = wanted.indexes.map(({ name, key }): FoundEntries => {
          const values = came.entries.get(`${name}\n${key}`) ?? []
          return { name, key, values: values.toSorted(bytewise) }
        })
        const byPlace = new Map(found.map((one) => [`${one.name}\n${one.key}`, one.values]))
        return {
          seen: {
            claims: claimed,
            people: new Map([...known].map(([key, row]) => [key, row?.rev ?? null])),
            agreements: wanted.agreements ? inForce.rev : null,
            found,
            horizon,
          },
          known: {
            now: Math.max(now, came.time),
            agreements: wanted.agreements ? inForce.rows : [],
            claim: (identifier): Claim | undefined => {
              const personId = claimed.get(identifier)
              return personId == null ? undefined : { identifier, personId }
            },
            person: (personId) => known.get(personId)?.row,
            index: (name, key) => byPlace.get(`${name}\n${key}`) ?? [],
          },
        }
      },
    }
  }
}

/** There is one row of all agreements. */
const all = ''

const ownersIn = ({ rows }: Standing<string | null>): readonly string[] =>
  [...rows.values()].filter((owner) => owner !== null)

interface LoadedRow {
  readonly part: number
  readonly key: string
  readonly num: number
  readonly text: string | null
}

/** What the rows say. `sent` are the people whose text is left out while their revision is the same. */
function answerIn(rows: readonly LoadedRow[], sent: ReadonlyMap<string, PersonRow>) {
  const claims = new Map<string, string>()
  const people = new Map<string, PersonRow>()
  const entries = new Map<string, string[]>()
  const agreements: Agreement[] = []
  const at = { time: 0, horizon: 0, change: 0 }
  let agreementsRev = 0
  for (const { part: place, key, num, text } of rows) {
    if (place === part.claim) claims.set(key, text as string)
    else if (place === part.person) {
      const row = text === null ? sent.get(key) : { rev: num, row: JSON.parse(text) }
      if (row === undefined) throw new Error('a row came without its text')
      people.set(key, row)
    } else if (place === part.agreement) {
      agreementsRev += num
      agreements.push(JSON.parse(text as string) as Agreement)
    } else if (place === part.entry) {
      const values = entries.get(key)
      if (values) values.push(text as string)
      else entries.set(key, [text as string])
    } else if (place === part.time) at.time = num
    else if (place === part.horizon) at.horizon = num
    else if (place === part.change) at.change = num
  }
  const agreed: Agreed = { rev: agreementsRev, rows: agreements }
  return { claims, people, entries, agreed, ...at }
}

/**
 * Holds the locks of what was seen and of the indexes that are `written`, and raises when anything
 * seen has changed: `MayBeStale` when so much has not been looked into (`quick`) and may be so. Sent,
 * not waited for.
 */
export function holdSeen(
  send: PostgresSend,
  seen: PostgresSeen | undefined,
  written: ReadonlySet<string>,
  now: number,
  quick: boolean,
): void {
  const { claims, people, agreements, found, horizon } = seen ?? nothingSeen
  const rows = claims.size + people.size > 0 || agreements !== null
  if (rows) {
    const places = new Set([
      ...[...claims.keys()].map(headOf.claim),
      ...[...people.keys()].map(headOf.person),
      ...(agreements === null ? [] : [headOf.agreements]),
    ])
    void send('SELECT take_locks($1, $2)', [[...places], []])
  }
  const names = found.map(({ name }) => name)
  if (written.size + found.length > 0) {
    void send('SELECT lock_doors($1, $2)', [[...written], [...new Set(names)]])
  }
  if (rows && quick) void send('SELECT unchanged_since($1)', [horizon])
  else if (rows) {
    void send('SELECT still_so($1, $2, $3, $4, $5)', [
      [...claims.keys()],
      [...claims.values()],
      [...people.keys()],
      [...people.values()],
      agreements,
    ])
  }
  if (found.length === 0) return
  void send('SELECT still_found($1, $2, $3, $4, $5)', [
    found.map(({ name, key }) => indexHash(name, key)),
    names,
    found.map(({ key }) => key),
    found.map(({ values }) => values.join('\u001f')),
    now,
  ])
}

const nothingSeen: PostgresSeen = {
  claims: new Map(),
  people: new Map(),
  agreements: null,
  found: [],
  horizon: 0,
}

export const indexHash = (name: string, key: string): number =>
  murmur2(Buffer.from(`${name}\n${key}`))

function askedFor(lookups: readonly Lookup[]) {
  const claims: string[] = []
  const people: string[] = []
  const indexes: { readonly name: string; readonly key: string }[] = []
  let agreements = false
  for (const lookup of lookups) {
    if (lookup.kind === 'claims') claims.push(lookup.identifier)
    else if (lookup.kind === 'person') people.push(lookup.personId)
    else if (lookup.kind === 'agreements') agreements = true
    else if (lookup.kind === 'index') indexes.push({ name: lookup.name, key: lookup.key })
  }
  return { claims, people, indexes, agreements }
}

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
