import type { Purpose } from '@throughline/domain'
import type { HubDatabase, MemoryDatabase, OutgoingRecord, ViewRow } from '@throughline/stream'
import type { NoticeRow } from './rows.ts'

/** The Store's rows that the register writes in its own transactions: the outbox, and the notices. */
export interface StoreRows {
  /** Appends one outbox row of the register's task. */
  enqueue(records: readonly OutgoingRecord[], now: number): void
  notices(personId: string): readonly NoticeRow[]
  cancelNotice(id: string): void
  forgetViewsOf(personId: string): void
}

export function sqliteStoreRows(_db: HubDatabase): StoreRows {
  throw new Error('the sqlite store is not there yet')
}

export function memoryStoreRows(_database: MemoryDatabase): StoreRows {
  throw new Error('the memory store is not there yet')
}

export const purposeOf = ({ facts }: Pick<ViewRow, 'facts'>): Purpose =>
  (facts['purpose'] as Purpose | undefined) ?? 'care-coordination'
