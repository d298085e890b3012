import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFramer, type Framed } from './framer.ts'

const limits = { frameBytesMax: 1000, noiseBytesMax: 100 }
const framed = (text: string): Buffer => Buffer.from(`\x0b${text}\x1c\r`)

/** What a framer makes of these bytes, cut where told. */
function read(bytes: Buffer, cuts: readonly number[] = [], given = limits): readonly string[] {
  const framer = createFramer(given)
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
  const sorted = places.toSorted((a, b) => a - b)
  return sorted
    .flatMap((from, at) => framer.push(bytes.subarray(from, sorted[at + 1] ?? from)))
    .map(nameOf)
}
const nameOf = (found: Framed): string =>
  found.kind === 'message' ? found.bytes.toString() : `(${found.kind})`

describe('a trust talks over MLLP', () => {
  it('reads three messages that arrive in one packet, in order', () => {
    expect(read(Buffer.concat([framed('one'), framed('two'), framed('three')]))).toEqual([
      'one',
      'two',
      'three',
    ])
  })

  it('reads a message that arrives one byte at a time', () => {
    const bytes = framed('MSH|^~\\&|é')
    const cuts = Array.from({ length: bytes.length }, (_, at) => at)
    expect(read(bytes, cuts)).toEqual(['MSH|^~\\&|é'])
  })

  it('passes over what stands between messages', () => {
    expect(
      read(Buffer.concat([Buffer.from('hello\r\n'), framed('one'), Buffer.from('\r\x1c')])),
    ).toEqual(['one'])
  })

  it('drops what a sender had begun when it starts again', () => {
    expect(read(Buffer.concat([Buffer.from('\x0bMSH|half'), framed('whole')]))).toEqual([
      '(restarted)',
      'whole',
    ])
  })

  it('leaves an end mark without its carriage return in the text', () => {
    expect(read(Buffer.concat([framed('on\x1ce\x1c\x1c'), framed('two')]))).toEqual([
      'on\x1ce\x1c\x1c',
      'two',
    ])
  })

  it('stops at a message, or noise, that is too large, and reads no more', () => {
    expect(read(Buffer.concat([framed('x'.repeat(1001)), framed('two')]), [500])).toEqual([
      '(frame-too-large)',
    ])
    expect(read(Buffer.concat([Buffer.alloc(101, 'x'), framed('two')]), [50])).toEqual([
      '(noise-too-large)',
    ])
  })

  it('counts noise anew after each message', () => {
    const noise = Buffer.alloc(99, 'x')
    expect(read(Buffer.concat([noise, framed('one'), noise, framed('two')]))).toEqual([
      'one',
      'two',
    ])
  })

  it('finds the same messages however the bytes are cut', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(
        ...['\x0b', '\x1c', '\r', '\x1c\r', '\x0bMSH|\x1c\r'].map((text) => Buffer.from(text)),
      ),
    )
    const wire = fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.concat(pieces))
    const cuts = fc.array(fc.nat(400), { maxLength: 30 })
    fc.assert(
      fc.property(wire, cuts, (bytes, places) => {
        expect(read(bytes, places)).toEqual(read(bytes))
      }),
    )
  })

  it('finds each of many messages once, in order, whatever noise lies between', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '|', '\r', '\x1c'), maxLength: 30 })
    const noise = fc.string({ unit: fc.constantFrom('x', '\r', '\n', '\x1c'), maxLength: 10 })
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, text)), fc.array(fc.nat(900)), (sent, cuts) => {
        const bytes = Buffer.concat(
          sent.flatMap(([between, one]) => [Buffer.from(between), framed(`${one}.`)]),
        )
        const found = read(bytes, cuts, { frameBytesMax: 1000, noiseBytesMax: 1000 })
        expect(found).toEqual(sent.flatMap(([, one]) => `${one}.`.split('\x1c\r')[0] ?? ''))
      }),
    )
  })
})
