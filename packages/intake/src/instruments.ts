import type { Instrument } from '@throughline/service'

/** What every inbound edge counts. Agencies, formats, outcomes and reasons are codes of ours. */
export const intakeInstruments = {
  records: {
    name: 'intake.records',
    unit: '{record}',
    description: 'Records answered, by agency, format, outcome and reason.',
  },
  rows: {
    name: 'intake.rows',
    unit: '{row}',
    description: 'Rows of CSV files answered, by agency, format and outcome.',
  },
  unknownMembers: {
    name: 'intake.unknown_members',
    unit: '{member}',
    description: 'Members of messages nobody knows.',
  },
} as const satisfies Record<string, Instrument>
