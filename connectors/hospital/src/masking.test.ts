import { describe, expect, it } from 'vitest'
import { bytesOf, changed, eventIn, saidOf, textOf, translated } from './testing/examples.ts'
import { openHospital } from './testing/trust.ts'

const a01 = textOf('a01-emergency-admission.hl7')
const a03 = textOf('a03-discharge-to-police-or-prison.hl7')
const a04 = textOf('a04-ed-attendance.hl7')
const a31 = textOf('a31-location-hidden-dissent.hl7')
const plain = changed(a31, { ZU8: null })

const changesOf = (text: string): readonly string[] =>
  (translated(text).masks?.changes ?? []).map(({ mask, on }) => `${mask} ${on ? 'on' : 'off'}`)

describe('a mask', () => {
  it.each([
    ['ZU8||2', ['dissent on']],
    ['ZU8||1', ['dissent off']],
    ['ZU8||""', ['dissent off']],
    ['ZU8||3||0', ['location off']],
    ['ZU8||||1', ['location on']],
    ['ZU8||2|No|2', ['dissent on', 'location on']],
    ['ZU8||||""', ['location off']],
    ['ZU8||12||12', []],
    ['ZU8|1', []],
  ])('%s', (ZU8, said) => {
    expect(changesOf(changed(plain, { ZU8 }))).toEqual(said)
  })

  it.each([
    ['S', ['sensitive on']],
    ['Y', ['sensitive on']],
    ['N', ['sensitive off']],
    ['I', []],
    ['', []],
  ])('PV1-16 %s', (value, said) => {
    expect(changesOf(changed(plain, { 'PV1-16': value }))).toEqual(said)
  })

  it('is what makes an update more than not needed', () => {
    expect(saidOf(translated(a31))).toBe('ignored masking')
    expect(saidOf(translated(changed(plain, { 'PV1-16': 'S' })))).toBe('ignored masking')
    expect(saidOf(translated(changed(plain, { ZU8: 'ZU8||1||0' })))).toBe('ignored not-needed')
    expect(translated(changed(plain, { ZU8: 'ZU8||1||0' })).masks?.changes).toHaveLength(2)
  })

  it('is asked for by numbers that somebody can be matched by', () => {
    expect(translated(a31).masks?.identifierHashes).toHaveLength(2)
    const unknown = changed(a31, { 'PID-3': '9990079307^^^NHS', 'PID-32': 'NSTS02' })
    expect(translated(unknown).masks).toBeUndefined()
  })
})

describe('an event of somebody', () => {
  it('whose location is hidden, or who is marked sensitive, says nothing of places', () => {
    for (const masks of [{ ZU8: 'ZU8||||2' }, { 'PV1-16': 'S' }, { 'PV1-16': 'Y' }]) {
      const admitted = eventIn(translated(changed(a01, masks)), 'Admitted')
      expect(admitted).toMatchObject({ from: null, method: '21' })
      const left = eventIn(translated(changed(a03, masks)), 'Discharged')
      expect(left).toMatchObject({ destination: null, nowhereToLive: null })
      expect(left['handling']).toMatchObject({ restricted: false })
    }
  })

  it('who dissents says that it happened, to nobody yet, and nothing else', () => {
    const masks = { ZU8: 'ZU8||2' }
    expect(eventIn(translated(changed(a01, masks)), 'Admitted')).toMatchObject({
      from: null,
      method: null,
      attendanceRef: null,
      classifications: [],
      handling: { restricted: true },
    })
    const left = translated(changed(a03, masks))
    for (const type of ['Discharged', 'AlcoholScoreRecorded', 'ReferralMade']) {
      expect(eventIn(left, type)['handling']).toMatchObject({ restricted: true })
    }
    expect(eventIn(translated(changed(a04, masks)), 'EmergencyAttendanceStarted')).toMatchObject({
      arrivalMode: null,
      classifications: [],
    })
  })

  it('who dissents and died is told of all the same: letters have to stop', () => {
    const died = translated(changed(a31, { 'PID-30': 'Y' }))
    expect(eventIn(died, 'DeathReported')['handling']).toMatchObject({ restricted: false })
  })

  it('whose diagnosis is confidential reaches only whom the trust names', () => {
    const open = changed(a04, { 'DG1-18': 'N' })
    const restrictedIn = (text: string) =>
      eventIn(translated(text), 'EmergencyAttendanceStarted')['handling']
    expect(restrictedIn(a04)).toMatchObject({ restricted: true })
    expect(restrictedIn(open)).toMatchObject({ restricted: false })
  })
})

describe('what one message asks to be masked', () => {
  const person = { type: 'MRN', issuer: 'RZZ', value: 'T0990412' } as const
  const stay = (id: string, sentAt: string, more: Record<string, string> = {}) =>
    changed(textOf('a01-ambiguous-hour.hl7'), {
      'MSH-10': id,
      'MSH-7': sentAt,
      'PV1-19': `S${id}`,
      'PV1-14': '39',
      ...more,
    })
  const fromOf = async (texts: readonly (string | Uint8Array)[], claim = true) => {
    await using hospital = await openHospital()
    if (claim) await hospital.desk.claim(person)
    const trust = await hospital.connect()
    trust.send(...texts)
    await trust.answers(texts.length)
    return (await hospital.desk.sent())
      .filter(({ schema }) => schema === 'Admitted')
      .map(({ value }) => [
        value['from'],
        (value['handling'] as { restricted: boolean }).restricted,
      ])
  }

  it('holds for the stays that come after it, until a later message says otherwise', async () => {
    const told = await fromOf([
      stay('1', '202611180900'),
      bytesOf('a31-location-hidden-dissent.hl7'),
      stay('2', '202611200900'),
      changed(a31, { 'MSH-10': 'LIFT', 'MSH-7': '202611210900', ZU8: 'ZU8||1||0' }),
      stay('3', '202611220900'),
    ])
    expect(told).toEqual([
      ['39', false],
      [null, true],
      ['39', false],
    ])
  })

  it('is not undone by a message that was sent before it and came after', async () => {
    const told = await fromOf([
      bytesOf('a31-location-hidden-dissent.hl7'),
      changed(a31, { 'MSH-10': 'OLD', 'MSH-7': '202611180900', ZU8: 'ZU8||1||0' }),
      stay('2', '202611200900'),
    ])
    expect(told).toEqual([[null, true]])
  })

  it('is forgotten where nobody claims the number, as everything is', async () => {
    expect(await fromOf([a31, stay('2', '202611200900')], false)).toEqual([])
  })
})
