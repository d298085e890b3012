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
}

/** The places in a load's answer: one statement, so that all of it is of one moment. */
const part = { state: 0, claim: 1, person: 2, agreement: 3, entry: 4, parked: 5, time: 6 } as const

export interface PostgresLookups {
  /** The statement's values, from the third on. */
  values(lookups: readonly Lookup[], now: number): readonly unknown[]
  read(
    lookups: readonly Lookup[],
    rows: readonly PostgresRow[],
    now: number,
  ): { readonly known: Omit<Known, 'past'>; readonly seen: PostgresSeen }
}

const rowsKeptMax = 50_000

/** $1 scope, $2 state keys, $3 task, $4… the lookups. */
export const loadStatement = `
  WITH claim AS (
    SELECT key, owner FROM register_row WHERE kind = 'claims' AND key = ANY($4) AND owner IS NOT NULL
  )
  SELECT ${part.state} AS part, key, version::bigint AS num, value AS bytes, NULL AS text
    FROM state WHERE scope = $1 AND key = ANY($2)
  UNION ALL SELECT ${part.claim}, key, NULL, NULL, owner FROM claim
  UNION ALL SELECT ${part.person}, person.key, person.rev, NULL,
      CASE WHEN ($6::jsonb ->> person.key)::bigint = person.rev THEN NULL ELSE person.row END
    FROM register_row AS person
    WHERE person.kind = 'people' AND person.key = ANY(ARRAY(
      SELECT unnest($5::text[]) UNION SELECT owner FROM claim))
  UNION ALL SELECT ${part.agreement}, key, rev, NULL, row
    FROM register_row WHERE kind = 'agreements' AND $7
  UNION ALL SELECT DISTINCT ${part.entry}, asked.name || E'\\n' || asked.key, NULL::bigint,
      NULL::bytea, entry.value
    FROM unnest($8::integer[], $9::text[], $10::text[]) AS asked (hash, name, key),
      LATERAL (SELECT value FROM index_entry AS one
        WHERE one.hash = asked.hash AND one.name = asked.name AND one.key = asked.key
          AND one.expires_at > $11 OFFSET 0) AS entry
  UNION ALL SELECT ${part.parked}, key, NULL, NULL, NULL FROM parked WHERE task = $3
  UNION ALL SELECT ${part.time}, NULL, last_value, NULL, NULL FROM register_time`

/**
 * Reads the register's rows as a step looks them up. A person's row that this process has read before
 * comes without its text while its revision, read in the step's own snapshot, is the same.
 */
export function postgresLookups(): PostgresLookups {
  let people = new Map<string, { readonly rev: number; readonly row: PersonRegister }>()
  let claimants = new Map<string, string>()

  const keep = (): void => {
    if (people.size + claimants.size <= rowsKeptMax) return
    people = new Map()
    claimants = new Map()
  }

  return {
    values(lookups, now) {
      keep()
      const asked = askedFor(lookups)
      const guessed = new Set(asked.people)
      for (const identifier of asked.claims) {
        const claimant = claimants.get(identifier)
        if (claimant !== undefined) guessed.add(claimant)
      }
      const known = [...guessed].flatMap((key) => {
        const row = people.get(key)
        return row ? [[key, row.rev] as const] : []
      })
      return [
        asked.claims,
        asked.people,
        Object.fromEntries(known),
        asked.agreements,
        asked.indexes.map(({ name, key }) => indexHash(name, key)),
        asked.indexes.map(({ name }) => name),
        asked.indexes.map(({ key }) => key),
        now,
      ]
    },
    read(lookups, rows, now) {
      const asked = askedFor(lookups)
      const claims = new Map<string, string | null>(asked.claims.map((key) => [key, null]))
      const revs = new Map<string, number | null>(asked.people.map((key) => [key, null]))
      const known = new Map<string, PersonRegister>()
      const entries = new Map<string, string[]>()
      const agreed: Agreement[] = []
      let agreementsRev = 0
      let time = now
      for (const { part: place, key, num, text } of rows as unknown as readonly LoadedRow[]) {
        if (place === part.claim) {
          claims.set(key, text)
          claimants.set(key, text)
        } else if (place === part.person) {
          revs.set(key, num)
          // The text is left out only for the revision that was sent along.
          if (text !== null) people.set(key, { rev: num, row: JSON.parse(text) as PersonRegister })
          const row = people.get(key)?.row
          if (row) known.set(key, row)
        } else if (place === part.agreement) {
          agreementsRev += num
          agreed.push(JSON.parse(text) as Agreement)
        } else if (place === part.entry) {
          const values = entries.get(key)
          if (values) values.push(text)
          else entries.set(key, [text])
        } else if (place === part.time) time = Math.max(now, num)
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

interface LoadedRow {
  readonly part: number
  readonly key: string
  readonly num: number
  readonly text: string
}

/**
 * Holds the locks of what was seen and of the indexes that are `written`, and raises when anything
 * seen has changed. Sent, not waited for.
 */
export function holdSeen(
  send: PostgresSend,
  seen: PostgresSeen | undefined,
  written: ReadonlySet<string>,
  now: number,
): void {
  const { claims, people, agreements, found } = seen ?? nothingSeen
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
  if (rows) {
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
