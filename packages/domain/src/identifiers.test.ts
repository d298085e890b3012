import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arrestSummonsNumber,
  asnCheckLetter,
  canonicalText,
  checkLetter,
  identifier,
  identifierTypes,
  nhsCheckDigit,
} from './identifiers.ts'

const dev = { allowTestNhsNumbers: true, referenceYear: 2026 }
const live = { allowTestNhsNumbers: false, referenceYear: 2026 }

const canonical = (type: string, value: string, issuer: string | null = null) => {
  const answer = identifier({ type, value, issuer }, dev)
  return answer.ok ? canonicalText(answer.identifier) : answer.rule
}
const refusal = (
  type: string,
  value: string,
  issuer: string | null = null,
  options: typeof dev = live,
) => {
  const answer = identifier({ type, value, issuer }, options)
  return answer.ok ? 'accepted' : `${answer.at}: ${answer.rule}`
}

/** Nine digits that an NHS number may begin with, completed. No live number is written down here. */
const completed = (nineDigits: string) => `${nineDigits}${nhsCheckDigit(nineDigits) ?? ''}`

describe('one canonical text for every spelling of a number', () => {
  it.each([
    ['NHS', '999 000 4102', null, 'NHS:9990004102'],
    ['NHS', '999-000-0115', null, 'NHS:9990000115'],
    ['NOMS', ' z9134qx ', null, 'NOMS:Z9134QX'],
    ['CRN', 'x098765', null, 'CRN:X098765'],
    ['PNC', '1931/9999412X', null, 'PNC:1931/9999412X'],
    ['PNC', '19319999412X', null, 'PNC:1931/9999412X'],
    ['PNC', '31/9999412x', null, 'PNC:1931/9999412X'],
    ['PNC', '319999412X', null, 'PNC:1931/9999412X'],
    ['PNC', '79/163001B', null, 'PNC:1979/0163001B'],
    ['PNC', '1979/163001B', null, 'PNC:1979/0163001B'],
    ['PNC', '79163001B', null, 'PNC:1979/0163001B'],
    ['CRO', '999412/31U', null, 'CRO:999412/31U'],
    ['CRO', '412/31Z', null, 'CRO:000412/31Z'],
    ['CRO', 'SF31/412T', null, 'CRO:SF31/412T'],
    ['MRN', 'T0417733', 'rzz', 'MRN:RZZ:T0417733'],
    ['NDTMS', '00417', 'X9901', 'NDTMS:X9901:00417'],
    [
      'HOUSING_APPLICATION',
      'HA/2026/17',
      'testshire-council',
      'HOUSING_APPLICATION:testshire-council:HA/2026/17',
    ],
    ['TENANCY', 'T-88 B', 'testshire-homes', 'TENANCY:testshire-homes:T-88 B'],
    ['CJIT', 'C-104', null, 'CJIT:C-104'],
  ])('reads %s %s (%s) as %s', (type, value, issuer, expected) => {
    expect(canonical(type, value, issuer)).toBe(expected)
  })

  it('puts a two-digit year into the last hundred years up to the year of reading', () => {
    const serial = '0000123'
    const at = (yy: string, referenceYear: number) => {
      const value = `${yy}/${serial}${checkLetter(yy + serial)}`
      const answer = identifier({ type: 'PNC', value }, { ...dev, referenceYear })
      return answer.ok && answer.identifier.value.slice(0, 4)
    }
    expect(at('26', 2026)).toBe('2026')
    expect(at('27', 2026)).toBe('1927')
    expect(at('00', 2026)).toBe('2000')
    expect(at('99', 1999)).toBe('1999')
  })

  it('keeps the check letter of a search file as it is written, without padding', () => {
    // 31 followed by 412 gives T; padded as a standard number is, it would give Z.
    expect(checkLetter('31412')).toBe('T')
    expect(checkLetter('31000412')).toBe('Z')
    expect(canonical('CRO', 'SF31/000412T')).toBe('cro-check-letter')
  })

  it('is unambiguous: no colon can be hidden in a value or an issuer', () => {
    expect(refusal('MRN', 'A:B', 'RZZ')).toBe('value: identifier-shape')
    expect(refusal('TENANCY', 'B', 'X:A')).toBe('issuer: identifier-issuer-shape')
  })

  it('gives the same text again for what is already canonical', () => {
    const digits = fc.integer({ min: 0, max: 9_999_999 }).map((n) => String(n).padStart(7, '0'))
    fc.assert(
      fc.property(fc.integer({ min: 1927, max: 2026 }), digits, (year, serial) => {
        const value = `${year}/${serial}${checkLetter(String(year).slice(2) + serial)}`
        expect(canonical('PNC', value)).toBe(`PNC:${value}`)
        const short = `${String(year).slice(2)}/${value.slice(5).replace(/^0{1,6}/, '')}`
        expect(canonical('PNC', short)).toBe(`PNC:${value}`)
      }),
    )
  })
})

describe('what cannot be right is refused by member and rule, never by value', () => {
  it.each([
    ['PERSON', '1', null, 'type: identifier-type-unknown'],
    ['__proto__', '1', null, 'type: identifier-type-unknown'],
    ['NOMS', 'A123ZZZ', null, 'value: noms-shape'],
    ['NOMS', '', null, 'value: noms-shape'],
    ['CRN', 'X12345', null, 'value: crn-shape'],
    ['PNC', '1931/9999412Y', null, 'value: pnc-check-letter'],
    ['PNC', '931/9999412X', null, 'value: pnc-shape'],
    ['PNC', '1931/99994120X', null, 'value: pnc-shape'],
    ['CRO', '999412/31V', null, 'value: cro-check-letter'],
    ['CRO', '9994120/31U', null, 'value: cro-shape'],
    ['CRO', 'LIBRARY', null, 'value: cro-shape'],
    ['MRN', 'T0417733', null, 'issuer: identifier-issuer-missing'],
    ['MRN', 'T0417733', '  ', 'issuer: identifier-issuer-missing'],
    ['MRN', 'T0417733', 'R Z', 'issuer: identifier-issuer-shape'],
    ['MRN', '  ', 'RZZ', 'value: identifier-empty'],
    ['MRN', 'T04\u200B17733', 'RZZ', 'value: identifier-shape'],
    ['NDTMS', 'x'.repeat(65), 'X9901', 'value: identifier-shape'],
    ['NHS', '99900041O2', null, 'value: nhs-number-shape'],
    ['NHS', '999000410', null, 'value: nhs-number-shape'],
    ['NHS', '9990004103', null, 'value: nhs-number-check-digit'],
  ])('%s %j (%j) → %s', (type, value, issuer, expected) => {
    expect(refusal(type, value, issuer, dev)).toBe(expected)
  })

  it('refuses a short police number when nobody says in which year it was read', () => {
    const answer = identifier({ type: 'PNC', value: '31/9999412X' }, { allowTestNhsNumbers: false })
    expect(answer).toEqual({ ok: false, rule: 'pnc-century-unknown', at: 'value' })
  })

  it('never repeats the value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...identifierTypes),
        fc.stringMatching(/^[a-z0-9]*$/),
        (type, end) => {
          const answer = identifier({ type, value: `§${end}`, issuer: `§${end}` }, dev)
          expect(answer.ok).toBe(false)
          expect(JSON.stringify(answer)).not.toContain('§')
        },
      ),
    )
  })
})

describe('NHS numbers', () => {
  it('allows the test range only where tests run', () => {
    expect(refusal('NHS', '9990004102', null, dev)).toBe('accepted')
    expect(refusal('NHS', '9990004102', null, live)).toBe('value: nhs-number-test-range')
  })

  it('refuses every repeated digit, though each passes the check', () => {
    for (const digit of '0123456789') {
      expect(nhsCheckDigit(digit.repeat(9))).toBe(Number(digit))
      expect(refusal('NHS', digit.repeat(10), null, dev)).toBe('value: nhs-number-repeated-digit')
    }
  })

  it('refuses ranges that are not issued in England and Wales, and other nations’ numbers', () => {
    const first = (digits: string) => completed(digits.padEnd(9, '0').slice(0, 8) + '1')
    for (const issued of ['4', '6', '7']) expect(refusal('NHS', first(issued))).toBe('accepted')
    for (const other of ['0101', '3112', '32', '5', '8', '900']) {
      expect(refusal('NHS', first(other))).toBe('value: nhs-number-not-issued')
    }
  })

  it('has no number where the check would be ten', () => {
    const nine = ['40000000', '60000000', '70000000'].flatMap((stem) =>
      Array.from('0123456789').map((digit) => stem + digit),
    )
    expect(nine.some((digits) => nhsCheckDigit(digits) === undefined)).toBe(true)
    for (const digits of nine.filter((each) => nhsCheckDigit(each) === undefined)) {
      for (const check of '0123456789') {
        expect(refusal('NHS', digits + check)).toBe('value: nhs-number-check-digit')
      }
    }
  })

  const numbers = fc
    .tuple(fc.constantFrom('4', '6', '7', '999'), fc.integer({ min: 0, max: 99_999_999 }))
    .map(
      ([start, rest]) =>
        start +
        String(rest)
          .padStart(9 - start.length, '0')
          .slice(-(9 - start.length)),
    )
    .filter((nine) => nhsCheckDigit(nine) !== undefined && !/^(\d)\1{8}$/.test(nine))
    .map(completed)

  it('catches every single wrong digit', () => {
    fc.assert(
      fc.property(numbers, (number) => {
        expect(refusal('NHS', number, null, dev)).toBe('accepted')
        for (let place = 0; place < 10; place++) {
          for (const digit of '0123456789') {
            if (digit === number[place]) continue
            const wrong = number.slice(0, place) + digit + number.slice(place + 1)
            expect(refusal('NHS', wrong, null, dev)).toBe('value: nhs-number-check-digit')
          }
        }
      }),
    )
  })

  it('catches every swap of two neighbouring digits', () => {
    fc.assert(
      fc.property(numbers, (number) => {
        for (let place = 0; place < 9; place++) {
          const [one, other] = [number.charAt(place), number.charAt(place + 1)]
          if (one === other) continue
          const swapped = number.slice(0, place) + other + one + number.slice(place + 2)
          expect(refusal('NHS', swapped, null, dev)).toBe('value: nhs-number-check-digit')
        }
      }),
    )
  })
})

describe('arrest summons numbers', () => {
  it('reads the compact and the printed form as one', () => {
    const value = '2400QQ0000000991237E'
    expect(arrestSummonsNumber(value)).toEqual({ ok: true, value })
    expect(arrestSummonsNumber('24/00QQ/00/991237E')).toEqual({ ok: true, value })
    expect(arrestSummonsNumber('24/00qq/00/991237e')).toEqual({ ok: true, value })
  })

  it('refuses a wrong letter, and what is no such number', () => {
    expect(arrestSummonsNumber('2400QQ0000000991237F')).toMatchObject({ rule: 'asn-check-letter' })
    expect(arrestSummonsNumber('2400QQ000000099123')).toMatchObject({ rule: 'asn-shape' })
  })

  it('counts force and system only where they are digits, and does not lose the long ones', () => {
    const parts = { year: '24', force: '63', system: '99', serial: '99999999999' }
    const whole = BigInt(`${parts.force}${parts.system}${parts.year}${parts.serial}`)
    expect(asnCheckLetter(parts)).toBe('ZABCDEFGHJKLMNPQRTUVWXY'[Number(whole % 23n)])
    expect(asnCheckLetter({ ...parts, force: 'QQ', system: 'NP' })).toBe(
      checkLetter(parts.year + parts.serial),
    )
  })

  it('keeps the character of the top level where there is one', () => {
    const letter = asnCheckLetter({ year: '24', force: '01', system: '01', serial: '7' })
    expect(arrestSummonsNumber(`24/101ZD/01/7${letter}`)).toEqual({
      ok: true,
      value: `24101ZD0100000000007${letter}`,
    })
  })
})
