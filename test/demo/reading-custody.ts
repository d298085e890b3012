import type { CustodyRecord } from '../agencies/police.ts'
import type { MovementReport } from '../agencies/prison.ts'
import { type Facts, type Happening, numberText } from './happening.ts'

/** The families tell one movement apart from another by an hour. */
const sameMovementMs = 60 * 60_000
const searchNoticesAfterMs = 4_213

interface KnownMovement {
  readonly key: string
  readonly direction: 'in' | 'out'
  readonly prison: string
  readonly at: number
  search: number
  coded: number
}

/** Prison reports and police records, in the order they are accepted. */
export function custodyReading() {
  const accepted = new Set<string>()
  const movements = new Map<string, KnownMovement[]>()
  return {
    /** Null for a report that was accepted before. */
    movement(report: MovementReport, receivedAt: number): Happening | null {
      const text = JSON.stringify(report)
      if (accepted.has(text)) return null
      accepted.add(text)
      const known = movementOf(movements, report)
      const version = report.family === 'coded' ? 1000 + known.coded++ : 1 + known.search++
      return {
        key: known.key,
        version,
        ...meaningOf(report),
        ...asCustody,
        openPrescription: null,
        confirmed: report.family === 'coded',
        occurredAt: occurredAt(report),
        receivedAt,
        identifiers: [numberText('NOMS', report.noms)],
        heldUnclaimed: true,
        facts: movementFacts(report),
      }
    },
    police: (record: CustodyRecord, receivedAt: number): Happening => ({
      key: `${record.what}:${record.custodyReference}`,
      version: 1,
      type: record.what === 'release' ? 'police-release' : record.what,
      kind: null,
      confirmed: true,
      openPrescription: record.what === 'arrest' ? record.openPrescription : null,
      occurredAt: record.occurredAt,
      receivedAt,
      ...asCustody,
      identifiers: record.identifiers.map(({ type, value }) => numberText(type, value)),
      heldUnclaimed: false,
      facts: policeFacts(record),
    }),
  }
}

const asCustody = {
  agency: 'custody',
  precision: 'INSTANT',
  objectRef: null,
  restricted: false,
} as const

const occurredAt = ({ family, movedAt }: MovementReport): number =>
  family === 'coded' ? movedAt : movedAt + searchNoticesAfterMs

function movementOf(
  movements: Map<string, KnownMovement[]>,
  report: MovementReport,
): KnownMovement {
  const direction = inward(report) ? 'in' : 'out'
  const known = movements.get(report.noms) ?? []
  movements.set(report.noms, known)
  const at = occurredAt(report)
  const twin = known.find(
    (one) =>
      one.direction === direction &&
      one.prison === report.prison &&
      Math.abs(one.at - at) <= sameMovementMs,
  )
  if (twin !== undefined) return twin
  const key = `${report.noms}/${direction}/${at}`
  const found = { key, direction, prison: report.prison, at, search: 0, coded: 0 } as const
  known.push(found)
  return known.at(-1) as KnownMovement
}

const inward = ({ movement }: MovementReport): boolean =>
  ['admission', 'court-return', 'absence-return', 'transfer-in'].includes(movement)

function meaningOf({ family, movement, code }: MovementReport): Pick<Happening, 'type' | 'kind'> {
  switch (movement) {
    case 'admission':
      return { type: 'reception', kind: null }
    case 'court-return':
    case 'absence-return':
      return { type: 'return', kind: null }
    case 'court-out':
      return { type: 'court', kind: null }
    case 'transfer-in':
    case 'transfer-out':
      return { type: movement, kind: null }
    case 'absence-out':
      return { type: 'release', kind: 'temporary' }
    case 'hospital-out':
      return { type: 'release', kind: 'hospital' }
    case 'released':
      return { type: 'release', kind: family === 'search' ? 'community' : kindOfCode(code) }
  }
}

const kindOfCode = (code: string): NonNullable<Happening['kind']> =>
  code === 'DEC'
    ? 'died'
    : code === 'UAL'
      ? 'absconded'
      : code === 'MRG'
        ? 'administrative'
        : code === 'HO' || code === 'HP'
          ? 'hospital'
          : 'community'

/** The search family knows of no code, so of a release it says the likeliest. */
function movementFacts({ family, movement, prison, code }: MovementReport): Facts {
  const confirmed = family === 'coded'
  const shared = { prison, confirmed, reasonCode: confirmed ? code : null }
  switch (movement) {
    case 'admission': {
      const legalBasis = confirmed ? basisOfCode(code) : 'UNKNOWN'
      return { type: 'ReceivedIntoPrison', ...shared, legalBasis }
    }
    case 'court-return':
      return { type: 'ReturnedToPrison', ...shared, from: 'COURT' }
    case 'absence-return':
      return { type: 'ReturnedToPrison', ...shared, from: 'TEMPORARY_ABSENCE' }
    case 'court-out':
      return { type: 'LeftForCourt', ...shared }
    case 'transfer-in':
      return { type: 'TransferredBetweenPrisons', ...shared, direction: 'IN' }
    case 'transfer-out':
      return { type: 'TransferredBetweenPrisons', ...shared, direction: 'OUT' }
    case 'absence-out':
      return { type: 'ReleasedFromPrison', ...shared, kind: 'TEMPORARY', homeArea: null }
    case 'hospital-out':
      return { type: 'ReleasedFromPrison', ...shared, kind: 'TO_HOSPITAL', homeArea: null }
    case 'released': {
      const kind = confirmed ? releaseKinds[kindOfCode(code)] : 'TO_COMMUNITY'
      return { type: 'ReleasedFromPrison', ...shared, kind, homeArea: null }
    }
  }
}

const basisOfCode = (code: string) =>
  code === 'N' ? 'UNCONVICTED_REMAND' : code === 'L' ? 'RECALL' : 'UNKNOWN'

const releaseKinds = {
  community: 'TO_COMMUNITY',
  hospital: 'TO_HOSPITAL',
  temporary: 'TEMPORARY',
  died: 'DIED',
  absconded: 'ABSCONDED',
  administrative: 'ADMINISTRATIVE',
} as const

/** What a custody suite says besides is the same in every record that we make up. */
function policeFacts(record: CustodyRecord): Facts {
  const { force, custodyReference } = record
  const which = { force, custodyReference }
  switch (record.what) {
    case 'arrest':
      return {
        type: 'ArrestedIntoCustody',
        ...which,
        custodySuite: `${force}-SUITE-1`,
        arrestReason: 'INVESTIGATION',
        openPrescription: record.openPrescription,
      }
    case 'test':
      return {
        type: 'DrugTestedOnArrest',
        ...which,
        grounds: 'TRIGGER_OFFENCE',
        outcome: record.outcome,
        substances: record.outcome === 'POSITIVE' ? ['OPIATES'] : [],
        assessmentRequired: null,
        assessmentAt: null,
      }
    case 'release':
      return { type: 'ReleasedFromPoliceCustody', ...which, disposal: 'BAILED', bailUntil: null }
  }
}
