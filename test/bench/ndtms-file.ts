import { readFileSync } from 'node:fs'

const example = new URL(
  '../../connectors/treatment/examples/ndtms-adult-community-extract.csv',
  import.meta.url,
)
const partBytes = 65_536
const dayMs = 86_400_000
const birthDays = 20_000

/** A service's monthly file of these many episodes, in all of its columns, part by part: it is nowhere whole. */
export function* ndtmsFile(rows: number): Generator<string, void, void> {
  const [header = '', ...lines] = readFileSync(example, 'utf8').trimEnd().split('\n')
  // One row of each episode, and nobody who refuses.
  const samples = lines.filter((line, at) => at !== 1 && !line.includes('"1003"'))
  yield `${header}\n`
  let part = ''
  for (let at = 0; at < rows; at += 1) {
    const cells = (samples[at % samples.length] ?? '').split('","')
    for (const [column, value] of ownCells(at)) cells[column] = value
    part += `${cells.join('","')}\n`
    if (part.length < partBytes) continue
    yield part
    part = ''
  }
  if (part !== '') yield part
}

/** A client each, and nobody who shares initials and birth date with another: no row is warned of. */
const ownCells = (at: number): readonly (readonly [number, string])[] => [
  [0, `"${String.fromCharCode(65 + (Math.floor(at / birthDays) % 26))}`],
  [2, new Date(Date.UTC(1940, 0, 1) + (at % birthDays) * dayMs).toISOString().slice(0, 10)],
  [8, `T-${at}`],
  [9, String(at)],
  [10, String(1_000_000 + at)],
]
