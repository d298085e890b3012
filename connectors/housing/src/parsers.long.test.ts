import { readCsv } from '@throughline/intake'
import { processorMs, spoiltText } from '@throughline/intake/testing'
import { HttpFault, JsonFault, parseJson } from '@throughline/service'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coreLayout } from './core-lettings.ts'
import { homelessnessLayout } from './homelessness.ts'
import { ids, now } from './testing/desk.ts'
import { textOf } from './testing/examples.ts'
import { spoiltExtract, spoiltLog, spoiltRecord } from './testing/spoilt.ts'
import { openLog } from './translate-core.ts'
import { translateDutyToRefer } from './translate-duty-to-refer.ts'
import { readHomelessness } from './translate-homelessness.ts'
import { translateTenancies } from './translate-tenancy.ts'

const rules = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  arrearsWeeks: 8,
  authorities: [],
  landlords: {},
  now,
}
const numRuns = 10_000

/** No input may hold the others up for longer. */
async function within<T>(work: () => T | Promise<T>): Promise<T> {
  const began = processorMs()
  const value = await work()
  expect(processorMs() - began).toBeLessThan(1000)
  return value
}

describe('10,000 spoilt records and texts', () => {
  it.each([
    ['duty-to-refer-accepted.json', translateDutyToRefer],
    ['tenancy-arrears-notice-asb.json', translateTenancies],
    ['rough-sleeping-contact.json', translateTenancies],
  ] as const)('%s is published, ignored or rejected', async (name, translate) => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(spoiltRecord(name), (record) =>
        within(() => {
          const [translation] = translate([record], ids, rules)
          outcomes.add(translation?.outcome ?? '')
        }),
      ),
      { numRuns },
    )
    expect(
      [...outcomes].every((outcome) => ['published', 'ignored', 'rejected'].includes(outcome)),
    ).toBe(true)
    expect(outcomes).toContain('rejected')
  })

  it('duty-to-refer-accepted.json as text is read, or refused by rule and place', async () => {
    await fc.assert(
      fc.asyncProperty(spoiltText([textOf('duty-to-refer-accepted.json')]), (text) =>
        within(() => {
          try {
            translateDutyToRefer([parseJson(text, { prototypeMembers: 'refuse' })], ids, rules)
          } catch (error) {
            expect(error).toBeInstanceOf(JsonFault)
          }
        }),
      ),
      { numRuns },
    )
  })

  it.each([
    [
      'a homelessness extract',
      spoiltExtract,
      homelessnessLayout,
      (header: Parameters<typeof readHomelessness>[0]) =>
        (rows: Parameters<typeof readHomelessness>[1]) =>
          readHomelessness(header, rows, ids, rules),
    ],
    [
      'a CORE log',
      spoiltLog,
      coreLayout,
      (header: Parameters<typeof openLog>[0]) => openLog(header, ids, () => rules),
    ],
  ] as const)('%s is read row by row, or refused', async (_what, spoilt, layout, open) => {
    let rowsRead = 0
    await fc.assert(
      fc.asyncProperty(spoilt, (text) =>
        within(async () => {
          try {
            for await (const part of readCsv(inOnePart(text), layout, { rowBytesMax: 65_536 })) {
              const readings = open(part.header)(part.rows)
              expect(readings).toHaveLength(part.rows.length)
              for (const one of readings) if ('thing' in one) one.thing.says()
              rowsRead += part.rows.length
            }
          } catch (error) {
            expect(error).toBeInstanceOf(HttpFault)
          }
        }),
      ),
      { numRuns },
    )
    expect(rowsRead).toBeGreaterThan(numRuns / 10)
  })
})

async function* inOnePart(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
