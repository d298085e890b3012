import { readFileSync } from 'node:fs'
import { codecFor } from '@throughline/schemas'
import { readCurrent } from '../../schemas/src/files.ts'
// The guard has no name outside: whoever reads a record goes through the codec.
import { guardOf } from '../../schemas/src/guard.ts'
import type { Figure } from './figures.ts'
import type { Sizes } from './sizes.ts'

const schema = 'ReleasedFromPrison'
const atOnce = 1_000

/** Avro encode and decode as the hub does them, both with the guard; and the guard by itself. */
export function codecFigures({ runs, codecMs }: Sizes): readonly Figure[] {
  const codec = codecFor(schema)
  const example = new URL(`../../schemas/examples/${schema}.json`, import.meta.url)
  const event = JSON.parse(readFileSync(example, 'utf8')) as object
  const framed = codec.encode(event)
  const guard = guardOf(readCurrent(schema))
  const work = [
    ['encode', () => codec.encode(event)],
    ['decode', () => codec.decode(framed)],
    ['guard', () => guard(framed, 5, framed.length)],
  ] as const
  return work.flatMap(([what, once]) => {
    perSecond(once, codecMs)
    const rates = Array.from({ length: runs }, () => perSecond(once, codecMs))
    return [
      { name: `Avro ${what}, ${schema}`, unit: '/s', values: rates, aim: '' },
      {
        name: `Avro ${what}, one record`,
        unit: 'µs',
        values: rates.map((rate) => 1e6 / rate),
        aim: '',
      },
    ]
  })
}

function perSecond(once: () => unknown, forMs: number): number {
  const start = performance.now()
  let done = 0
  let now = start
  for (; now - start < forMs; now = performance.now()) {
    for (let i = 0; i < atOnce; i += 1) once()
    done += atOnce
  }
  return (done / (now - start)) * 1000
}
