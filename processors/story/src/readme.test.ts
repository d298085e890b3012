import { readFileSync } from 'node:fs'
import { type EventType, storyEvents, storySections } from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import { ann, day, event, type Sketch, tuesday } from './testing/a-story.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const cells = new Set(readme.split(/[|\n]/).map((cell) => cell.trim()))

type Case = readonly [type: EventType, sketch: Sketch<EventType>]
const variants = <T extends EventType>(
  type: T,
  ...sketches: readonly Sketch<T>[]
): readonly Case[] => sketches.map((sketch) => [type, sketch as Sketch<EventType>])

const settings = [
  'COMMUNITY',
  'PRISON',
  'RESIDENTIAL',
  'INPATIENT',
  'PRIMARY_CARE',
  'YOUNG_PEOPLE',
  'OUTREACH',
  'UNKNOWN',
] as const
const assessmentAt = Date.parse('2026-03-05T10:00:00Z')
const bailUntil = Date.parse('2026-04-13T10:00:00+01:00')

/** Every case of the tables that has words of its own. */
const cases: readonly Case[] = [
  ...variants('DeathReported', {}),
  ...variants('ReleasedFromPrison', { kind: 'DIED' }, { kind: 'TO_COMMUNITY' }),
  ...variants('ReleasedFromPrison', { kind: 'TO_HOSPITAL' }, { kind: 'TEMPORARY' }),
  ...variants('ReleasedFromPrison', { kind: 'ABSCONDED' }, { kind: 'UNKNOWN' }),
  ...variants('ReleasedFromPrison', { kind: 'ADMINISTRATIVE' }),
  ...variants('RoughSleepingContact', {}),
  ...variants('ArrearsThresholdCrossed', { weeksOwed: 0 }, { weeksOwed: 1 }, { weeksOwed: 8 }),
  ...variants('PossessionNoticeServed', { expiresOn: '2026-01-12' }),
  ...variants('TenancyEnded', {}),
  ...variants('TenancyStarted', {}),
  ...variants('DutyToReferMade', {}),
  ...variants('DutyToReferDecided', { activeUntil: Date.parse('2026-05-19T23:00:00Z') }),
  ...variants('DutyToReferDecided', { decision: 'DECLINED' }, { decision: 'WITHDRAWN' }),
  ...variants('DutyToReferDecided', { decision: 'UNKNOWN' }),
  ...variants('HomelessnessDutyOwed', { duty: 'PREVENTION' }, { duty: 'RELIEF' }),
  ...variants('HomelessnessDutyOwed', { duty: 'MAIN' }, { duty: 'UNKNOWN' }),
  ...variants('HomelessnessDutyEnded', { housed: true }, { housed: false }, { housed: null }),
  ...variants('ArrestedIntoCustody', {}),
  ...variants('DrugTestedOnArrest', { assessmentAt }, { assessmentRequired: true }),
  ...variants('ReleasedFromPoliceCustody', { bailUntil }, { disposal: 'REMANDED_TO_COURT' }),
  ...variants('ReceivedIntoPrison', {}),
  ...variants('ReturnedToPrison', {}),
  ...variants('TransferredBetweenPrisons', { direction: 'IN' }, { direction: 'OUT' }),
  ...variants('LeftForCourt', {}),
  ...variants('TreatmentRequirementMade', { requirement: 'DRR' }, { requirement: 'ATR' }),
  ...variants('TreatmentRequirementMade', { requirement: 'MHTR' }, { requirement: 'UNKNOWN' }),
  ...variants('SupervisionStarted', {}),
  ...variants('LicenceActivated', {}),
  ...variants('BreachRaised', {}),
  ...variants('RecallRaised', { releasedToLead: true }),
  ...variants('TreatmentStarted', ...settings.map((setting) => ({ setting }))),
  ...variants('InterventionStarted', { intervention: '94' }, { intervention: '95' }),
  ...variants('InterventionStarted', { intervention: '96' }, { intervention: 'other' }),
  ...variants('TreatmentContact', { attendance: 'ATTENDED' }, { attendance: 'MISSED' }),
  ...variants('DosesMissed', { days: 1 }, { days: 3 }),
  ...variants('TreatmentReviewed', {}),
  ...variants('NaloxoneSupplied', {}),
  ...variants('TrainingRecorded', { completed: true }, { completed: false }),
  ...variants('TreatmentEnded', { reason: 'COMPLETED' }, { reason: 'PRISON' }),
  ...variants('TreatmentEnded', { reason: 'TRANSFERRED_IN_CUSTODY' }, { reason: 'OTHER' }),
  ...variants('EmergencyAttendanceStarted', {}),
  ...variants('EmergencyAttendanceEnded', {}),
  ...variants('Admitted', {}),
  ...variants('Discharged', {}),
  ...variants('AlcoholScoreRecorded', { instrument: 'AUDIT_C', score: 9 }),
  ...variants('AlcoholScoreRecorded', { instrument: 'AUDIT', score: 22 }),
  ...variants('AlcoholScoreRecorded', { instrument: 'UNKNOWN', score: 9 }),
  ...variants('NaloxoneUsed', {}),
  ...variants('ReleaseDateSet', {}),
  ...variants('ReferralMade', { toAttendBy: tuesday + 2 * day }),
  ...variants('ReferralAnswered', { answer: 'RECEIVED' }, { answer: 'ACCEPTED' }),
  ...variants('ReferralAnswered', { answer: 'DECLINED' }, { answer: 'ATTENDED' }),
  ...variants('ReferralAnswered', { answer: 'NOT_ATTENDED' }, { answer: 'UNKNOWN' }),
  ...variants('SupervisionManagerAllocated', {}),
]

describe('the tables', () => {
  it.each(cases)('have the words of %s %j', (type, sketch) => {
    const { happens, story } = ann()
    happens(event(type, sketch))
    const lines = story()?.lines ?? []
    expect(lines.length).toBeGreaterThan(0)
    for (const { text, headline } of lines) {
      expect(
        [...cells].some(
          (cell) => cell === text || cell === `*ahead*: ${text}` || cell === `*people*: ${text}`,
        ),
        text,
      ).toBe(true)
      expect(cells.has(headline), headline).toBe(true)
    }
  })

  it('name every event that has a line, in the order that counts at the same instant', () => {
    const [, order = ''] = readme.split('## Order of events at the same instant')
    const [names = ''] = order.split('**When it fails.**')
    expect(names.match(/[A-Z][A-Za-z]+/g)).toEqual(storyEvents)
  })

  it('name the sections in the order in which they are shown', () => {
    expect(readme).toContain(`\n${storySections.join(', ')}.\n`)
  })
})
