import type { ParkedRow } from './rows.ts'

/** As it is written in JSON. */
export type StoredParked = Omit<ParkedRow, 'record'> & {
  readonly record: Omit<ParkedRow['record'], 'value'> & { readonly value: string | null }
}

export const packParked = (row: ParkedRow): StoredParked => {
  const { value } = row.record
  return {
    ...row,
    record: { ...row.record, value: value === null ? null : Buffer.from(value).toString('base64') },
  }
}

export const unpackParked = (row: StoredParked): ParkedRow => {
  const { value } = row.record
  return {
    ...row,
    record: { ...row.record, value: value === null ? null : Buffer.from(value, 'base64') },
  }
}
