import { expect, it } from 'vitest'
import { type Happening, happeningOf, type Telling } from './happening.ts'
import type { Grant } from './plan.ts'
import { day } from './slots.ts'
import { readableStory } from './truth-reader.ts'
import type { Recorded } from './truth-record.ts'

const at = (time: string, daysOn = 0): number => Date.parse(`2026-03-03T${time}:00Z`) + daysOn * day

const grant: Grant = {
  purpose: 'care-coordination',
  sources: ['probation', 'hospital', 'housing', 'treatment'],
  recipients: ['lead-practitioner', 'peer-supporter'].map((role) => ({
    organisation: 'testshire-recovery',
    role,
  })),
  categories: ['whereabouts', 'justice', 'health', 'substance-use', 'housing'],
  tier: 'detail',
  from: at('08:00'),
  until: at('08:00', 300),
  lookBackDays: 0,
}
const given = (when: number, ...grants: readonly Grant[]) =>
  ({
    at: when,
    state: 'given',
    terms: { identifiers: [], lead: 'lp-1', deputies: [], team: ['peer-4'], grants },
  }) as const
const somebody = (...heard: readonly Happening[]): Recorded => ({
  ref: 'p-1',
  versions: [given(at('08:00'), grant)],
  heard: heard.map((happening) => ({ happening, at: happening.receivedAt })),
  lead: 'lp-1',
  deputies: [],
  team: ['peer-4'],
})
const told = (
  key: string,
  when: number,
  facts: Telling['facts'],
  how: Partial<Telling> = {},
): Happening =>
  happeningOf({
    key,
    version: 1,
    agency: 'treatment',
    occurredAt: when,
    precision: 'INSTANT',
    receivedAt: when + 1000,
    identifiers: ['NDTMS:N9901:C-1'],
    facts,
    ...how,
  })
const contact = (key: string, when: number, attendance: 'ATTENDED' | 'MISSED', version = 1) =>
  told(
    key,
    when,
    { type: 'TreatmentContact', provider: 'N9901', episodeRef: '1', attendance },
    { version },
  )
const read = (person: Recorded, when: number, by = 'lp-1') =>
  readableStory(person, by, when).map(
    ({ text, current }) => `${current ? 'now' : 'before'}: ${text}`,
  )

it('an appointment that is kept ends a missed one, and the highest version holds', () => {
  const missed = contact('a', at('09:00', 1), 'MISSED')
  expect(read(somebody(missed), at('10:00', 1))).toEqual(['now: No contact reported.'])
  const came = contact('b', at('09:00', 2), 'ATTENDED')
  expect(read(somebody(missed, came), at('10:00', 2))).toEqual([
    'now: Came to an appointment.',
    'before: No contact reported.',
  ])
  const corrected = contact('a', at('09:00', 1), 'ATTENDED', 2)
  expect(read(somebody(missed, corrected), at('10:00', 2))).toEqual([
    'now: Came to an appointment.',
  ])
})

it('a missed appointment is the situation for 26 weeks', () => {
  const person = somebody(contact('a', at('09:00'), 'MISSED'))
  expect(read(person, Date.parse('2026-09-01T22:59:00Z'))).toEqual(['now: No contact reported.'])
  expect(read(person, Date.parse('2026-09-01T23:00:00Z'))).toEqual(['before: No contact reported.'])
})

it('what a gap in agreement took away does not come back', () => {
  const person = somebody(
    contact('a', at('09:00'), 'MISSED'),
    contact('b', at('09:00', 4), 'MISSED'),
  )
  const narrower = { ...grant, sources: ['hospital'] }
  person.versions.push(given(at('09:00', 2), narrower), given(at('09:00', 3), grant))
  expect(read(person, at('10:00', 1))).toHaveLength(1)
  expect(read(person, at('10:00', 2))).toEqual([])
  expect(read(person, at('10:00', 5))).toEqual(['now: No contact reported.'])
})

it('a team member reads that a service has been in touch, once for each event', () => {
  const started = told('s', at('09:00'), {
    type: 'TreatmentStarted',
    provider: 'N9901',
    episodeRef: '1',
    setting: 'COMMUNITY',
    substances: [],
    referralSource: null,
    area: null,
  })
  expect(read(somebody(started), at('10:00'))).toHaveLength(2)
  expect(read(somebody(started), at('10:00'), 'peer-4')).toEqual([
    'now: Treatment has been in touch',
  ])
  expect(read(somebody(started), at('10:00'), 'lp-2')).toEqual([])
})

it('a recall is told once the person is inside, and rests on the prison too', () => {
  const probation = { agency: 'probation' } as const
  const recall = told(
    'r',
    at('09:00'),
    { type: 'RecallRaised', recallRef: null, outcomeCode: null, releasedToLead: false },
    probation,
  )
  const person = somebody(recall)
  expect(read(person, at('10:00'))).toEqual([])
  const inside = {
    ...recall,
    key: 'in',
    agency: 'custody',
    occurredAt: at('12:00'),
    receivedAt: at('12:01'),
    facts: {
      type: 'ReceivedIntoPrison',
      prison: 'QXI',
      legalBasis: 'RECALL',
      reasonCode: 'L',
      confirmed: true,
    },
  } as const
  person.heard.push({ happening: inside, at: at('12:01') })
  expect(read(person, at('13:00'))).toEqual([])
  person.versions.splice(0, 1, given(at('08:00'), { ...grant, sources: ['probation', 'custody'] }))
  expect(read(person, at('13:00'))).toEqual([
    'now: Received into prison.',
    'now: Probation raised a recall to prison.',
  ])
})

it('the last code of a visit says what all of it was', () => {
  const visit = { provider: 'RZZ', visitRef: 'E1' } as const
  const hospital = { agency: 'hospital' } as const
  const came = told(
    'came',
    at('09:00'),
    { type: 'EmergencyAttendanceStarted', ...visit, arrivalMode: null, classifications: [] },
    hospital,
  )
  const code = {
    tier: 'DRUG_POISONING',
    code: 'T40.1',
    coding: 'ICD-10',
    primary: true,
    table: '',
  } as const
  const coded = told(
    'coded',
    at('09:00', 3),
    { type: 'EncounterReclassified', ...visit, classifications: [code], removed: [] },
    hospital,
  )
  const [line] = readableStory(somebody(came, coded), 'lp-1', at('10:00', 3))
  expect(line?.text).toBe('Came to an emergency department. It was recorded as a drug poisoning.')
  expect(line?.line.learnedAt).toBe(coded.receivedAt)
})
