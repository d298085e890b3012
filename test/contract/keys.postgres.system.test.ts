import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile, createPostgresKeys, readKeyFile } from '@throughline/consent'
import { type KeyRef, openPostgres, steppedClock, systemRandom } from '@throughline/stream'
import { expect, it } from 'vitest'
import { describeOnPostgres } from '../backends/postgres-suite.ts'
import { keysFeatures, openOne, sharedKeysFeatures, start } from './keys.features.ts'

describeOnPostgres('postgres', (postgres) => {
  keysFeatures(desk)
  sharedKeysFeatures(desk)

  it('is forgotten by every process as soon as one of them destroys it', async () => {
    await using one = await desk()
    const other = await one.another()
    await one.keys.create('person:ann')
    expect(await openOne(other, 'person:ann')).not.toBe('erased')
    await one.keys.destroy('person:ann', start)
    // The clock stands: no minute has passed.
    await expect.poll(() => openOne(other, 'person:ann')).toBe('erased')
  })

  it('does not open under another person’s name', async () => {
    await using one = await desk()
    await one.keys.create('person:ann')
    await one.keys.create('person:bob')
    await one.db.query(
      `UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE ref = 'person:bob')
       WHERE ref = 'person:ann'`,
    )
    const other = await one.another()
    await expect(other.open(['person:ann'])).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
  })

  it('asks to wait, and gives no key, while the database cannot be reached', async () => {
    await using one = await desk()
    await one.db.close()
    await expect(one.keys.open(['person:ann'])).rejects.toMatchObject({
      code: 'HUB_KEY_UNAVAILABLE',
    })
  })

  async function desk() {
    const directory = mkdtempSync(join(tmpdir(), 'throughline-keys-'))
    const random = systemRandom()
    createKeyFile({ directory, partnerships: ['testshire'], random })
    const file = readKeyFile(directory)
    const url = await postgres.newDatabase()
    const clock = steppedClock(start)
    const databases = [await openPostgres({ url })]
    const [db] = databases as [(typeof databases)[number]]
    const keys = createPostgresKeys({ db, file, clock, random })
    return {
      db,
      keys,
      clock,
      async another() {
        const own = await openPostgres({ url })
        databases.push(own)
        return createPostgresKeys({ db: own, file, clock, random })
      },
      createMany: (refs: readonly KeyRef[]) => keys.createMany(refs),
      destroyExpiredDayKeys: (now: number) => keys.destroyExpiredDayKeys(now),
      async [Symbol.asyncDispose]() {
        for (const one of databases) await one.close()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  }
})
