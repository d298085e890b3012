import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestHub } from './hub.ts'

/** Everything a hub keeps on disk, to be searched for what must not be there. */
export interface LeftBehind {
  /** How many records a topic holds. */
  records(topic: string): number
  /** The files in which a text stands in clear, in UTF-8 or UTF-16. */
  mention(text: string): readonly string[]
}

export async function bytesOf(hub: TestHub): Promise<LeftBehind> {
  await hub.idle()
  using log = new DatabaseSync(join(hub.data, 'log.db'), { readOnly: true })
  // A stream's records lie under its id, with 38 bits for the offset.
  const counts = new Map(
    log
      .prepare(
        `SELECT topic, (SELECT sum(count) FROM batch WHERE position >> 38 = any_value) AS records
         FROM (SELECT topic, id AS any_value FROM stream)`,
      )
      .all()
      .reduce<Map<string, number>>((sum, row) => {
        const topic = String(row['topic'])
        return sum.set(topic, (sum.get(topic) ?? 0) + Number(row['records']))
      }, new Map()),
  )
  const files = readdirSync(hub.data)
    .filter((name) => name !== 'credentials.json')
    .map((name) => [name, readFileSync(join(hub.data, name))] as const)
  return {
    records: (topic) => counts.get(topic) ?? 0,
    mention: (text) =>
      files
        .filter(([, bytes]) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')))
        .map(([name]) => name),
  }
}
