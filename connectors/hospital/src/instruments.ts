import type { Instrument } from '@throughline/service'

/** What the hospitals' doors measure of their own. */
export const hospitalInstruments = {
  charsetGuessed: {
    name: 'hospital.charset_guessed',
    unit: '{message}',
    description: 'Messages that named no character set and were not UTF-8.',
  },
  mllpConnections: {
    name: 'hospital.mllp.connections',
    unit: '{connection}',
    description: 'Open MLLP connections.',
  },
  mllpFaults: {
    name: 'hospital.mllp.faults',
    unit: '{fault}',
    description: 'Faults of MLLP senders, by reason.',
  },
} as const satisfies Record<string, Instrument>
