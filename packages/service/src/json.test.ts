import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonFault, type JsonOptions, parseJson } from './json.ts'

const ruleFor = (text: string, options?: JsonOptions): string => {
  try {
    parseJson(text, options)
  } catch (error) {
    if (error instanceof JsonFault) return error.rule
    throw error
  }
  return 'taken'
}

describe('strict JSON', () => {
  it('reads whatever JSON.stringify writes', () => {
    const texts = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.stringify(value))
    fc.assert(
      fc.property(texts, (text) => {
        const expected = JSON.parse(text) as unknown
        fc.pre(!/-0\b|\\u0000|__proto__|"constructor"|"prototype"/.test(text))
        fc.pre(ruleFor(text) !== 'json-number-range' && ruleFor(text) !== 'json-lone-surrogate')
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(expected))
      }),
    )
  })

  it('never takes what JSON.parse refuses', () => {
    const edits = fc.tuple(
      fc.nat(60),
      fc.constantFrom('', ',', '}', '"', '\\', '//', 'NaN', '0', ' '),
    )
    const whole = '{"a":[1,2.5e3,"x\\u0041\\n"],"b":{"c":null,"d":true}}'
    fc.assert(
      fc.property(edits, ([at, put]) => {
        const text = whole.slice(0, at) + put + whole.slice(at + 1)
        let refused = false
        try {
          JSON.parse(text)
        } catch {
          refused = true
        }
        if (refused) expect(ruleFor(text)).not.toBe('taken')
      }),
    )
  })

  it.each([
    ['a member twice', '{"a":1,"a":1}', 'json-duplicate-member'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":1}', 'json-duplicate-member'],
    ['depth 10,000', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'json-too-deep'],
    ['1e400', '[1e400]', 'json-number-range'],
    ['-1e400', '[-1e400]', 'json-number-range'],
    ['-0', '[-0]', 'json-number-range'],
    ['-0.0e5', '[-0.0e5]', 'json-number-range'],
    ['2^53', '[9007199254740992]', 'json-number-range'],
    ['1e20', '[1e20]', 'json-number-range'],
    ['NaN', '[NaN]', 'json-syntax'],
    ['Infinity', '[Infinity]', 'json-syntax'],
    ['a comment', '[1] // one', 'json-syntax'],
    ['a trailing comma', '[1,]', 'json-syntax'],
    ['a trailing comma in an object', '{"a":1,}', 'json-syntax'],
    ['single quotes', "{'a':1}", 'json-syntax'],
    ['a leading zero', '[01]', 'json-syntax'],
    ['a raw line break in a text', '["a\nb"]', 'json-syntax'],
    ['an escape nobody knows', '["\\x41"]', 'json-syntax'],
    ['an escape named after a property of every object', '["\\constructor"]', 'json-syntax'],
    ['two values', '1 2', 'json-syntax'],
    ['nothing', '', 'json-syntax'],
    ['an open text', '"abc', 'json-syntax'],
    ['a byte order mark', '\uFEFF{}', 'json-syntax'],
    ['half a character', '["\\ud800"]', 'json-lone-surrogate'],
    ['the second half alone', '["\\udc00x"]', 'json-lone-surrogate'],
    ['a NUL', '["\\u0000"]', 'json-nul'],
    ['a raw NUL', '["\0"]', 'json-nul'],
  ])('refuses %s', (_what, text, rule) => {
    expect(ruleFor(text)).toBe(rule)
  })

  it('takes whole characters, and the largest safe integer', () => {
    expect(parseJson('["\\ud83d\\ude00", 9007199254740991, 1.5e-7]')).toEqual([
      '😀',
      2 ** 53 - 1,
      1.5e-7,
    ])
  })

  it('counts members over the whole text', () => {
    expect(ruleFor('[{"a":1},{"b":{"c":1}}]', { membersMax: 3 })).toBe('taken')
    expect(ruleFor('[{"a":1},{"b":{"c":1}}]', { membersMax: 2 })).toBe('json-too-many-members')
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'leaves out a member named %s, or refuses it in our own formats',
    (name) => {
      const text = `{"a":{"${name}":{"admin":true},"b":1}}`
      expect(JSON.stringify(parseJson(text))).toBe('{"a":{"b":1}}')
      expect(ruleFor(text, { prototypeMembers: 'refuse' })).toBe('json-forbidden-member')
      expect(({} as { admin?: boolean }).admin).toBeUndefined()
    },
  )

  it('says where by line and column, and nothing of what stands there', () => {
    expect(() => parseJson('{\n  "a": 1,\n  "a": "Z9134QX"\n}')).toThrow(
      expect.objectContaining({ rule: 'json-duplicate-member', at: 'line 3, column 3' }),
    )
  })
})
