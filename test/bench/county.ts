import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type HubFiles,
  type HubKeys,
  type LocalRegister,
  openHubFiles,
  type Register,
  sealPerson,
} from '@throughline/consent'
import { categories, type Grant, type Ids, identifierHash } from '@throughline/domain'
import { type Clock, type Random, steppedClock, systemRandom } from '@throughline/stream'
import { madeUpPeople, type Person } from '../people/people.ts'

/** Somebody who agreed, with both numbers that prisons may name them by. */
export interface Subject {
  readonly personId: string
  readonly lead: string
  readonly person: Person
  /** HMACs of the prison number and the NHS number. */
  readonly hashes: readonly [string, string]
}

/** A data directory with people on its register, made once and copied for each run. */
export interface County {
  readonly data: string
  /** When everybody agreed, in ms. */
  readonly at: number
  readonly subjects: readonly Subject[]
}

const partnership = 'testshire'
const organisation = 'testshire-recovery'
const yearMs = 365 * 24 * 3_600_000
const peopleAtOnce = 1_000
/** Nobody has more people than a practitioner can have; lists are cut where no real one ends. */
const caseload = 40
/** How many practitioners a hub with `--dev` knows: `lp-1` to `lp-8`. */
const signedIn = 8

export const open = (data: string, clock: Clock): Promise<HubFiles> =>
  openHubFiles({ data, partnership, makeKeys: true, clock, random: systemRandom() })

/** Those whose lead can sign in to a hub with `--dev`. */
export const withLeadSignedIn = (subjects: readonly Subject[]): readonly Subject[] =>
  subjects.filter(({ lead }) => Number(lead.slice('lp-'.length)) <= signedIn)

/** A new place for files; whoever asks takes it away again. */
export const newPlace = (): string => mkdtempSync(join(tmpdir(), 'throughline-bench-'))

export const takeAway = (data: string): void => rmSync(data, { recursive: true, force: true })

/** Runs the work on a copy of the county, which is taken away afterwards. */
export async function inCopyOf<T>(county: County, work: (copy: County) => Promise<T>): Promise<T> {
  const data = newPlace()
  cpSync(county.data, data, { recursive: true })
  try {
    return await work({ ...county, data })
  } finally {
    takeAway(data)
  }
}

/** Agreed people, their claims and keys, written in bulk: no trigger of a consent is waiting. */
export async function makeCounty(count: number, at: number): Promise<County> {
  const data = newPlace()
  await using files = await open(data, steppedClock(at))
  await agree(files.register, at)
  const subjects = subjectsOf(files.ids, count)
  for (let n = 0; n < count; n += peopleAtOnce) {
    await enter(files, subjects.slice(n, n + peopleAtOnce))
  }
  return { data, at, subjects }
}

/** Custody may tell the lead's organisation, for a year. */
export async function agree(register: Pick<Register, 'change'>, at: number): Promise<void> {
  await register.change({
    kind: 'put-agreement',
    agreement: {
      agreementId: 'dev-custody-care-coordination',
      source: 'custody',
      purpose: 'care-coordination',
      recipientOrganisation: organisation,
      from: 0,
      until: at + yearMs,
    },
    by: 'configuration',
  })
}

/** The same people each time, under the partnership's ids. */
export function subjectsOf(ids: Ids, count: number): readonly Subject[] {
  const leads = Math.max(signedIn, Math.ceil(count / caseload))
  return madeUpPeople(7, count).map((person, n) => subjectOf(ids, person, `lp-${(n % leads) + 1}`))
}

const subjectOf = (ids: Ids, person: Person, lead: string): Subject => ({
  personId: `p-${ids.hash('bench', person.ref)}`,
  lead,
  person,
  hashes: [identifierHash(ids, `NOMS:${person.noms}`), identifierHash(ids, `NHS:${person.nhs}`)],
})

async function enter(files: HubFiles, subjects: readonly Subject[]): Promise<void> {
  const { register, clock } = files
  const now = clock.now()
  await files.keys.createMany(subjects.map(({ personId }) => `person:${personId}` as const))
  const rows: Row[] = []
  for (const subject of subjects) rows.push(...(await rowsOf(files, subject, now)))
  const writes = { rows, outbox: [], audit: [], ledger: [], cancelNotices: [], forgetViewsOf: [] }
  register.tables.transaction(() => register.tables.apply(writes, now))
}

export type Row = Parameters<LocalRegister['tables']['apply']>[0]['rows'][number]

interface Sealer {
  readonly keys: HubKeys
  readonly random: Random
}

/** What the register keeps of somebody who agreed at `now` (ms); their key is there. */
export async function rowsOf(
  sealer: Sealer,
  subject: Subject,
  now: number,
): Promise<readonly Row[]> {
  const { personId, hashes } = subject
  return [
    { table: 'people', key: personId, row: rowOf(subject, now) },
    { table: 'sealed', key: personId, row: { personId, bytes: await sealedOf(sealer, subject) } },
    ...hashes.map(
      (identifier): Row => ({
        table: 'claims',
        key: identifier,
        row: { identifier, personId, releasedAt: null, releasedBy: null },
      }),
    ),
  ]
}

async function sealedOf(
  { keys, random }: Sealer,
  { personId, person }: Subject,
): Promise<Uint8Array> {
  const key = await keys.create(`person:${personId}`)
  const content = {
    displayName: person.displayName,
    identifiers: [
      { type: 'NOMS', value: person.noms },
      { type: 'NHS', value: person.nhs },
    ],
    ownWords: null,
    safeContact: null,
  }
  return sealPerson(personId, content, key, random)
}

const rowOf = ({ personId, lead, hashes }: Subject, now: number) => ({
  personId,
  status: 'active' as const,
  version: 1,
  state: 'given' as const,
  versions: [
    {
      version: 1,
      state: 'given' as const,
      acceptedAt: now,
      endedAt: null,
      grants: [grantAt(now)],
      identifiers: hashes,
    },
  ],
  assignments: [
    {
      practitionerId: lead,
      organisation,
      role: 'lead-practitioner',
      relation: 'lead' as const,
      tier: 'detail' as const,
      from: now,
      until: null,
    },
  ],
  proposedLeads: [],
  claims: hashes,
  review: null,
  revision: 1,
  changedAt: now,
})

/** What everybody agrees to, from `now` (ms) for a year. */
export const grantAt = (now: number): Grant => ({
  purpose: 'care-coordination',
  sources: ['custody', 'probation', 'hospital', 'housing', 'treatment'],
  recipients: [{ organisation, role: 'lead-practitioner' }],
  categories,
  tier: 'detail',
  from: now,
  until: now + yearMs,
  lookBackDays: 0,
})
