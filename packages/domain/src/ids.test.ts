import { describe, expect, it } from 'vitest'
import { type Ids, noticeIdOf } from './ids.ts'

const ids: Ids = {
  hmac: (...parts) => JSON.stringify(parts),
  hash: (...parts) => JSON.stringify(parts),
}

describe('the id of a notice', () => {
  it("is another one for each person, though their consents' episodes have the same name", () => {
    const ann = noticeIdOf(ids, 'consent', 'ann', 'consent:withdrawn:2', 'lp-1')
    const bob = noticeIdOf(ids, 'consent', 'bob', 'consent:withdrawn:2', 'lp-1')
    expect(ann).not.toBe(bob)
  })
})
