import { hospitalDefaults, receive } from '@throughline/hospital'
import { nodeIds } from '@throughline/stream'
import { adtMessage } from '../agencies/hospital.ts'
import { madeUpPeople } from '../people/people.ts'
import { morning } from './flow.ts'

const trust = 'RZZ'
const hourMs = 3_600_000

/** Messages as a trust sends them of these many people: half attendances that begin, half coded discharges. */
export function madeUpMessages(count: number): readonly Buffer[] {
  return madeUpPeople(11, count).map((person, n) => {
    const ends = n % 2 === 1
    const startedAt = morning - (n % 500) * hourMs
    const at = ends ? startedAt + 3 * hourMs : startedAt
    const message = adtMessage({
      trigger: ends ? 'A03' : 'A04',
      controlId: `B${n}`,
      sentAt: at + 60_000,
      at,
      trust,
      nhs: { value: person.nhs, traced: true },
      mrn: { value: person.mrn, trust },
      visit: {
        kind: 'attendance',
        ref: `V${n}`,
        startedAt,
        endedAt: ends ? at : null,
        method: null,
        from: null,
        attendanceRef: null,
        arrivalMode: '1',
        leftFor: ends ? '1' : null,
        noFixedAbode: false,
      },
      coded: ends ? { codes: ['T40.1', 'J18.9'], final: true } : null,
      score: null,
      referral: null,
      died: null,
      merges: null,
    })
    return Buffer.from(message)
  })
}

/** Parses and translates one message as the door does, before anything is stored; whether it says something. */
export function messageReader(): (bytes: Buffer) => boolean {
  const reading = {
    ids: nodeIds(new Uint8Array(32)),
    options: {
      ...hospitalDefaults({ allowTestNhsNumbers: true, nhsNumbersTraced: true }),
      partnership: 'testshire',
    },
  }
  return (bytes) => receive(bytes, reading).inbound.translation.outcome === 'published'
}
