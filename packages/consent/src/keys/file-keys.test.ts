import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nodeIds, type OpenedKey, steppedClock, systemRandom } from '@throughline/stream'
import { seeded } from '@throughline/stream/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createFileKeys, type FileKeys } from './file-keys.ts'
import { createKeyFile, keyFileName, readKeyFile } from './key-file.ts'

const start = Date.UTC(2026, 0, 5, 9)
const day = 86_400_000
const cleanups: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

describe('the keys of one machine', () => {
  it('open what they sealed, also for the next process', async () => {
    const { directory, keys } = hub()
    const made = await keys.create('person:ann')
    expect(bytesOf(await keys.create('person:ann'))).toEqual(bytesOf(made))
    const next = reopened(directory)
    expect(bytesOf(await openOne(next, 'person:ann'))).toEqual(bytesOf(made))
  })

  it('call a person erased of whom they know no key', async () => {
    const { keys } = hub()
    expect(await keys.open(['person:nobody'])).toEqual(new Map([['person:nobody', 'erased']]))
  })

  it('never make the key of an erased person again, and leave no trace of it on the disk', async () => {
    const { directory, keys } = hub()
    await keys.create('person:ann')
    const wrapped = wrappedIn(directory)
    await keys.destroy('person:ann', start)
    await keys.destroy('person:ann', start + 1)
    expect(await openOne(keys, 'person:ann')).toBe('erased')
    await expect(keys.create('person:ann')).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
    expect(await openOne(reopened(directory), 'person:ann')).toBe('erased')
    for (const name of readdirSync(directory))
      expect(readFileSync(join(directory, name)).includes(wrapped)).toBe(false)
  })

  it('are made for a whole caseload at once, or for nobody in it', async () => {
    const { directory, keys } = hub()
    await keys.createMany(['person:ann', 'person:bob'])
    expect(await openOne(reopened(directory), 'person:bob')).not.toBe('erased')
    await keys.destroy('person:cy', start)
    const caseload = keys.createMany(['person:dee', 'person:cy'])
    await expect(caseload).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
    expect(await openOne(keys, 'person:dee')).toBe('erased')
  })

  it('may be destroyed before they were ever made', async () => {
    const { keys } = hub()
    await keys.destroy('person:ann', start)
    await expect(keys.create('person:ann')).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
  })

  it('forget an opened key after a minute: another process may have destroyed it', async () => {
    const { directory, keys, clock } = hub()
    await keys.create('person:ann')
    await reopened(directory).destroy('person:ann', start)
    await clock.advanceTo(start + 59_999)
    expect(await openOne(keys, 'person:ann')).not.toBe('erased')
    await clock.advanceTo(start + 60_000)
    expect(await openOne(keys, 'person:ann')).toBe('erased')
  })

  it('destroy the key of a day seven days after it ended, and no earlier', async () => {
    const { keys } = hub()
    await keys.create('day:2026-01-05')
    await keys.create('day:2026-01-06')
    const dayEnds = Date.UTC(2026, 0, 6)
    expect(keys.destroyExpiredDayKeys(dayEnds + 7 * day - 1)).toBe(0)
    expect(keys.destroyExpiredDayKeys(dayEnds + 7 * day)).toBe(1)
    expect(await openOne(keys, 'day:2026-01-05')).toBe('erased')
    expect(await openOne(keys, 'day:2026-01-06')).not.toBe('erased')
    expect(keys.destroyExpiredDayKeys(dayEnds + 7 * day)).toBe(0)
  })

  it('ask to wait, and give no key, when the store cannot be read', async () => {
    const { keys } = hub()
    keys[Symbol.dispose]()
    await expect(keys.open(['person:ann'])).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
    await expect(keys.create('person:ann')).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
  })

  it('do not open under another person’s name', async () => {
    const { directory, keys } = hub()
    await keys.create('person:ann')
    await keys.create('person:bob')
    swapWrapped(directory)
    await expect(reopened(directory).open(['person:ann'])).rejects.toMatchObject({
      code: 'HUB_KEY_UNAVAILABLE',
    })
  })
})

describe('the key file', () => {
  it('is readable by its owner alone, and never overwritten', () => {
    const { directory } = hub()
    expect(statSync(join(directory, keyFileName)).mode & 0o777).toBe(0o600)
    const before = readFileSync(join(directory, keyFileName))
    expect(() => createKeyFile({ directory, partnerships: [], random: systemRandom() })).toThrow(
      expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }),
    )
    expect(readFileSync(join(directory, keyFileName))).toEqual(before)
  })

  it('is not made in passing when it is missing', () => {
    const directory = emptyDirectory()
    expect(() => readKeyFile(directory)).toThrow(
      expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }),
    )
    expect(readdirSync(directory)).toEqual([])
  })

  it('is refused when others may read it', () => {
    const { directory } = hub()
    chmodSync(join(directory, keyFileName), 0o640)
    expect(() => readKeyFile(directory)).toThrow(/open to other users/)
  })

  it('keeps the identifiers of two partnerships apart', () => {
    const { file } = hub().keys
    const hashOf = (partnership: string) =>
      nodeIds(file.hmacKey(partnership)).hmac('identifier', 'NHS:9990000115')
    expect(hashOf('testshire')).not.toBe(hashOf('northshire'))
    expect(hashOf('testshire')).toBe(hashOf('testshire'))
    expect(() => file.hmacKey('elsewhere')).toThrow(/no key for this partnership/)
    expect(() => file.hmacKey('constructor')).toThrow(/no key for this partnership/)
  })
})

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-keys-'))
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function hub() {
  const directory = emptyDirectory()
  const random = seeded(1).bytes
  createKeyFile({ directory, partnerships: ['testshire', 'northshire'], random })
  const clock = steppedClock(start)
  const keys = createFileKeys({ directory, clock, random })
  cleanups.push(() => keys[Symbol.dispose]())
  return { directory, clock, keys }
}

function reopened(directory: string): FileKeys {
  const keys = createFileKeys({ directory, clock: steppedClock(start), random: seeded(2).bytes })
  cleanups.push(() => keys[Symbol.dispose]())
  return keys
}

const openOne = async (keys: FileKeys, ref: `person:${string}` | `day:${string}`) =>
  (await keys.open([ref])).get(ref) as OpenedKey | 'erased'

const bytesOf = (opened: OpenedKey | 'erased'): Buffer =>
  opened === 'erased' ? Buffer.alloc(0) : opened.key.export()

function wrappedIn(directory: string): Buffer {
  const db = new DatabaseSync(join(directory, 'keys.db'))
  const row = db.prepare('SELECT wrapped FROM keys').get()
  db.close()
  return Buffer.from(row?.['wrapped'] as Uint8Array)
}

function swapWrapped(directory: string): void {
  const db = new DatabaseSync(join(directory, 'keys.db'))
  db.exec(`UPDATE keys SET wrapped = (SELECT other.wrapped FROM keys AS other WHERE other.ref = 'person:bob')
    WHERE ref = 'person:ann'`)
  db.close()
}
