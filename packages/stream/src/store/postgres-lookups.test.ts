import { describe, expect, it } from 'vitest'
import { postgresLookups } from './postgres-lookups.ts'

const person = (key: string, text: string | null) => ({ part: 2, key, num: 7, text })
const row = (personId: string) => JSON.stringify({ personId })
const revisionsSent = 2

describe('what a step looks up in PostgreSQL', () => {
  it('finds a person whose row came without its text, whoever else has been looked up meanwhile', () => {
    const ask = postgresLookups(2)
    const ann = [{ kind: 'person', personId: 'ann' }] as const
    ask(ann, 0).read([person('ann', row('ann'))])

    const asking = ask(ann, 0)
    expect(asking.values[revisionsSent]).toEqual({ ann: 7 })
    // More than are kept, by another task of this process.
    for (const personId of ['bob', 'cy', 'dee']) {
      ask([{ kind: 'person', personId }], 0).read([person(personId, row(personId))])
    }
    const { known, seen } = asking.read([person('ann', null)])
    expect(known.person('ann')).toEqual({ personId: 'ann' })
    expect(seen.people).toEqual(new Map([['ann', 7]]))
  })

  it('takes the row that came for the one it had, and asks for all of it where it has none', () => {
    const ask = postgresLookups()
    const bob = [{ kind: 'person', personId: 'bob' }] as const
    expect(ask(bob, 0).values[revisionsSent]).toEqual({})
    ask(bob, 0).read([person('bob', row('bob'))])
    const { known } = ask(bob, 0).read([{ ...person('bob', row('bob, again')), num: 8 }])
    expect(known.person('bob')).toEqual({ personId: 'bob, again' })
    expect(ask(bob, 0).values[revisionsSent]).toEqual({ bob: 8 })
  })
})
