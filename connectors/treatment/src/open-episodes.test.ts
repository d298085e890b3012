import type { CsvHeader } from '@throughline/intake'
import { expect, it } from 'vitest'
import { openEpisodes } from './open-episodes.ts'

const columns = ['AGNCY', 'FINITIAL', 'SINITIAL', 'DOB', 'SEX', 'EPISODID', 'DISD', 'DISRSN']
const header: CsvHeader = {
  columns,
  at: (column) => columns.indexOf(column),
  cell: () => undefined,
}
const noticing = () => {
  const isSecond = openEpisodes(header)
  return (...cells: readonly string[]) => isSecond({ line: 2, cells })
}

it('notices a second open episode of the same client, and no third row of the first one', () => {
  const isSecond = noticing()
  expect(isSecond('N9901', 'J', 'K', '1980-02-03', 'M', '50001', '', '')).toBe(false)
  expect(isSecond('N9901', 'J', 'K', '1980-02-03', 'M', '50001', 'NA', '')).toBe(false)
  expect(isSecond('N9901', 'J', 'K', '1980-02-03', 'M', '50002', '', '')).toBe(true)
  expect(isSecond('N9901', 'J', 'K', '1980-02-03', 'M', '50003', '2026-01-01', '')).toBe(false)
})

it('takes nobody for somebody else, however alike 200,000 clients are', () => {
  const isSecond = noticing()
  let noticed = 0
  for (let n = 0; n < 200_000; n += 1) {
    const [first, last] = [String.fromCharCode(65 + (n % 26)), 'K'.repeat(n % 3)]
    const born = String(19_400_101 + Math.floor(n / 78))
    if (isSecond('N9901', first, last, born, 'M', String(n), '', '')) noticed += 1
  }
  expect(noticed).toBe(0)
  // Their cells together are the same letters.
  expect(isSecond('N9901', 'AK', '', '19400101', 'M', 'x', '', '')).toBe(false)
})
