import { describe, expect, it } from 'vitest'
import { classify, isOnScale, withText } from './classify.ts'
import {
  alcoholSpecific,
  alcoholSpecific1,
  icd10TableOf,
  icd10Tables,
  normalIcd10,
} from './icd10.ts'
import { snomedTableName } from './snomed.ts'
import { workingTerm } from './working-text.ts'

const tierOf = (code: string, system = 'I10'): string | undefined =>
  classify([{ code, system }], false, [])?.tier

describe('an ICD-10 code', () => {
  it.each([
    ['F10.2', 'F102'],
    ['f10', 'F10'],
    ['F10X', 'F10'],
    ['I10X', 'I10'],
    ['T401', 'T401'],
    ['G31.2D', 'G312'],
    ['K70.3A', 'K703'],
    [' T40.1 ', 'T401'],
    ['M00.01', 'M0001'],
  ])('%s has one form: %s', (written, normal) => {
    expect(normalIcd10(written)).toBe(normal)
  })

  it.each([
    '',
    'F1',
    'T40.1X1A',
    '25702006',
    'F10.2 alcohol',
    '10.2',
    'F10.2.1',
    `F10${'0'.repeat(50)}`,
  ])('%s is none', (written) => {
    expect(normalIcd10(written)).toBeUndefined()
  })

  const wholly =
    'E24.4 F10 G31.2 G62.1 G72.1 I42.6 K29.2 K70 K85.2 K86.0 Q86.0 R78.0 T51.0 T51.1 T51.9 X45 X65 Y15 Y90 Y91'
  it.each(wholly.split(' '))('%s is wholly alcohol, with whatever stands below it', (code) => {
    expect(tierOf(code)).toBe('ALCOHOL_SPECIFIC')
    expect(tierOf(code.length === 3 ? `${code}.1` : code)).toBe('ALCOHOL_SPECIFIC')
  })

  it.each(['F11', 'F12.1', 'F13', 'F14', 'F15', 'F16', 'F18', 'F19.2'])(
    '%s is a drug disorder',
    (code) => {
      expect(tierOf(code)).toBe('DRUG_DISORDER')
    },
  )

  it.each(['T40', 'T40.0', 'T40.1', 'T40.9', 'T43.6'])('%s is a drug poisoning', (code) => {
    expect(tierOf(code)).toBe('DRUG_POISONING')
  })

  it.each([
    ['tobacco', 'F17.2'],
    ['a paracetamol overdose', 'T39.1'],
    ['how it happened', 'X42.9'],
    ['a side effect', 'Y45.0'],
    ['an antidepressant', 'T43.0'],
    ['a partly attributable cancer', 'C22.0'],
    ['other pancreatitis', 'K85.9'],
    ['other alcohols', 'T51.2'],
    ['a heart attack', 'I21.9'],
  ])('of %s labels nobody: %s', (_, code) => {
    expect(tierOf(code)).toBeUndefined()
  })

  it('counts only as ICD-10: the American modification has lists of its own', () => {
    for (const system of ['I10', 'ICD10', 'icd10', 'ICD-10', 'http://hl7.org/fhir/sid/icd-10']) {
      expect(tierOf('F10.2', system)).toBe('ALCOHOL_SPECIFIC')
    }
    for (const system of [
      'I10C',
      'ICD10CM',
      'ICD9',
      'SCT',
      '',
      'http://hl7.org/fhir/sid/icd-10-cm',
    ]) {
      expect(tierOf('F10.2', system)).toBeUndefined()
    }
  })
})

describe('the lists', () => {
  it('have names that say their version, each once', () => {
    const names = icd10Tables.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z-]+\/\d+$/)
  })

  it('keep an old version as it was, and read by the new one', () => {
    for (const code of ['K852', 'Q860', 'R780']) {
      expect(alcoholSpecific1.codes).not.toContain(code)
      expect(icd10TableOf(code)).toBe(alcoholSpecific)
    }
  })
})

describe('a diagnosis with several codes', () => {
  it('counts as the one that says most', () => {
    const codings = [
      { code: '25702006', system: 'SCT' },
      { code: 'F10.0', system: 'I10' },
    ]
    expect(classify(codings, true, [])).toEqual({
      tier: 'ALCOHOL_SPECIFIC',
      code: 'F10.0',
      coding: 'ICD-10',
      primary: true,
      table: 'alcohol-specific/2',
    })
  })
})

describe('a SNOMED code', () => {
  it('is possible and never more, and only where its meaning was checked', () => {
    expect(tierOf('25702006', 'SCT')).toBe('POSSIBLE')
    expect(tierOf('25702006', 'http://snomed.info/sct')).toBe('POSSIBLE')
    expect(tierOf('66590003', 'SCT')).toBeUndefined()
    expect(snomedTableName('66590003', ['66590003'])).toBe('configured-possible/1')
  })
})

describe('what was typed at the desk', () => {
  it.each([
    ['Found collapsed & smelling of alcohol; ?opioid', 'alcohol'],
    ['OD Suspected opioid overdose', 'overdose'],
    ['Intoxicated, head injury', 'intoxication'],
    ['?heroin', 'opioids'],
  ])('%s', (text, term) => {
    expect(workingTerm(text)).toBe(term)
  })

  it.each([
    'No alcohol today',
    'denies any overdose',
    'non alcohol related fall',
    'rash from alcohol gel',
    'chest pain',
    '',
    `${'x'.repeat(600)} alcohol`,
  ])('says nothing: %s', (text) => {
    expect(workingTerm(text)).toBeUndefined()
  })

  it('is a clue only where no code says anything, and is told by our word', () => {
    const [clue] = withText([], 'smells of Alcohol, shouted at 07700 900123')
    expect(clue).toEqual({
      tier: 'POSSIBLE',
      code: 'alcohol',
      coding: 'text',
      primary: false,
      table: 'working-text/1',
    })
    const code = classify([{ code: 'F10', system: 'I10' }], false, [])
    expect(withText(code === undefined ? [] : [code], 'alcohol')).toEqual([code])
  })
})

describe('a score', () => {
  it('lies on its scale', () => {
    expect([-1, 0, 12, 13, 1.5].map((score) => isOnScale('AUDIT_C', score))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
    expect([40, 41].map((score) => isOnScale('AUDIT', score))).toEqual([true, false])
  })
})
