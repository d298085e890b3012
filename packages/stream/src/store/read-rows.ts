import type { OutgoingRecord, ParkedRecord, ViewRow } from '../ports.ts'
import { unpackRecords } from './record-blob.ts'

type Row = Readonly<Record<string, unknown>>

/** A row of `view_row`, as both databases give it. */
export const viewOf = (row: Row): ViewRow => ({
  view: String(row['view']),
  id: String(row['id']),
  version: Number(row['version']),
  personId: String(row['person_id']),
  reader: row['reader'] as string | null,
  state: String(row['state']),
  sort: Number(row['sort']),
  facts: JSON.parse(String(row['facts'])) as ViewRow['facts'],
  body: row['body'] as Uint8Array,
})

/** A row of `parked`, as both databases give it. */
export const parkedOf = (row: Row): ParkedRecord => ({
  key: String(row['key']),
  topic: String(row['topic']),
  offset: BigInt(Number(row['offset'])),
  id: String(row['id']),
  reason: String(row['reason']),
  record: unpackRecords(row['record'] as Uint8Array)[0] as OutgoingRecord,
})
