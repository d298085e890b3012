import { expect, it } from 'vitest'
import { columns, csvOf } from './csv.ts'
import type { FigureRow } from './release.ts'

const figure = Object.fromEntries(columns.map((column) => [column, null])) as unknown as FigureRow
const areaOf = (area: string): string | undefined =>
  csvOf([{ ...figure, area }])
    .split('\r\n')[1]
    ?.split(',')[columns.indexOf('area')]

it.each(['=1', '+1', '-1', '@SUM(1)', '\t1', ' =1', '＝1', '＋1', '－1', '＠1'])(
  'CSV-7: an area called %j is led by an apostrophe, so that no spreadsheet calculates it',
  (area) => expect(areaOf(area)).toBe(`"'${area}"`),
)

it('CSV-7: every other area stands as it is', () => {
  expect(areaOf('X91B')).toBe('"X91B"')
})
