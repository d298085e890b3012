import { testIds as ids } from '@throughline/intake/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hospitalDefaults } from './config.ts'
import { type Received, receive } from './receive.ts'
import { itk, msaOf, type Written } from './testing/messages.ts'

type Given = Parameters<typeof hospitalDefaults>[0]

const taken = (message: string | Buffer, given: Given = {}): Received =>
  receive(Buffer.from(message as string), {
    ids,
    options: {
      ...hospitalDefaults({ allowTestNhsNumbers: true, nhsNumbersTraced: true, ...given }),
      partnership: 'testshire',
    },
  })
const kept = { outcome: 'published', eventIds: [], events: [] } as const
const stamp = { nextId: () => 'HUB1', now: 0 }

/** What became of it, and what its sender hears. */
function heard(message: string | Buffer, given: Given = {}) {
  const received = taken(message, given)
  const { translation } = received.inbound
  const result =
    translation.outcome === 'rejected' ? ({ outcome: 'rejected', errors: [] } as const) : kept
  const [answer] = received.answers(result, stamp)
  const why = 'reason' in translation ? translation.reason : ''
  return [translation.outcome, why, msaOf(answer?.toString('latin1'))] as const
}
const with_ = (written: Written, given: Given = {}) => heard(itk(written), given)

describe('what is no message of ours is refused', () => {
  it.each([
    ['another message type', 'ADT^A01^ADT_A01', 'ORU^R01^ORU_R01', '200'],
    ['a trigger that HL7 does not know', 'ADT^A01^', 'ADT^A99^', '201'],
    ['no trigger', 'ADT^A01^ADT_A01', 'ADT', '201'],
    ['a version before 2.3', '|P|2.4|', '|P|2.2|', '203'],
    ['a version to come', '|P|2.4|', '|P|2.9|', '203'],
    ['no version', '|P|2.4|', '|P||', '203'],
    ['version 3', '|P|2.4|', '|P|3.0|', '203'],
  ])('%s: AR, and the code of table 0357', (_, from, to, code) => {
    const [outcome, , msa] = heard(itk().replace(from, to))
    expect([outcome, msa.slice(0, 14)]).toEqual(['rejected', 'AR|RZZ00000431'])
    expect(msa).toContain(`|${code}^`)
  })

  it.each(['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8', '2.8.2'])(
    'but version %s is not',
    (version) => expect(with_({ version })[2]).toBe('AA|RZZ00000431'),
  )

  it('a facility that is not on the list, where there is one', () => {
    const given = { facilities: ['RXX'] }
    expect(with_({}, given)[2]).toContain('AR|RZZ00000431|Table value not found|||103^')
    expect(with_({ facility: 'RXX' }, given)[2]).toBe('AA|RZZ00000431')
  })

  it('but an answer is never answered', () => {
    const ack = 'MSH|^~\\&|PAS|RZZ|HUB|HUB|2026||ACK^A01|7|P|2.4\rMSA|AA|1\r'
    expect(heard(ack)).toEqual(['ignored', 'acknowledgement', ''])
    expect(heard(ack.replace('2.4', '9')).at(2)).toBe('')
  })
})

describe('what cannot be used is kept and answered AA, so that the feed goes on', () => {
  it.each([
    ['a birth date in month 13', itk({ born: '19881314' })],
    ['an NHS number that fails its check', itk({ nhsNumber: '9990000116' })],
    ['an admission on 30 February', itk({ admittedAt: '202602300405' })],
    ['no id', itk({ id: '' })],
    ['text in it that is no segment', `${itk()}\rhello\rPV1`],
    ['nothing but its header', `${itk().split('\r')[0]}\r`],
  ])('%s', (_, message) => {
    const [outcome, , msa] = heard(message)
    expect(['published', 'quarantined', 'ignored']).toContain(outcome)
    expect(msa).toMatch(/^AA\|/)
  })

  it.each([
    ['Latin-1 bytes that are said to be UTF-8', 'UNICODE UTF-8', 'latin1'],
    ['UTF-8 bytes that are said to be Latin-1', '8859/1', 'utf8'],
  ] as const)('%s', (_, charset, encoding) => {
    const bytes = Buffer.from(itk({ charset, family: 'FRANÇOISE' }), encoding)
    expect(heard(bytes)).toEqual(['quarantined', 'charset-mismatch', 'AA|RZZ00000431'])
  })

  it.each([
    [
      'ten thousand observations',
      `${itk()}${'OBX|1|ST|||x\r'.repeat(10_000)}`,
      'too-many-segments',
    ],
    ['ten thousand numbers', itk({ nhsNumber: '1~'.repeat(10_000) }), 'too-many-repetitions'],
  ])('%s', (_, message, reason) => {
    expect(heard(message)).toEqual(['quarantined', reason, 'AA|RZZ00000431'])
  })

  it('keeps the bytes as they came', () => {
    const bytes = Buffer.from(itk({ charset: 'UNICODE', family: 'FRANÇOISE' }), 'latin1')
    expect(taken(bytes).inbound.message()).toEqual(bytes)
    expect(taken(bytes).inbound.contentType).toBe('application/hl7-v2+er7')
  })

  it('marks a character set that had to be guessed', () => {
    const latin1 = Buffer.from(itk({ family: 'FRANÇOISE' }), 'latin1')
    expect(taken(latin1).guessed).toBe(true)
    expect(taken(latin1, { senders: [{ charset: '8859/1' }] }).guessed).toBe(false)
    expect(taken(Buffer.from(itk({ family: 'FRANÇOISE' }))).guessed).toBe(false)
  })
})

describe('what nobody needs is counted only', () => {
  it.each(['A02', 'A05', 'A07', 'A12', 'A60'])('ADT^%s', (event) => {
    expect(with_({ event })).toEqual(['ignored', 'not-needed', 'AA|RZZ00000431'])
  })

  it.each(['T', 'D', 'T^A'])(
    'a rehearsal (MSH-11 is %s), unless rehearsals are let in',
    (processing) => {
      expect(with_({ processing })).toEqual(['ignored', 'not-production', 'AA|RZZ00000431'])
      expect(with_({ processing }, { takeTestMessages: true })[0]).toBe('published')
    },
  )

  it('but what says nothing we know about being real is kept for people', () => {
    expect(with_({ processing: 'X' })[1]).toBe('processing-unknown')
    expect(with_({ processing: '' })[0]).toBe('published')
  })
})

describe('an admission is an admission', () => {
  it.each([
    ['with line feeds', itk({ lineEnd: '\n' })],
    ['with both', itk({ lineEnd: '\r\n' })],
    ['behind a byte order mark', `\uFEFF${itk()}`],
    ['without MSH-9.3', itk({ structure: '' })],
    ['with 199 characters of id', itk({ id: 'X'.repeat(199) })],
  ])('%s', (_, message) => expect(heard(message)[0]).toBe('published'))
})

describe('the same message again', () => {
  const identity = (message: string) => {
    const { naturalKey, contentHash } = taken(message).inbound.translation
    return [naturalKey, contentHash]
  }

  it('is known by sender and id, and its content apart from the header', () => {
    const again = itk().replace('202602140412||ADT', '202602140599||ADT')
    expect(identity(again)).toEqual(identity(itk()))
  })

  it('is another message from another application or facility, or under another id', () => {
    const keys = [{}, { id: '2' }, { facility: 'RXX' }, { application: 'TIE' }].map(
      (written) => identity(itk(written))[0],
    )
    expect(new Set(keys).size).toBe(4)
  })

  it('has the same key with other content, which makes it a conflict', () => {
    const [key, hash] = identity(itk())
    const [otherKey, otherHash] = identity(itk({ family: 'DALE' }))
    expect([otherKey === key, otherHash === hash]).toEqual([true, false])
    expect(identity(itk({ event: 'A03' }))[1]).not.toBe(hash)
  })

  it('is known by all of it when it has no id', () => {
    expect(identity(itk({ id: '' }))).toEqual(identity(itk({ id: '' })))
    expect(identity(itk({ id: '' }))[0]).not.toBe(identity(itk({ id: '', family: 'DALE' }))[0])
  })
})

describe('a sender is answered as its profile says', () => {
  const wants = ['AL', 'NE'] as const
  const code = (message: string, given: Given = {}) => heard(message, given)[2].slice(0, 2)

  it('with CA where it asks for that, or AA where its engine expects it all the same', () => {
    const original = { senders: [{ facility: 'RZZ', acknowledge: 'original' as const }] }
    expect(code(itk({ wants }))).toBe('CA')
    expect(code(itk({ wants }), original)).toBe('AA')
    expect(code(itk({ wants, version: '9' }))).toBe('CR')
    expect(code(itk({ wants, version: '9' }), original)).toBe('AR')
  })

  it('with AE, or CE, and a code of ours when nothing could be kept', () => {
    const answerTo = (message: string) =>
      msaOf(taken(message).answers(undefined, stamp)[0]?.toString('latin1'))
    expect(answerTo(itk())).toBe(
      'AE|RZZ00000431|Application internal error|||207^Application internal error^HL70357',
    )
    expect(answerTo(itk({ wants }))).toMatch(/^CE\|/)
  })
})

it('hears nothing of the person back, whatever is wrong', () => {
  const person = ['FERNDALE', 'Corwin', '9990000115', 'T0417733', '19880314', 'EXAMPLE ROW']
  for (const written of [
    {},
    { version: '9' },
    { event: 'A99' },
    { processing: 'X' },
    { born: 'x' },
  ]) {
    for (const result of [kept, undefined, { outcome: 'rejected', errors: [] } as const]) {
      const text = taken(itk(written)).answers(result, stamp).join('')
      expect(person.filter((value) => text.includes(value))).toEqual([])
    }
  }
})

it('has an outcome and one answer for any bytes at all', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc
      .tuple(fc.nat(itk().length), fc.uint8Array())
      .map(([at, noise]) =>
        Buffer.concat([Buffer.from(itk().slice(0, at)), noise, Buffer.from(itk().slice(at))]),
      ),
  )
  fc.assert(
    fc.property(bytes, (given) => {
      const received = taken(Buffer.from(given))
      expect(received.inbound.translation.outcome).toBeTypeOf('string')
      expect(received.inbound.translation).not.toHaveProperty('reason', 'translation-failed')
      expect(received.answers(kept, stamp).length).toBeLessThanOrEqual(2)
    }),
  )
})
