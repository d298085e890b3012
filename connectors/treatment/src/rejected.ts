import type { Counted } from '@throughline/consent'
import type { CellFault } from '@throughline/intake'

/** Rejected rows for the ledger, by the first rule that each breaks. */
export function rejectedOf(rows: readonly (readonly CellFault[])[]): readonly Counted[] {
  const byRule = Map.groupBy(rows, ([first]) => first?.rule ?? 'rejected')
  return [...byRule].map(([reason, { length }]) => ({
    agency: 'treatment',
    outcome: 'rejected',
    reason,
    count: length,
  }))
}
