import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile, keyFileName } from '@throughline/consent'
import { systemRandom } from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { countyOf } from './county.ts'
import { type County, countyAtWork } from './county-at-work.ts'
import { startHub } from './hub-process.ts'
import { carryOutPlan } from './run.ts'

const missing = whyNoKafka() ?? whyNoPostgres()
const size = { people: 14, days: 20, seed: 1, custodyOnly: false }

describe.skipIf(missing !== null)(`a county${missing === null ? '' : `: ${missing}`}`, () => {
  let server: PostgresServer
  const folders = [folder(), folder()] as const

  beforeAll(async () => {
    server = await startPostgres()
    // Ids are made with the partnership's key: both have the same.
    const [files, services] = folders
    createKeyFile({ directory: files, partnerships: ['testshire'], random: systemRandom() })
    copyFileSync(join(files, keyFileName), join(services, keyFileName))
  }, 60_000)
  afterAll(async () => {
    for (const one of folders) rmSync(one, { recursive: true, force: true })
    await server.stop()
  }, 60_000)

  it('ends with the same records on one machine’s files and on Kafka and PostgreSQL', async () => {
    const [files, services] = folders
    const onFiles = await ended(files, {})
    const onServices = await ended(services, {
      HUB_DATABASE_URL: await server.newDatabase(),
      HUB_KAFKA_BROKERS: (await sharedKafka()).join(','),
      HUB_KAFKA_REPLICATION: '1',
      HUB_KAFKA_PREFIX: `county.${process.pid}.`,
    })
    expect(onFiles.notices.length).toBeGreaterThan(10)
    expect(onFiles.lines.length).toBeGreaterThan(40)
    expect(onServices.notices).toEqual(onFiles.notices)
    expect(onServices.lines).toEqual(onFiles.lines)
    expect(onServices.measures).toEqual(onFiles.measures)
    expect(onServices.ledger).toEqual(onFiles.ledger)
  }, 300_000)
})

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'throughline-distributed-'))
}

/** Lives through a county on a hub of its own, and gives all that can be read of it at the end. */
async function ended(data: string, env: Readonly<Record<string, string>>) {
  const plan = countyOf(size)
  const ports = { port: 0, mllpPort: 0 }
  await using hub = await startHub({ data, ...ports, clock: plan.start, killAt: null, env })
  const county = countyAtWork(hub, plan.people, plan.start, size.seed)
  try {
    const options = { seed: size.seed, randomKills: 0, progress: () => {} }
    const { differences } = await carryOutPlan(plan, hub, county, options)
    expect(differences).toEqual([])
    expect(hub.errors).toEqual([])
    return await readAll(
      county,
      plan.people.map(({ ref }) => ref),
    )
  } finally {
    county.close()
  }
}

async function readAll(county: County, refs: readonly string[]) {
  const notices: Named[] = []
  const lines: Named[] = []
  for (const practitioner of county.practitioners) {
    for (const { personId, ...notice } of await practitioner.notices('all'))
      notices.push({ ...notice, reader: practitioner.id, person: county.refOf(personId) })
    for (const person of refs) {
      const personId = county.personIdOf(person)
      if (personId === undefined) continue
      for (const line of await practitioner.story(personId))
        lines.push({ ...line, reader: practitioner.id, person })
    }
  }
  return {
    notices: renamed(notices),
    lines: renamed(lines),
    // A fingerprint of who was counted: of people's ids, too.
    measures: JSON.parse(
      JSON.stringify(await county.analyst.read(1), withoutFingerprint),
    ) as object,
    ledger: await county.ledger(),
  }
}

const withoutFingerprint = (name: string, value: unknown) => (name === 'facts' ? undefined : value)

type Named = Readonly<Record<string, unknown>>
const ids = ['noticeId', 'thread', 'corrects', 'id'] as const

/** The hub makes a person's id at random, and those of notices from it: here they are told by their order. */
function renamed(rows: readonly Named[]): readonly Named[] {
  const names = new Map<unknown, string>()
  const nameOf = (id: unknown): unknown => {
    if (typeof id !== 'string') return id
    if (!names.has(id)) names.set(id, `id ${names.size + 1}`)
    return names.get(id)
  }
  return rows
    .map((row) => ({ row, seen: JSON.stringify({ ...row, ...blank(row) }) }))
    .toSorted((a, b) => (a.seen < b.seen ? -1 : 1))
    .map(({ row }) => ({
      ...row,
      ...Object.fromEntries(ids.flatMap((id) => (id in row ? [[id, nameOf(row[id])]] : []))),
    }))
}

const blank = (row: Named): Named =>
  Object.fromEntries(ids.flatMap((id) => (typeof row[id] === 'string' ? [[id, '']] : [])))
