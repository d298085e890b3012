import { testIds as ids, processorMs } from '@throughline/intake/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hospitalDefaults } from './config.ts'
import { receive } from './receive.ts'
import { itk, msaOf } from './testing/messages.ts'
import { framed, openHospital } from './testing/trust.ts'

const options = { ...hospitalDefaults({ allowTestNhsNumbers: true }), partnership: 'testshire' }
const result = { outcome: 'published', eventIds: [], events: [] } as const
const whole = Buffer.from(itk({ family: 'FRANÇOISE' }))
const events = ['A01', 'A03', 'A04', 'A08', 'A11', 'A13', 'A28', 'A31', 'A40', 'A47']

/** A message with pieces cut out, put in and turned round. */
const damaged = fc
  .tuple(
    fc.constantFrom(...events),
    fc.array(
      fc.record({
        at: fc.nat(whole.length),
        drop: fc.nat(40),
        put: fc.oneof(
          fc.uint8Array({ maxLength: 12 }),
          fc.constantFrom(
            ...[
              '|',
              '^^^',
              '~',
              '\\',
              '\\X0D\\',
              '\r',
              '""',
              'MSH|',
              '\rMRG|1~2',
              '\u0000',
              '\rOBX|1|NM|763256006^^SCT||11',
              '\rDG1|1||F10.2^^I10|||F',
            ].map((text) => Buffer.from(text)),
          ),
        ),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([event, changes]) => {
    let bytes = Buffer.from(itk({ event, family: 'FRANÇOISE' }))
    for (const { at, drop, put } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)])
    }
    return bytes
  })

it('has an outcome and an answer for each of ten thousand damaged messages, none in over a second', () => {
  let slowest = 0
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 500 })), (given) => {
      const startedAt = processorMs()
      const received = receive(Buffer.from(given), { ids, options })
      received.answers(result, { nextId: () => '1', now: 0 })
      slowest = Math.max(slowest, processorMs() - startedAt)
      expect(received.inbound.translation).not.toHaveProperty('reason', 'translation-failed')
    }),
    { numRuns: 10_000 },
  )
  expect(slowest).toBeLessThan(1000)
})

it('answers the next message after each of a thousand connections full of noise', async () => {
  await using hospital = await openHospital()
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      damaged,
      damaged.map(framed),
      fc.constantFrom(...['\x0b', '\x1c', '\x1c\r'].map((text) => Buffer.from(text))),
    ),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(noise, async (pieces) => {
      const trust = await hospital.connect()
      for (const piece of pieces) trust.write(piece)
      trust.write('\x1c\r')
      trust.send(itk({ id: 'AFTER' }))
      let answer: string | undefined
      do [answer] = await trust.answers(1)
      while (answer !== undefined && msaOf(answer) !== 'AA|AFTER')
      trust.socket.destroy()
      expect(msaOf(answer)).toBe('AA|AFTER')
    }),
    { numRuns: 1000 },
  )
})

it('takes messages of ten megabytes with millions of parts, none in over a second', () => {
  const big = 10 * 1024 * 1024
  for (const filler of [
    '|',
    '^',
    '~',
    '&',
    '\\',
    '\\T',
    '\r',
    '\n',
    'OBX\r',
    'OBX|\r',
    'x',
    '\u00e9',
  ]) {
    const text = `${itk()}PID|||${filler.repeat(Math.floor(big / Buffer.byteLength(filler)))}`
    const bytes = Buffer.from(text)
    const startedAt = processorMs()
    const received = receive(bytes, { ids, options })
    received.answers(result, { nextId: () => '1', now: 0 })
    expect([filler, processorMs() - startedAt < 1000]).toEqual([filler, true])
  }
})
