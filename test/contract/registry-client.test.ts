import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { registerSchemas } from '@throughline/hub'
import { openRegistry } from '@throughline/registry-edge/testing'
import {
  codecFor,
  decodeFramed,
  repositoryIds,
  repositorySubjects,
  type SchemaIds,
} from '@throughline/schemas'
import {
  createMemoryLog,
  type Log,
  logWithIds,
  MemoryLogData,
  steppedClock,
} from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../journeys/hub.ts'

/** A client that nobody here wrote, as its users configure it. */
const clientOf = (host: string, password: string) =>
  new SchemaRegistry({ host, auth: { username: 'anybody', password }, retry: { retries: 0 } })

const change = { personId: 'ann', version: 3, changedAt: 1_767_603_600_000 }
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

describe('an ordinary client before the hub’s own registry', () => {
  let hub: TestHub
  let client: SchemaRegistry
  beforeAll(async () => {
    hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    client = clientOf(`${hub.url}/registry`, hub.token('analyst'))
  })
  afterAll(() => hub.close())

  it('reads what the hub wrote, by the id in the frame alone', async () => {
    const framed = Buffer.from(codecFor('ConsentChanged').encode(change))
    expect(plain(await client.decode(framed))).toEqual(change)
  })

  it('writes what the hub reads', async () => {
    const id = await client.getLatestSchemaId('consent.changes.v1-value')
    expect(id).toBe(repositoryIds['ConsentChanged']?.[1])
    const framed = await client.encode(id, change)
    expect(decodeFramed(framed)).toEqual({ schema: 'ConsentChanged', value: change })
  })

  it('understands every schema there is', async () => {
    for (const { subject, version, id, text } of repositorySubjects(['partnership'])) {
      expect(await client.getRegistryId(subject, version)).toBe(id)
      expect(await client.getRegistryIdBySchema(subject, JSON.parse(text))).toBe(id)
      expect(await client.getSchema(id)).toHaveProperty(
        'name',
        JSON.parse(text).namespace + '.' + JSON.parse(text).name,
      )
    }
  })

  it('finds that a schema is registered already, and that another cannot be', async () => {
    const [one] = repositorySubjects([])
    const schema = { type: SchemaType.AVRO, schema: one?.text ?? '' } as const
    const subject = one?.subject ?? ''
    expect(await client.register(schema, { subject, updateConfig: false })).toEqual({ id: one?.id })
    const other = {
      type: SchemaType.AVRO,
      schema: '{"type":"record","name":"A","namespace":"b","fields":[]}',
    } as const
    await expect(client.register(other, { subject })).rejects.toMatchObject({ status: 403 })
    const operator = clientOf(`${hub.url}/registry`, hub.token('operator'))
    await expect(operator.register(other, { subject })).rejects.toMatchObject({ status: 422 })
  })

  it('hears what is wrong in words that it understands', async () => {
    await expect(client.getSchema(4_242)).rejects.toThrow(/Schema not found/)
    await expect(client.getLatestSchemaId('none')).rejects.toThrow(/Subject not found/)
    await expect(client.getRegistryId('consent.changes.v1-value', 7)).rejects.toThrow(
      /Version not found/,
    )
    const stranger = clientOf(`${hub.url}/registry`, 'nobody-has-this')
    await expect(stranger.getSchema(1)).rejects.toMatchObject({ status: 401, unauthorized: true })
  })

  it('may register for itself once an operator has opened the registry', async () => {
    const mode = (to: string) => hub.ask('operator', 'PUT', '/registry/mode', { mode: to })
    await mode('READWRITE')
    const operator = clientOf(`${hub.url}/registry`, hub.token('operator'))
    const version = (...fields: readonly object[]) => ({
      type: SchemaType.AVRO as const,
      schema: JSON.stringify({ type: 'record', name: 'Tried', namespace: 'elsewhere', fields }),
    })
    const name = { name: 'name', type: 'string' }
    const age = { name: 'age', type: ['null', 'int'], default: null }
    const { id } = await operator.register(version(name))
    const grown = await operator.register(version(name, age))
    expect(grown.id).toBe(id + 1)
    expect(
      plain(await client.decode(await client.encode(grown.id, { name: 'a', age: 7 }))),
    ).toEqual({ name: 'a', age: 7 })
    // It sets BACKWARD by itself, and minds a level that is another.
    await expect(operator.register(version({ name: 'other', type: 'int' }))).rejects.toMatchObject({
      status: 409,
    })
    await expect(
      operator.register(version(name), { compatibility: COMPATIBILITY.FULL }),
    ).rejects.toThrow(/Compatibility does not match/)
    await mode('READONLY')
  })

  it('finds everything again after a restart', async () => {
    await hub.restart()
    const again = clientOf(`${hub.url}/registry`, hub.token('analyst'))
    expect(await again.getLatestSchemaId('elsewhere.Tried')).toBe(1_000_002)
    expect(
      plain(await again.decode(Buffer.from(codecFor('ConsentChanged').encode(change)))),
    ).toEqual(change)
  })
})

describe('an ordinary client before somebody else’s registry', () => {
  const topic = 'consent.changes.v1'
  const log = (data: MemoryLogData): Log => createMemoryLog({ data, clock: steppedClock(0) })
  const first = async (from: Log) => {
    for (let partition = 0; partition < 12; partition += 1) {
      for await (const [record] of from.read(topic, partition, 0n)) return record?.value
    }
    return undefined
  }

  it('reads what the hub wrote under that registry’s ids, and the hub reads it too, registry or not', async () => {
    let ids: SchemaIds | null
    const broker = new MemoryLogData()
    {
      await using theirs = await openRegistry({ isEmpty: true })
      await theirs.readWrite()
      const login = { user: 'deployment', password: theirs.password('operator') }
      ids = (await registerSchemas({ url: theirs.url(), login }, [])).ids
      const ours = logWithIds(log(broker), ids ?? repositoryIds)
      await ours.ensureTopics([
        { name: topic, partitions: 12, retentionMs: null, cleanup: 'compact' },
      ])
      const value = codecFor('ConsentChanged').encode(change)
      await ours.append([{ topic, key: 'ann', id: 'a', value }])

      const onTopic = Buffer.from((await first(log(broker))) ?? [])
      expect(onTopic.readUInt32BE(1)).toBe(ids?.['ConsentChanged']?.[1])
      expect(onTopic.readUInt32BE(1)).not.toBe(repositoryIds['ConsentChanged']?.[1])
      const client = clientOf(theirs.url(), theirs.password('analyst'))
      expect(plain(await client.decode(onTopic))).toEqual(change)
    }
    // Their registry is gone; the ids are not.
    const value = await first(logWithIds(log(broker), ids ?? repositoryIds))
    expect(decodeFramed(value ?? new Uint8Array())).toEqual({
      schema: 'ConsentChanged',
      value: change,
    })
  })
})
