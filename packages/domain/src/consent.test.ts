import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agencyRole,
  allows,
  allowsLeadLookup,
  type DisclosureQuestion,
  deputiesOf,
  type FlowQuestion,
  flows,
  grantRecipients,
  inForce,
  leadOf,
  leadsOrDeputises,
  sourceOf,
  teamOf,
} from './consent.ts'
import {
  type Agreement,
  type Assignment,
  type Category,
  type ConsentState,
  type ConsentVersion,
  categories,
  type Grant,
  type PersonRegister,
  tiers,
} from './register.ts'

const dayMs = 86_400_000
const accepted = Date.parse('2026-01-05T09:00:00Z')
const until = Date.parse('2027-01-05T00:00:00Z')
const now = Date.parse('2026-03-02T12:00:00Z')
const org = 'testshire-recovery'
const leads = { organisation: org, role: 'lead-practitioner' }

const grant = (changes: Partial<Grant> = {}): Grant => ({
  purpose: 'care-coordination',
  sources: ['custody', 'hospital'],
  recipients: [leads],
  categories: ['whereabouts', 'justice', 'health'],
  tier: 'detail',
  from: accepted,
  until,
  lookBackDays: 0,
  ...changes,
})
const version = (changes: Partial<ConsentVersion> = {}): ConsentVersion => ({
  version: 1,
  state: 'given',
  acceptedAt: accepted,
  endedAt: null,
  grants: [grant()],
  identifiers: [],
  ...changes,
})
const assignment = (changes: Partial<Assignment> = {}): Assignment => ({
  practitionerId: 'lp-1',
  organisation: org,
  role: 'lead-practitioner',
  relation: 'lead',
  tier: 'detail',
  from: accepted,
  until: null,
  ...changes,
})
const deputy = assignment({
  practitionerId: 'lp-2',
  relation: 'deputy',
  role: 'nurse',
  tier: 'headline',
})
const peer = assignment({
  practitionerId: 'peer-4',
  relation: 'team',
  role: 'peer-supporter',
  tier: 'involvement',
})
const ann = (changes: Partial<PersonRegister> = {}): PersonRegister => ({
  personId: 'ann',
  status: 'active',
  versions: [version()],
  assignments: [assignment(), deputy, peer],
  ...changes,
})
/** Ann, whose only consent holds these grants. */
const agreeing = (...grants: readonly Grant[]) => ann({ versions: [version({ grants })] })

const agreement = (source: string, changes: Partial<Agreement> = {}): Agreement => ({
  agreementId: `${source}-agreement`,
  source,
  purpose: 'care-coordination',
  recipientOrganisation: org,
  from: accepted - 100 * dayMs,
  until: until + 100 * dayMs,
  ...changes,
})
const agreements = [agreement('custody'), agreement('hospital'), agreement('housing')]

const asked = (changes: Partial<DisclosureQuestion> = {}): DisclosureQuestion => ({
  purpose: 'care-coordination',
  sources: ['custody'],
  categories: ['justice'],
  recipient: { practitionerId: 'lp-1', ...leads },
  tier: 'involvement',
  now,
  assignment: 'required',
  ...changes,
})
const told = (
  person: PersonRegister,
  changes: Partial<DisclosureQuestion> = {},
  agreed: readonly Agreement[] = agreements,
) => {
  const answer = allows(person, agreed, asked(changes))
  return answer.ok ? answer.tier : answer.reason
}
const to = (practitionerId: string, role: string, organisation = org) => ({
  recipient: { practitionerId, organisation, role },
})

const joined = (
  person: PersonRegister,
  changes: Partial<FlowQuestion> = {},
  agreed: readonly Agreement[] = agreements,
) => {
  const answer = flows(person, agreed, {
    source: 'custody',
    categories: ['justice'],
    purpose: 'care-coordination',
    receivedAt: now,
    now,
    ...changes,
  })
  return answer.ok ? answer.consentVersion : answer.reason
}

describe('who may be told', () => {
  it('tells the lead, at the least of the grant’s and the assignment’s tier, with what it rests on', () => {
    expect(allows(ann(), agreements, asked())).toEqual({
      ok: true,
      tier: 'detail',
      consentVersion: 1,
      agreementIds: ['custody-agreement'],
      until,
    })
    expect(told(ann(), to('lp-2', 'nurse'))).toBe('headline')
    expect(told(agreeing(grant({ tier: 'headline' })))).toBe('headline')
  })

  it('names every agreement once when several agencies contributed', () => {
    const answer = allows(
      ann(),
      agreements,
      asked({ sources: ['hospital', 'custody', 'hospital'] }),
    )
    expect(answer).toMatchObject({ agreementIds: ['hospital-agreement', 'custody-agreement'] })
  })

  it.each<[string, Partial<DisclosureQuestion>, PersonRegister, readonly Agreement[], string]>([
    [
      'nobody else’s practitioner',
      to('lp-9', 'lead-practitioner'),
      ann(),
      agreements,
      'no-assignment',
    ],
    [
      'the lead under another organisation',
      to('lp-1', 'lead-practitioner', 'other'),
      ann(),
      agreements,
      'no-assignment',
    ],
    [
      'a team member whose role no grant names',
      to('peer-4', 'lead-practitioner'),
      ann(),
      agreements,
      'recipient-not-granted',
    ],
    [
      'about an agency that was not granted',
      { sources: ['housing'] },
      ann(),
      agreements,
      'source-not-granted',
    ],
    [
      'when one of two agencies was not granted',
      { sources: ['custody', 'housing'] },
      ann(),
      agreements,
      'source-not-granted',
    ],
    [
      'about a category that was not granted',
      { categories: ['housing'] },
      ann(),
      agreements,
      'category-not-granted',
    ],
    [
      'when one of two categories was not granted',
      { categories: ['justice', 'housing'] },
      ann(),
      agreements,
      'category-not-granted',
    ],
    ['for another purpose', { purpose: 'outcomes' }, ann(), agreements, 'no-consent'],
    ['without an agreement between the institutions', {}, ann(), [], 'no-agreement'],
    [
      'when an agreement is for another purpose',
      {},
      ann(),
      [agreement('custody', { purpose: 'outcomes' })],
      'no-agreement',
    ],
    [
      'when an agreement is with another organisation',
      {},
      ann(),
      [agreement('custody', { recipientOrganisation: 'other' })],
      'no-agreement',
    ],
    [
      'when one of two agencies has no agreement',
      { sources: ['custody', 'hospital'] },
      ann(),
      [agreement('custody')],
      'no-agreement',
    ],
    [
      'above the tier of the assignment',
      { ...to('lp-2', 'nurse'), tier: 'detail' },
      ann(),
      agreements,
      'tier',
    ],
    [
      'above the tier of the grant',
      { tier: 'detail' },
      agreeing(grant({ tier: 'headline' })),
      agreements,
      'tier',
    ],
    ['who never agreed', {}, ann({ versions: [] }), agreements, 'no-consent'],
    [
      'who declined',
      {},
      ann({ versions: [version({ state: 'declined' })] }),
      agreements,
      'no-consent',
    ],
    [
      'whose consent is only proposed',
      {},
      ann({ versions: [version({ state: 'proposed' })] }),
      agreements,
      'no-consent',
    ],
    [
      'whose consent lapsed',
      {},
      ann({
        versions: [
          version({ state: 'superseded', endedAt: now - 1 }),
          version({ version: 2, state: 'expired', acceptedAt: now - 1 }),
        ],
      }),
      agreements,
      'expired',
    ],
    ['who was erased', {}, ann({ status: 'erased' }), agreements, 'erased'],
    ['with categories but no source', { sources: [] }, ann(), agreements, 'source-not-granted'],
  ])('tells nobody anything: %s', (_why, changes, person, agreed, reason) => {
    expect(told(person, changes, agreed)).toBe(reason)
  })

  it('needs some grant for a source even when a fact has no category', () => {
    expect(told(ann(), { categories: [] })).toBe('detail')
    expect(told(ann(), { categories: [], sources: ['housing'] })).toBe('source-not-granted')
  })

  it('lets two grants cover two categories, at the lesser tier', () => {
    const person = agreeing(
      grant({ categories: ['justice'] }),
      grant({ categories: ['health'], tier: 'involvement' }),
    )
    expect(told(person, { categories: ['justice'] })).toBe('detail')
    expect(told(person, { categories: ['justice', 'health'] })).toBe('involvement')
  })

  it('does not lend one grant’s source to another grant’s category', () => {
    const person = agreeing(
      grant({ sources: ['custody'], categories: ['justice'] }),
      grant({ sources: ['hospital'], categories: ['health'] }),
    )
    expect(told(person, { sources: ['custody'], categories: ['health'] })).toBe(
      'category-not-granted',
    )
    expect(
      told(person, { sources: ['custody', 'hospital'], categories: ['justice', 'health'] }),
    ).toBe('category-not-granted')
  })

  it('uses the wider of two grants for the same thing', () => {
    const narrow = grant({ tier: 'involvement' })
    expect(told(agreeing(narrow, grant()))).toBe('detail')
    expect(told(agreeing(grant(), narrow))).toBe('detail')
  })

  it('says when the first of what it rests on ends, so that no permit outlives it', () => {
    const ends = (person: PersonRegister, agreed = agreements) => {
      const answer = allows(person, agreed, asked())
      return answer.ok && answer.until
    }
    expect(ends(agreeing(grant({ until: now + 1 })))).toBe(now + 1)
    expect(ends(ann({ assignments: [assignment({ until: now + 2 })] }))).toBe(now + 2)
    expect(ends(ann(), [agreement('custody', { until: now + 3 })])).toBe(now + 3)
    expect(ends(ann({ versions: [version({ endedAt: now + 4 })] }))).toBe(now + 4)
  })

  it('tells of a withdrawal or a handover to those assigned, without consent', () => {
    const gone = ann({
      versions: [
        version({ endedAt: now - 5 }),
        version({ version: 2, state: 'withdrawn', acceptedAt: now - 5, grants: [] }),
      ],
    })
    const plain = { sources: [], categories: [] }
    expect(allows(gone, [], asked(plain))).toMatchObject({
      ok: true,
      tier: 'detail',
      consentVersion: 2,
    })
    expect(told(gone, { ...plain, ...to('lp-9', 'lead-practitioner') })).toBe('no-assignment')
    expect(told(gone, { ...plain, ...to('peer-4', 'peer-supporter'), tier: 'detail' })).toBe('tier')
    expect(told(ann({ status: 'erased' }), plain)).toBe('erased')
  })

  it('matches by organisation and role alone where no assignment is asked for', () => {
    const anybody = { assignment: 'not-required' as const }
    expect(told(ann(), { ...anybody, ...to('any', 'lead-practitioner') })).toBe('detail')
    expect(told(ann(), { ...anybody, ...to('any', 'nurse') })).toBe('recipient-not-granted')
  })
})

describe('in which role somebody is told', () => {
  it('counts lead and deputies as lead practitioners, whatever their profession', () => {
    const nurse = assignment({ role: 'nurse' })
    expect(told(ann({ assignments: [nurse] }), to('lp-1', 'nurse'))).toBe('detail')
    expect(told(ann(), to('lp-2', 'nurse'))).toBe('headline')
  })

  it('tells a team member what their own role was granted, not what their credential says', () => {
    const forPeers = grant({
      recipients: [{ organisation: org, role: 'peer-supporter' }],
      categories: ['whereabouts'],
    })
    const person = agreeing(grant(), forPeers)
    expect(told(person, { ...to('peer-4', 'peer-supporter'), categories: ['whereabouts'] })).toBe(
      'involvement',
    )
    expect(told(person, { ...to('peer-4', 'lead-practitioner'), categories: ['justice'] })).toBe(
      'recipient-not-granted',
    )
  })

  it('takes the better of two roles that one practitioner holds', () => {
    const both = [
      peer,
      assignment({ practitionerId: 'peer-4', relation: 'deputy', tier: 'headline' }),
    ]
    expect(told(ann({ assignments: both }), to('peer-4', 'peer-supporter'))).toBe('headline')
  })

  const forDuty = grant({ recipients: [leads, { organisation: org, role: 'duty' }] })
  it('lets a duty role stand in where a grant names it and the organisation has an assignment', () => {
    const onDuty = to(`duty:${org}`, 'duty')
    expect(told(agreeing(forDuty), onDuty)).toBe('detail')
    expect(told(agreeing(grant()), onDuty)).toBe('recipient-not-granted')
    expect(told(ann({ versions: [version({ grants: [forDuty] })], assignments: [] }), onDuty)).toBe(
      'no-assignment',
    )
    expect(
      told(ann({ versions: [version({ grants: [forDuty] })], assignments: [peer] }), onDuty),
    ).toBe('involvement')
  })

  it('gives a duty role to its own name only', () => {
    expect(told(agreeing(forDuty), to('duty-1', 'duty'))).toBe('no-assignment')
    expect(told(agreeing(forDuty), to('duty:other', 'duty'))).toBe('no-assignment')
    expect(told(agreeing(forDuty), to(`prescriber:${org}`, 'duty'))).toBe('recipient-not-granted')
    expect(told(agreeing(forDuty), to(`manager:${org}`, 'duty'))).toBe('no-assignment')
  })
})

describe('who leads', () => {
  const hospital = { organisation: 'hospital', role: agencyRole }
  const forHospital = (changes: Partial<Grant> = {}) =>
    grant({ recipients: [hospital], tier: 'involvement', ...changes })
  const agreed = [agreement('custody', { recipientOrganisation: 'hospital', until: until + 5 })]
  const may = (person: PersonRegister, at = now, recipient = hospital) =>
    allowsLeadLookup(person, agreed, { recipient, now: at })
  const reason = (answer: ReturnType<typeof may>) => (answer.ok ? 'ok' : answer.reason)

  it('is told to an agency that the person named, and no more than involvement', () => {
    expect(may(agreeing(grant(), forHospital({ tier: 'detail' })))).toEqual({
      ok: true,
      tier: 'involvement',
      consentVersion: 1,
      agreementIds: ['custody-agreement'],
      until,
    })
  })

  it('is not told to an agency that nobody named, or in another role', () => {
    expect(reason(may(ann()))).toBe('recipient-not-granted')
    const other = { organisation: 'hospital', role: 'duty' }
    expect(reason(may(agreeing(forHospital()), now, other))).toBe('recipient-not-granted')
    const research = forHospital({ purpose: 'research' })
    expect(reason(may(agreeing(research)))).toBe('recipient-not-granted')
  })

  it('is not told without the institutions’ agreement', () => {
    const housing = agreeing(forHospital({ sources: ['housing'] }))
    expect(reason(may(housing))).toBe('no-agreement')
  })

  it('is told for as long as grant, agreement and consent last, to the millisecond', () => {
    const named = agreeing(forHospital())
    expect(reason(may(named, accepted - 1))).toBe('not-yet')
    expect(reason(may(named, accepted))).toBe('ok')
    expect(reason(may(named, until - 1))).toBe('ok')
    expect(reason(may(named, until))).toBe('recipient-not-granted')
    const gone = version({ version: 2, state: 'withdrawn', acceptedAt: now, grants: [] })
    const withdrawn = ann({ versions: [version({ grants: [forHospital()], endedAt: now }), gone] })
    expect(reason(may(withdrawn, now - 1))).toBe('ok')
    expect(reason(may(withdrawn, now))).toBe('withdrawn')
    expect(reason(may(ann({ status: 'erased' })))).toBe('erased')
  })
})

describe('which source a grant means', () => {
  const police = agreeing(grant({ sources: ['custody/police'] }))
  it('covers all systems of an agency it names', () => {
    expect(told(ann(), { sources: ['custody/police'] })).toBe('detail')
    expect(joined(ann(), { source: sourceOf({ agency: 'custody', system: 'police' }) })).toBe(1)
  })
  it('covers one system and no other, nor the agency as a whole', () => {
    expect(told(police, { sources: ['custody/police'] })).toBe('detail')
    expect(told(police, { sources: ['custody/prison'] })).toBe('source-not-granted')
    expect(told(police, { sources: ['custody'] })).toBe('source-not-granted')
  })
  it('does not take a longer name for a system', () => {
    expect(told(ann(), { sources: ['custody-archive'] })).toBe('source-not-granted')
  })
})

describe('to the millisecond', () => {
  const start = accepted + dayMs
  const end = now
  const timed = {
    grant: agreeing(grant({ from: start, until: end })),
    consent: ann({
      versions: [
        version({ acceptedAt: start, endedAt: end }),
        version({ version: 2, state: 'withdrawn', acceptedAt: end, grants: [] }),
      ],
    }),
    assignment: ann({ assignments: [assignment({ from: start, until: end })] }),
  }
  it.each([
    ['grant', 'not-yet', 'expired'],
    ['consent', 'not-yet', 'withdrawn'],
    ['assignment', 'no-assignment', 'no-assignment'],
  ] as const)(
    'begins with the first instant of the %s and stops before its last',
    (what, early, late) => {
      const at = (instant: number) => told(timed[what], { now: instant })
      expect([at(start - 1), at(start), at(start + 1)]).toEqual([early, 'detail', 'detail'])
      expect([at(end - 1), at(end), at(end + 1)]).toEqual(['detail', late, late])
    },
  )

  it('begins with the first instant of the agreement and stops before its last', () => {
    const agreed = [agreement('custody', { from: start, until: end })]
    const at = (instant: number) => [
      told(ann(), { now: instant }, agreed),
      joined(ann(), { receivedAt: instant, now: instant }, agreed),
    ]
    const none = ['no-agreement', 'no-agreement']
    expect([at(start - 1), at(start), at(start + 1)]).toEqual([none, ['detail', 1], ['detail', 1]])
    expect([at(end - 1), at(end), at(end + 1)]).toEqual([['detail', 1], none, none])
  })

  it('lets events flow from acceptance on and not a millisecond before', () => {
    const at = (receivedAt: number) => joined(ann(), { receivedAt })
    expect([at(accepted - 1), at(accepted), at(accepted + 1)]).toEqual(['not-yet', 1, 1])
  })

  it('stops the flow at the withdrawal, also for what came before it', () => {
    const at = (instant: number) => joined(timed.consent, { receivedAt: start, now: instant })
    expect([at(end - 1), at(end), at(end + 1)]).toEqual([1, 'withdrawn', 'withdrawn'])
  })

  it('stops the flow when the grant ends, also for what came before', () => {
    const at = (instant: number) => joined(timed.grant, { receivedAt: start, now: instant })
    expect([at(end - 1), at(end), at(end + 1)]).toEqual([1, 'expired', 'expired'])
    expect(joined(timed.grant, { receivedAt: start - 1, now: start })).toBe('not-yet')
  })

  it('looks back exactly as far as the person said', () => {
    const person = agreeing(grant({ lookBackDays: 3 }))
    const at = (receivedAt: number) => joined(person, { receivedAt })
    expect(at(accepted - 3 * dayMs - 1)).toBe('not-yet')
    expect(at(accepted - 3 * dayMs)).toBe(1)
    expect(at(accepted - 1)).toBe(1)
  })

  it('never looks back further than seven days', () => {
    const person = agreeing(grant({ lookBackDays: 30 }))
    expect(joined(person, { receivedAt: accepted - 7 * dayMs - 1 })).toBe('not-yet')
    expect(joined(person, { receivedAt: accepted - 7 * dayMs })).toBe(1)
  })
})

describe('what flows to a person', () => {
  const change = accepted + 10 * dayMs
  /** Version 1 until `change`, then `later` with these grants. */
  const changed = (grants: readonly Grant[], later: Partial<ConsentVersion> = {}) =>
    ann({
      versions: [
        version({ state: 'superseded', endedAt: change }),
        version({ version: 2, acceptedAt: change, grants, ...later }),
      ],
    })

  it('carries an event over a change of consent that leaves no gap', () => {
    expect(joined(changed([grant()]), { receivedAt: change - 1 })).toBe(2)
    expect(joined(changed([grant()]), { receivedAt: change })).toBe(2)
  })

  it('does not carry it when the new version no longer grants it, or the old one did not yet', () => {
    expect(joined(changed([grant({ sources: ['hospital'] })]), { receivedAt: change - 1 })).toBe(
      'source-not-granted',
    )
    const wider = changed([grant({ sources: ['custody', 'housing'], categories: ['housing'] })])
    expect(
      joined(wider, { source: 'housing', categories: ['housing'], receivedAt: change - 1 }),
    ).toBe('source-not-granted')
    expect(joined(wider, { source: 'housing', categories: ['housing'], receivedAt: change })).toBe(
      2,
    )
  })

  it('does not bring back what came before a withdrawal, when consent is given again', () => {
    const again = (at: number) =>
      ann({
        versions: [
          version({ state: 'superseded', endedAt: change }),
          version({ version: 2, state: 'withdrawn', acceptedAt: change, endedAt: at, grants: [] }),
          version({ version: 3, acceptedAt: at }),
        ],
      })
    expect(joined(again(change + dayMs), { receivedAt: change - 1 })).toBe('withdrawn')
    expect(joined(again(change + dayMs), { receivedAt: change })).toBe('withdrawn')
    expect(joined(again(change + dayMs), { receivedAt: change + dayMs })).toBe(3)
    expect(joined(again(change), { receivedAt: change - 1 })).toBe('withdrawn')
  })

  it('sees a purpose that was withdrawn for an instant between two versions', () => {
    const person = ann({
      versions: [
        version({ state: 'superseded', endedAt: change }),
        version({
          version: 2,
          state: 'superseded',
          acceptedAt: change,
          endedAt: change,
          grants: [grant({ purpose: 'outcomes' })],
        }),
        version({ version: 3, acceptedAt: change }),
      ],
    })
    expect(joined(person, { receivedAt: change - 1 })).toBe('no-consent')
    expect(joined(person, { receivedAt: change })).toBe(3)
  })

  it('does not take a proposal for a change: it neither breaks the consent nor counts as one', () => {
    const proposal = version({
      version: 2,
      state: 'proposed',
      acceptedAt: accepted + dayMs,
      endedAt: change,
      grants: [],
    })
    const given = version({ state: 'superseded', endedAt: change })
    const next = version({ version: 3, acceptedAt: change })
    expect(joined(ann({ versions: [given, proposal, next] }), { receivedAt: accepted })).toBe(3)
    expect(joined(ann({ versions: [proposal, next] }), { receivedAt: change - 1 })).toBe('not-yet')
  })

  it('needs the grants without a gap too, not only the version', () => {
    const two = (second: number) => agreeing(grant({ until: change }), grant({ from: second }))
    expect(joined(two(change), { receivedAt: change - 1 })).toBe(1)
    expect(joined(two(change + 1), { receivedAt: change - 1 })).toBe('not-yet')
    expect(joined(two(change + 1), { receivedAt: change + 1 })).toBe(1)
  })

  it('sees a gap of a millisecond, between two versions or before the end of an old one', () => {
    const over = (endedAt: number, grantEnds: number) =>
      joined(
        ann({
          versions: [
            version({ state: 'superseded', endedAt, grants: [grant({ until: grantEnds })] }),
            version({ version: 2, acceptedAt: change }),
          ],
        }),
        { receivedAt: change - 10 },
      )
    expect(over(change, change)).toBe(2)
    expect(over(change - 1, until)).toBe('withdrawn')
    expect(over(change, change - 1)).toBe('expired')
  })

  it('looks back from where the grant began to count, its own start or its acceptance', () => {
    const late = agreeing(grant({ from: change, lookBackDays: 2 }))
    expect(joined(late, { receivedAt: change - 2 * dayMs })).toBe(1)
    expect(joined(late, { receivedAt: change - 2 * dayMs - 1 })).toBe('not-yet')
    const early = agreeing(grant({ from: accepted - 90 * dayMs, lookBackDays: 2 }))
    expect(joined(early, { receivedAt: accepted - 2 * dayMs - 1 })).toBe('not-yet')
  })

  it('looks back only for what that grant covers', () => {
    const person = agreeing(
      grant({ categories: ['justice'], lookBackDays: 7 }),
      grant({ categories: ['health'] }),
    )
    expect(joined(person, { categories: ['justice'], receivedAt: accepted - 1 })).toBe(1)
    expect(joined(person, { categories: ['justice', 'health'], receivedAt: accepted - 1 })).toBe(
      'not-yet',
    )
  })

  it('joins nothing that nobody may hear of as a whole', () => {
    const duty = { organisation: org, role: 'duty' }
    const person = agreeing(
      grant({ categories: ['justice'] }),
      grant({ categories: ['health'], recipients: [duty] }),
    )
    expect(joined(person, { categories: ['justice', 'health'] })).toBe('recipient-not-granted')
    expect(joined(agreeing(grant({ recipients: [] })))).toBe('recipient-not-granted')
  })

  it('is content with any one recipient whose organisation has an agreement', () => {
    const elsewhere = { organisation: 'elsewhere', role: 'lead-practitioner' }
    expect(joined(agreeing(grant({ recipients: [elsewhere, leads] })))).toBe(1)
    expect(joined(agreeing(grant({ recipients: [elsewhere] })))).toBe('no-agreement')
  })

  it('answers for an event type without categories by its source', () => {
    expect(joined(ann(), { categories: [] })).toBe(1)
    expect(joined(ann(), { categories: [], source: 'housing' })).toBe('source-not-granted')
  })

  it('joins nothing to somebody who never agreed, or was erased', () => {
    expect(joined(ann({ versions: [] }))).toBe('no-consent')
    expect(joined(ann({ status: 'erased' }))).toBe('erased')
  })
})

describe('who works with a person', () => {
  it('knows lead, deputies and team at any time', () => {
    expect(leadOf(ann(), now)?.practitionerId).toBe('lp-1')
    expect(deputiesOf(ann(), now)).toEqual([deputy])
    expect(teamOf(ann(), now)).toEqual([peer])
    expect(leadOf(ann(), accepted - 1)).toBeUndefined()
  })

  it('lets the lead and the deputies decide, and the team not', () => {
    const decide = (at: number) =>
      [assignment(), deputy, peer].map(({ practitionerId }) =>
        leadsOrDeputises(ann(), practitionerId, at),
      )
    expect(decide(now)).toEqual([true, true, false])
    expect(decide(accepted - 1)).toEqual([false, false, false])
  })

  it('hands over in one instant', () => {
    const second = assignment({ practitionerId: 'lp-3', from: now })
    const person = ann({ assignments: [assignment({ until: now }), second] })
    expect(leadOf(person, now - 1)?.practitionerId).toBe('lp-1')
    expect(leadOf(person, now)?.practitionerId).toBe('lp-3')
    const overlapping = ann({ assignments: [second, assignment()] })
    expect(leadOf(overlapping, now)?.practitionerId).toBe('lp-3')
  })

  it('lists whom the grants in force name, each once', () => {
    const duty = { organisation: org, role: 'duty' }
    const person = agreeing(
      grant({ recipients: [leads, duty] }),
      grant(),
      grant({ purpose: 'outcomes', recipients: [] }),
    )
    expect(grantRecipients(person, 'care-coordination', now)).toEqual([leads, duty])
    expect(grantRecipients(person, 'research', now)).toEqual([])
    expect(grantRecipients(person, 'care-coordination', until)).toEqual([])
  })

  it('forgets everybody when the person is erased', () => {
    const erased = ann({ status: 'erased' })
    expect(leadOf(erased, now)).toBeUndefined()
    expect(inForce(erased, now)).toBeUndefined()
    expect(grantRecipients(erased, 'care-coordination', now)).toEqual([])
  })
})

describe('whatever the rows say', () => {
  // A small world, and a generous one, so that yes and no both happen: times 0 to 12, two organisations.
  const time = fc.integer({ min: 0, max: 12 })
  const span = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 2, max: 12 }))
    .map(([from, length]) => ({ from, until: from + length }))
  const sourceNames = ['custody', 'hospital', 'housing', 'custody/police']
  const categoryNames = ['justice', 'health', 'housing'] as const satisfies readonly Category[]
  const roles = ['a', 'b'].flatMap((organisation) =>
    ['lead-practitioner', 'peer-supporter', 'duty'].map((role) => ({ organisation, role })),
  )
  const somePurpose = fc.constantFrom(
    ...(['care-coordination', 'care-coordination', 'care-coordination', 'outcomes'] as const),
  )
  const someSources = fc.subarray(sourceNames, { minLength: 1, maxLength: 2 })
  const someCategories = fc.subarray([...categoryNames], { minLength: 1, maxLength: 2 })
  const someGrant = fc.record({
    interval: span,
    rest: fc.record({
      purpose: somePurpose,
      sources: fc.subarray(sourceNames, { minLength: 2 }),
      categories: fc.subarray([...categoryNames], { minLength: 1 }),
      recipients: fc.subarray(roles, { minLength: 2 }),
      tier: fc.constantFrom(...tiers),
      lookBackDays: fc.constantFrom(0, 3 / dayMs, 7),
    }),
  })
  const someGrants = fc.array(
    someGrant.map(({ interval, rest }): Grant => ({ ...rest, ...interval })),
    { minLength: 1, maxLength: 4 },
  )
  /** Versions as the register writes them: each begins where the one before ended. */
  const someVersions = fc
    .array(
      fc.record({
        length: fc.integer({ min: 0, max: 8 }),
        state: fc.constantFrom<ConsentState>(
          'given',
          'given',
          'given',
          'given',
          'withdrawn',
          'declined',
        ),
        grants: someGrants,
      }),
      { maxLength: 4 },
    )
    .map((rows) => {
      let at = 0
      return rows.map(({ length, state, grants }, place): ConsentVersion => {
        const acceptedAt = at
        at += length
        const last = place === rows.length - 1
        return {
          version: place + 1,
          state: !last && state === 'given' ? 'superseded' : state,
          acceptedAt,
          endedAt: last ? null : at,
          grants: state === 'given' ? grants : [],
          identifiers: [],
        }
      })
    })
  const someAssignment = fc.record({
    interval: span,
    rest: fc.record({
      practitionerId: fc.constantFrom('one', 'two'),
      organisation: fc.constantFrom('a', 'b'),
      role: fc.constantFrom('lead-practitioner', 'peer-supporter'),
      relation: fc.constantFrom(...(['lead', 'deputy', 'team'] as const)),
      tier: fc.constantFrom(...tiers),
    }),
  })
  const somebody = fc.record({
    personId: fc.constant('somebody'),
    status: fc.constantFrom(...(['active', 'active', 'active', 'active', 'erased'] as const)),
    versions: someVersions,
    assignments: fc.array(
      someAssignment.map(({ interval, rest }): Assignment => ({ ...rest, ...interval })),
      { minLength: 1, maxLength: 5 },
    ),
  })
  const pairs = sourceNames.flatMap((source) =>
    ['a', 'b'].flatMap((recipientOrganisation) =>
      (['care-coordination', 'outcomes'] as const).map((purpose) => ({
        source,
        recipientOrganisation,
        purpose,
      })),
    ),
  )
  const someAgreements = fc
    .tuple(fc.subarray(pairs, { minLength: 10 }), fc.array(span, { minLength: 16, maxLength: 16 }))
    .map(([chosen, spans]) =>
      chosen.map((pair, place) =>
        agreement(pair.source, { ...pair, ...spans[place], agreementId: `${place}` }),
      ),
    )
  const someQuestion = fc.record({
    purpose: somePurpose,
    sources: someSources,
    categories: someCategories,
    recipient: fc.record({
      practitionerId: fc.constantFrom('one', 'two', 'duty:a'),
      organisation: fc.constantFrom('a', 'a', 'b'),
      role: fc.constantFrom('lead-practitioner', 'peer-supporter', 'duty'),
    }),
    tier: fc.constantFrom(...tiers, 'involvement' as const),
    now: fc.integer({ min: 2, max: 10 }),
    assignment: fc.constantFrom('required' as const, 'not-required' as const),
  })
  const rank = (answer: ReturnType<typeof allows>) => (answer.ok ? tiers.indexOf(answer.tier) : -1)
  const runs = { numRuns: 2_000 }

  /** The rule said once more, as one sentence of exists and for-all, and sharing nothing with the code. */
  const byTheBook = (
    person: PersonRegister,
    agreed: readonly Agreement[],
    q: DisclosureQuestion,
  ) => {
    const isNow = (it: { from: number; until: number | null }) =>
      it.from <= q.now && q.now < (it.until ?? Infinity)
    const given = person.versions.find(
      (v) =>
        (v.state === 'given' || v.state === 'superseded') &&
        isNow({ from: v.acceptedAt, until: v.endedAt }),
    )
    const mine = person.assignments.filter(
      (a) => isNow(a) && a.organisation === q.recipient.organisation,
    )
    const own = mine.filter((a) => a.practitionerId === q.recipient.practitionerId)
    const ways =
      q.assignment === 'not-required'
        ? [{ role: q.recipient.role, tier: 'detail' as const }]
        : own.length > 0
          ? own.map((a) => ({
              role: a.relation === 'team' ? a.role : 'lead-practitioner',
              tier: a.tier,
            }))
          : q.recipient.practitionerId === `duty:${q.recipient.organisation}`
            ? mine.map((a) => ({ role: 'duty', tier: a.tier }))
            : []
    const isOf = (named: string, source: string) =>
      named === source || named === source.split('/')[0]
    const reaches = (source: string, category: Category) =>
      (given?.grants ?? []).some(
        (g) =>
          isNow(g) &&
          g.purpose === q.purpose &&
          g.sources.some((named) => isOf(named, source)) &&
          g.categories.includes(category) &&
          tiers.indexOf(g.tier) >= tiers.indexOf(q.tier) &&
          ways.some(
            (way) =>
              tiers.indexOf(way.tier) >= tiers.indexOf(q.tier) &&
              g.recipients.some(
                (r) => r.organisation === q.recipient.organisation && r.role === way.role,
              ),
          ),
      )
    return (
      person.status === 'active' &&
      q.sources.every(
        (source) =>
          q.categories.every((category) => reaches(source, category)) &&
          agreed.some(
            (a) =>
              isNow(a) &&
              isOf(a.source, source) &&
              a.purpose === q.purpose &&
              a.recipientOrganisation === q.recipient.organisation,
          ),
      )
    )
  }

  it('tells exactly whom the rule names', () => {
    const tally = { yes: 0, no: 0 }
    fc.assert(
      fc.property(somebody, someAgreements, someQuestion, (person, agreed, question) => {
        const { ok } = allows(person, agreed, question)
        tally[ok ? 'yes' : 'no'] += 1
        expect(ok).toBe(byTheBook(person, agreed, question))
      }),
      { numRuns: 4_000 },
    )
    expect(tally.yes).toBeGreaterThan(20)
  })

  it('tells nobody after a withdrawal, and joins nothing', () => {
    fc.assert(
      fc.property(
        somebody,
        someAgreements,
        someQuestion,
        time,
        (person, agreed, question, receivedAt) => {
          const withdrawnAt = question.now
          const versions = [
            ...person.versions
              .filter((each) => each.acceptedAt <= withdrawnAt)
              .map((each) => ({
                ...each,
                endedAt: Math.min(each.endedAt ?? withdrawnAt, withdrawnAt),
              })),
            version({ version: 99, state: 'withdrawn', acceptedAt: withdrawnAt, grants: [] }),
          ]
          const withdrawn = { ...person, versions }
          expect(allows(withdrawn, agreed, question).ok).toBe(false)
          const { purpose, sources, categories: of, now: at } = question
          const source = sources[0] as string
          expect(
            flows(withdrawn, agreed, { purpose, source, categories: of, receivedAt, now: at }).ok,
          ).toBe(false)
        },
      ),
      runs,
    )
  })

  const without = (person: PersonRegister, place: number): PersonRegister => ({
    ...person,
    versions: person.versions.map((each) => ({
      ...each,
      grants: each.grants.filter((_, at) => at !== place),
    })),
  })

  it('never allows more when a grant, an agreement or a version’s time is taken away', () => {
    fc.assert(
      fc.property(
        somebody,
        someAgreements,
        someQuestion,
        fc.nat(3),
        (person, agreed, question, place) => {
          const before = rank(allows(person, agreed, question))
          expect(rank(allows(without(person, place), agreed, question))).toBeLessThanOrEqual(before)
          expect(rank(allows(person, agreed.toSpliced(place, 1), question))).toBeLessThanOrEqual(
            before,
          )
        },
      ),
      runs,
    )
  })

  it('never lets more flow when a grant or an agreement is taken away', () => {
    fc.assert(
      fc.property(
        somebody,
        someAgreements,
        someQuestion,
        time,
        fc.nat(3),
        (person, agreed, question, receivedAt, place) => {
          const { purpose, sources, categories: of, now: at } = question
          const q = { purpose, source: sources[0] as string, categories: of, receivedAt, now: at }
          if (flows(person, agreed, q).ok) return
          expect(flows(without(person, place), agreed, q).ok).toBe(false)
          expect(flows(person, agreed.toSpliced(place, 1), q).ok).toBe(false)
        },
      ),
      runs,
    )
  })

  it('allows of several agencies together what each of them allows, and no more', () => {
    fc.assert(
      fc.property(somebody, someAgreements, someQuestion, (person, agreed, question) => {
        const each = question.sources.map((source) =>
          rank(allows(person, agreed, { ...question, sources: [source] })),
        )
        expect(rank(allows(person, agreed, question))).toBe(Math.min(...each))
      }),
      runs,
    )
  })

  it('never allows more because another agency contributed', () => {
    fc.assert(
      fc.property(somebody, someAgreements, someQuestion, (person, agreed, question) => {
        const more = { ...question, sources: [...question.sources, 'treatment'] }
        expect(rank(allows(person, agreed, more))).toBeLessThanOrEqual(
          rank(allows(person, agreed, question)),
        )
      }),
      runs,
    )
  })

  it('lets flow, without look-back, exactly what was allowed at every instant since it was received', () => {
    const tally = { yes: 0 }
    fc.assert(
      fc.property(somebody, someCategories, time, time, (person, of, one, other) => {
        const receivedAt = Math.min(one, other)
        const at = Math.max(one, other)
        const everybodyLeads = (grants: readonly Grant[]) =>
          grants.map((each) => ({
            ...each,
            lookBackDays: 0,
            recipients: [{ organisation: 'a', role: 'lead-practitioner' }],
          }))
        const plain = {
          ...person,
          versions: person.versions.map((each) => ({
            ...each,
            grants: everybodyLeads(each.grants),
          })),
        }
        const agreed = [agreement('custody', { recipientOrganisation: 'a', from: 0, until: 99 })]
        const q = {
          purpose: 'care-coordination' as const,
          source: 'custody',
          categories: of,
          receivedAt,
          now: at,
        }
        const recipient = { practitionerId: 'x', organisation: 'a', role: 'lead-practitioner' }
        // Half instants see each of the whole ones' intervals; versions that lasted no time are asked apart.
        const instants = Array.from(
          { length: (at - receivedAt) * 2 + 1 },
          (_, step) => receivedAt + step / 2,
        )
        const always = instants.every(
          (instant) =>
            allows(plain, agreed, {
              ...q,
              sources: ['custody'],
              recipient,
              tier: 'involvement',
              now: instant,
              assignment: 'not-required',
            }).ok,
        )
        const fleeting = plain.versions.filter(
          (each) =>
            each.acceptedAt === each.endedAt &&
            each.acceptedAt > receivedAt &&
            each.acceptedAt <= at,
        )
        fc.pre(fleeting.length === 0)
        const { ok } = flows(plain, agreed, q)
        if (ok && at > receivedAt) tally.yes += 1
        expect(ok).toBe(always)
      }),
      runs,
    )
    expect(tally.yes).toBeGreaterThan(20)
  })

  it('has all categories and tiers in one order for everybody', () => {
    expect(tiers).toEqual(['involvement', 'headline', 'detail'])
    expect(new Set(categories).size).toBe(8)
  })
})
