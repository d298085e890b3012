import type { Agreement, Claim, Known, Lookup, PersonRegister } from '@throughline/domain'
import { murmur2 } from '../partition.ts'
import type { FoundEntries } from '../ports.ts'
import type { PostgresRow, PostgresSend } from './postgres-database.ts'
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

const rowsKeptMax = 50_000

/**
 * $1 scope, $2 state keys, $3 task, $4… the lookups. Each key is looked for by itself: where a step
 * asks for hundreds, the planner would rather read the whole of a table of which it knows little yet.
 */
export const loadStatement = `
  WITH claim AS (
    SELECT one.key, one.owner FROM unnest($4::text[]) AS asked (key),
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
    FROM (SELECT unnest($5::text[]) AS key UNION SELECT owner FROM claim) AS asked,
      LATERAL (SELECT rev, row FROM register_row
        WHERE kind = 'people' AND key = asked.key OFFSET 0) AS one
  UNION ALL SELECT ${part.agreement}, key, rev, row
    FROM register_row WHERE kind = 'agreements' AND $7
  UNION ALL SELECT DISTINCT ${part.entry}, asked.name || E'\\n' || asked.key, NULL::bigint, entry.value
    FROM unnest($8::integer[], $9::text[], $10::text[]) AS asked (hash, name, key),
      LATERAL (SELECT value FROM index_entry AS one
        WHERE one.hash = asked.hash AND one.name = asked.name AND one.key = asked.key
          AND one.expires_at > $11 OFFSET 0) AS entry
  UNION ALL SELECT ${part.parked}, key, NULL, NULL FROM parked WHERE task = $3
  UNION ALL SELECT ${part.time}, NULL, last_value, NULL FROM register_time
  UNION ALL SELECT ${part.horizon}, NULL,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint, NULL`

interface KeptPerson {
  readonly rev: number
  readonly row: PersonRegister
}

/**
 * Reads the register's rows as a step looks them up. A person's row that this process has read before
 * comes without its text while its revision, read in the step's own snapshot, is the same. No more
 * than `keptMax` rows are kept.
 */
export function postgresLookups(keptMax = rowsKeptMax): PostgresLookups {
  let people = new Map<string, KeptPerson>()
  let claimants = new Map<string, string>()

  const forgetTooMany = (): void => {
    if (people.size + claimants.size <= keptMax) return
    people = new Map()
    claimants = new Map()
  }

  return (lookups, now) => {
    forgetTooMany()
    const asked = askedFor(lookups)
    // Kept by this load until its answer is there: others may make the process forget meanwhile.
    const sent = new Map<string, KeptPerson>()
    for (const key of [...asked.people, ...asked.claims.map((one) => claimants.get(one))]) {
      const kept = key === undefined ? undefined : people.get(key)
      if (key !== undefined && kept) sent.set(key, kept)
    }
    return {
      values: [
        asked.claims,
        asked.people,
        Object.fromEntries([...sent].map(([key, { rev }]) => [key, rev])),
        asked.agreements,
        asked.indexes.map(({ name, key }) => indexHash(name, key)),
        asked.indexes.map(({ name }) => name),
        asked.indexes.map(({ key }) => key),
        now,
      ],
      read(rows) {
        const claims = new Map<string, string | null>(asked.claims.map((key) => [key, null]))
        const revs = new Map<string, number | null>(asked.people.map((key) => [key, null]))
        const known = new Map<string, PersonRegister>()
        const entries = new Map<string, string[]>()
        const agreed: Agreement[] = []
        let agreementsRev = 0
        let time = now
        let horizon = 0
        for (const { part: place, key, num, text } of rows as unknown as readonly LoadedRow[]) {
          if (place === part.claim) {
            claims.set(key, text)
            claimants.set(key, text as string)
          } else if (place === part.person) {
            revs.set(key, num)
            // The text is left out only for the revision that was sent along.
            const row = text === null ? sent.get(key)?.row : (JSON.parse(text) as PersonRegister)
            if (row === undefined) throw new Error('a row came without its text')
            known.set(key, row)
            people.set(key, { rev: num, row })
          } else if (place === part.agreement) {
            agreementsRev += num
            agreed.push(JSON.parse(text as string) as Agreement)
          } else if (place === part.entry) {
            const values = entries.get(key)
            if (values) values.push(text as string)
            else entries.set(key, [text as string])
          } else if (place === part.time) time = Math.max(now, num)
          else if (place === part.horizon) horizon = num
        }
        const found = asked.indexes.map(({ name, key }): FoundEntries => {
          const values = entries.get(`${name}\n${key}`) ?? []
          return { name, key, values: values.toSorted(bytewise) }
        })
        const byPlace = new Map(found.map((one) => [`${one.name}\n${one.key}`, one.values]))
        return {
          seen: {
            claims,
            people: revs,
            agreements: asked.agreements ? agreementsRev : null,
            found,
            horizon,
          },
          known: {
            now: time,
            agreements: agreed,
            claim: (identifier): Claim | undefined => {
              const personId = claims.get(identifier)
              return personId == null ? undefined : { identifier, personId }
            },
            person: (personId) => known.get(personId),
            index: (name, key) => byPlace.get(`${name}\n${key}`) ?? [],
          },
        }
      },
    }
  }
}

interface LoadedRow {
  readonly part: number
  readonly key: string
  readonly num: number
  readonly text: string | null
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
