import { wireTime } from './wire-time.ts'

/** What a custody suite writes down. Times are milliseconds; references are the force's own. */
export type CustodyRecord =
  | (CustodyFacts & {
      readonly what: 'arrest'
      readonly openPrescription: 'YES' | 'NO' | 'UNKNOWN'
    })
  | (CustodyFacts & { readonly what: 'test'; readonly outcome: 'POSITIVE' | 'NEGATIVE' })
  | (CustodyFacts & { readonly what: 'release' })

interface CustodyFacts {
  readonly force: string
  readonly custodyReference: string
  readonly occurredAt: number
  readonly identifiers: readonly { readonly type: 'PNC' | 'NOMS' | 'CRO'; readonly value: string }[]
}

/** The record in the house format of police custody. */
export function custodyRecord(record: CustodyRecord): object {
  const { force, custodyReference, occurredAt, identifiers } = record
  const common = {
    formatVersion: 1,
    force,
    custodyReference,
    occurredAt: wireTime(occurredAt, 0),
    custodySuite: `${force}-SUITE-1`,
    person: { identifiers },
  }
  switch (record.what) {
    case 'arrest':
      return {
        ...common,
        recordType: 'arrest',
        arrest: { reason: 'INVESTIGATION', openPrescription: record.openPrescription },
      }
    case 'test':
      return {
        ...common,
        recordType: 'drug-test',
        drugTest: {
          grounds: 'TRIGGER_OFFENCE',
          outcome: record.outcome,
          substances: record.outcome === 'POSITIVE' ? ['OPIATES'] : [],
        },
      }
    case 'release':
      return { ...common, recordType: 'release', release: { disposal: 'BAILED' } }
  }
}
