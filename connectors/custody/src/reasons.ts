import type { Direction, ReceptionBasis, ReleaseKind, ReturnedFrom } from '@throughline/domain'

/** What a movement is in our words. */
export type MovementMeaning =
  | { readonly type: 'ReceivedIntoPrison'; readonly legalBasis: ReceptionBasis }
  | { readonly type: 'ReturnedToPrison'; readonly from: ReturnedFrom }
  | { readonly type: 'LeftForCourt' }
  | { readonly type: 'TransferredBetweenPrisons'; readonly direction: Direction }
  | { readonly type: 'ReleasedFromPrison'; readonly kind: ReleaseKind }

/** Movement reason codes whose meaning is stated (formats/justice.md, section 13); any other says nothing. */
const basisByCode: Readonly<Record<string, ReceptionBasis>> = {
  N: 'UNCONVICTED_REMAND',
  L: 'RECALL',
  B: 'RECALL',
  Y: 'RECALL',
}

/** The list of 2021, which replayed history still holds (section 3.2). */
const basisByOldReason: Readonly<Record<string, ReceptionBasis>> = {
  RECALL: 'RECALL',
  REMAND: 'UNCONVICTED_REMAND',
  CONVICTED: 'OTHER',
  IMMIGRATION_DETAINEE: 'OTHER',
}

const kindByCode: Readonly<Record<string, ReleaseKind>> = {
  DEC: 'DIED',
  UAL: 'ABSCONDED',
  MRG: 'ADMINISTRATIVE',
  HP: 'TO_HOSPITAL',
  HO: 'TO_HOSPITAL',
}

const transferCodes: ReadonlySet<string> = new Set(['INT', 'TRNCRT', 'TRNTAP'])

const looked = <T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined =>
  key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined

/** What a `received` event tells. A reason nobody knows is still a reception: the publisher's own rule. */
export function received(
  reason: string | undefined,
  code: string | undefined,
  probableCause: string | undefined,
): MovementMeaning {
  if (reason === 'RETURN_FROM_COURT') return { type: 'ReturnedToPrison', from: 'COURT' }
  if (reason === 'TEMPORARY_ABSENCE_RETURN') {
    return { type: 'ReturnedToPrison', from: 'TEMPORARY_ABSENCE' }
  }
  if (reason === 'TRANSFERRED' || (code !== undefined && transferCodes.has(code))) {
    return { type: 'TransferredBetweenPrisons', direction: 'IN' }
  }
  const legalBasis =
    looked(basisByCode, code) ??
    looked(basisByOldReason, reason) ??
    looked(basisByOldReason, probableCause) ??
    'UNKNOWN'
  return { type: 'ReceivedIntoPrison', legalBasis }
}

/** What a `released` event tells. Release is not release: only `RELEASED` can mean going home, and then the code decides. */
export function released(reason: string | undefined, code: string | undefined): MovementMeaning {
  switch (reason ?? '') {
    case 'SENT_TO_COURT':
      return { type: 'LeftForCourt' }
    case 'TRANSFERRED':
      return { type: 'TransferredBetweenPrisons', direction: 'OUT' }
    case 'TEMPORARY_ABSENCE_RELEASE':
      return { type: 'ReleasedFromPrison', kind: 'TEMPORARY' }
    case 'RELEASED_TO_HOSPITAL':
      return { type: 'ReleasedFromPrison', kind: 'TO_HOSPITAL' }
    case 'RELEASED':
      return { type: 'ReleasedFromPrison', kind: looked(kindByCode, code) ?? 'TO_COMMUNITY' }
    default:
      return { type: 'ReleasedFromPrison', kind: looked(kindByCode, code) ?? 'UNKNOWN' }
  }
}
