import {
  type Desk,
  type DeskOptions,
  openDesk as openIntakeDesk,
} from '@throughline/intake/testing'
import { housingDefaults } from '../config.ts'
import { housingRoutes } from '../source.ts'

export { type Desk, testIds as ids } from '@throughline/intake/testing'

/** 15 November 2026, 09:00: after everything that the examples tell. */
export const now = Date.UTC(2026, 10, 15, 9)

/** Housing's four doors at a desk. */
export const openDesk = (
  given: Parameters<typeof housingDefaults>[0] = {},
  more: Pick<DeskOptions, 'beforeAccept'> = {},
): Promise<Desk> =>
  openIntakeDesk({
    agency: 'housing',
    now,
    routes: (deps) =>
      housingRoutes({ ...deps, options: housingDefaults({ allowTestNhsNumbers: true, ...given }) }),
    ...more,
  })

export type Route = 'duty-to-refer' | 'tenancies' | 'homelessness' | 'core-lettings'

/** What a CSV door answers. */
export interface CsvAnswered {
  readonly status: number
  readonly text: string
  readonly answer: {
    readonly rows: number
    readonly accepted: number
    readonly unchanged: number
    readonly duplicate: number
    readonly countedOnly: number
    readonly warnings: number
    readonly rejectedRows: number
    readonly rejected: readonly { line: number; column: string | null; rule: string }[]
    readonly warned: readonly { line: number; column: string | null; rule: string }[]
    readonly error?: { readonly code: string; readonly at?: string }
  }
}

export async function postCsv(desk: Desk, route: Route, body: unknown): Promise<CsvAnswered> {
  const contentType = 'text/csv'
  const { status, text } = await desk.post(`/intake/housing/${route}`, body, { contentType })
  return { status, text, answer: JSON.parse(text) as CsvAnswered['answer'] }
}

/** Faults or warnings of a CSV answer in one line each. */
export const said = (found: CsvAnswered['answer']['rejected']): readonly string[] =>
  found.map(({ line, column, rule }) => `${line} ${column ?? '-'} ${rule}`)
