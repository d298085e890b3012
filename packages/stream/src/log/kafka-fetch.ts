import { createRequire } from 'node:module'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { HubError } from '@throughline/domain'
import type { LogRecord } from '../ports.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { WireReader } from './kafka-wire.ts'

/** Where to read on. */
export interface Spot {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export interface Fetched {
  readonly spot: Spot
  /** Kafka's error code of this partition; 0 when all is well. */
  readonly error: number
  readonly records: readonly LogRecord[]
  /** Where to read on: beyond what was compacted away, rolled back, or is a marker of a transaction. */
  readonly next: bigint
}

export interface FetchOptions {
  readonly prefix: string
  /** How long the broker may wait for something to give, in ms. */
  readonly maxWaitMs: number
  /** Of each partition. One batch of records is given even if it is larger. */
  readonly maxBytes: number
}

const encodeFetch = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/request.js',
) as (request: object) => object
const answerBytesMax = 10 * 1024 * 1024

/** Asks one broker for what follows each spot; `spots` lie on partitions that it leads. */
export async function fetchFrom(
  broker: KafkaBroker,
  spots: readonly Spot[],
  { prefix, maxWaitMs, maxBytes }: FetchOptions,
): Promise<readonly Fetched[]> {
  const byPlace = new Map(spots.map((spot) => [`${prefix}${spot.topic}/${spot.partition}`, spot]))
  const topics = spots.map(({ topic, partition, offset }) => ({
    topic: prefix + topic,
    partitions: [{ partition, fetchOffset: offset.toString(), maxBytes }],
  }))
  const request = encodeFetch({
    replicaId: -1,
    maxWaitTime: maxWaitMs,
    minBytes: 1,
    maxBytes: answerBytesMax,
    topics,
  })
  const answer = await broker.connectionPool.send({
    request,
    // kafkajs' own decoder makes a dozen objects of each record, and loops for ever on an empty batch.
    response: { decode: async (bytes: Buffer) => bytes, parse: async (bytes: Buffer) => bytes },
    requestTimeout: maxWaitMs + 5_000,
  })
  return decodeAnswer(answer as Buffer, byPlace)
}

/** Version 11 of Kafka's fetch response, which every broker since 2.3 speaks. */
function decodeAnswer(bytes: Buffer, byPlace: ReadonlyMap<string, Spot>): Fetched[] {
  const reader = new WireReader(bytes, 4)
  const error = reader.int16()
  if (error !== 0) throw new HubError('HUB_LOG_UNAVAILABLE', `a broker answered with code ${error}`)
  reader.at += 4
  const fetched: Fetched[] = []
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topic = reader.text(reader.int16())
    for (let partitions = reader.int32(); partitions > 0; partitions -= 1) {
      const partition = reader.int32()
      const code = reader.int16()
      reader.at += 24
      const aborted = readAborted(reader)
      reader.at += 4
      const length = Math.max(0, reader.int32())
      const from = reader.at
      reader.at += length
      const spot = byPlace.get(`${topic}/${partition}`)
      if (!spot) continue
      const { records, next } = decodeBatches(bytes.subarray(from, from + length), spot, aborted)
      fetched.push({ spot, error: code, records, next })
    }
  }
  return fetched
}

interface Aborted {
  readonly producerId: bigint
  readonly first: bigint
}

function readAborted(reader: WireReader): Aborted[] {
  const aborted: Aborted[] = []
  for (let left = reader.int32(); left > 0; left -= 1) {
    aborted.push({ producerId: reader.int64(), first: reader.int64() })
  }
  return aborted.sort((a, b) => (a.first < b.first ? -1 : 1))
}

const batchHeaderBytes = 61
const compressionMask = 0x07
const appendTimeFlag = 0x08
const transactionFlag = 0x10
const controlFlag = 0x20

/** Exported for its test: record batches as they lie on a broker's disk. The last may be cut off. */
export function decodeBatches(
  bytes: Buffer,
  spot: Spot,
  aborted: readonly Aborted[],
): { readonly records: LogRecord[]; readonly next: bigint } {
  const records: LogRecord[] = []
  const rolledBack = new Set<bigint>()
  const pending = [...aborted]
  let next = spot.offset
  for (let at = 0; at + batchHeaderBytes <= bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    if (bytes[at + 16] !== 2) throw damaged(spot, 'a format older than Kafka 0.11')
    const base = bytes.readBigInt64BE(at)
    const last = base + BigInt(bytes.readInt32BE(at + 23))
    const flags = bytes.readInt16BE(at + 21)
    const producerId = bytes.readBigInt64BE(at + 43)
    while (pending[0] && pending[0].first <= last) {
      rolledBack.add((pending.shift() as Aborted).producerId)
    }
    if (flags & controlFlag) rolledBack.delete(producerId)
    else if (!(flags & transactionFlag && rolledBack.has(producerId))) {
      decodeRecords(bytes.subarray(at, end), flags, spot, records)
    }
    if (last + 1n > next) next = last + 1n
    at = end
  }
  return { records, next }
}

function decodeRecords(batch: Buffer, flags: number, spot: Spot, into: LogRecord[]): void {
  const base = Number(batch.readBigInt64BE(0))
  const firstTime = Number(batch.readBigInt64BE(27))
  const lastTime = Number(batch.readBigInt64BE(35))
  const count = batch.readInt32BE(57)
  const { topic, partition } = spot
  const from = Number(spot.offset)
  const reader = new WireReader(decompress(batch.subarray(batchHeaderBytes), flags, spot))
  for (let n = 0; n < count; n += 1) {
    const length = reader.varint()
    const end = reader.at + length
    reader.at += 1
    const time = reader.varint()
    const offset = base + reader.varint()
    // A batch is given whole, even when only its end was asked for.
    if (offset >= from) {
      const key = reader.text(reader.varint())
      const value = reader.bytes(reader.varint())
      const { id, headers } = readHeaders(reader)
      const appendedAt = flags & appendTimeFlag ? lastTime : firstTime + time
      into.push({
        topic,
        partition,
        offset: BigInt(offset),
        key,
        id,
        value,
        headers,
        appendedAt,
      })
    }
    reader.at = end
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

function readHeaders(reader: WireReader): {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
} {
  let id = ''
  let headers: Record<string, string> | undefined
  for (let left = reader.varint(); left > 0; left -= 1) {
    const name = reader.text(reader.varint())
    const value = reader.text(reader.varint())
    if (name === 'eid') id = value
    else {
      headers ??= Object.create(null) as Record<string, string>
      headers[name] = value
    }
  }
  return { id, headers: headers ? { ...headers } : noHeaders }
}

/** Larger than any batch a broker takes by much: what unpacks to more was made to hurt. */
const unpackedBytesMax = 64 * 1024 * 1024

function decompress(bytes: Buffer, flags: number, spot: Spot): Buffer {
  const options = { maxOutputLength: unpackedBytesMax }
  switch (flags & compressionMask) {
    case 0:
      return bytes
    case 1:
      return gunzipSync(bytes, options)
    case 4:
      return zstdDecompressSync(bytes, options)
    default:
      throw damaged(spot, 'a compression that is not known here')
  }
}

const damaged = ({ topic, partition }: Spot, rule: string) =>
  new HubError('HUB_LOG_ENTRY_DAMAGED', `${topic}/${partition} holds a batch in ${rule}`)
