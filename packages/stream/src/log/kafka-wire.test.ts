import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBatches } from './kafka-fetch.ts'
import { writeBatch } from './kafka-produce.ts'
import { crc32c, varintSize, WireReader, WireWriter } from './kafka-wire.ts'

const spot = { topic: 'moves.v1', partition: 3, offset: 0n }
const sender = { producerId: '7', producerEpoch: 0 }
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const record = fc.record({
  key: text,
  id: text,
  value: fc.option(fc.uint8Array({ maxLength: 3_000 })),
  headers: fc.dictionary(
    text.filter((name) => name !== 'eid'),
    text,
    { maxKeys: 4 },
  ),
})

/** The batch as a broker keeps it: with the offset it gave to the first record. */
function batchOf(records: readonly object[], base: bigint): Buffer {
  const writer = new WireWriter(16)
  const outgoing = records as Parameters<typeof writeBatch>[1]['records']
  writeBatch(writer, { records: outgoing, firstSequence: 0 }, sender, 1_000)
  const bytes = Buffer.from(writer.written)
  bytes.writeBigInt64BE(base, 0)
  return bytes
}

it('reads back what it wrote, whatever the words', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (records) => {
      const { records: read, next } = decodeBatches(batchOf(records, 0n), spot, [])
      expect(next).toBe(BigInt(records.length))
      expect(read).toEqual(
        records.map(({ value, headers, ...rest }, n) => ({
          ...rest,
          headers: { ...headers },
          value: value && Buffer.from(value),
          topic: 'moves.v1',
          partition: 3,
          offset: BigInt(n),
          appendedAt: 1_000,
        })),
      )
    }),
  )
})

const plain = (id: string) => ({ key: 'ann', id, value: Buffer.from(id) })

it('gives nothing below the place it was asked for, and stops at a batch that is cut off', () => {
  const whole = Buffer.concat([batchOf([plain('a'), plain('b')], 4n), batchOf([plain('c')], 6n)])
  const ids = (bytes: Buffer, offset: bigint) => {
    const { records, next } = decodeBatches(bytes, { ...spot, offset }, [])
    return [...records.map(({ id }) => id), next]
  }
  expect(ids(whole, 5n)).toEqual(['b', 'c', 7n])
  expect(ids(whole.subarray(0, whole.length - 1), 5n)).toEqual(['b', 6n])
})

it('passes by what a transaction took back, markers, and batches that compaction has emptied', () => {
  const transactional = 0x10
  const control = 0x20
  const flagged = (bytes: Buffer, flags: number) => {
    bytes.writeInt16BE(flags, 21)
    return bytes
  }
  const empty = batchOf([plain('gone')], 9n).subarray(0, 61)
  empty.writeInt32BE(61 - 12, 8)
  empty.writeInt32BE(0, 57)
  const bytes = Buffer.concat([
    flagged(batchOf([plain('taken back')], 5n), transactional),
    batchOf([plain('kept')], 6n),
    flagged(batchOf([plain('marker')], 7n), transactional | control),
    flagged(batchOf([plain('committed')], 8n), transactional),
    empty,
  ])
  const taken = [{ producerId: 7n, first: 5n }]
  const { records, next } = decodeBatches(bytes, { ...spot, offset: 5n }, taken)
  expect(records.map(({ id }) => id)).toEqual(['kept', 'committed'])
  expect(next).toBe(10n)
})

it('sums as Castagnoli does', () => {
  const digits = Buffer.from('123456789')
  expect(crc32c(digits, 0, digits.length) >>> 0).toBe(0xe3069283)
  // RFC 3720, appendix B.4: 32 bytes of zeroes.
  expect(crc32c(Buffer.alloc(32), 0, 32) >>> 0).toBe(0x8a9136aa)
})

it('writes numbers as long as it says, and reads them back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 30), max: 2 ** 30 - 1 }), (value) => {
      const writer = new WireWriter(1)
      writer.varint(value)
      expect(writer.at).toBe(varintSize(value))
      expect(new WireReader(writer.written).varint()).toBe(value)
    }),
  )
})
