import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CanonicalEvent, EventType } from './events.generated.ts'
import type { Notice } from './notice.ts'
import { anEvent, aPerson, assignment, coded, days, hours, tuesday } from './testing/a-person.ts'

/**
 * What converges (assurance, R3). Whatever the order in which sources arrive, as long as each keeps
 * its own, and however often anything is repeated:
 *  - the lead's open and acknowledged notices of arrest, into-prison, release and death-reported are
 *    the same to the letter, but for their version number;
 *  - so are those that timers make (three-weeks, court-no-return), unless something that had stopped
 *    the watch was itself taken back: the days missed meanwhile depend on when that was known.
 * What was sent cannot be unsent: closed, paused, retracted and escalated copies and corrections
 * exist where something had been told before the event that changed it came.
 */

interface Told {
  readonly type: EventType
  readonly source: number
  readonly hour: number
  readonly lagHours: number
  readonly more: object
  readonly changes: 'nothing' | 'confirmed' | 'reclassified' | 'withdrawn'
}

const told = (source: number, type: EventType, more: readonly object[]) =>
  fc.record({
    type: fc.constant(type),
    source: fc.constant(source),
    hour: fc.integer({ min: 0, max: 24 * 25 }),
    lagHours: fc.constantFrom(0, 1, 20, 80, 200),
    more: fc.constantFrom(...more),
    changes: fc.constantFrom('nothing', 'nothing', 'confirmed', 'reclassified', 'withdrawn'),
  }) as fc.Arbitrary<Told>

const codes = [coded('ALCOHOL_SPECIFIC'), coded('DRUG_POISONING'), coded(), coded('POSSIBLE')]

const events = {
  custody: [
    told(0, 'ReleasedFromPrison', [
      {},
      {},
      { confirmed: false },
      { kind: 'TEMPORARY' },
      { kind: 'DIED' },
    ]),
    told(0, 'ReceivedIntoPrison', [{}]),
    told(0, 'ReturnedToPrison', [{}]),
    told(0, 'LeftForCourt', [{}]),
    told(0, 'TransferredBetweenPrisons', [{}, { direction: 'OUT' }]),
    told(0, 'ReleaseDateSet', [{}, { releaseDate: '2025-12-05' }, { releaseDate: '2026-02-02' }]),
  ],
  police: [
    told(1, 'ArrestedIntoCustody', [{}, { openPrescription: 'NO' }, { openPrescription: 'YES' }]),
    told(1, 'DrugTestedOnArrest', [{}, { outcome: 'NEGATIVE' }]),
  ],
  treatment: [
    told(2, 'TreatmentStarted', [{}, { setting: 'PRISON' }, { episodeRef: '2' }]),
    told(2, 'TreatmentContact', [{}, { attendance: 'MISSED' }, { attendance: 'MISSED' }]),
    told(2, 'TreatmentEnded', [{}, { reason: 'PRISON' }, { reason: 'DROPPED_OUT' }]),
    told(2, 'DosesMissed', [{}, { days: 1 }]),
  ],
  hospital: [
    told(3, 'DeathReported', [{}]),
    told(3, 'EmergencyAttendanceStarted', codes),
    told(3, 'Admitted', [...codes, { visitRef: 'S1', attendanceRef: 'V1', ...codes[0] }]),
    told(3, 'Discharged', [...codes, { nowhereToLive: true }]),
    told(3, 'EncounterReclassified', codes),
    told(3, 'AlcoholScoreRecorded', [{}, { score: 2 }]),
    told(3, 'ReferralMade', [{}]),
    told(3, 'ReferralAnswered', [{}, { answer: 'DECLINED' }]),
    told(3, 'SafeguardingConcernRaised', [{}]),
  ],
  probation: [
    told(4, 'TreatmentRequirementMade', [{}, { court: 'B10JQ' }, { requirement: 'ATR' }]),
    told(4, 'RequirementEnded', [{}]),
    told(4, 'BreachRaised', [{}]),
    told(4, 'RecallRaised', [{}, { releasedToLead: true }]),
  ],
  housing: [
    told(5, 'PossessionNoticeServed', [{}]),
    told(5, 'HomelessnessDutyOwed', [{}]),
    told(5, 'RoughSleepingContact', [{}]),
    told(5, 'TenancyStarted', [{}]),
    told(5, 'DutyToReferDecided', [{}, { decision: 'DECLINED' }]),
  ],
} as const

/** Mostly of the agencies that were first here; then of all of them alike. */
const tellings = fc.array(
  fc.oneof(
    ...[events.custody, events.police, events.treatment].flat(),
    ...Object.values(events).flat(),
  ),
  { minLength: 1, maxLength: 9 },
)

/** What each source sends, in its own order. */
function sourcesOf(list: readonly Told[], calm: boolean): readonly (readonly CanonicalEvent[])[] {
  const sources: CanonicalEvent[][] = [[], [], [], [], [], []]
  let n = 0
  for (const { type, source, hour, lagHours, more, changes } of list) {
    n += 1
    const occurredAt = tuesday + hours(hour) + n
    // No two are received at the same instant, so that timers have one place among them.
    const received = occurredAt + hours(lagHours) + n
    const id = `${type}-${n}`
    const first = anEvent(type, { ...more, id, received, occurredAt } as never)
    sources[source]?.push(first)
    const later = { id, received: received + hours(1), occurredAt, version: 2 }
    if (changes === 'confirmed')
      sources[source]?.push(anEvent(type, { ...more, ...later } as never))
    if (changes === 'reclassified' && !calm) {
      const other = {
        kind: 'ADMINISTRATIVE',
        openPrescription: 'NO',
        attendance: 'MISSED',
        outcome: 'NEGATIVE',
        reason: 'DROPPED_OUT',
        releaseDate: '2025-12-19',
        ...codes[1],
      }
      sources[source]?.push(anEvent(type, { ...more, ...other, ...later } as never))
    }
    if (changes === 'withdrawn' && !calm) {
      const w = { ...later, id: `w-${n}`, withdrawnEventId: id, version: 1 }
      sources[source]?.push(anEvent('EventWithdrawn', w as never))
    }
  }
  return sources.map((events) => events.toSorted((a, b) => a.receivedAt - b.receivedAt))
}

// Later than everything that a moment of a watch may fall on.
const end = tuesday + days(90)

/** As it should be: everything at once, and every timer at its time. */
function inOrder(sources: readonly (readonly CanonicalEvent[])[]) {
  const ann = aPerson()
  ann.quietly(() => ann.assign(assignment('lp-1'), assignment('lp-2', 'deputy')))
  for (const event of sources.flat().toSorted((a, b) => a.receivedAt - b.receivedAt)) {
    ann.passTo(event.receivedAt - 1)
    ann.happens(event)
  }
  ann.passTo(end)
  return ann
}

/** As it may be: sources overtake each other, repeat themselves, and timers wait for the slowest. */
function outOfOrder(sources: readonly (readonly CanonicalEvent[])[], picks: readonly number[]) {
  const ann = aPerson()
  ann.quietly(() => ann.assign(assignment('lp-1'), assignment('lp-2', 'deputy')))
  const left = sources.map((events) => [...events])
  const done: CanonicalEvent[] = []
  for (let turn = 0; left.some((events) => events.length > 0); turn++) {
    const pick = picks[turn % picks.length] ?? 0
    const open = left.filter((events) => events.length > 0)
    const event = open[pick % open.length]?.shift()
    if (event === undefined) break
    ann.happens(event)
    done.push(event)
    const repeated = done[pick % done.length]
    if (pick % 3 === 0 && repeated !== undefined) ann.happens(repeated)
    const watermark = Math.min(...left.flatMap((events) => events[0]?.receivedAt ?? []), end)
    if (pick % 2 === 0) ann.passTo(watermark - 1)
  }
  ann.passTo(end)
  return ann
}

const timed = new Set<Notice['rule']>([
  'three-weeks',
  'court-no-return',
  'release-ahead',
  'referral-unanswered',
])

const standing = (ann: ReturnType<typeof aPerson>, withTimed: boolean) =>
  ann
    .notices()
    .filter(({ state }) => state === 'open' || state === 'acknowledged')
    .filter(({ recipient }) => recipient.practitionerId === 'lp-1')
    .filter(({ rule }) => rule !== 'correction' && (withTimed || !timed.has(rule)))
    .map((notice) => ({ ...notice, version: 0, push: false }))
    .toSorted((a, b) => (a.noticeId < b.noticeId ? -1 : 1))

const picks = fc.array(fc.nat(40), { minLength: 1, maxLength: 30 })

describe('sources that overtake each other', () => {
  it('leave the lead with the same notices, whatever is corrected or withdrawn', () => {
    fc.assert(
      fc.property(tellings, picks, (list, order) => {
        const sources = sourcesOf(list, false)
        expect(standing(outOfOrder(sources, order), false)).toEqual(
          standing(inOrder(sources), false),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('leave the lead with the same questions on the same days, as long as nothing is taken back', () => {
    fc.assert(
      fc.property(tellings, picks, (list, order) => {
        const sources = sourcesOf(list, true)
        expect(standing(outOfOrder(sources, order), true)).toEqual(standing(inOrder(sources), true))
      }),
      { numRuns: 400 },
    )
  })

  it('add nothing at all when everything is told a second and a third time', () => {
    fc.assert(
      fc.property(tellings, (list) => {
        const sources = sourcesOf(list, false)
        const ann = inOrder(sources)
        const before = ann.emitted().length
        for (const event of [...sources.flat(), ...sources.flat()]) ann.happens(event)
        ann.passTo(end + days(60))
        expect(ann.emitted().slice(before)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('never leave a gap in the versions of a notice, nor two notices for one intent', () => {
    fc.assert(
      fc.property(tellings, picks, (list, order) => {
        const ann = outOfOrder(sourcesOf(list, false), order)
        const seen = new Map<string, number>()
        for (const { noticeId, version } of ann.emitted()) {
          expect(version).toBe((seen.get(noticeId) ?? 0) + 1)
          seen.set(noticeId, version)
        }
        const intents = ann
          .notices()
          .map(({ rule, episode, recipient }) => `${rule} ${episode} ${recipient.practitionerId}`)
        expect(new Set(intents).size).toBe(intents.length)
      }),
      { numRuns: 200 },
    )
  })

  it('are each counted once', () => {
    fc.assert(
      fc.property(tellings, picks, (list, order) => {
        const sources = sourcesOf(list, false)
        const ann = inOrder(sources)
        const total = Object.entries(ann.counts())
          .filter(([name]) => !name.startsWith('escalation') && name !== 'no-lead')
          .reduce((sum, [, n]) => sum + n, 0)
        expect(total).toBe(sources.flat().length)
        expect(order.length).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})
