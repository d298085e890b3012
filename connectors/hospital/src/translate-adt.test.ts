import { describe, expect, it } from 'vitest'
import { senderOptions } from './profiles.ts'
import {
  changed,
  eventIn,
  eventsIn,
  hl7Names,
  saidOf,
  textOf,
  translated,
} from './testing/examples.ts'

const a01 = textOf('a01-emergency-admission.hl7')
const a03 = textOf('a03-discharge-to-police-or-prison.hl7')
const a04 = textOf('a04-ed-attendance.hl7')
const a08 = textOf('a08-coding-complete.hl7')
const a11 = textOf('a11-cancel-admission.hl7')
const a13 = textOf('a13-cancel-discharge.hl7')
const a31 = textOf('a31-location-hidden-dissent.hl7')
const a40 = textOf('a40-merge-local-numbers.hl7')
const epic = textOf('a01-epic-cerner-style-latin1.hl7')

const utc = (text: string): number => Date.parse(text)
const tiersOf = (event: Record<string, unknown>): readonly string[] =>
  (event['classifications'] as { tier: string; code: string; primary: boolean }[]).map(
    ({ tier, code, primary }) => `${code} ${tier}${primary ? ' primary' : ''}`,
  )
const numbersOf = (event: Record<string, unknown> | undefined): readonly string[] =>
  (
    (event?.['identifiers'] ?? []) as {
      type: string
      value: string
      issuer: string | null
      verified: boolean
    }[]
  ).map(({ type, value, issuer, verified }) =>
    [type, issuer ?? '', value, verified ? 'verified' : 'not'].filter(Boolean).join(' '),
  )
/** A trust that writes in its own way. */
const sender = (given: object) => ({
  senders: [senderOptions.parse({ facility: 'RZZ', ...given })],
})

describe('each example', () => {
  const outcomes: Readonly<Record<string, string>> = {
    'a01-ambiguous-hour.hl7': 'Admitted',
    'a01-emergency-admission.hl7': 'Admitted',
    'a01-epic-cerner-style-latin1.hl7': 'Admitted',
    'a01-unknown-person-no-nhs-number.hl7': 'Admitted',
    'a03-discharge-to-police-or-prison.hl7': 'Discharged AlcoholScoreRecorded ReferralMade',
    'a04-ed-attendance.hl7': 'EmergencyAttendanceStarted',
    'a04-unusual-delimiters.hl7': 'EmergencyAttendanceStarted',
    'a08-coding-complete.hl7': 'EncounterReclassified',
    'a11-cancel-admission.hl7': 'EventWithdrawn',
    'a13-cancel-discharge.hl7': 'EventWithdrawn',
    'a31-location-hidden-dissent.hl7': 'ignored masking',
    'a40-merge-local-numbers.hl7': 'IdentifiersMerged',
  }
  it('has an outcome, and each outcome an example', () => {
    expect(Object.keys(outcomes)).toEqual(hl7Names)
  })
  it.each(hl7Names)('becomes what its table says: %s', (name) => {
    expect(saidOf(translated(textOf(name)))).toBe(outcomes[name])
  })
})

describe('an arrival', () => {
  it('in A&E at 02:31, drunk by a working code, is for few to know', () => {
    const event = eventIn(translated(a04), 'EmergencyAttendanceStarted')
    expect(event).toMatchObject({
      occurredAt: utc('2026-11-14T02:31:00Z'),
      occurredAtPrecision: 'MINUTE',
      occurredAtText: '202611140231',
      recordedAt: utc('2026-11-14T02:35:00Z'),
      provider: 'RZZ',
      visitRef: 'E260098812',
      arrivalMode: 'A',
      handling: { holdUntil: null, restricted: true },
    })
    expect(tiersOf(event)).toEqual(['F10.0 ALCOHOL_SPECIFIC primary'])
    expect(numbersOf(event)).toEqual(['NHS 9990000115 verified', 'MRN RZZ T0417733 verified'])
  })

  it('on a ward at 04:05 came from custody, through A&E, with heroin and alcohol', () => {
    const event = eventIn(translated(a01), 'Admitted')
    expect(event).toMatchObject({
      occurredAt: utc('2026-11-14T04:05:00Z'),
      visitRef: 'S260055107',
      attendanceRef: 'E260098812',
      method: '21',
      from: '39',
    })
    expect(tiersOf(event)).toEqual(['T40.1 DRUG_POISONING primary', 'F10.2 ALCOHOL_SPECIFIC'])
  })

  it('at 01:30 in the night that has two of them counts from the first, and says so', () => {
    const event = eventIn(translated(textOf('a01-ambiguous-hour.hl7')), 'Admitted')
    expect(event).toMatchObject({
      occurredAt: utc('2026-10-25T00:30:00Z'),
      occurredAtPrecision: 'AMBIGUOUS_HOUR',
      occurredAtText: '202610250130',
    })
  })

  it('of an unknown man is told by the number that the trust gave him, and by nothing else', () => {
    const event = eventIn(translated(textOf('a01-unknown-person-no-nhs-number.hl7')), 'Admitted')
    expect(numbersOf(event)).toEqual(['MRN RZZ TEMP88120 verified'])
    expect(JSON.stringify(event)).not.toMatch(/Unknown|Male|ZZ99/)
  })

  it('as Epic and Cerner write it is read through words, odd types and the alternate code', () => {
    const event = eventIn(translated(epic), 'Admitted')
    expect(event).toMatchObject({
      occurredAt: utc('2026-11-14T04:05:00Z'),
      occurredAtPrecision: 'INSTANT',
      visitRef: '260055107',
      method: '2D',
      from: '19',
    })
    expect(tiersOf(event)).toEqual(['F10.0 ALCOHOL_SPECIFIC'])
    expect(numbersOf(event)).toEqual(['NHS 9990000115 verified', 'MRN RZZ T0417733 verified'])
  })

  it('is an outpatient’s, and nobody’s business, when PV1-2 says so', () => {
    expect(saidOf(translated(changed(a04, { 'PV1-2': 'O' })))).toBe('ignored not-needed')
    expect(saidOf(translated(changed(a04, { 'PV1-2': 'ff' })))).toBe(
      'quarantined class-unknown PV1-2',
    )
    expect(saidOf(translated(changed(a01, { 'PV1-2': 'ff' })))).toBe('Admitted')
  })

  it('takes the sender’s own words for class and method', () => {
    const given = sender({ classes: { 'Acute Bed': 'I' }, admissionMethods: { blue: '2B' } })
    const text = changed(a01, { 'PV1-2': 'ACUTE BED', 'PV1-4': 'Blue' })
    expect(eventIn(translated(text, given), 'Admitted')['method']).toBe('2B')
    expect(eventIn(translated(text), 'Admitted')['method']).toBeNull()
  })

  it('may be A&E’s and then a ward’s under one number, and stays two', () => {
    const text = changed(a01, { 'PV1-19': 'E260098812' })
    const [attendance, admission] = [a04, text].map((one) => eventsIn(translated(one))[0])
    expect(attendance?.eventId).not.toBe(admission?.eventId)
    expect(attendance?.objectRef).not.toBe(admission?.objectRef)
  })
})

describe('when it happened', () => {
  it('is PV1-44, then EVN-6, then EVN-2, then MSH-7, for an arrival', () => {
    const at = (changes: Record<string, string>) =>
      eventIn(translated(changed(a01, changes)), 'Admitted')['occurredAtText']
    expect(at({ 'PV1-44': '202611240405' })).toBe('202611240405')
    expect(at({ 'PV1-44': '', 'EVN-6': '202611140400' })).toBe('202611140400')
    expect(at({ 'PV1-44': '""', 'EVN-6': '' })).toBe('202611140410')
    expect(at({ 'PV1-44': '', 'EVN-6': '', 'EVN-2': '' })).toBe('202611140412')
  })

  it('is PV1-45 for a discharge, and EVN-6 for anything else', () => {
    expect(eventIn(translated(a03), 'Discharged')['occurredAtText']).toBe('202611171530')
    const text = changed(a03, { 'PV1-45': '""', 'EVN-6': '202611171529' })
    expect(eventIn(translated(text), 'Discharged')['occurredAtText']).toBe('202611171529')
    expect(eventIn(translated(a08), 'EncounterReclassified')['occurredAtText']).toBe('202612031104')
  })

  it('is never guessed', () => {
    expect(saidOf(translated(changed(a01, { 'PV1-44': '20261399' })))).toBe(
      'quarantined timestamp-invalid PV1-44',
    )
    const none = { 'PV1-44': '', 'EVN-6': '', 'EVN-2': '', 'MSH-7': '' }
    expect(saidOf(translated(changed(a01, none)))).toBe('quarantined timestamp-missing EVN-6')
  })

  it('is London’s clock unless an offset is sent, and the clock again where the offset is known to lie', () => {
    const july = changed(a01, { 'PV1-44': '20260714040500+0000' })
    expect(eventIn(translated(july), 'Admitted')['occurredAt']).toBe(utc('2026-07-14T04:05:00Z'))
    const given = sender({ ignoreOffset: true })
    expect(eventIn(translated(july, given), 'Admitted')['occurredAt']).toBe(
      utc('2026-07-14T03:05:00Z'),
    )
    const plain = changed(a01, { 'PV1-44': '202607140405' })
    expect(eventIn(translated(plain), 'Admitted')['occurredAt']).toBe(utc('2026-07-14T03:05:00Z'))
  })

  it('has nothing to do with a birth date, not even one in the thirteenth month', () => {
    for (const born of ['19881314', '19000101', '20250230', '1987', '21000101']) {
      expect(saidOf(translated(changed(a01, { 'PID-7': born })))).toBe('Admitted')
    }
  })
})

describe('the trigger', () => {
  it('is the one in MSH-9.2, whatever EVN-1 says', () => {
    const text = changed(a11, { 'EVN-1': 'A01' })
    expect(saidOf(translated(text))).toBe('EventWithdrawn')
    expect(saidOf(translated(changed(a01, { 'EVN-1': 'Sub', 'MSH-9': 'ADT^A01' })))).toBe(
      'Admitted',
    )
  })

  it.each(['A02', 'A05', 'A12', 'A38', 'A06', 'A60'])(
    '%s is read without fault and not needed',
    (trigger) => {
      expect(saidOf(translated(changed(a01, { 'MSH-9': `ADT^${trigger}` })))).toBe(
        'ignored not-needed',
      )
    },
  )

  it('has to be one that is known', () => {
    for (const type of ['ADT^A99', 'ADT^A00', 'ADT^A1', 'ADT', 'ORU^A01', '^A01', '']) {
      expect(saidOf(translated(changed(a01, { 'MSH-9': type })))).toBe(
        'quarantined event-type-unknown MSH-9',
      )
    }
  })

  it('comes from a trust that says who it is', () => {
    expect(saidOf(translated(changed(a01, { 'MSH-4': '' })))).toBe(
      'quarantined sender-unknown MSH-4',
    )
    const [event] = eventsIn(translated(changed(a01, { 'MSH-4': 'RZZ01' })))
    expect(event?.source).toEqual({
      partnership: 'testshire',
      agency: 'hospital',
      system: 'hospital-rzz',
    })
  })

  it('needs the number of the visit', () => {
    expect(saidOf(translated(changed(a01, { 'PV1-19': '' })))).toBe(
      'quarantined reference-missing PV1-19',
    )
  })
})

describe('a discharge', () => {
  const left = (changes: Record<string, string>, given = {}) =>
    translated(changed(a03, { OBX: null as unknown as string, ...changes }), given)

  it('goes where a value from 19 to 99 says, in whichever of the two fields it stands', () => {
    for (const [a, b] of [
      ['1', '38'],
      ['38', '1'],
      ['38', ''],
      ['', '38'],
    ] as const) {
      const event = eventIn(translated(changed(a03, { 'PV1-36': a, 'PV1-37': b })), 'Discharged')
      expect(event['destination']).toBe('38')
    }
  })

  it('is no death by a bare 4, which is a clinic to some', () => {
    for (const [a, b] of [
      ['4', ''],
      ['', '4'],
      ['19', '4'],
      ['4', '38'],
    ] as const) {
      expect(saidOf(translated(changed(a03, { 'PV1-36': a, 'PV1-37': b })))).not.toContain('Death')
    }
    const ed = changed(a03, { 'PV1-2': 'E', 'PV1-36': '4', 'PV1-37': '' })
    expect(eventIn(translated(ed), 'EmergencyAttendanceEnded')['disposal']).toBeNull()
    const given = sender({ dischargeDigits: { emergency: 'disposal' } })
    expect(eventIn(translated(ed, given), 'EmergencyAttendanceEnded')['disposal']).toBe('4')
    expect(saidOf(translated(ed, given))).not.toContain('Death')
  })

  it('is a death by destination 79, A&E disposal 10, or a 4 whose sender has said what it means', () => {
    expect(saidOf(translated(changed(a03, { 'PV1-37': '79' })))).toContain('DeathReported')
    const ed = changed(a03, { 'PV1-2': 'E', 'PV1-36': '10', 'PV1-37': '' })
    expect(saidOf(translated(ed))).toContain('DeathReported')
    const given = sender({ dischargeDigits: { inpatient: 'method' } })
    const four = changed(a03, { 'PV1-36': '4', 'PV1-37': '19' })
    expect(saidOf(translated(four, given))).toContain('DeathReported')
    expect(saidOf(translated(a03, given))).not.toContain('DeathReported')
  })

  it('takes the sender’s own words, and infers no death from one that nobody has mapped', () => {
    const text = (word: string) => changed(a03, { 'PV1-36': word, 'PV1-37': '' })
    expect(eventIn(translated(text('home')), 'Discharged')['destination']).toBe('19')
    expect(saidOf(translated(text('Dead')))).not.toContain('Death')
    const given = sender({ destinations: { dead: '79' } })
    expect(saidOf(translated(text('Dead'), given))).toContain('DeathReported')
  })

  it('of somebody without a home leaves them with nowhere to live, unless it is to somewhere', () => {
    const homeless = '^^^^ZZ99 3VZ^GBR^H'
    const home = { 'PID-11': homeless, 'PV1-36': '1', 'PV1-37': '19' }
    expect(eventIn(translated(changed(a03, home)), 'Discharged')['nowhereToLive']).toBe(true)
    const prison = { 'PID-11': homeless }
    expect(eventIn(translated(changed(a03, prison)), 'Discharged')['nowhereToLive']).toBeNull()
    expect(eventIn(translated(a03), 'Discharged')['nowhereToLive']).toBeNull()
  })

  it('brings a score of 11 and a referral to alcohol treatment, each at its own time', () => {
    const translation = translated(a03)
    expect(eventIn(translation, 'Discharged')).toMatchObject({
      occurredAt: utc('2026-11-17T15:30:00Z'),
      destination: '38',
      classifications: [],
    })
    expect(eventIn(translation, 'AlcoholScoreRecorded')).toMatchObject({
      occurredAt: utc('2026-11-15T10:10:00Z'),
      instrument: 'AUDIT_C',
      score: 11,
      visitRef: 'S260055107',
    })
    expect(eventIn(translation, 'ReferralMade')).toMatchObject({
      occurredAt: utc('2026-11-16T11:30:00Z'),
      toService: 'specialist-alcohol-treatment',
      condition: 'alcohol',
      agreed: false,
    })
  })

  it('from A&E ends the attendance and no stay', () => {
    expect(saidOf(left({ 'PV1-2': 'E' }))).toContain('EmergencyAttendanceEnded')
    expect(saidOf(left({ 'PV1-2': 'O' }))).toBe('ignored not-needed')
  })

  it('sent twice is one event, the later telling over the earlier', () => {
    const [first] = eventsIn(translated(a03))
    const [again] = eventsIn(
      translated(changed(a03, { 'MSH-10': 'OTHER', 'MSH-7': '202611171540' })),
    )
    expect(again?.eventId).toBe(first?.eventId)
    expect(again?.version).toBe((first?.version ?? 0) + 6 * 60)
  })
})

describe('an observation', () => {
  const obx = (value: string, status = 'F', code = '763256006^AUDIT-C^SCT') =>
    changed(a03, {
      OBX: `OBX|1|NM|${code}||${value}||||||${status}|||202611151010`,
    })

  it.each(['13', '-1', '11.5', 'eleven', '""', ''])(
    'off the scale or unreadable is no score: %s',
    (value) => {
      expect(saidOf(translated(obx(value)))).not.toContain('Score')
    },
  )

  it('is taken back by its own id when it was filed wrongly', () => {
    const [, score] = eventsIn(translated(a03))
    const back = eventsIn(translated(obx('11', 'W'))).find(({ type }) => type === 'EventWithdrawn')
    expect(back).toMatchObject({ withdrawnEventId: score?.eventId, objectRef: null })
    expect(saidOf(translated(obx('11', 'I')))).not.toContain('Score')
  })

  it('may have a code of the trust’s own', () => {
    const text = obx('9', 'F', 'AUDC^Alcohol screen^RZZLOCAL')
    expect(saidOf(translated(text))).not.toContain('Score')
    const given = sender({ alcoholScores: { AUDC: 'AUDIT_C' } })
    expect(eventIn(translated(text, given), 'AlcoholScoreRecorded')['score']).toBe(9)
  })

  it('may send a referral to a service that the partnership names', () => {
    const given = sender({ referralServices: { '431260004': 'testshire-recovery' } })
    expect(eventIn(translated(a03, given), 'ReferralMade')['toService']).toBe('testshire-recovery')
  })

  it('that holds a document is not looked into', () => {
    const pdf = `OBX|1|ED|763256006^AUDIT-C^SCT||^application^pdf^Base64^${'QUJD'.repeat(1000)}||||||F`
    expect(saidOf(translated(changed(a03, { OBX: pdf })))).not.toContain('Score')
  })
})

describe('late coding', () => {
  it('says which codes now hold, and discharges nobody a second time', () => {
    const event = eventIn(translated(a08), 'EncounterReclassified')
    expect(event).toMatchObject({
      occurredAt: utc('2026-12-03T11:04:00Z'),
      visitRef: 'S260055107',
      removed: [],
      handling: { restricted: true },
    })
    expect(tiersOf(event)).toEqual([
      'T40.1 DRUG_POISONING primary',
      'F11.2 DRUG_DISORDER',
      'F10.3 ALCOHOL_SPECIFIC',
    ])
    expect(event['objectRef']).toBe(eventIn(translated(a03), 'Discharged')['objectRef'])
  })

  it('takes everything back when nothing of it was drink or drugs after all', () => {
    const text = changed(a08, { DG1: 'DG1|1||I21.9^Heart attack^I10|||F' })
    const none = text
      .split('\r')
      .filter((line) => !/^DG1.*(?:X42|F11|F10)/.test(line))
      .join('\r')
    expect(eventIn(translated(none), 'EncounterReclassified')['classifications']).toEqual([])
  })

  it('says nothing while it is unfinished and concerns other illnesses', () => {
    const text = a08
      .split('\r')
      .filter((line) => !line.startsWith('DG1'))
      .join('\r')
    expect(saidOf(translated(text))).toBe('ignored not-needed')
    const working = changed(text, { 'ZU1-3': 'I', DG1: 'DG1|1||I21.9^Heart attack^I10|||W' })
    expect(saidOf(translated(working))).toBe('ignored not-needed')
  })

  it('names what the sender deletes', () => {
    const text = changed(a08, { 'DG1-21': 'D' })
    const event = eventIn(translated(text), 'EncounterReclassified')
    expect(event['removed']).toMatchObject([{ code: 'T40.1' }])
    expect(tiersOf(event)).toEqual(['F11.2 DRUG_DISORDER', 'F10.3 ALCOHOL_SPECIFIC'])
  })
})

describe('a cancellation', () => {
  it('of an admission takes back the stay by its name, and a later admission under it holds', () => {
    const admitted = changed(a01, { 'PV1-19': 'S260055111', 'MSH-7': '202611140422' })
    const [was] = eventsIn(translated(admitted))
    const [cancelled] = eventsIn(translated(a11))
    expect(cancelled).toMatchObject({
      type: 'EventWithdrawn',
      withdrawnEventId: null,
      objectRef: was?.objectRef,
    })
    expect(cancelled?.version).toBeGreaterThan(was?.version ?? 0)
    const [afresh] = eventsIn(translated(changed(admitted, { 'MSH-7': '202611140501' })))
    expect(afresh?.version).toBeGreaterThan(cancelled?.version ?? 0)
  })

  it('of an A&E attendance leaves an admission under the same number alone', () => {
    const [cancelled] = eventsIn(translated(changed(a11, { 'PV1-2': 'E', 'PV1-19': 'E260098812' })))
    expect(cancelled?.objectRef).toBe(eventsIn(translated(a04))[0]?.objectRef)
    const both = eventsIn(translated(changed(a11, { 'PV1-2': '' })))
    expect(both.map(({ objectRef }) => objectRef)).toEqual([
      'RZZ/spell/S260055111',
      'RZZ/attendance/S260055111',
    ])
  })

  it('of a discharge takes back the discharge and not the stay, with or without its date', () => {
    const [left] = eventsIn(translated(a03))
    for (const text of [
      a13,
      changed(a13, { 'PV1-36': '1', 'PV1-37': '38', 'PV1-45': '202611171530' }),
    ]) {
      expect(eventsIn(translated(text))).toMatchObject([
        { type: 'EventWithdrawn', withdrawnEventId: left?.eventId, objectRef: null },
      ])
    }
  })
})

describe('a merge', () => {
  it('proposes that T0990777 folds into T0990412, and leaves the empty repetition out', () => {
    const event = eventIn(translated(a40), 'IdentifiersMerged')
    expect(event).toMatchObject({
      surviving: { type: 'MRN', value: 'T0990412', issuer: 'RZZ' },
      removed: { type: 'MRN', value: 'T0990777', issuer: 'RZZ' },
    })
    expect(numbersOf(event)).toEqual([
      'NHS 9990079307 verified',
      'MRN RZZ T0990412 verified',
      'MRN RZZ T0990777 verified',
    ])
  })

  it('finds the partner by who issued it, never by its place', () => {
    const text = changed(a40, { 'MRG-1': 'T0990777^^^RZZ~""^^^NHS' })
    expect(eventIn(translated(text), 'IdentifiersMerged')).toMatchObject({
      surviving: { value: 'T0990412' },
    })
    const onlyNhs = changed(text, { 'PID-3': '9990079307^^^NHS' })
    expect(eventIn(translated(onlyNhs), 'IdentifiersMerged')).toMatchObject({
      surviving: { type: 'NHS', value: '9990079307' },
      removed: { value: 'T0990777' },
    })
  })

  it('is the same for a corrected number (A47), and nothing where there is nothing to join', () => {
    expect(saidOf(translated(changed(a40, { 'MSH-9': 'ADT^A47' })))).toBe('IdentifiersMerged')
    expect(saidOf(translated(changed(a40, { 'MRG-1': 'T0990412^^^RZZ' })))).toBe(
      'ignored not-needed',
    )
    expect(saidOf(translated(changed(a40, { MRG: null })))).toBe(
      'quarantined identifier-missing MRG-1',
    )
  })
})

describe('an update of a person', () => {
  it('is not needed, unless it masks or reports a death', () => {
    const plain = changed(a31, { ZU8: null })
    expect(saidOf(translated(plain))).toBe('ignored not-needed')
    expect(saidOf(translated(changed(plain, { PV1: null, 'MSH-9': 'ADT^A28' })))).toBe(
      'ignored not-needed',
    )
    expect(saidOf(translated(changed(plain, { 'PID-30': 'Y' })))).toBe('DeathReported')
    expect(saidOf(translated(changed(plain, { 'EVN-6': '20261399' })))).toBe('ignored not-needed')
    expect(saidOf(translated(changed(a31, { 'EVN-6': '20261399' })))).toBe(
      'quarantined timestamp-invalid EVN-6',
    )
  })

  it('reports a death at the time that it states, and one day later says that it was wrong', () => {
    const text = changed(a31, { ZU8: null, 'PID-29': '20261118', 'PID-30': 'Y' })
    const death = eventIn(translated(text), 'DeathReported')
    expect(death).toMatchObject({
      basis: 'HOSPITAL',
      occurredAt: utc('2026-11-18T00:00:00Z'),
      occurredAtPrecision: 'DAY',
    })
    const back = changed(text, { 'PID-29': '""', 'PID-30': '""', 'MSH-7': '202611201100' })
    expect(eventIn(translated(back), 'EventWithdrawn')['withdrawnEventId']).toBe(death['eventId'])
    expect(saidOf(translated(changed(text, { 'PID-29': '', 'PID-30': 'N' })))).toBe(
      'ignored not-needed',
    )
  })

  it('takes a flag without a time for a death of unknown time', () => {
    const text = changed(a03, { 'PID-30': 'Y' })
    expect(eventIn(translated(text), 'DeathReported')['occurredAtPrecision']).toBe('UNKNOWN')
  })
})

describe('a number', () => {
  const people = (cx: string, changes: Record<string, string> = {}, given = {}) =>
    numbersOf(
      eventsIn(
        translated(
          changed(a01, { 'PID-3': `${cx}~T1^^^RZZ`, 'PID-32': '', ZU1: null as never, ...changes }),
          given,
        ),
      )[0] as unknown as Record<string, unknown>,
    ).filter((one) => one.startsWith('NHS'))

  it.each([
    '9990000115^^^NHS',
    '9990000115^^^NHS^NH',
    '9990000115^^^RZZ^HN',
    '9990000115^^^NHSNBR^NHSNMBR',
    '9990000115^^^NHS Number',
    '9990000115^^^X&2.16.840.1.113883.2.1.4.1&ISO',
    '999 000 0115^^^NHS',
    '999-000-0115^^^NHS',
    'N9990000115^^^NHS',
    '9990000115^01^^^NI',
    '9990000115^^^^NH{status:01}',
  ])('of the NHS is found however it is written: %s', (cx) => {
    expect(people(cx)).toEqual(['NHS 9990000115 verified'])
  })

  it.each([
    '9999999999^^^NHS',
    '0000000000^^^NHS',
    '9990000116^^^NHS',
    'QQ123456C^^^^NI',
    '~^^^NHS^NH',
    '""^^^NHS',
    '9990000115^^^CHI^NH',
    '0101014722^^^^NH',
  ])('that cannot be one, or is another nation’s, is none: %s', (cx) => {
    expect(people(cx)).toEqual([])
  })

  it.each(['NSTS02', 'PDS03', '04', '5', '06 ', '07', 'NSTS08~UD'])(
    'with tracing status %s matches nobody',
    (status) => {
      expect(people('9990000115^^^NHS', { 'PID-32': status })).toEqual(['NHS 9990000115 not'])
    },
  )

  it.each(['NSTS01', 'PDS01', '01', '1', '01 ', 'UD~NSTS01~AL'])(
    'with %s is verified',
    (status) => {
      const untraced = { nhsNumbersTraced: false }
      expect(people('9990000115^^^NHS', { 'PID-32': status }, untraced)).toEqual([
        'NHS 9990000115 verified',
      ])
    },
  )

  it('without a status is as good as its sender’s tracing', () => {
    expect(people('9990000115^^^NHS', {}, { nhsNumbersTraced: false })).toEqual([
      'NHS 9990000115 not',
    ])
    const given = { nhsNumbersTraced: false, ...sender({ nhsNumbersTraced: true }) }
    expect(people('9990000115^^^NHS', {}, given)).toEqual(['NHS 9990000115 verified'])
    const zu1 = { ZU1: `ZU1${'|'.repeat(27)}02` }
    expect(people('9990000115^^^NHS', zu1)).toEqual(['NHS 9990000115 not'])
  })

  it('is looked for in PID-2, PID-19 and the sender’s own field, in this order', () => {
    expect(people('T2^^^RZZ', { 'PID-2': '9990000115', 'PID-19': '9990079307' })).toEqual([
      'NHS 9990000115 verified',
    ])
    expect(people('T2^^^RZZ', { 'PID-19': '9990079307' })).toEqual(['NHS 9990079307 verified'])
    const given = sender({ nhsNumberField: 'ZPD-2' })
    expect(people('T2^^^RZZ', { ZPD: 'ZPD|1|9990079307' }, given)).toEqual([
      'NHS 9990079307 verified',
    ])
    expect(people('T2^^^RZZ', { ZPD: 'ZPD|1|9990079307' })).toEqual([])
  })

  it('beside another NHS number matches nobody: one of the two is somebody else’s', () => {
    expect(people('9990000115^^^NHS~9990079307^^^NHS')).toEqual([
      'NHS 9990000115 not',
      'NHS 9990079307 not',
    ])
  })

  it('of another trust matches nobody, and an account or visit number is no person’s', () => {
    const [event] = eventsIn(
      translated(changed(a01, { 'PID-3': 'T1^^^RYY~T2^^^RZZ^AN~T3^^^RZZ01^MR' })),
    )
    expect(numbersOf(event as unknown as Record<string, unknown>)).toEqual([
      'MRN RYY T1 not',
      'MRN RZZ T3 verified',
    ])
  })

  it('has to be there and usable, or the message waits for people', () => {
    expect(saidOf(translated(changed(a01, { 'PID-3': '' })))).toBe(
      'quarantined identifier-missing PID-3',
    )
    const bad = { 'PID-3': '9990000116^^^NHS' }
    expect(saidOf(translated(changed(a01, bad)))).toBe('quarantined identifier-invalid PID-3')
    const untraced = { 'PID-3': '9990000115^^^NHS', 'PID-32': 'NSTS03', ZU1: null }
    expect(saidOf(translated(changed(a01, untraced)))).toBe('quarantined identifier-invalid PID-3')
    const live = { allowTestNhsNumbers: false }
    expect(saidOf(translated(changed(a01, { 'PID-3': '9990000115^^^NHS' }), live))).toBe(
      'quarantined identifier-invalid PID-3',
    )
  })
})

it('never passes on a name, an address, a phone number or a birth date', () => {
  for (const name of hl7Names) {
    const told = JSON.stringify(translated(textOf(name)))
    expect(told).not.toMatch(
      /FERNDALE|OKONJO|HASH.TAG|Marwood|EXAMPLE|ZZ99|07700|19880314|19950802|19710101|collapsed|heroin/i,
    )
  }
})

it('counts the segments that nobody knows, and reads on', () => {
  const text = `${a01}\rZPI|1|x\rZLW|y\r`
  const translation = translated(text)
  expect(translation.unknownMembers).toBe(2)
  expect(saidOf(translation)).toBe('Admitted')
})
