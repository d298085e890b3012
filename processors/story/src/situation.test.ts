import { type Classification, type ClassificationTier, upgradeStory } from '@throughline/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ann, day, event, hour, tuesday } from './testing/a-story.ts'

const code = (tier: ClassificationTier): Classification => ({
  tier,
  code: 'X',
  coding: 'ICD-10',
  primary: true,
  table: 't',
})
const poisoning = { classifications: [code('DRUG_POISONING')] }
const alcohol = { classifications: [code('ALCOHOL_SPECIFIC'), code('POSSIBLE')] }

describe('where somebody lives', () => {
  it('is a tenancy, and what puts it at risk, until the tenancy ends', () => {
    const { happens, now } = ann()
    happens(
      event('TenancyStarted', { on: -300 }),
      event('ArrearsThresholdCrossed', { on: -20 }),
      event('PossessionNoticeServed', { on: -2, expiresOn: '2026-01-12' }),
    )
    expect(now()).toEqual([
      'home: Home at risk: a notice was served.',
      'home: Home at risk: 8 weeks of rent are owed.',
      'home: A tenancy started.',
      'ahead: The notice on their home runs out on 12 January 2026.',
    ])
    happens(event('TenancyEnded', { on: -1 }))
    expect(now()).toEqual(['home: A tenancy ended.'])
  })

  it('is the new home of somebody who moves on one day', () => {
    const { happens, now } = ann()
    happens(event('TenancyStarted', { objectRef: 'T2', on: 0 }))
    happens(event('TenancyStarted', { objectRef: 'T1', on: -300 }))
    happens(event('TenancyEnded', { objectRef: 'T1', on: 0 }))
    expect(now()).toEqual(['home: A tenancy started.'])
  })

  it('is outside no longer once they have a tenancy or are in prison', () => {
    for (const next of ['TenancyStarted', 'ReceivedIntoPrison'] as const) {
      const { happens, now } = ann()
      happens(event('RoughSleepingContact', { on: -3 }))
      expect(now()).toEqual(['home: Met while sleeping outside.'])
      happens(event(next, { on: -1 }))
      expect(now().join()).not.toContain('outside')
    }
  })

  it('is the council’s to help with, for 26 weeks from a referral, the exact day included', () => {
    const { happens, now, line } = ann()
    happens(event('DutyToReferMade'))
    const counts = 'The referral to the council counts until 19 May 2026.'
    expect(now()).toEqual([
      'home: Referred to the council for help with housing.',
      `ahead: ${counts}`,
    ])
    // Midnight in London, in summer.
    expect(line(counts)?.until).toBe(Date.parse('2026-05-20T00:00:00+01:00'))
    happens(event('DutyToReferDecided', { on: 5, decision: 'DECLINED' }))
    expect(now()).toEqual(['home: The council did not accept the referral.'])
    happens(event('HomelessnessDutyOwed', { on: 6 }))
    expect(now()).toEqual(['home: The council must help them find a home.'])
    happens(event('HomelessnessDutyEnded', { on: 60, housed: true }))
    expect(now()).toEqual(['home: The council’s help ended: they have somewhere to live.'])
  })

  it.each([
    ['a', 'z'],
    ['z', 'a'],
  ])('is at risk as the later of two words for one day says (%s, then %s)', (first, second) => {
    const said = (eventId: string, weeksOwed: number, later: number) =>
      event('ArrearsThresholdCrossed', { eventId, weeksOwed, receivedAt: tuesday + later * hour })
    const { happens, now } = ann()
    happens(said(first, 8, 1), said(second, 9, 2))
    expect(now()).toEqual(['home: Home at risk: 9 weeks of rent are owed.'])
  })

  it('is nowhere for who left hospital so', () => {
    const { happens, now } = ann()
    happens(event('Discharged', { nowhereToLive: true }))
    expect(now()).toEqual([
      'home: Left hospital with nowhere to live.',
      'hospital: Discharged from hospital.',
    ])
  })
})

describe('custody and supervision', () => {
  it('is what was said last, by whichever agency', () => {
    const { happens, now } = ann()
    happens(
      event('LicenceActivated', { on: -5 }),
      event('ReleasedFromPrison', { on: -5 }),
      event('ArrestedIntoCustody', { on: -1, custodySuite: 'CENTRAL', openPrescription: 'YES' }),
      event('SupervisionManagerAllocated', { on: -4 }),
    )
    expect(now()).toEqual([
      'custody: Arrested and taken into police custody.',
      'custody: A licence is in force.',
      'treatment: Said to have an open prescription; nobody has checked.',
      'people: Has a probation practitioner.',
    ])
  })

  it('says nothing of a recall before the person is back in prison', () => {
    const { happens, now, story } = ann()
    happens(event('ReleasedFromPrison', { on: -5 }))
    const before = story()
    happens(event('RecallRaised', { on: -3 }))
    // Not even that something has changed.
    expect(story()).toBe(before)
    happens(event('ReceivedIntoPrison', { on: -1, legalBasis: 'RECALL' }))
    expect(now()).toEqual([
      'custody: Received into prison.',
      'custody: Probation raised a recall to prison.',
    ])
    const recall = story()?.lines.find(({ text }) => text.includes('recall'))
    expect(recall?.sources).toEqual(['probation', 'custody'])
    happens(event('ReleasedFromPrison', { on: 0 }))
    expect(now()).toEqual(['custody: Released from prison.'])
  })

  it('tells a recall at once when probation says so, or when they are inside already', () => {
    const told = ann()
    told.happens(event('RecallRaised', { releasedToLead: true }))
    expect(told.now()).toEqual(['custody: Probation raised a recall to prison.'])
    const inside = ann()
    inside.happens(event('ReceivedIntoPrison', { on: -9 }), event('RecallRaised', { on: -3 }))
    expect(inside.now()).toContain('custody: Probation raised a recall to prison.')
  })

  it('hides the recall again when the reception is taken back', () => {
    const { happens, texts } = ann()
    const reception = event('ReceivedIntoPrison', { on: -1 })
    happens(event('RecallRaised', { on: -3 }), reception)
    expect(texts()).toHaveLength(2)
    happens(event('EventWithdrawn', { withdrawnEventId: reception.eventId }))
    expect(texts()).toEqual([])
  })

  it('does not carry registers', () => {
    const { happens, story } = ann()
    happens(event('RegistrationChanged', { registerCode: 'RHRH' }))
    expect(story()).toBeUndefined()
  })

  it('keeps a mental health requirement to those who may read of mental health', () => {
    const { hub, happens, line, texts } = ann()
    happens(event('TreatmentRequirementMade', { requirement: 'MHTR' }))
    const text = 'A court made a mental health treatment requirement.'
    expect(line(text)?.categories).toContain('mental-health')
    hub.register.agree('ann', {
      grants: [
        { purpose: 'care-coordination', categories: ['justice', 'substance-use', 'health'] },
      ],
    })
    expect(texts()).toEqual([])
  })
})

describe('treatment and prescription', () => {
  it('says the setting, the last contact, and what was missed since', () => {
    const { happens, now } = ann()
    happens(
      event('TreatmentStarted', { on: -60, setting: 'RESIDENTIAL' }),
      event('TreatmentContact', { on: -20 }),
      event('TreatmentContact', { on: -10, attendance: 'MISSED' }),
      event('DosesMissed', { on: -2 }),
      event('TreatmentReviewed', { on: -30, housingProblem: true }),
    )
    expect(now()).toEqual([
      'home: Said to have an urgent housing problem.',
      'treatment: Doses were not collected on 3 days in a row.',
      'treatment: No contact reported.',
      'treatment: Came to an appointment.',
      'treatment: Treatment was reviewed.',
      'treatment: Treatment started, in a residential service.',
      'people: A treatment service works with them.',
    ])
    happens(event('TreatmentContact', { on: -1 }))
    expect(now()).not.toContain('treatment: No contact reported.')
    happens(event('TreatmentEnded', { on: 0, reason: 'DROPPED_OUT', setting: 'RESIDENTIAL' }))
    expect(now()).toEqual([
      'home: Said to have an urgent housing problem.',
      'treatment: Left residential treatment early.',
      'treatment: Came to an appointment.',
      'treatment: Treatment was reviewed.',
    ])
  })

  it('goes on in the community when the prison’s episode ends later than it began', () => {
    const { happens, now } = ann()
    happens(
      event('TreatmentStarted', { on: -90, setting: 'PRISON', episodeRef: 'P' }),
      event('TreatmentStarted', { on: -1, episodeRef: 'C' }),
      event('TreatmentEnded', { on: 0, episodeRef: 'P', reason: 'TRANSFERRED_NOT_IN_CUSTODY' }),
    )
    expect(now()).toEqual([
      'treatment: Treatment was handed over to another service.',
      'treatment: Treatment started, in the community.',
      'people: A treatment service works with them.',
    ])
  })
})

describe('the last hospital contact', () => {
  it('says later what the visit was, when it is coded weeks later', () => {
    const { hub, happens, now, line } = ann()
    happens(event('EmergencyAttendanceStarted', { on: -1 }))
    expect(now()).toEqual(['hospital: Came to an emergency department.'])
    hub.passTo(tuesday + 20 * day)
    happens(event('EncounterReclassified', { on: 20, ...poisoning }))
    const text = 'Came to an emergency department. It was recorded as a drug poisoning.'
    expect(now()).toEqual([`hospital: ${text}`])
    expect(line(text)).toMatchObject({
      occurredAt: tuesday - day,
      learnedAt: tuesday + 20 * day,
      headline: 'At a hospital',
    })
    happens(event('EncounterReclassified', { on: 21 }))
    expect(now()).toEqual(['hospital: Came to an emergency department.'])
  })

  it('keeps what was said of a visit when its end says nothing, and apart from other visits', () => {
    const { happens, texts } = ann()
    happens(
      event('Admitted', { on: -5, ...alcohol }),
      event('Discharged', { on: -3 }),
      event('EmergencyAttendanceStarted', { on: -1, visitRef: 'V2' }),
    )
    expect(texts()).toEqual([
      'Admitted to hospital. It was put down to alcohol.',
      'Discharged from hospital. It was put down to alcohol.',
      'Came to an emergency department.',
    ])
  })

  it('takes away a cancelled visit by its object, whichever comes first', () => {
    const visit = event('Admitted', { objectRef: 'V1' })
    const cancelled = event('EventWithdrawn', { objectRef: 'V1', source: visit.source })
    for (const order of [[visit, cancelled] as const, [cancelled, visit] as const]) {
      const { happens, texts } = ann()
      happens(...order)
      expect(texts()).toEqual([])
    }
  })

  it('that a later version masks is masked', () => {
    const { happens, texts } = ann()
    const visit = event('Discharged', { ...alcohol })
    happens(visit)
    happens({ ...visit, version: 2, handling: { holdUntil: null, restricted: true } } as never)
    expect(texts()).toEqual([])
  })
})

describe('what is coming', () => {
  it('is the release, the assessment, bail and an appointment, each until its time', () => {
    const { happens, now, story } = ann()
    happens(
      event('ReleaseDateSet'),
      event('DrugTestedOnArrest', { assessmentAt: Date.parse('2026-07-05T09:00:00Z') }),
      event('ReleasedFromPoliceCustody', { bailUntil: Date.parse('2026-03-29T00:30:00Z') }),
      event('ReferralMade', { toAttendBy: tuesday + day }),
    )
    expect(now()).toEqual([
      'custody: Left police custody.',
      'ahead: Is expected at a service by 19 November 2025.',
      'ahead: Referred to a service.',
      'ahead: Release is planned for 12 December 2025.',
      // In the half hour before the clocks go forward, and in summer.
      'ahead: Bail is to be answered on 29 March 2026 at 00:30.',
      'ahead: A drug assessment is due on 5 July 2026 at 10:00.',
    ])
    const release = story()?.lines.find(
      ({ section, text }) => section === 'ahead' && text.includes('Release'),
    )
    expect(release?.until).toBe(Date.parse('2025-12-13T00:00:00Z'))
    happens(event('ReferralAnswered', { on: 1, answer: 'ATTENDED' }))
    happens(event('ReleasedFromPrison', { on: 1 }))
    expect(now().join()).not.toMatch(/Referred|expected|planned/)
  })

  it('is over when a death is reported, and comes back when that is taken back', () => {
    const { happens, now } = ann()
    const death = event('DeathReported', { on: 1 })
    happens(event('ReleaseDateSet'), death)
    expect(now()).toEqual(['death: A death has been reported.'])
    happens(event('EventWithdrawn', { withdrawnEventId: death.eventId }))
    expect(now()).toEqual(['ahead: Release is planned for 12 December 2025.'])
  })
})

describe('a long story', () => {
  const visits = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      event('TreatmentContact', { on: n - count, eventId: `c-${n}` }),
    )

  it('shows the situation now and the twenty-five last things that passed', () => {
    const { happens, story, hub } = ann()
    happens(event('TenancyStarted', { on: -400 }), ...visits(300))
    expect(story()?.lines).toHaveLength(27)
    expect(story()?.lines[0]?.text).toBe('A tenancy started.')
    expect((hub.stateOf('ann') as { facts: unknown[] }).facts).toHaveLength(62)
  })

  it('does not take for news what it has left behind', () => {
    const { happens, texts } = ann()
    happens(...visits(300))
    const before = texts()
    happens(event('TenancyStarted', { on: -299 }))
    expect(texts()).toEqual(before)
  })

  it('finds what stood before when the last word is taken back', () => {
    const { happens, now } = ann()
    const moved = event('ReceivedIntoPrison', { on: 0 })
    happens(event('ReleasedFromPrison', { on: -9 }), moved)
    happens(event('EventWithdrawn', { withdrawnEventId: moved.eventId }))
    expect(now()).toEqual(['custody: Released from prison.'])
  })
})

it('says how exactly a time is known', () => {
  const { happens, line } = ann()
  happens(event('TreatmentStarted', { occurredAtPrecision: 'DAY' }))
  expect(line('Treatment started, in the community.')?.precision).toBe('DAY')
})

describe('the same events', () => {
  const events = [
    event('ReceivedIntoPrison', { on: -40 }),
    event('RecallRaised', { on: -41 }),
    event('TreatmentStarted', { on: -38, setting: 'PRISON', episodeRef: 'P' }),
    event('TreatmentEnded', { on: -6, episodeRef: 'P', reason: 'TRANSFERRED_NOT_IN_CUSTODY' }),
    event('ReleasedFromPrison', { on: -6 }),
    event('Admitted', { on: -3 }),
    event('EncounterReclassified', { on: 0, ...alcohol }),
    event('TenancyStarted', { on: -2, eventId: 'tenancy' }),
    event('EventWithdrawn', { withdrawnEventId: 'tenancy' }),
  ]
  const amended = { ...events[4], version: 2, kind: 'TEMPORARY' } as never

  it('tell the same story in whatever order they come, and however often', () => {
    const inOrder = ann()
    inOrder.happens(...events, amended)
    const { lines, current } = inOrder.story() ?? {}
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...events, amended], { minLength: events.length + 1 }),
        fc.array(fc.nat({ max: events.length }), { maxLength: 5 }),
        (shuffled, again) => {
          const { happens, story } = ann()
          happens(...shuffled, ...again.map((n) => shuffled[n] as never))
          expect(story()).toMatchObject({ lines, current })
        },
      ),
      { numRuns: 200 },
    )
  })
})

it('takes over what was used and taken back from a state of the first version, without its words', () => {
  const first = { version: 3, used: { a: 1 }, withdrawn: { 'event b': 2 }, lines: {}, held: {} }
  expect(upgradeStory(first)).toMatchObject({
    version: 3,
    used: { a: 1 },
    withdrawn: { 'event b': 2 },
    facts: [],
  })
})
