import { describe, expect, it } from 'vitest'
import type { OutboxRow } from '../ports.ts'
import { Unsent } from './unsent.ts'

const row = (seq: number, count = 1): OutboxRow => ({
  seq: BigInt(seq),
  records: Array.from({ length: count }, (_, n) => ({
    topic: 'practitioner.notices.v1',
    key: 'ann',
    id: `n${seq}.${n}`,
    value: null,
  })),
})
const numbers = (rows: readonly OutboxRow[] | undefined) => rows?.map(({ seq }) => Number(seq))

describe('what a task has not sent yet', () => {
  it('is read from the database until all that an owner before it left has been seen', () => {
    const unsent = new Unsent()
    unsent.committed(row(7))
    expect(unsent.first(8)).toBeUndefined()
    unsent.read([row(3), row(4)], 2, unsent.reading())
    expect(unsent.first(8)).toBeUndefined()
    unsent.read([row(4)], 2, unsent.reading())
    expect(numbers(unsent.first(8))).toEqual([4, 7])
  })

  it('is given in the order of its commits, and forgotten once it is sent', () => {
    const unsent = new Unsent()
    unsent.read([], 8, unsent.reading())
    for (const seq of [1, 2, 3]) unsent.committed(row(seq))
    expect(numbers(unsent.first(2))).toEqual([1, 2])
    unsent.sent(2n)
    expect(numbers(unsent.first(2))).toEqual([3])
  })

  it('names a row once that was committed while the database was read', () => {
    const unsent = new Unsent()
    const reading = unsent.reading()
    unsent.committed(row(5))
    unsent.committed(row(6))
    unsent.read([row(4), row(5)], 8, reading)
    expect(numbers(unsent.first(8))).toEqual([4, 5, 6])
  })

  it('is not kept for ever while nothing can be sent, and is whole again only when read anew', () => {
    const unsent = new Unsent()
    unsent.read([], 8, unsent.reading())
    const reading = unsent.reading()
    for (const seq of [1, 2, 3]) unsent.committed(row(seq, 2_000))
    expect(unsent.first(8)).toBeUndefined()
    // What was read before it was forgotten may lack what was committed meanwhile.
    unsent.read([row(1)], 8, reading)
    expect(unsent.first(8)).toBeUndefined()
    unsent.read([row(1), row(2), row(3)], 8, unsent.reading())
    expect(numbers(unsent.first(8))).toEqual([1, 2, 3])
  })
})
