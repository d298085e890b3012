import { inboundRetentionMs } from './decisions/accept.ts'
import { restatedKeptMs } from './decisions/restate.ts'
import type { TableName, Write } from './rows.ts'

/** Their rows go once the time that `sortOf` gives has passed. */
export const expiringTables = [
  'receipts',
  'movements',
  'parked',
  'restated',
  'said',
  'claims',
  'referrals',
] as const satisfies readonly TableName[]

/** The column that prunes, finds open permits or lists people. */
export function sortOf({ table, row }: Write): number | null {
  if (row === null) return null
  switch (table) {
    case 'people':
      return row.changedAt
    case 'receipts':
      return row.expiresAt
    case 'claims':
      return row.releasedAt === null ? null : row.releasedAt + inboundRetentionMs
    case 'movements':
    case 'parked':
      return Math.max(...row.map(({ expiresAt }) => expiresAt))
    case 'restated':
    case 'said':
      return row.seenAt + restatedKeptMs
    case 'referrals':
      return row.keyRef === null && row.spentKeys.length === 0 ? row.forgetAt : null
    case 'attempts':
      return row.outcome === null ? row.until : null
    case 'acted':
    case 'agreements':
    case 'idempotency':
    case 'sealed':
      return null
  }
}

/** The column by which a person's or an identifier's rows are found. */
export function ownerOf({ table, row }: Write): string | null {
  if (row === null) return null
  if (table === 'attempts') return row.personId
  return table === 'restated' ? row.owner : null
}
