import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNull, parseMessage, segmentOf, segmentsOf } from './message.ts'

const header = 'MSH|^~\\&|PAS|RZZ|ROUTE|ROUTE|202602140412||ADT^A01|1|P|2.4'

/** Parsed, or the reason why not. */
function read(text: string) {
  const parsed = parseMessage(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.message
}
const pid = (text: string) => {
  const segment = segmentOf(read(text), 'PID')
  if (segment === undefined) throw new Error('no PID')
  return segment
}
const name = (field: string) => pid(`${header}\rPID|||||${field}`).text(5)

describe('a message is divided', () => {
  it('numbers MSH as HL7 does: the first field is the separator', () => {
    const msh = read(header).segments[0]
    expect([1, 2, 3, 12, 13].map((n) => msh?.field(n))).toEqual(['|', '^~\\&', 'PAS', '2.4', ''])
    expect(msh?.text(2)).toBe('^~\\&')
    expect(msh?.repetitions(2).map((one) => one.component(1))).toEqual(['^~\\&'])
  })

  it.each(['\r', '\n', '\r\n', '\r\r\n'])('whatever ends its segments (%j)', (end) => {
    const message = read([header, 'EVN||1', 'PID|||A~B', 'ZZZ', ''].join(end))
    expect(message.segments.map((one) => one.name)).toEqual(['MSH', 'EVN', 'PID', 'ZZZ'])
    expect(segmentOf(message, 'PID')?.field(3)).toBe('A~B')
  })

  it('passes over a byte order mark and empty lines in front', () => {
    expect(read(`\uFEFF\r\n${header}`).segments).toHaveLength(1)
  })

  it('keeps a line feed in free text with its segment', () => {
    const message = read(`${header}\rOBX|1|TX|||first line\nsecond line\nOBX|2`)
    expect(segmentsOf(message, 'OBX').map((one) => one.field(5))).toEqual([
      'first line\nsecond line',
      '',
    ])
  })

  it('gives repetitions, components and subcomponents, and nothing for what is missing', () => {
    const [first, second, third] = pid(`${header}\rPID|||A^^^B&C~~D`).repetitions(3)
    expect([first?.component(1), first?.component(4), first?.sub(4, 1), first?.sub(4, 2)]).toEqual([
      'A',
      'B&C',
      'B',
      'C',
    ])
    expect([first?.component(9), first?.sub(4, 3), first?.sub(9, 1), first?.component(0)]).toEqual([
      '',
      '',
      '',
      '',
    ])
    expect([second?.component(1), third?.component(1)]).toEqual(['', 'D'])
    expect(pid(`${header}\rPID|1`).repetitions(3)).toEqual([])
    expect([pid(`${header}\rPID`).field(0), pid(`${header}\rPID`).text(40)]).toEqual(['', ''])
  })

  it('tells a deleted value from one left as it was', () => {
    const segment = pid(`${header}\rPID||||""|`)
    expect([isNull(segment.field(4)), isNull(segment.field(5))]).toEqual([true, false])
  })

  it('follows the delimiters that a message declares', () => {
    const message = read('MSH$%~\\&$TIE$RZZ\rPID$$$1%%%A&B~2\rPV1$|^')
    expect(segmentOf(message, 'PID')?.repetitions(3)[0]?.sub(4, 2)).toBe('B')
    expect(segmentOf(message, 'PV1')?.text(1)).toBe('|^')
    expect(read('MSH|^~\\&#|TIE').delimiters.subcomponent).toBe('&')
    expect(read('MSH|^~\\|TIE\rPID|A&B').segments[1]?.repetitions(1)[0]?.sub(1, 1)).toBe('A&B')
  })

  it.each(['MSH|^~^&|', 'MSH|^|\\&|', 'MSHA^~\\&A', 'MSH|^~X&|', 'MSH|^~ &|', 'MSH|', 'MSH||'])(
    'refuses delimiters that could be anything (%s)',
    (text) => expect(parseMessage(text)).toEqual({ ok: false, reason: 'delimiters-invalid' }),
  )

  it.each(['', 'MS', 'PID|1', 'hello', ' MSH|^~\\&|', '{"a":1}'])(
    'is not one without MSH (%s)',
    (text) => expect(parseMessage(text)).toEqual({ ok: false, reason: 'header-missing' }),
  )
})

describe('escapes are data', () => {
  it.each([
    ['FLAT 4 \\T\\ 5', 'FLAT 4 & 5'],
    ['\\F\\\\S\\\\R\\\\E\\', '|^~\\'],
    ['line one\\.br\\line two', 'line one\nline two'],
    ['\\H\\bold\\N\\', 'bold'],
    ['\\X41C3A9\\', 'A\u00e9'],
    ['\\XE9\\', '\u00e9'],
    ['\\X0D\\PID', '\rPID'],
    ['\\X5C46\\', '\\F'],
    ['\\E\\F\\E\\', '\\F\\'],
    ['\\X0\\ \\XZZ\\', '\\X0\\ \\XZZ\\'],
    ['\\Zab\\T\\Zab\\', '\\Zab\\T\\Zab\\'],
    ['\\C2842\\ \\.in+4\\', '\\C2842\\ \\.in+4\\'],
    ['\\\\server\\share\\T\\x', '\\\\server\\share&x'],
    ['unended \\F', 'unended \\F'],
    ['\\', '\\'],
  ])('%j is read as %j', (raw, meant) => expect(name(raw)).toBe(meant))

  it('never become structure', () => {
    const segment = pid(`${header}\rPID|||||A\\S\\B^C\\R\\D`)
    expect(segment.repetitions(5).map((one) => [one.component(1), one.component(2)])).toEqual([
      ['A^B', 'C~D'],
    ])
  })

  it("are the message's own, with its own escape character", () => {
    const text = 'MSH#*!%$#TIE\rPID#####HASH%F%TAG*Quill%S%er*%E%*\\F\\'
    const [one] = pid(text).repetitions(5)
    expect([1, 2, 3, 4].map((n) => one?.component(n))).toEqual([
      'HASH#TAG',
      'Quill*er',
      '%',
      '\\F\\',
    ])
  })

  it('give back any text that was escaped', () => {
    const escape = (text: string) =>
      text.replace(/[|^~\\&\r\n]/g, (one) =>
        one < ' '
          ? `\\X${one === '\r' ? '0D' : '0A'}\\`
          : `\\${{ '|': 'F', '^': 'S', '~': 'R', '&': 'T', '\\': 'E' }[one]}\\`,
      )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(name(escape(text))).toBe(text)
      }),
    )
  })
})

describe('whatever is sent', () => {
  it('reading never throws, and every field can be asked for', () => {
    const piece = fc.constantFrom(
      'MSH',
      '|',
      '^',
      '~',
      '\\',
      '&',
      '\r',
      '\n',
      'PID',
      '"',
      '\\X',
      'é',
    )
    const text = fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))).map((all) => all.join(''))
    fc.assert(
      fc.property(fc.boolean(), text, (isHeaded, rest) => {
        const parsed = parseMessage(isHeaded ? `MSH|^~\\&|${rest}` : rest)
        if (!parsed.ok) return
        for (const segment of parsed.message.segments) {
          for (let n = -1; n < 5; n += 1) {
            segment.text(n)
            for (const one of segment.repetitions(n))
              expect(one.component(1) + one.sub(1, 2)).toBeTypeOf('string')
          }
        }
      }),
    )
  })
})
