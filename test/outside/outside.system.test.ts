import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HubPlace, openHub } from '@throughline/consent'
import { registerSchemas } from '@throughline/hub'
import { decodeFramed, topicOf, topics } from '@throughline/schemas'
import {
  keyRefOf,
  type LogRecord,
  type OpenedRecord,
  openRecord,
  systemClock,
  systemRandom,
} from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { type HubProcess, startHub } from '../demo/hub-process.ts'
import {
  type Printed,
  type PrintedByPython,
  readByConsole,
  readByKcat,
  readByPython,
  whyNoConsole,
  whyNoKcat,
  whyNoPython,
} from './clients.ts'
import {
  morning,
  numbers,
  personal,
  type Told,
  tell,
  tellOneOfEverything,
} from './one-of-everything.ts'
import { type StandingRegistry, startRegistry } from './standing-registry.ts'

/** Of a hub that has been told one of everything: what it holds itself to be, and what others read. */
interface Read {
  readonly told: Told
  readonly inside: readonly LogRecord[]
  /** What is sealed, opened with the hub's keys, by the record's id. */
  readonly opened: ReadonlyMap<string, OpenedRecord>
  readonly outside: readonly PrintedByPython[]
}

const partnership = 'testshire'
const day = new Date(morning).toISOString().slice(0, 10)

const because = (missing: string | null) => (missing === null ? '' : `: ${missing}`)
const noPython = whyNoPython()
const noKcat = whyNoKcat()
const noConsole = whyNoConsole()
const noServices = whyNoKafka() ?? whyNoPostgres() ?? noPython

describe.skipIf(noPython !== null)(
  `what a stranger reads of one machine${because(noPython)}`,
  () => {
    const data = mkdtempSync(join(tmpdir(), 'throughline-outside-'))
    let hub: HubProcess | undefined
    let read: Read
    beforeAll(async () => {
      hub = await startHub({ data, port: 0, mllpPort: 0, clock: morning, killAt: null })
      const told = await tellOneOfEverything(hub)
      const known = await allInside({ data }, told)
      // There is no broker to read from: somebody brings the records, and the hub's own registry explains them.
      const registry = new URL(`${hub.base()}/registry`)
      Object.assign(registry, {
        username: 'anybody',
        password: hub.credentials().analysts[0]?.token,
      })
      const records = known.inside.map((record) => ({
        ...shared(record),
        value: base64(record.value),
      }))
      read = { ...known, told, outside: await readByPython(registry.href, { records }) }
    }, 240_000)
    afterAll(async () => {
      await hub?.[Symbol.asyncDispose]()
      rmSync(data, { recursive: true, force: true })
    })

    whatOthersRead(() => read)
  },
)

const title = 'what a stranger reads of Kafka, by a registry that is not ours'
describe.skipIf(noServices !== null)(`${title}${because(noServices)}`, () => {
  const data = mkdtempSync(join(tmpdir(), 'throughline-outside-'))
  const prefix = `outside.${process.pid}.`
  const unprefixed = <P extends Printed>(one: P): P => ({
    ...one,
    topic: one.topic.slice(prefix.length),
  })
  let brokers = ''
  let server: PostgresServer
  let registry: StandingRegistry
  let place: HubPlace
  let hub: HubProcess
  let read: Read
  beforeAll(async () => {
    server = await startPostgres()
    registry = await startRegistry()
    brokers = (await sharedKafka()).join(',')
    const { ids, lines } = await registerSchemas({ url: registry.url, login: null }, [
      'partnership',
    ])
    if (ids === null) throw new Error(lines.join('\n'))
    const schemaIds = join(data, 'schema-ids.json')
    writeFileSync(schemaIds, JSON.stringify(ids))
    const databaseUrl = await server.newDatabase()
    const kafka = { brokers: brokers.split(','), replication: 1, prefix }
    place = { databaseUrl, kafka, keys: data, schemaIds }
    const env = {
      HUB_DATABASE_URL: databaseUrl,
      HUB_KAFKA_BROKERS: brokers,
      HUB_KAFKA_REPLICATION: '1',
      HUB_KAFKA_PREFIX: prefix,
      HUB_SCHEMA_IDS: schemaIds,
    }
    hub = await startHub({ data, port: 0, mllpPort: 0, clock: morning, killAt: null, env })
    const told = await tellOneOfEverything(hub)
    const names = topicsOf(told).map((name) => prefix + name)
    const known = await allInside(place, told)
    const printed = await readByPython(registry.url, { brokers, topics: names })
    const outside = printed.map(unprefixed)
    read = { ...known, told, outside }
  }, 300_000)
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await registry?.stop()
    await server?.stop()
    rmSync(data, { recursive: true, force: true })
  }, 60_000)

  whatOthersRead(() => read)

  it.skipIf(noKcat !== null)(`is the same by kcat${because(noKcat)}`, async () => {
    const names = topicsOf(read.told)
    const seen = await Promise.all(names.map((name) => readByKcat(brokers, prefix + name)))
    expect(seen.flat().map(unprefixed).toSorted(byPlace)).toEqual(
      read.outside
        .map(({ raw, value: _, ...one }) => ({ ...one, bytes: bytesOf(raw).length }))
        .toSorted(byPlace),
    )
  })

  it.skipIf(noConsole !== null)(
    `is the same by Kafka’s own console consumer${because(noConsole)}`,
    async () => {
      const printed = await readByConsole(brokers, prefix, read.outside.length)
      expect(printed.toSorted(byId)).toEqual(
        read.outside.map(({ topic: _, value: __, ...one }) => one).toSorted(byId),
      )
    },
  )

  it('goes on growing while no registry answers, and the hub starts again without one', async () => {
    await registry.stop()
    await hub.kill()
    await hub.restart(morning)
    await expect.poll(async () => (await fetch(`${hub.base()}/readyz`)).status).toBe(200)
    await tell(hub, ['treatment', 'treatment/contacts', 'treatment', 'naloxone-supplied.json'])
    const { inside } = await allInside(place, read.told)
    expect(inside.length).toBeGreaterThan(read.inside.length)
  })
})

/** What must hold wherever the hub keeps what it keeps. */
function whatOthersRead(of: () => Read): void {
  it('is on every topic what the hub itself reads there', () => {
    const { told, inside, outside } = of()
    const found = new Set(outside.map(({ topic }) => topic))
    expect([...found].toSorted()).toEqual(topicsOf(told).toSorted())
    expect(outside.map(({ raw: _, ...one }) => one).toSorted(byPlace)).toEqual(
      inside
        .map((record) => ({ ...shared(record), value: plain(valueOf(record)) }))
        .toSorted(byPlace),
    )
  })

  it('is the envelope of what agencies told: who, when, and a number that says nothing', () => {
    const { told, outside, opened } = of()
    const agencies = ['custody', 'probation', 'hospital', 'housing', 'treatment', 'other']
    for (const agency of agencies) {
      const records = outside.filter(({ topic }) => topic === `agency.${agency}.v1`)
      expect(records.length).toBeGreaterThan(0)
      for (const { value, headers } of records) {
        expect(value).toMatchObject({ agency, receivedAt: morning, keyRef: `day:${day}` })
        expect(value).toMatchObject({ keyVersion: 1, recordId: headers['eid'] })
        expect(value?.['identifierHashes']).not.toEqual([])
      }
    }
    const licence = outside.filter(({ headers }) => {
      const { value } = opened.get(headers['eid'] ?? '') ?? {}
      return value !== undefined && 'eventId' in value && value.eventId === told.licenceEventId
    })
    expect(licence.map(({ topic }) => topic).toSorted()).toEqual([
      'agency.probation.v1',
      'person.events.v1',
    ])
  })

  it('is the envelope of what is about a person: whose, and under which key', () => {
    const { told, outside } = of()
    const { personId } = told
    for (const name of ['person.events.v1', 'person.stories.v1', 'practitioner.notices.v1']) {
      const records = outside.filter(({ topic }) => topic === name)
      expect(records.length).toBeGreaterThan(0)
      for (const { key, value } of records) {
        expect(key).toBe(personId)
        expect(value).toMatchObject({ keyRef: `person:${personId}`, receivedAt: morning })
      }
    }
    const trigger = outside.find(({ topic }) => topic === 'consent.changes.v1')
    expect(trigger).toMatchObject({ key: personId, value: { personId, changedAt: morning } })
    const checkpoint = outside.find(({ topic }) => topic === 'audit.v1')
    expect(checkpoint?.value).toMatchObject({ partnership, sealedAt: morning })
  })

  it('is the whole of the figures that were released', () => {
    const { told, outside } = of()
    const { release } = told
    const { feed, quarter, completeTo, leftSince, coveragePerThousand } = release
    const beside = { feed, quarter, completeTo, leftSince, coveragePerThousand }
    const figures = outside.filter(({ topic }) => topic === `outcomes.measures.${feed}.v1`)
    expect(figures.length).toBeGreaterThan(0)
    expect(figures.map(({ value }) => value).toSorted(byText)).toEqual(
      release.figures
        .map((figure) => ({ ...beside, release: release.release, ...figure }))
        .toSorted(byText),
    )
  })

  it('says nothing that only their practitioner may know', () => {
    const { outside, opened } = of()
    const readable = outside
      .map(({ key, headers, raw }) => [key, JSON.stringify(headers), bytesOf(raw)].join('\n'))
      .join('\n')
    expect(personal.filter((words) => readable.includes(words))).toEqual([])
    const hidden = JSON.stringify([...opened.values()])
    for (const { value } of numbers) expect(hidden).toContain(value)
  })
}

/** Every topic that has something by then. Nobody's journey is released alone. */
const topicsOf = ({ release }: Told): readonly string[] => [
  ...topics.map(({ name }) => name),
  `outcomes.measures.${release.feed}.v1`,
]

/** All that lies on the log by the hub's own account, once the audit's first seal is there too. */
const allInside = (place: HubPlace, told: Told) =>
  // Looked at anew each time: a log in files knows what was there when it was opened.
  vi.waitUntil(() => lyingInside(place, told), { timeout: 60_000, interval: 250 })

async function lyingInside(place: HubPlace, told: Told) {
  const around = { clock: systemClock(), random: systemRandom() }
  await using hub = await openHub({ place, partnership, makeKeys: false, ...around })
  const { log, keys } = hub
  if ((await recordsOf('audit.v1')).length === 0) return null
  const inside = (await Promise.all(topicsOf(told).map(recordsOf))).flat()
  const opened = new Map<string, OpenedRecord>()
  for (const record of inside) {
    const ref = keyRefOf(record)
    const key = ref === null ? undefined : (await keys.open([ref])).get(ref)
    if (key !== undefined && key !== 'erased') opened.set(record.id, openRecord(record, key))
  }
  return { inside, opened }

  async function recordsOf(topic: string): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = []
    for (let partition = 0; partition < topicOf(topic).partitions; partition += 1)
      for await (const batch of log.read(topic, partition, 0n)) records.push(...batch)
    return records
  }
}

const shared = ({ topic, partition, offset, key, id, headers }: LogRecord) => ({
  topic,
  partition,
  offset: Number(offset),
  key,
  // The log keeps a record's id beside its headers; on Kafka it is one of them.
  headers: { eid: id, ...headers },
})

const valueOf = ({ value }: LogRecord): unknown => value && decodeFramed(value).value
const base64 = (bytes: Uint8Array | null): string | null =>
  bytes && Buffer.from(bytes).toString('base64')
const bytesOf = (raw: string | null): Buffer => Buffer.from(raw ?? '', 'base64')

/** As a client prints it: JSON, bytes in base64. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_name, one: unknown) =>
      isBuffer(one) ? Buffer.from(one.data).toString('base64') : one,
    ),
  )
const isBuffer = (one: unknown): one is { readonly data: readonly number[] } =>
  typeof one === 'object' && one !== null && 'type' in one && one.type === 'Buffer'

interface Placed {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
const by =
  <T>(nameOf: (one: T) => string) =>
  (one: T, other: T): number =>
    nameOf(one) < nameOf(other) ? -1 : 1
const byPlace = by(({ topic, partition, offset }: Placed) => `${topic} ${partition} ${offset}`)
const byId = by(({ headers }: { headers: Readonly<Record<string, string>> }) => `${headers['eid']}`)
const byName = by(([name]: readonly [string, unknown]) => name)
const byText = by((one: unknown) => JSON.stringify(Object.entries(one ?? {}).toSorted(byName)))
