import { readFileSync } from 'node:fs'
import type { CsvAnswer } from '@throughline/intake'
import { type Answered, type Desk, openDesk, type PostOptions } from '@throughline/intake/testing'
import { treatmentDefaults } from '../config.ts'
import { treatmentRoutes } from '../source.ts'

const folder = new URL('../../examples/', import.meta.url)

export const example = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

export const extract = example('ndtms-adult-community-extract.csv')

export interface TreatmentDesk extends Desk {
  upload(
    route: 'ndtms' | 'secure-setting',
    file: string | Uint8Array,
    more?: UploadOptions,
  ): Promise<Uploaded>
}

export interface UploadOptions extends PostOptions {
  /** The query after `?`. */
  readonly query?: string
}

export interface Uploaded extends Answered {
  readonly answer: CsvAnswer
  /** `line column rule` of each row rejected, and of each warning. */
  readonly rejected: readonly string[]
  readonly warned: readonly string[]
}

/** Treatment's real routes on a real port, in the week after the examples were written. */
export async function treatmentDesk(
  given: Parameters<typeof treatmentDefaults>[0] = {},
  broken: { readonly beforeAccept?: () => void } = {},
): Promise<TreatmentDesk> {
  const options = treatmentDefaults({ allowTestNhsNumbers: true, nhsNumbersTraced: true, ...given })
  const desk = await openDesk({
    agency: 'treatment',
    routes: (deps) => treatmentRoutes({ ...deps, options }),
    now: Date.UTC(2026, 10, 16, 9),
    ...broken,
  })
  return {
    ...desk,
    async upload(route, file, { query = '', ...more } = {}) {
      const path = `/intake/treatment/${route}${query === '' ? '' : `?${query}`}`
      const answered = await desk.post(path, file, { contentType: 'text/csv', ...more })
      const answer = JSON.parse(answered.text) as CsvAnswer
      return {
        ...answered,
        answer,
        rejected: (answer.rejected ?? []).map(said),
        warned: (answer.warned ?? []).map(said),
      }
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  }
}

const said = ({ line, column, rule }: CsvAnswer['rejected'][number]): string =>
  `${line} ${column ?? '-'} ${rule}`

/** What has been sent on, in few words: event, episode or object, and version. */
export async function told(desk: Desk, from = 0): Promise<readonly string[]> {
  const sent = await desk.sent()
  return sent.slice(from).map(({ schema, value }) => {
    const which = value['interventionRef'] ?? value['episodeRef'] ?? value['objectRef'] ?? ''
    return `${schema} ${String(which as string)} v${String(value['version'])}`
  })
}

/** A file with some cells changed; a row is found by what stands in one of its columns. */
export function withCells(
  file: string,
  where: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): string {
  const [header = '', ...lines] = file.trimEnd().split('\n')
  const columns = cellsOf(header)
  const at = (column: string) => columns.indexOf(column)
  return [
    header,
    ...lines.map((line) => {
      const cells = cellsOf(line)
      if (!Object.entries(where).every(([column, value]) => cells[at(column)] === value))
        return line
      for (const [column, value] of Object.entries(changes)) cells[at(column)] = value
      return cells.map((cell) => `"${cell}"`).join(',')
    }),
    '',
  ].join('\n')
}

const cellsOf = (line: string): string[] => line.slice(1, -1).split('","')
