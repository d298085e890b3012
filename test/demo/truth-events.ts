import type { CustodyRecord } from '../agencies/police.ts'
import type { MovementReport } from '../agencies/prison.ts'

/** What a report says happened, in the truth's own reading of it. */
export interface Happening {
  /** One for each real-world happening: the two families' reports of a movement share it. */
  readonly key: string
  readonly version: number
  readonly type:
    | 'arrest'
    | 'test'
    | 'police-release'
    | 'reception'
    | 'return'
    | 'court'
    | 'transfer-in'
    | 'transfer-out'
    | 'release'
  readonly kind:
    | 'community'
    | 'hospital'
    | 'temporary'
    | 'died'
    | 'absconded'
    | 'administrative'
    | null
  readonly confirmed: boolean
  readonly openPrescription: 'YES' | 'NO' | 'UNKNOWN' | null
  readonly occurredAt: number
  readonly receivedAt: number
  readonly identifiers: readonly string[]
  /** Police records of people who have not agreed are dropped; prison ones wait for 7 days. */
  readonly heldUnclaimed: boolean
}

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

/** Reads reports in the order they are accepted; null for one that was accepted before. */
export interface Reading {
  movement(report: MovementReport, receivedAt: number): Happening | null
  police(record: CustodyRecord, receivedAt: number): Happening
}

export function reading(): Reading {
  const accepted = new Set<string>()
  const movements = new Map<string, KnownMovement[]>()
  return {
    movement(report, receivedAt) {
      const text = JSON.stringify(report)
      if (accepted.has(text)) return null
      accepted.add(text)
      const known = movementOf(movements, report)
      const version = report.family === 'coded' ? 1000 + known.coded++ : 1 + known.search++
      return {
        key: known.key,
        version,
        ...meaningOf(report),
        openPrescription: null,
        confirmed: report.family === 'coded',
        occurredAt: occurredAt(report),
        receivedAt,
        identifiers: [`NOMS:${report.noms}`],
        heldUnclaimed: true,
      }
    },
    police: (record, receivedAt) => ({
      key: `${record.what}:${record.custodyReference}`,
      version: 1,
      type: record.what === 'release' ? 'police-release' : record.what,
      kind: null,
      confirmed: true,
      openPrescription: record.what === 'arrest' ? record.openPrescription : null,
      occurredAt: record.occurredAt,
      receivedAt,
      identifiers: record.identifiers.map(({ type, value }) => `${type}:${value}`),
      heldUnclaimed: false,
    }),
  }
}

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
