import type { RecordFault, Thing } from '@throughline/intake'

/**
 * What a row of a file says. Files tell everything again each time, so a row is compared with what was
 * last said of the same thing, and only what differs goes on. Faults and warnings have their column as place.
 */
export type Reading =
  | { readonly rejected: readonly RecordFault[] }
  | { readonly thing: Thing; readonly warnings: readonly RecordFault[] }
