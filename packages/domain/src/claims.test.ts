import { expect, it } from 'vitest'
import { identifierHash, recordKeyOf } from './claims.ts'
import type { Ids } from './ids.ts'

const ids: Ids = {
  hmac: (label, ...parts) => JSON.stringify(['hmac', label, ...parts]),
  hash: (label, ...parts) => JSON.stringify(['hash', label, ...parts]),
}

it('hashes an identifier with the key, apart from every other use', () => {
  expect(identifierHash(ids, 'NHS:9990000115')).toBe('["hmac","identifier","NHS:9990000115"]')
})

it('keeps one source’s events about a person in order by their first identifier', () => {
  expect(recordKeyOf(['first', 'second'])).toBe('first')
  expect(recordKeyOf([])).toBeUndefined()
})
