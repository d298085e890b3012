import { processorMs } from '@throughline/intake/testing'
import { type JsonValue, parseJson } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { probationDefaults } from './config.ts'
import { ids } from './testing/desk.ts'
import { spoilt } from './testing/spoilt.ts'
import { translate } from './translate.ts'
import { translateHearings } from './translate-hearing.ts'

const options = { ...probationDefaults(), partnership: 'testshire', now: Date.UTC(2026, 2, 3) }
const doors = {
  'domain events': (message: JsonValue) => translate([message], ids, options),
  hearings: (message: JsonValue) => translateHearings([message], ids, options),
}
const slowestMs = 1000

it.each(Object.entries(doors))(
  '10,000 strange messages end in an outcome each, none of them slowly: %s',
  (_, read) => {
    const anything = fc.oneof(
      { weight: 3, arbitrary: spoilt.map(({ message }) => message) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 6 }) },
    )
    let slowest = 0
    fc.assert(
      fc.property(anything, (message) => {
        const before = processorMs()
        const [translation] = read(message as JsonValue)
        slowest = Math.max(slowest, processorMs() - before)
        expect(['published', 'ignored', 'quarantined']).toContain(translation?.outcome)
      }),
      { numRuns: 10_000 },
    )
    expect(slowest).toBeLessThan(slowestMs)
  },
)

const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
const order = { cjsCode: '3109', orderedDate: '2025-06-20' }
const event = 'probation-case.requirement.created'

it.each([
  [
    'results of one person',
    {
      prosecutionCases: [
        { defendants: [{ offences: [{ judicialResults: many(25_000, order) }] }] },
      ],
    },
  ],
  [
    'cases of one person',
    {
      prosecutionCases: [
        { defendants: many(9_000, { id: 'x', offences: [{ judicialResults: [order] }] }) },
      ],
    },
  ],
  [
    'people',
    {
      prosecutionCases: [
        {
          defendants: Array.from({ length: 9_000 }, (_, at) => ({
            id: `${at}`,
            offences: [{ judicialResults: [order] }],
          })),
        },
      ],
    },
  ],
  [
    'days',
    {
      hearingDays: many(40_000, { sittingDay: '2025-06-19T09:00' }),
      prosecutionCases: [{ defendants: [{ offences: [{ judicialResults: [order] }] }] }],
    },
  ],
])('a megabyte of %s in one hearing takes less than a second', (_, hearing) => {
  const message = parseJson(JSON.stringify({ hearing: { id: 'h', ...hearing } }))
  const before = processorMs()
  const [translation] = doors.hearings(message)
  expect(processorMs() - before).toBeLessThan(slowestMs)
  expect(translation?.outcome).toBe('published')
})

it('a megabyte of one text, or of numbers of one person, takes less than a second', () => {
  const long = ' 1 '.repeat(300_000)
  const identifiers = many(30_000, { type: 'CRN', value: 'no number' })
  for (const message of [
    { eventType: event, occurredAt: long, additionalInformation: { requirementMainType: long } },
    { eventType: event, occurredAt: '2025-06-20T09:00Z', personReference: { identifiers } },
    {
      judicialResultId: 'x',
      resultText: long,
      label: long,
      judicialResultPrompts: [{ promptReference: 'periodOfTreatment', value: long }],
    },
  ]) {
    const before = processorMs()
    for (const read of Object.values(doors)) read(message as JsonValue)
    expect(processorMs() - before).toBeLessThan(slowestMs)
  }
})
