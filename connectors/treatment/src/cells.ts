import { type Identifier, identifier } from '@throughline/domain'
import { type CellFault, type CsvHeader, type CsvRow, cellFault } from '@throughline/intake'
import { dayIn } from './days.ts'

const advice: Readonly<Record<string, string>> = {
  required: 'This must be filled.',
  'date-not-readable': 'Write the date as yyyy-mm-dd or dd/mm/yyyy.',
  'in-future': 'This is later than today.',
  'exit-before-reception': 'The prison exit is before the reception.',
  'code-unknown': 'This is not in the list; the field was not used.',
  'area-shape': 'This is not the shape of a partnership area code; the field was not used.',
}

/** One row's cells by name, with what is found to be wrong with them. */
export function openCells(header: CsvHeader, row: CsvRow, lastDay: number) {
  const faults: CellFault[] = []
  const warnings: CellFault[] = []
  const said = (column: string, rule: string): CellFault =>
    cellFault(row.line, column, rule, advice[rule] ?? 'This number does not have the right shape.')
  const fault = (column: string, rule: string): void => {
    faults.push(said(column, rule))
  }
  const text = (column: string): string => {
    const cell = header.cell(row, column) ?? ''
    return cell === 'NA' ? '' : cell
  }
  return {
    faults,
    warnings,
    fault,
    /** The prison number, which a secure setting writes as its client reference. */
    prisonNumber(column: string): Identifier | undefined {
      const written = text(column)
      if (written === '') fault(column, 'required')
      else {
        const checked = identifier({ type: 'NOMS', value: written }, { allowTestNhsNumbers: false })
        if (checked.ok) return { ...checked.identifier, verified: true }
        fault(column, checked.rule)
      }
      return undefined
    },
    /** yyyymmdd; 0 where there is none. */
    day(column: string, needed?: 'required'): number {
      const written = text(column)
      const day = dayIn(written)
      if (written === '') {
        if (needed) fault(column, 'required')
      } else if (day === 0) fault(column, 'date-not-readable')
      else if (day > lastDay) fault(column, 'in-future')
      return day
    },
    /** What a label stands for; an unknown one is left out with a warning. */
    listed<T>(column: string, meaning: (label: string) => T | undefined): T | null {
      const written = text(column)
      if (written === '') return null
      const found = meaning(written)
      if (found === undefined) warnings.push(said(column, 'code-unknown'))
      return found ?? null
    },
    /** A drug and alcohol partnership area, such as X91B; Z00B is outside England. */
    area(column: string): string | null {
      const written = text(column)
      if (written === '' || /^[A-Z]\d{2}[A-Z]$/.test(written)) return written || null
      warnings.push(said(column, 'area-shape'))
      return null
    },
  }
}
