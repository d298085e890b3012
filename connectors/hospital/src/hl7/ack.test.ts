import { describe, expect, it } from 'vitest'
import { ackCodes, acknowledge } from './ack.ts'
import { type Header, readHeader } from './header.ts'

const now = Date.UTC(2026, 10, 14, 4, 12, 6)
const stamp = { id: 'HUB0000001', now }

function headerOf(text: string | Buffer): Header {
  const read = readHeader(Buffer.from(text as string))
  if (!read.ok) throw new Error(read.reason)
  return read.header
}
const linesOf = (answer: Buffer): readonly string[] => answer.toString('latin1').split('\r')
const usual = 'MSH|^~\\&|PAS|RZZ|ROUTE|HUB|202611140412||ADT^A01^ADT_A01|RZZ00000431|P|2.4'

describe('an acknowledgement', () => {
  it('swaps sender and receiver, and copies only what the sender needs to know it by', () => {
    expect(linesOf(acknowledge(headerOf(`${usual}\rPID|1`), { ...stamp, code: 'AA' }))).toEqual([
      'MSH|^~\\&|ROUTE|HUB|PAS|RZZ|20261114041206+0000||ACK^A01^ACK|HUB0000001|P|2.4',
      'MSA|AA|RZZ00000431',
      '',
    ])
  })

  it('says what is wrong by table and field, in the words of the table', () => {
    const fault = { code: '203', text: 'Unsupported version id', field: 12 }
    expect(linesOf(acknowledge(headerOf(usual), { ...stamp, code: 'AR', fault })).slice(1)).toEqual(
      [
        'MSA|AR|RZZ00000431|Unsupported version id|||203^Unsupported version id^HL70357',
        'ERR|MSH^1^12^203&Unsupported version id&HL70357',
        '',
      ],
    )
    const ours = { code: '207', text: 'Application internal error' }
    expect(linesOf(acknowledge(headerOf(usual), { ...stamp, code: 'AE', fault: ours }))[2]).toBe(
      'ERR|^^^207&Application internal error&HL70357',
    )
  })

  it("uses the sender's own delimiters and names its character set", () => {
    const text = 'MSH#*!%$#TIE#RZZ#ROUTE#HUB#2026##ADT*A04*ADT_A01#RZZ%F%1#P#2.4######8859/1'
    const fault = { code: '200', text: 'Unsupported message type', field: 9 }
    expect(
      linesOf(acknowledge(headerOf(text), { ...stamp, code: 'AR', fault })).slice(0, 3),
    ).toEqual([
      'MSH#*!%$#ROUTE#HUB#TIE#RZZ#20261114041206+0000##ACK*A04*ACK#HUB0000001#P#2.4######8859/1',
      'MSA#AR#RZZ%F%1#Unsupported message type###200*Unsupported message type*HL70357',
      'ERR#MSH*1*9*200$Unsupported message type$HL70357',
    ])
  })

  it('does not write its own values with a delimiter of the sender in them', () => {
    const text = 'MSH+^~\\&+PAS+RZZ+ROUTE+HUB+2026++ADT^A01+1+P+2.4'
    expect(linesOf(acknowledge(headerOf(text), { ...stamp, code: 'AA' }))[0]).toBe(
      'MSH+^~\\&+ROUTE+HUB+PAS+RZZ+20261114041206++ACK^A01^ACK+HUB0000001+P+2.4',
    )
  })

  it.each([
    ['199 characters', 'X'.repeat(199)],
    ['escapes', 'A\\T\\B'],
    ['components', 'A^B&C~D'],
    ['spaces', ' 1 '],
  ])('gives the id back exactly, with %s', (_, id) => {
    const text = usual.replace('RZZ00000431', id)
    expect(linesOf(acknowledge(headerOf(text), { ...stamp, code: 'AA' }))[1]).toBe(`MSA|AA|${id}`)
  })

  it('gives the bytes of the id back, whatever their character set', () => {
    const bytes = Buffer.from(usual.replace('RZZ00000431', 'Aé\x80'), 'latin1')
    const answer = acknowledge(headerOf(bytes), { ...stamp, code: 'AA' })
    expect(answer.includes(Buffer.from('MSA|AA|Aé\x80\r', 'latin1'))).toBe(true)
  })

  it('can be made for what has no header at all', () => {
    expect(linesOf(acknowledge(undefined, { ...stamp, code: 'AR' }))).toEqual([
      'MSH|^~\\&|||||20261114041206+0000||ACK|HUB0000001|P|2.4',
      'MSA|AR|',
      '',
    ])
  })

  it('repeats nothing that could end a frame, and nothing endless', () => {
    const text = usual.replace('RZZ00000431', 'A\x1cB').replace('PAS', 'X'.repeat(5000))
    expect(linesOf(acknowledge(headerOf(text), { ...stamp, code: 'AR' }))).toEqual([
      'MSH|^~\\&|ROUTE|HUB||RZZ|20261114041206+0000||ACK^A01^ACK|HUB0000001|P|2.4',
      'MSA|AR|',
      '',
    ])
  })
})

describe('a sender is answered as it asks', () => {
  const asking = (accept: string, application: string): Header =>
    headerOf(`${usual}|||${accept}|${application}`)

  it.each([
    // MSH-15, MSH-16, then what is sent when accepted, failed, refused
    ['', '', ['AA'], ['AE'], ['AR']],
    ['AL', 'NE', ['CA'], ['CE'], ['CR']],
    ['AL', '', ['CA'], ['CE'], ['CR']],
    ['AL', 'AL', ['CA', 'AA'], ['CE'], ['CR']],
    ['NE', 'AL', ['AA'], ['AE'], ['AR']],
    ['NE', 'NE', [], [], []],
    ['ER', 'NE', [], ['CE'], ['CR']],
    ['SU', 'NE', ['CA'], [], []],
    ['ER', 'AL', ['AA'], ['CE'], ['CR']],
    ['SU', 'ER', ['CA'], ['AE'], ['AR']],
    ['??', '', ['CA'], ['CE'], ['CR']],
  ])('%j and %j in MSH-15 and 16', (accept, application, accepted, failed, refused) => {
    const header = asking(accept, application)
    expect([
      ackCodes(header, 'accepted', 'as-asked'),
      ackCodes(header, 'failed', 'as-asked'),
      ackCodes(header, 'refused', 'as-asked'),
    ]).toEqual([accepted, failed, refused])
  })

  it('or always with one AA, AE or AR, where its engine expects that', () => {
    expect(ackCodes(asking('AL', 'NE'), 'accepted', 'original')).toEqual(['AA'])
    expect(ackCodes(asking('AL', 'AL'), 'failed', 'original')).toEqual(['AE'])
    expect(ackCodes(asking('NE', 'NE'), 'accepted', 'original')).toEqual([])
  })
})
