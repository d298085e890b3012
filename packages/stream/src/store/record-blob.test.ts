import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packRecords, unpackRecords } from './record-blob.ts'

const record = fc.record({
  topic: fc.constantFrom('person.events.v1', 'practitioner.notices.v1'),
  key: fc.string(),
  id: fc.string(),
  value: fc.option(fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes))),
})

it('gives back the records of a step as they went in', () => {
  fc.assert(
    fc.property(fc.array(record), (records) => {
      expect(unpackRecords(packRecords(records))).toEqual(records)
    }),
  )
})

it('keeps headers', () => {
  const one = { topic: 't', key: 'k', id: 'i', value: null, headers: { traceparent: '00-é' } }
  expect(unpackRecords(packRecords([one]))).toEqual([one])
})

it('refuses a row that was cut short', () => {
  const blob = packRecords([{ topic: 't', key: 'k', id: 'i', value: Buffer.from('value') }])
  for (let length = 0; length < blob.length; length += 1) {
    expect(() => unpackRecords(blob.subarray(0, length))).toThrow('does not add up')
  }
})
