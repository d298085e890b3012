import fc from 'fast-check'
import { example } from './desk.ts'

/** Values that could be somebody's. Nothing of them may come back, whatever is done to a file. */
export const canaries = [
  'Corwin Fenwright-Canary',
  'Z9777ZZ',
  '9990237689',
  'T-CANARY-1',
  '1931-13-41',
  'canary@letters.example',
  '07700 900777',
  '<script>canary()</script>',
  "O'Brien'; DROP TABLE people",
  '\u202Eyranac',
  '=HYPERLINK(canary)',
]

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...canaries) },
  fc.constantFrom(
    '',
    'NA',
    ' ',
    'N',
    'Y',
    '29',
    '-1',
    '2026-02-30',
    '01/02/2025',
    '44927',
    '9'.repeat(200),
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

/** Bytes where quotes, line ends or letters may be anywhere. */
const noise = fc.oneof(
  fc.constantFrom('"', ',', '\n', '\r\n', '\r', '""', ';', '\t', '\uFEFF', '\0', ...canaries),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

const split = (line: string): string[] => line.slice(1, -1).split('","')

/** One of these examples with some cells changed, and perhaps noise put in somewhere. */
export const oddFiles = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .record({
      name: fc.constantFrom(...names),
      cells: fc.array(fc.tuple(fc.nat(12), fc.nat(200), cell), { maxLength: 6 }),
      noise: fc.array(fc.tuple(fc.nat(6000), noise), { maxLength: 3 }),
    })
    .map(({ name, cells, noise: noises }) => {
      const lines = example(name).trimEnd().split('\n').map(split)
      for (const [row, at, value] of cells) {
        const line = lines[row % lines.length] ?? []
        line[at % line.length] = value.replaceAll('"', '""')
      }
      let text = `${lines.map((line) => `"${line.join('","')}"`).join('\n')}\n`
      for (const [at, put] of noises) {
        const place = at % text.length
        text = text.slice(0, place) + put + text.slice(place)
      }
      return text
    })
