import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileKeys, createKeyFile } from '@throughline/consent'
import { type KeyRef, steppedClock, systemRandom } from '@throughline/stream'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { describe } from 'vitest'
import { keysFeatures, sharedKeysFeatures, start } from './keys.features.ts'

describe('memory', () => {
  keysFeatures(async () => ({
    keys: memoryKeys(seeded(1).bytes),
    clock: steppedClock(start),
    [Symbol.asyncDispose]: async () => {},
  }))
})

describe('files', () => {
  keysFeatures(fileDesk)
  sharedKeysFeatures(fileDesk)
})

async function fileDesk() {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-keys-'))
  const random = systemRandom()
  createKeyFile({ directory, partnerships: ['testshire'], random })
  const clock = steppedClock(start)
  const opened = [createFileKeys({ directory, clock, random })]
  const [keys] = opened as [(typeof opened)[number]]
  return {
    keys,
    clock,
    async another() {
      const other = createFileKeys({ directory, clock, random })
      opened.push(other)
      return other
    },
    createMany: (refs: readonly KeyRef[]) => keys.createMany(refs),
    destroyExpiredDayKeys: (now: number) => keys.destroyExpiredDayKeys(now),
    async [Symbol.asyncDispose]() {
      for (const one of opened) one[Symbol.dispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
