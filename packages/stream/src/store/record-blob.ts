import { HubError } from '@throughline/domain'
import type { OutgoingRecord } from '../ports.ts'

/**
 * The records of one step in one blob: per record the lengths and UTF-8 of topic, key, id and
 * headers, then the value. A topic that repeats costs one byte.
 */
export function packRecords(records: readonly OutgoingRecord[]): Uint8Array {
  let room = 4
  for (const record of records) {
    const { topic, key, id, value } = record
    const texts = topic.length + key.length + id.length + headersOf(record).length
    room += 5 * 4 + texts * 3 + (value?.length ?? 0)
  }
  const buffer = Buffer.allocUnsafe(room)
  let at = buffer.writeUInt32LE(records.length, 0)
  const put = (text: string): void => {
    const length = text === '' ? 0 : buffer.write(text, at + 4)
    buffer.writeUInt32LE(length, at)
    at += 4 + length
  }
  let topicBefore = ''
  for (const record of records) {
    const { topic, key, id, value } = record
    put(topic === topicBefore ? '' : topic)
    put(key)
    put(id)
    put(headersOf(record))
    topicBefore = topic
    at = buffer.writeUInt32LE(value?.length ?? noValue, at)
    if (value === null) continue
    buffer.set(value, at)
    at += value.length
  }
  return buffer.subarray(0, at)
}

/** Undoes `packRecords`. A blob that does not add up is `HUB_LOG_ENTRY_DAMAGED`. */
export function unpackRecords(blob: Uint8Array): OutgoingRecord[] {
  const buffer = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  let at = 0
  const number = () => {
    at += 4
    return buffer.readUInt32LE(at - 4)
  }
  const text = () => {
    const length = number()
    at += length
    return buffer.toString('utf8', at - length, at)
  }
  try {
    const count = number()
    const records: OutgoingRecord[] = []
    let topic = ''
    for (let i = 0; i < count; i += 1) {
      topic = text() || topic
      const key = text()
      const id = text()
      const headers = text()
      const length = number()
      if (length !== noValue) at += length
      if (at > buffer.length) throw new RangeError('short')
      const value = length === noValue ? null : buffer.subarray(at - length, at)
      records.push({
        topic,
        key,
        id,
        value,
        ...(headers && { headers: JSON.parse(headers) as Record<string, string> }),
      })
    }
    return records
  } catch (cause) {
    throw new HubError('HUB_LOG_ENTRY_DAMAGED', 'a packed row of records does not add up', {
      cause,
    })
  }
}

const noValue = 0xffffffff

const headersOf = ({ headers }: OutgoingRecord) =>
  headers && Object.keys(headers).length > 0 ? JSON.stringify(headers) : ''
