import { readFileSync } from 'node:fs'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { policeSchema } from './police.ts'
import { ids } from './testing/desk.ts'
import { changed, example } from './testing/examples.ts'
import { type PoliceOptions, translatePolice } from './translate-police.ts'

const options: PoliceOptions = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: false,
  now: Date.parse('2026-03-03T09:00:00Z'),
}

const one = (record: JsonValue, more: Partial<PoliceOptions> = {}) => {
  const [translation] = translatePolice([record], ids, { ...options, ...more })
  if (translation === undefined) throw new Error('no translation')
  return translation
}
const eventOf = (record: JsonValue, more: Partial<PoliceOptions> = {}) => {
  const translation = one(record, more)
  return translation.outcome === 'published' ? translation.events[0] : undefined
}
const faultsOf = (record: JsonValue) => {
  const translation = one(record)
  return translation.outcome === 'rejected'
    ? translation.errors.map(({ path, rule }) => `${path} ${rule}`)
    : []
}

describe('a police custody record', () => {
  it('tells of an arrest, and of a prescription that may now be missed', () => {
    expect(eventOf(example('police-arrest.json'))?.event).toMatchObject({
      type: 'ArrestedIntoCustody',
      force: '00',
      custodyReference: 'SYN/000123/26',
      custodySuite: 'SYN-CENTRAL',
      arrestReason: 'INVESTIGATION',
      openPrescription: 'YES',
      occurredAt: Date.parse('2026-03-02T01:30:00Z'),
      objectRef: '00/SYN/000123/26',
      handling: { holdUntil: null, restricted: false },
    })
  })

  it('tells of a positive test and of the appointment it leads to', () => {
    expect(eventOf(example('police-drug-test.json'))?.event).toMatchObject({
      outcome: 'POSITIVE',
      substances: ['COCAINE', 'OPIATES'],
      assessmentRequired: true,
      assessmentAt: Date.parse('2026-03-05T10:00:00Z'),
    })
  })

  it('tells of a release on bail, and until when', () => {
    expect(eventOf(example('police-release.json'))?.event).toMatchObject({
      disposal: 'BAILED',
      bailUntil: Date.parse('2026-04-13T09:00:00Z'),
    })
  })

  it('does not know of a prescription that nobody asked about', () => {
    const silent = changed('police-arrest.json', { 'arrest.openPrescription': undefined })
    expect(eventOf(silent)?.event).toMatchObject({ openPrescription: 'UNKNOWN' })
  })

  it('holds what it is asked to hold', () => {
    const held = changed('police-arrest.json', {
      holdUntil: '2026-03-02T09:00:00Z',
      restricted: true,
    })
    expect(eventOf(held)?.event.handling).toEqual({
      holdUntil: Date.parse('2026-03-02T09:00:00Z'),
      restricted: true,
    })
  })

  it('that is corrected is the same event in a higher version', () => {
    const first = one(example('police-arrest.json'))
    const corrected = changed('police-arrest.json', {
      recordVersion: 2,
      'arrest.openPrescription': 'NO',
    })
    const second = one(corrected)
    expect(second.naturalKey).toBe(first.naturalKey)
    expect([first.version, second.version]).toEqual([1, 2])
    expect(eventOf(corrected)?.event.eventId).toBe(
      eventOf(example('police-arrest.json'))?.event.eventId,
    )
  })

  it('of a second test in one stay is another event', () => {
    const second = eventOf(changed('police-drug-test.json', { sequence: 2 }))
    expect(second?.event.eventId).not.toBe(eventOf(example('police-drug-test.json'))?.event.eventId)
  })

  it('takes an NHS number along, and matches it only where the force traces them', () => {
    const withNhs = changed('police-arrest.json', {
      'person.identifiers': [{ type: 'NHS', value: '999 000 0115' }],
    })
    expect(eventOf(withNhs)?.identifierHashes).toEqual([])
    expect(eventOf(withNhs, { nhsNumbersTraced: true })?.identifierHashes).toHaveLength(1)
  })

  it.each([
    ['no force', { force: undefined }, ['force required']],
    ['a force of three letters', { force: 'ABC' }, ['force shape']],
    ['another format version', { formatVersion: 2 }, ['formatVersion not-in-list']],
    [
      'a time without a zone',
      { occurredAt: '2026-03-02T01:30:00' },
      ['occurredAt timestamp-needs-offset'],
    ],
    ['no such time', { occurredAt: '2026-02-30T01:30:00Z' }, ['occurredAt timestamp-impossible']],
    ['a time that has not come', { occurredAt: '2026-03-05T01:30:00Z' }, ['occurredAt in-future']],
    ['a time that is a number', { occurredAt: 5 }, ['occurredAt type']],
    ['nobody', { 'person.identifiers': [] }, ['person.identifiers size']],
    [
      'a PNC number with the wrong letter',
      { 'person.identifiers': [{ type: 'PNC', value: '1931/9999412A' }] },
      ['person.identifiers.0.value pnc-check-letter'],
    ],
    [
      'an NHS number with the wrong digit',
      { 'person.identifiers': [{ type: 'NHS', value: '9990000116' }] },
      ['person.identifiers.0.value nhs-number-check-digit'],
    ],
    [
      'an arrest summons number with the wrong letter',
      { arrestSummonsNumber: '2400QQ0000000991237A' },
      ['arrestSummonsNumber asn-check-letter'],
    ],
    ['a name', { name: 'Corwin Fenwright' }, ['name unknown-member']],
    ['a test inside an arrest', { drugTest: {} }, ['drugTest unknown-member']],
    ['no section', { arrest: undefined }, ['arrest required']],
    ['a reference with a line break', { custodyReference: 'A\nB' }, ['custodyReference shape']],
    ['half a version', { recordVersion: 1.5 }, ['recordVersion type']],
  ])('with %s is refused by place and rule', (_what, changes, faults) => {
    expect(faultsOf(changed('police-arrest.json', changes))).toEqual(faults)
  })

  it('names substances only with a positive test', () => {
    expect(faultsOf(changed('police-drug-test.json', { 'drugTest.outcome': 'NEGATIVE' }))).toEqual([
      'drugTest.substances only-when-positive',
    ])
  })

  it('has the schema that is published beside it', () => {
    const written = readFileSync(new URL('../police-custody.schema.json', import.meta.url), 'utf8')
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(policeSchema())))
  })
})
