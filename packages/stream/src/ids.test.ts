import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { nodeIds } from './ids.ts'

const key = Buffer.alloc(32, 7)

it.each([key, Buffer.alloc(100, 9)])('gives the HMAC that the standard library gives', (secret) => {
  const expected = createHmac('sha256', secret).update('5:event7:custody3:é-1').digest('base64url')
  expect(nodeIds(secret).hmac('event', 'custody', 'é-1')).toBe(expected.slice(0, 27))
  expect(nodeIds(secret).hmac('event', 'custody', 'é-1')).toHaveLength(27)
})

it('never gives one id to two lists of parts, or to two uses', () => {
  const ids = nodeIds(key)
  const made = [
    ids.hash('a', 'bc'),
    ids.hash('ab', 'c'),
    ids.hash('a', 'b', 'c'),
    ids.hash('abc'),
    ids.hmac('a', 'bc'),
    ids.hmac('a', 'b', 'c'),
  ]
  expect(new Set(made).size).toBe(made.length)
})

it('takes a very long part after a short one, and the other way round', () => {
  const ids = nodeIds(key)
  const short = ids.hmac('event', 'short')
  const long = 'x'.repeat(10_000)
  expect(ids.hmac('event', long)).toBe(nodeIds(key).hmac('event', long))
  expect(ids.hmac('event', 'short')).toBe(short)
})

it('gives different people different pseudonyms under different keys', () => {
  expect(nodeIds(key).hmac('identifier', 'NHS:9990000115')).not.toBe(
    nodeIds(Buffer.alloc(32, 8)).hmac('identifier', 'NHS:9990000115'),
  )
})
