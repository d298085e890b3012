import { describe, expect, it } from 'vitest'
import { type Asking, postgresLookups } from './postgres-lookups.ts'

const person = (key: string, text: string | null) => ({ part: 2, key, num: 7, text })
const row = (personId: string) => JSON.stringify({ personId })
const claim = (key: string, owner: string) => ({ part: 1, key, num: 0, text: owner })
const horizon = (num: number) => ({ part: 7, key: '', num, text: null })
const change = (num: number) => ({ part: 8, key: '', num, text: null })

/** What a load asks for: at once, and only where something has changed since. */
function askedBy({ values }: Asking) {
  const [claims, people, revisions] = values
  const [claimsIfChanged, peopleIfChanged, since, agreementsSince] = values.slice(8)
  return { claims, people, revisions, claimsIfChanged, peopleIfChanged, since, agreementsSince }
}

describe('what a step looks up in PostgreSQL', () => {
  it('finds a person whose row came without its text, whoever else has been looked up meanwhile', () => {
    const ask = postgresLookups(2)
    const ann = [{ kind: 'person', personId: 'ann' }] as const
    ask(ann, 0).read([person('ann', row('ann'))])

    const asking = ask(ann, 0)
    expect(askedBy(asking).revisions).toEqual({ ann: 7 })
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
    expect(askedBy(ask(bob, 0)).revisions).toEqual({})
    ask(bob, 0).read([person('bob', row('bob'))])
    const { known } = ask(bob, 0).read([{ ...person('bob', row('bob, again')), num: 8 }])
    expect(known.person('bob')).toEqual({ personId: 'bob, again' })
    expect(askedBy(ask(bob, 0)).revisions).toEqual({ bob: 8 })
  })

  it('does not look somebody up again while nothing has changed', () => {
    const ask = postgresLookups()
    const hers = [{ kind: 'claims', identifier: 'nhs' }, { kind: 'agreements' }] as const
    const agreement = { part: 3, key: 'a', num: 3, text: '{"id":"a"}' }
    const rows = [claim('nhs', 'ann'), person('ann', row('ann')), agreement]
    ask(hers, 0).read([...rows, horizon(20), change(12)])

    const asking = ask(hers, 0)
    expect(askedBy(asking)).toMatchObject({ claims: [], people: [] })
    expect(askedBy(asking)).toMatchObject({ claimsIfChanged: ['nhs'], peopleIfChanged: ['ann'] })
    expect(askedBy(asking)).toMatchObject({ since: 20, agreementsSince: 20 })
    const { known, seen } = asking.read([horizon(31), change(12)])
    expect(known.claim('nhs')).toEqual({ identifier: 'nhs', personId: 'ann' })
    expect(known.person('ann')).toEqual({ personId: 'ann' })
    expect(known.agreements).toEqual([{ id: 'a' }])
    const held = { claims: new Map([['nhs', 'ann']]), people: new Map([['ann', 7]]), agreements: 3 }
    expect(seen).toEqual({ ...held, found: [], horizon: 31 })
    expect(askedBy(ask(hers, 0)).since).toBe(31)
  })

  it('takes what came instead where something has changed since, and asks at once from then on', () => {
    const ask = postgresLookups()
    const his = [{ kind: 'claims', identifier: 'nhs' }] as const
    ask(his, 0).read([claim('nhs', 'bob'), person('bob', row('bob')), horizon(20), change(12)])

    const asking = ask(his, 0)
    const other = ask(his, 0)
    // He has withdrawn, and nobody has claimed the identifier since.
    const { known, seen } = asking.read([horizon(40), change(33)])
    expect([known.claim('nhs'), known.person('bob')]).toEqual([undefined, undefined])
    expect(seen.claims).toEqual(new Map([['nhs', null]]))
    // A task whose snapshot is older answers later: what it saw is not what stands.
    other.read([horizon(31), change(12)])
    expect(askedBy(ask(his, 0))).toMatchObject({ claims: [], claimsIfChanged: ['nhs'], since: 40 })

    ask([{ kind: 'person', personId: 'cy' }], 0).read([horizon(60), change(50)])
    expect(askedBy(ask(his, 0))).toMatchObject({ claims: ['nhs'], claimsIfChanged: [] })
  })
})
