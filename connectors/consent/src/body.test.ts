import { describe, expect, it } from 'vitest'
import { assignmentSchema, consentSchema, withdrawalSchema } from './body.ts'
import { faultsOf } from './faults.ts'
import { corwin } from './testing/people.ts'

const faultsIn = (body: unknown): readonly string[] => {
  const read = consentSchema.safeParse(body)
  return read.success ? [] : faultsOf(read.error).map(({ path, rule }) => `${path}: ${rule}`)
}
const [grant] = corwin.grants

describe('what a consent says', () => {
  it('is read in full, with its times as instants', () => {
    const read = consentSchema.parse(corwin)
    expect(read).toMatchObject({
      lead: 'lp-1',
      deputies: ['lp-2'],
      team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
      displayName: 'Corwin F.',
      grants: [
        { from: Date.parse('2026-01-05T09:00:00Z'), until: Date.parse('2027-01-05T00:00:00Z') },
      ],
    })
  })

  it('needs no deputies, team, safe contact or own words', () => {
    const {
      deputies: _deputies,
      team: _team,
      safeContact: _contact,
      ownWords: _words,
      ...least
    } = corwin
    expect(consentSchema.parse(least)).toMatchObject({
      deputies: [],
      team: [],
      safeContact: { ok: [], never: [], reviewBy: null },
      ownWords: '',
    })
  })

  it.each([
    [
      'an end that is not after its start',
      { grants: [{ ...grant, until: '2026-01-05T09:00:00Z' }] },
      'grants[0].until: until-after-from',
    ],
    [
      'more than a week of looking back',
      { grants: [{ ...grant, lookBackDays: 8 }] },
      'grants[0].lookBackDays: too-big',
    ],
    [
      'looking back into the future',
      { grants: [{ ...grant, lookBackDays: -1 }] },
      'grants[0].lookBackDays: too-small',
    ],
    [
      'a purpose nobody has named',
      { grants: [{ ...grant, purpose: 'curiosity' }] },
      'grants[0].purpose: code',
    ],
    [
      'a category nobody has named',
      { grants: [{ ...grant, categories: ['gossip'] }] },
      'grants[0].categories[0]: code',
    ],
    [
      'a tier nobody has named',
      { grants: [{ ...grant, tier: 'everything' }] },
      'grants[0].tier: code',
    ],
    [
      'a time without its zone',
      { grants: [{ ...grant, from: '2026-01-05T09:00:00' }] },
      'grants[0].from: format',
    ],
    [
      'a source named twice',
      { grants: [{ ...grant, sources: ['custody', 'custody'] }] },
      'grants[0].sources: no-repeats',
    ],
    [
      'nobody to tell',
      { grants: [{ ...grant, recipients: [] }] },
      'grants[0].recipients: too-small',
    ],
    ['no grant at all', { grants: [] }, 'grants: too-small'],
    ['no identifier', { identifiers: [] }, 'identifiers: too-small'],
    ['no name', { displayName: '  ' }, 'displayName: required'],
    [
      'a way of reaching them that is both safe and never',
      { safeContact: { ok: ['text'], never: ['text'] } },
      'safeContact.never: safe-or-never',
    ],
    ['text that disguises itself', { displayName: 'Corwin \u202e.F' }, 'displayName: plain-text'],
    ['a member that nobody knows', { shareWithFamily: true }, 'shareWithFamily: unknown-member'],
    [
      'such a member further in',
      { grants: [{ ...grant, lookback: 2 }] },
      'grants[0].lookback: unknown-member',
    ],
  ])('is refused with %s', (_what, change, expected) => {
    expect(faultsIn({ ...corwin, ...change })).toEqual([expected])
  })

  it('is refused where its lead is missing, and says so', () => {
    const { lead: _lead, ...leaderless } = corwin
    expect(faultsIn(leaderless)).toEqual(['lead: required'])
  })

  it.each(['Null', "O'Brien", 'Ng', 'X', 'Nguyễn Thị', 'محمد', 'A'.repeat(200)])(
    'takes the name %s as it is (UI-23)',
    (displayName) => {
      expect(consentSchema.parse({ ...corwin, displayName }).displayName).toBe(displayName)
    },
  )

  it('names what is wrong by place and rule, and repeats nothing it was sent (HTTP-26)', () => {
    const secret = '9990000115 Corwin 07700900123'
    const read = consentSchema.safeParse({
      identifiers: [{ type: secret, value: secret.repeat(9), issuer: '', [secret]: secret }],
      lead: secret,
      deputies: secret,
      team: [secret],
      grants: [{ ...grant, purpose: secret, from: secret, lookBackDays: secret, tier: secret }],
      taken: { ...corwin.taken, setting: secret, at: secret },
      safeContact: { ok: [secret], never: [secret], reviewBy: secret },
      displayName: `${secret}\u0000`,
      ownWords: 7,
      [secret]: secret,
    })
    expect(read.success).toBe(false)
    const answer = JSON.stringify(read.success ? [] : faultsOf(read.error))
    for (const part of secret.split(' ')) expect(answer).not.toContain(part)
  })
})

describe('a withdrawal', () => {
  it('is by the person, with no reason, unless it says otherwise', () => {
    expect(withdrawalSchema.parse({ purposes: ['care-coordination'] })).toEqual({
      purposes: ['care-coordination'],
      by: 'person',
      reason: null,
    })
  })
  it('names at least one purpose', () => {
    expect(withdrawalSchema.safeParse({ purposes: [] }).success).toBe(false)
  })
})

it('a change of assignment names one of the three relations', () => {
  expect(assignmentSchema.safeParse({ practitionerId: 'lp-2', relation: 'friend' }).success).toBe(
    false,
  )
})
