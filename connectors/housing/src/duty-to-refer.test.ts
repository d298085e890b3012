import { readFileSync } from 'node:fs'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { dutyToReferSchema } from './duty-to-refer.ts'
import { ids, now } from './testing/desk.ts'
import { changed, example } from './testing/examples.ts'
import { translateDutyToRefer } from './translate-duty-to-refer.ts'

const name = 'duty-to-refer-accepted.json'
const rules = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  now,
}

const one = (record: JsonValue, more: Partial<typeof rules> = {}) => {
  const [translation] = translateDutyToRefer([record], ids, { ...rules, ...more })
  if (translation === undefined) throw new Error('no translation')
  return translation
}
const eventOf = (changes: Readonly<Record<string, unknown>>, more: Partial<typeof rules> = {}) => {
  const translation = one(changed(name, changes), more)
  if (translation.outcome !== 'published') throw new Error(JSON.stringify(translation))
  return translation.events[0]?.event
}
const faultsOf = (changes: Readonly<Record<string, unknown>>) => {
  const translation = one(changed(name, changes))
  return translation.outcome === 'rejected'
    ? translation.errors.map(({ path, rule }) => `${path} ${rule}`)
    : []
}

const submitted = { 'lifecycle.status': 'SUBMITTED', 'lifecycle.outcomeReason': null }
const withdrawn = { 'lifecycle.status': 'WITHDRAWN', 'lifecycle.withdrawalReason': 'NO_CONSENT' }

describe('G4: a referral is allowed only as the person wants it', () => {
  it.each([
    ['to be referred', 'consent.toReferral', 'agreement-to-referral'],
    [
      'to have their details passed on',
      'consent.toShareContactDetails',
      'agreement-to-share-contact-details',
    ],
    ['on this authority', 'destination.chosenByIndividual', 'authority-chosen-by-the-person'],
  ])('one who has not agreed %s is not referred', (_what, path, rule) => {
    for (const value of [false, undefined]) {
      expect(faultsOf({ [path]: value })).toEqual([`${path} ${rule}`])
    }
  })

  it.each([
    [
      'a Welsh authority',
      { 'destination.housingAuthority': 'W06000015' },
      ['destination.housingAuthority authority-in-england'],
    ],
    ['Wales', { 'destination.country': 'Wales' }, ['destination.country authority-in-england']],
    [
      'a Scottish authority',
      { 'destination.housingAuthority': 'S12000033', 'destination.country': 'Scotland' },
      [
        'destination.housingAuthority authority-in-england',
        'destination.country authority-in-england',
      ],
    ],
  ])('and not to %s', (_where, changes, faults) => {
    expect(faultsOf(changes)).toEqual(faults)
  })

  it('one whose agreement came after the referral, or was taken back, is not referred', () => {
    expect(faultsOf({ 'consent.recordedAt': '2026-03-07T09:00:00Z' })).toEqual([
      'consent.recordedAt agreement-before-referral',
    ])
    expect(faultsOf({ 'consent.withdrawnAt': '2026-03-08T09:00:00Z' })).toEqual([
      'consent.withdrawnAt agreement-withdrawn',
    ])
  })

  it('one who took it all back can still have the referral withdrawn', () => {
    const nothing = {
      'consent.toReferral': false,
      'consent.toShareContactDetails': false,
      'destination.chosenByIndividual': false,
      'consent.withdrawnAt': '2026-05-01T09:00:00Z',
    }
    expect(eventOf({ ...withdrawn, ...nothing })).toMatchObject({
      decision: 'WITHDRAWN',
      occurredAt: Date.parse('2026-05-01T00:00:00+01:00'),
      occurredAtPrecision: 'DAY',
    })
  })
})

describe('a referral', () => {
  it('that is submitted says so, on its day, with its reason', () => {
    expect(eventOf(submitted)).toMatchObject({
      type: 'DutyToReferMade',
      reason: 'leaving_custody',
      occurredAt: Date.parse('2026-03-06T00:00:00Z'),
      occurredAtPrecision: 'DAY',
      objectRef: 'E99000001/5d0f3c1e-1c3a-4a55-9f0e-0d3c8b7a1f01',
    })
  })

  it('that is not accepted is declined, and active no more', () => {
    const declined = eventOf({
      'lifecycle.status': 'NOT_ACCEPTED',
      'lifecycle.outcomeReason': 'NO_LOCAL_CONNECTION',
      'lifecycle.decidedOn': '2026-03-20',
    })
    expect(declined).toMatchObject({
      decision: 'DECLINED',
      activeUntil: null,
      occurredAt: Date.parse('2026-03-20T00:00:00Z'),
    })
  })

  it('is active for 26 weeks and their last day, over the clock change', () => {
    const event = eventOf({
      'lifecycle.submissionDate': '2026-05-01',
      'lifecycle.expiresOn': '2026-10-30',
    })
    expect(event).toMatchObject({ activeUntil: Date.parse('2026-10-31T00:00:00Z') })
  })

  it('whose outcome has no day happened by the time we heard, which changes nothing when it is sent again', () => {
    const first = one(example(name))
    const later = one(example(name), { now: now + 86_400_000 })
    expect(eventOf({})).toMatchObject({ occurredAt: now, occurredAtPrecision: 'UNKNOWN' })
    expect(later.contentHash).toBe(first.contentHash)
  })

  it('is known by the referrer’s number, the authority’s, and the numbers the person gave', () => {
    const numbers = {
      'individual.identifiers': [
        { type: 'NOMS', value: 'z9001aa' },
        { type: 'NHS', value: '999 000 0115' },
      ],
    }
    expect(eventOf(numbers)?.identifiers).toEqual([
      {
        type: 'HOUSING_APPLICATION',
        issuer: 'E99000001',
        value: '5d0f3c1e-1c3a-4a55-9f0e-0d3c8b7a1f01',
        verified: true,
      },
      { type: 'HOUSING_APPLICATION', issuer: 'E99000001', value: 'SYN-DTR-0001', verified: true },
      { type: 'NOMS', issuer: null, value: 'Z9001AA', verified: true },
      { type: 'NHS', issuer: null, value: '9990000115', verified: true },
    ])
    expect(eventOf(numbers, { nhsNumbersTraced: false })?.identifiers.at(-1)?.verified).toBe(false)
  })

  it('never counts plain digits of the authority’s as the person’s: they may be another one’s case', () => {
    expect(eventOf({ 'lifecycle.referenceNumber': '20417' })?.identifiers).toHaveLength(1)
  })

  it('carries no name, birth date, contact or note further than this door', () => {
    const event = eventOf({ 'lifecycle.outcomeNote': 'Rang the landlord.' })
    expect(JSON.stringify(event)).not.toMatch(
      /Jonas|Kestrel|1984|07700|landlord|offender_management/,
    )
  })

  it('of a treatment service is welcome, but is no duty', () => {
    const voluntary = { 'origin.bodyType': 'treatment_provider_voluntary' }
    expect(faultsOf(voluntary)).toEqual(['origin.statutoryBody not-a-statutory-body'])
    expect(eventOf({ ...voluntary, 'origin.statutoryBody': false })).toBeDefined()
  })
})

describe('a referral that cannot be right is refused by place and rule', () => {
  it.each([
    [
      'an outcome without its reason',
      { 'lifecycle.outcomeReason': null },
      ['lifecycle.outcomeReason required'],
    ],
    [
      'a reason of another outcome',
      { 'lifecycle.outcomeReason': 'INTENTIONALLY_HOMELESS' },
      ['lifecycle.outcomeReason suits-the-outcome'],
    ],
    [
      'a reason before any outcome',
      { 'lifecycle.status': 'SUBMITTED' },
      ['lifecycle.outcomeReason only-with-an-outcome'],
    ],
    [
      'a withdrawal without its reason',
      { 'lifecycle.status': 'WITHDRAWN' },
      ['lifecycle.withdrawalReason required'],
    ],
    [
      'another reason and no words',
      {
        'lifecycle.status': 'WITHDRAWN',
        'lifecycle.withdrawalReason': 'OTHER',
        'lifecycle.withdrawalNote': '  ',
      },
      ['lifecycle.withdrawalNote required'],
    ],
    [
      'a reason of withdrawal where nothing was',
      { 'lifecycle.withdrawalReason': 'DISENGAGED' },
      ['lifecycle.withdrawalReason only-when-withdrawn'],
    ],
    ['a status nobody knows', { 'lifecycle.status': 'PENDING' }, ['lifecycle.status not-in-list']],
    [
      'no submission',
      { 'lifecycle.submissionDate': undefined },
      ['lifecycle.submissionDate required'],
    ],
    [
      'a submission that has not come',
      { ...submitted, 'lifecycle.submissionDate': '2026-11-16', 'lifecycle.expiresOn': null },
      ['lifecycle.submissionDate in-future'],
    ],
    [
      'a decision before it',
      { 'lifecycle.decidedOn': '2026-03-05' },
      ['lifecycle.decidedOn before-submission'],
    ],
    [
      'another end than 26 weeks',
      { 'lifecycle.expiresOn': '2026-09-05' },
      ['lifecycle.expiresOn twenty-six-weeks'],
    ],
    [
      'nobody to ring',
      { 'individual.contact': { phone: ' ', email: null } },
      ['individual.contact contact-needed'],
    ],
    [
      'a birth that has not come',
      { 'individual.dateOfBirth': '2026-12-01' },
      ['individual.dateOfBirth in-future'],
    ],
    [
      'a spoilt NHS number',
      { 'individual.identifiers': [{ type: 'NHS', value: '9990000116' }] },
      ['individual.identifiers.0.value nhs-number-check-digit'],
    ],
    [
      'a member nobody knows',
      { 'individual.diagnosis': 'x' },
      ['individual.diagnosis unknown-member'],
    ],
    [
      'a note of 4,001 characters',
      { 'lifecycle.outcomeNote': 'x'.repeat(4001) },
      ['lifecycle.outcomeNote size'],
    ],
    ['another version of the format', { schemaVersion: '2.0' }, ['schemaVersion not-in-list']],
  ])('%s', (_what, changes, faults) => {
    expect(faultsOf(changes)).toEqual(faults)
  })

  it('says what to do, in words of ours', () => {
    const translation = one(changed(name, { 'consent.toReferral': false }))
    expect(translation).toMatchObject({
      outcome: 'rejected',
      errors: [{ message: expect.stringContaining('has not agreed to be referred') }],
    })
  })
})

it('has the schema that is published beside it', () => {
  const written = readFileSync(new URL('../duty-to-refer.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(dutyToReferSchema())))
})
