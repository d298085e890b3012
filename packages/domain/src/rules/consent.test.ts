import { describe, expect, it } from 'vitest'
import {
  allAgreements,
  anEvent,
  aPerson,
  assignment,
  at,
  days,
  hours,
  minutes,
  tuesday,
} from '../testing/a-person.ts'

const about = (ann: ReturnType<typeof aPerson>, kind: string) =>
  ann.of('consent').filter(({ episode }) => episode.startsWith(`consent:${kind}:`))

describe('the end of a consent', () => {
  const until = at('2026-01-20T00:00:00Z')

  it('is announced to the lead 28 days before, at nine', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.passTo(at('2025-12-23T08:59:59Z'))
    expect(about(ann, 'ends')).toEqual([])
    ann.passTo(at('2025-12-23T09:00:00Z'))
    expect(about(ann, 'ends')).toMatchObject([
      {
        episode: 'consent:ends:1',
        urgency: 'routine',
        sources: [],
        categories: [],
        dueAt: at('2026-01-02T17:00:00Z'),
      },
    ])
  })

  it('is announced at once when the consent is shorter than that', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ until: tuesday + days(20) })
    expect(about(ann, 'ends')).toMatchObject([{ learnedAt: tuesday }])
  })

  it('is settled by a version that ends later, or by an acknowledgement', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.passTo(at('2025-12-24T00:00:00Z'))
    ann.agree()
    expect(about(ann, 'ends')).toMatchObject([{ state: 'closed', closedBecause: 'superseded' }])
    const ben = aPerson({ agreed: false })
    ben.agree({ until })
    ben.passTo(at('2025-12-24T00:00:00Z'))
    ben.acts({ kind: 'acknowledged', noticeId: about(ben, 'ends')[0]?.noticeId ?? '' })
    expect(about(ben, 'ends')).toMatchObject([{ state: 'closed', closedBecause: 'acknowledged' }])
  })

  it('is announced once when a version in between changes something else', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.standAt(tuesday + days(1))
    ann.agree({ until, categories: ['whereabouts'] })
    ann.passTo(at('2025-12-24T00:00:00Z'))
    expect(about(ann, 'ends').map(({ episode }) => episode)).toEqual(['consent:ends:1'])
  })
})

describe('a consent that is a year old', () => {
  const until = at('2028-01-01T00:00:00Z')

  it('is asked about again at nine, 365 days after it was given', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.passTo(at('2026-11-18T08:59:59Z'))
    expect(about(ann, 'review')).toEqual([])
    ann.passTo(at('2026-11-18T09:00:00Z'))
    expect(about(ann, 'review')).toMatchObject([
      {
        episode: 'consent:review:1',
        headline: 'Ask again about consent',
        urgency: 'routine',
        dueAt: at('2026-11-25T17:00:00Z'),
        sources: [],
      },
    ])
    ann.agree({ until })
    expect(about(ann, 'review')).toMatchObject([{ state: 'closed', closedBecause: 'superseded' }])
  })

  it('is not where it ends about then, was given again meanwhile, or was withdrawn', () => {
    const short = aPerson({ agreed: false })
    short.agree({ until: at('2026-12-01T00:00:00Z') })
    short.passTo(at('2026-11-30T00:00:00Z'))
    expect(about(short, 'review')).toEqual([])
    expect(about(short, 'ends')).not.toEqual([])
    const renewed = aPerson({ agreed: false })
    renewed.agree({ until })
    renewed.passTo(tuesday + days(300))
    renewed.agree({ until })
    renewed.passTo(tuesday + days(400))
    expect(about(renewed, 'review')).toEqual([])
    const gone = aPerson({ agreed: false })
    gone.agree({ until })
    gone.standAt(tuesday + days(1))
    gone.withdraw()
    gone.passTo(tuesday + days(400))
    expect(about(gone, 'review')).toEqual([])
  })
})

describe('a consent that has run out', () => {
  it('leaves the question open, also where a version in between kept its end', () => {
    const until = at('2026-01-20T00:00:00Z')
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.passTo(at('2025-12-24T00:00:00Z'))
    ann.agree({ until, categories: ['whereabouts'] })
    ann.passTo(until + days(5))
    ann.noticesConsent()
    expect(ann.of('consent')[0]).toMatchObject({ episode: 'consent:ends:1', state: 'open' })
  })

  it('ends what is open at the next event, which is not thanked for it', () => {
    const until = tuesday + days(2)
    const ann = aPerson({ agreed: false })
    ann.agree({ until })
    ann.happens(anEvent('BreachRaised', { received: tuesday + hours(1) }))
    ann.standAt(until + hours(1))
    const withdrawal = { received: until + hours(1), withdrawnEventId: 'RegistrationChanged-1' }
    ann.happens(anEvent('EventWithdrawn', withdrawal))
    expect(ann.one('breach-recall')).toMatchObject({ state: 'retracted', closedBecause: 'expired' })
    expect(ann.counts()).toMatchObject({ noticed: 1, 'no-rule': 1 })
  })
})

describe('a withdrawal', () => {
  it('is told to the lead of that instant, and takes back what was open, for good', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.passTo(tuesday + hours(1))
    ann.withdraw()
    expect(ann.one('release')).toMatchObject({
      state: 'retracted',
      lines: [],
      headline: 'No longer shown',
    })
    expect(about(ann, 'withdrawn')).toMatchObject([
      { state: 'open', recipient: { practitionerId: 'lp-1' }, episode: 'consent:withdrawn:2' },
    ])
    ann.agree()
    ann.passTo(tuesday + days(40))
    expect(ann.live().filter(({ rule }) => rule !== 'consent')).toEqual([])
    expect(ann.of('three-weeks')).toEqual([])
  })

  it('between a release and the turn of its notice leaves nothing told', () => {
    const ann = aPerson()
    ann.standAt(tuesday + minutes(1))
    ann.quietly(() => ann.withdraw())
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    expect(ann.of('release')).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/withdrawn': 1 })
  })

  it('and a new agreement, both before the release is worked on, leave nothing told either', () => {
    const ann = aPerson()
    ann.standAt(tuesday + minutes(1))
    ann.quietly(() => ann.withdraw())
    ann.standAt(tuesday + minutes(2))
    ann.quietly(() => ann.agree())
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.passTo(tuesday + days(40))
    expect(ann.notices().filter(({ rule }) => rule !== 'consent')).toEqual([])
  })

  it('of a consent that was for figures only is nothing that the lead knew of', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ purpose: 'outcomes' })
    ann.standAt(tuesday + hours(1))
    ann.withdraw()
    expect(about(ann, 'withdrawn')).toEqual([])
  })

  it('of another purpose alone changes nothing', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.agree({}, { purpose: 'outcomes' })
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.agree({})
    expect(ann.one('release').state).toBe('open')
    expect(about(ann, 'withdrawn')).toEqual([])
  })

  it('of the source alone takes back what rests on it, and giving it again does not bring it back', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.agree({ sources: ['housing'] })
    expect(ann.one('release').state).toBe('retracted')
    ann.agree()
    expect(ann.one('release').state).toBe('retracted')
    expect(about(ann, 'withdrawn')).toEqual([])
  })
})

describe('permission that was lost and is there again', () => {
  it('brings nothing back to a recipient who was taken out and put in again', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.agree({ recipients: [{ organisation: 'elsewhere', role: 'lead-practitioner' }] })
    expect(ann.one('release').state).toBe('retracted')
    ann.agree()
    expect(ann.one('release').state).toBe('retracted')
  })

  it('starts no watch again after the institutions had no agreement for a while', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.agreements([])
    ann.noticesConsent()
    ann.agreements(allAgreements)
    ann.noticesConsent()
    ann.passTo(tuesday + days(30))
    expect(ann.one('release').state).toBe('retracted')
    expect(ann.of('three-weeks')).toEqual([])
  })
})

describe('a consent given around a release', () => {
  it('50 ms before it: the release is told; 50 ms after it: it is not, nor its three weeks', () => {
    for (const [offset, told] of [
      [-50, 1],
      [0, 1],
      [50, 0],
    ] as const) {
      const ann = aPerson({ agreed: false })
      ann.standAt(tuesday + offset)
      ann.quietly(() => ann.agree())
      ann.standAt(tuesday + 100)
      ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
      ann.passTo(tuesday + days(30))
      expect(ann.of('release')).toHaveLength(told)
      expect(ann.of('three-weeks')).toHaveLength(told * 4)
    }
  })

  it('ends with the millisecond in which it ends', () => {
    for (const [until, told] of [
      [tuesday + 1, 1],
      [tuesday, 0],
    ] as const) {
      const ann = aPerson({ agreed: false })
      ann.standAt(tuesday - days(1))
      ann.quietly(() => ann.agree({ until }))
      ann.standAt(tuesday)
      ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
      expect(ann.of('release')).toHaveLength(told)
    }
  })

  it('with a look-back takes up what came before, as old as it is', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ lookBackDays: 7 })
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday - days(6) }))
    expect(ann.one('release').learnedAt).toBe(tuesday - days(6))
  })
})

describe('a consent that took something up by its look-back', () => {
  it('keeps it when it is renewed days later, and loses it when it is withdrawn', () => {
    const ann = aPerson({ agreed: false })
    ann.agree({ lookBackDays: 6 })
    ann.happens(anEvent('ReceivedIntoPrison', { received: tuesday - days(5) }))
    ann.standAt(tuesday + days(3))
    ann.agree({ lookBackDays: 6, until: at('2027-06-01T00:00:00Z') })
    expect(ann.one('into-prison').state).toBe('open')
    ann.withdraw()
    ann.agree({ lookBackDays: 6 })
    expect(ann.one('into-prison').state).toBe('retracted')
  })
})

const treatment = { partnership: 'testshire', agency: 'treatment', system: 'made-up' }

describe('a new lead', () => {
  it('takes over what is open and acknowledged, with the same due times, and is told that they are the lead', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.passTo(tuesday + days(1))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('release').noticeId })
    ann.passTo(tuesday + days(1) + hours(1))
    ann.assign(assignment('lp-9', 'lead', { from: ann.now() }))
    expect(ann.one('release')).toMatchObject({ state: 'closed', closedBecause: 'handed-over' })
    expect(ann.one('release', 'lp-9')).toMatchObject({
      state: 'open',
      dueAt: ann.one('release').dueAt,
    })
    expect(ann.one('three-weeks').state).toBe('closed')
    expect(ann.one('three-weeks', 'lp-9').state).toBe('open')
    expect(about(ann, 'handover')).toMatchObject([
      { recipient: { practitionerId: 'lp-9' }, state: 'open' },
    ])
    ann.passTo(tuesday + days(8))
    expect(ann.of('three-weeks').filter(({ state }) => state === 'open')).toHaveLength(2)
  })

  it('has what opens again after it was over, whoever it was told to then', () => {
    const ann = aPerson()
    ann.happens(
      anEvent('TreatmentEnded', { received: tuesday, reason: 'DROPPED_OUT' }),
      anEvent('TreatmentContact', { id: 'seen', received: tuesday + days(1) }),
    )
    expect(ann.one('treatment-lost').closedBecause).toBe('contact-attended')
    ann.assign(assignment('lp-9', 'lead', { from: ann.now() }))
    expect(ann.of('treatment-lost')).toHaveLength(1)
    const wrong = { withdrawnEventId: 'seen', source: { ...treatment } }
    ann.happens(anEvent('EventWithdrawn', { received: tuesday + days(2), ...wrong }))
    expect(ann.one('treatment-lost').state).toBe('closed')
    expect(ann.one('treatment-lost', 'lp-9').state).toBe('open')
    ann.happens(anEvent('TreatmentContact', { id: 'back', received: tuesday + days(3) }))
    expect(ann.one('treatment-lost', 'lp-9').state).toBe('closed')
  })

  it('has nothing of what the old lead had acknowledged, where that was all', () => {
    const ann = aPerson()
    ann.happens(anEvent('BreachRaised', { received: tuesday }))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('breach-recall').noticeId })
    ann.assign(assignment('lp-9', 'lead', { from: ann.now() }))
    expect(ann.of('breach-recall').map(({ state }) => state)).toEqual(['closed'])
  })

  it('who does not answer is followed by the duty team, who need no grant for it', () => {
    const ann = aPerson()
    ann.assign(assignment('lp-9', 'lead', { from: tuesday }))
    ann.passTo(tuesday + days(10))
    expect(about(ann, 'handover').map(({ recipient }) => recipient.practitionerId)).toEqual([
      'lp-9',
      'duty:testshire-recovery',
    ])
    ann.withdraw()
    expect(about(ann, 'handover').map(({ state }) => state)).toEqual(['open', 'open'])
  })

  it('who was the lead before gets the same notices back', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.standAt(tuesday + 1)
    ann.assign(assignment('lp-9', 'lead', { from: tuesday + 1 }))
    ann.standAt(tuesday + 2)
    ann.assign(assignment('lp-1', 'lead', { from: tuesday + 2 }))
    expect(ann.one('release')).toMatchObject({ state: 'open', version: 3 })
    expect(ann.one('release', 'lp-9').state).toBe('closed')
  })

  it('of an organisation that nobody agreed to gets nothing; the next one who may, does', () => {
    const ann = aPerson()
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday }))
    ann.standAt(tuesday + 1)
    ann.assign(assignment('lp-9', 'lead', { organisation: 'elsewhere', from: tuesday + 1 }))
    expect(ann.live().filter(({ rule }) => rule === 'release')).toEqual([])
    ann.standAt(tuesday + 2)
    ann.assign(assignment('lp-3', 'lead', { from: tuesday + 2 }))
    expect(ann.one('release', 'lp-3').state).toBe('open')
  })

  it('does not inherit what the old lead had settled', () => {
    const ann = aPerson()
    ann.happens(anEvent('ArrestedIntoCustody', { received: tuesday, openPrescription: 'NO' }))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('arrest').noticeId })
    ann.standAt(tuesday + 1)
    ann.assign(assignment('lp-9', 'lead', { from: tuesday + 1 }))
    expect(ann.of('arrest')).toHaveLength(1)
  })
})

describe('a number that a source proposes', () => {
  it('is for the lead to ask about, and nothing else comes of it', () => {
    const ann = aPerson()
    const number = { type: 'NOMS', value: 'Z0000ZZ', issuer: null, verified: true }
    ann.happens(anEvent('IdentifiersLinked', { received: tuesday, one: number, other: number }))
    expect(about(ann, 'identifier')).toMatchObject([{ sources: [], categories: [], state: 'open' }])
    expect(JSON.stringify(ann.notices())).not.toContain('Z0000ZZ')
    expect(JSON.stringify(ann.state())).not.toContain('Z0000ZZ')
    expect(ann.counts()).toEqual({ noticed: 1 })
  })
})

describe('an event that only who the source names may hear of', () => {
  it('is told to nobody, because the source named nobody', () => {
    const ann = aPerson()
    const handling = { holdUntil: null, restricted: true }
    ann.happens(anEvent('ReleasedFromPrison', { received: tuesday, handling }))
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/recipient-not-granted': 1 })
  })
})
