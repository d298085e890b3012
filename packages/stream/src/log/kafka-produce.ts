import type { OutgoingRecord } from '../ports.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { varintSize, WireReader, WireWriter } from './kafka-wire.ts'

/** Records of one partition that go in one request, and their place in the producer's count of them. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutgoingRecord[]
  readonly firstSequence: number
}

/** Whom a broker knows the batches of one sender by. */
export interface ProducerId {
  readonly producerId: string
  readonly producerEpoch: number
}

export interface ProduceOptions {
  readonly prefix: string
  /** How long the leader may wait for the other replicas, in ms. */
  readonly timeoutMs: number
  readonly now: number
}

const produceKey = 0
/** What every broker since 2.1 takes, and the last before Kafka's compact encodings. */
const produceVersion = 7
const allReplicas = -1

/**
 * Asks one broker to append the batches, all of partitions that it leads, and one of each at most.
 * Gives Kafka's error code for each; 0 when it is written to all replicas in sync.
 */
export async function produceTo(
  broker: KafkaBroker,
  producer: ProducerId,
  batches: readonly Batch[],
  options: ProduceOptions,
): Promise<readonly number[]> {
  const bytes = encodeRequest(producer, batches, options)
  const answer = await broker.connectionPool.send({
    // kafkajs' own encoder copies a partition's records once for each of them, and makes a buffer for each field.
    request: {
      apiKey: produceKey,
      apiVersion: produceVersion,
      apiName: 'Produce',
      encode: async () => ({ buf: bytes, buffer: bytes }),
    },
    response: { decode: async (raw: Buffer) => raw, parse: async (raw: Buffer) => raw },
  })
  const codes = decodeAnswer(answer as Buffer)
  const unanswered = -1
  return batches.map(
    ({ topic, partition }) => codes.get(`${options.prefix}${topic}/${partition}`) ?? unanswered,
  )
}

function encodeRequest(
  producer: ProducerId,
  batches: readonly Batch[],
  { prefix, timeoutMs, now }: ProduceOptions,
): Buffer {
  const writer = new WireWriter(64 * 1024)
  const noTransaction = -1
  writer.int16(noTransaction)
  writer.int16(allReplicas)
  writer.int32(timeoutMs)
  writer.int32(batches.length)
  for (const batch of batches) {
    const topic = prefix + batch.topic
    writer.int16(topic.length)
    writer.text(topic, topic.length)
    writer.int32(1)
    writer.int32(batch.partition)
    const lengthAt = writer.at
    writer.int32(0)
    writeBatch(writer, batch, producer, now)
    writer.int32At(lengthAt, writer.at - lengthAt - 4)
  }
  return writer.written
}

/** Exported for its test: a record batch as it will lie on the brokers' disks. */
export function writeBatch(
  writer: WireWriter,
  { records, firstSequence }: Pick<Batch, 'records' | 'firstSequence'>,
  { producerId, producerEpoch }: ProducerId,
  now: number,
): void {
  writer.int64(0n)
  const lengthAt = writer.at
  writer.int32(0)
  writer.int32(-1)
  writer.int8(2)
  const sumAt = writer.at
  writer.int32(0)
  const summedFrom = writer.at
  writer.int16(0)
  writer.int32(records.length - 1)
  writer.int64(BigInt(now))
  writer.int64(BigInt(now))
  writer.int64(BigInt(producerId))
  writer.int16(producerEpoch)
  writer.int32(firstSequence)
  writer.int32(records.length)
  for (const [offset, record] of records.entries()) writeRecord(writer, record, offset)
  writer.int32At(sumAt, writer.crc32cFrom(summedFrom))
  writer.int32At(lengthAt, writer.at - lengthAt - 4)
}

function writeRecord(writer: WireWriter, record: OutgoingRecord, offset: number): void {
  const { key, value, headers, id } = record
  const keyBytes = Buffer.byteLength(key)
  const fields: [name: string, value: string, nameBytes: number, valueBytes: number][] = [
    ['eid', id, 3, Buffer.byteLength(id)],
  ]
  for (const name in headers) {
    const text = headers[name] as string
    fields.push([name, text, Buffer.byteLength(name), Buffer.byteLength(text)])
  }
  // Flags and the difference of times: one byte each.
  let length = 2 + varintSize(offset) + varintSize(keyBytes) + keyBytes + varintSize(fields.length)
  length += value === null ? 1 : varintSize(value.length) + value.length
  for (const [, , nameBytes, valueBytes] of fields) {
    length += varintSize(nameBytes) + nameBytes + varintSize(valueBytes) + valueBytes
  }
  writer.varint(length)
  writer.int16(0)
  writer.varint(offset)
  writer.varint(keyBytes)
  writer.text(key, keyBytes)
  writer.varint(value === null ? -1 : value.length)
  if (value !== null) writer.bytes(value)
  writer.varint(fields.length)
  for (const [name, text, nameBytes, valueBytes] of fields) {
    writer.varint(nameBytes)
    writer.text(name, nameBytes)
    writer.varint(valueBytes)
    writer.text(text, valueBytes)
  }
}

function decodeAnswer(bytes: Buffer): ReadonlyMap<string, number> {
  const reader = new WireReader(bytes)
  const codes = new Map<string, number>()
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topic = reader.text(reader.int16())
    for (let partitions = reader.int32(); partitions > 0; partitions -= 1) {
      const place = `${topic}/${reader.int32()}`
      const code = reader.int16()
      // The same topic is asked for once for each of its partitions.
      codes.set(place, code)
      reader.at += 24
    }
  }
  return codes
}
