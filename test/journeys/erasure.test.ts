import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openHubFiles } from '@throughline/consent'
import { keyRefOf, steppedClock, systemRandom } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { arrested, moved, newcomers, noms, pnc } from './events.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { bytesOf } from './left-behind.ts'

const newcomer = newcomers(808)

/** Two people with the same life; the first is to be erased, the second stays. */
async function twoLives(hub: TestHub) {
  const [ann, bea] = [newcomer(), newcomer()]
  const ids: string[] = []
  await hub.passTo('2026-01-06T10:00:00Z')
  for (const person of [ann, bea]) {
    const { personId } = await hub.consent({
      identifiers: [noms(person), pnc(person)],
      displayName: person.displayName,
      ownWords: `Ask for ${person.displayName}.`,
      deputies: ['lp-2'],
    })
    ids.push(personId)
    await hub.custody(moved(person, 'released', '2026-01-06T09:30:00Z'))
    await hub.police(arrested(person, '2026-01-06T09:50:00Z'))
  }
  const [annId = '', beaId = ''] = ids
  await hub.inboxOf('lp-1')
  await hub.story('lp-1', annId)
  return { ann, bea, annId, beaId }
}

function wrappedKey(data: string, personId: string): Uint8Array | null {
  using keys = new DatabaseSync(join(data, 'keys.db'), { readOnly: true })
  const row = keys.prepare('SELECT wrapped FROM keys WHERE ref = ?').get(`person:${personId}`)
  return (row?.['wrapped'] as Uint8Array | null | undefined) ?? null
}

describe('somebody who is erased', () => {
  it('is gone from every page, and what is left of them opens no more', async () => {
    await using hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    const { ann, annId, beaId } = await twoLives(hub)
    const key = wrappedKey(hub.data, annId)
    expect(key).not.toBeNull()

    const erased = await hub.ask('operator', 'POST', `/consents/${annId}/erasure`)
    expect([erased.status, erased.body]).toEqual([200, { personId: annId, state: 'erased' }])
    await hub.idle()

    for (const practitioner of ['lp-1', 'lp-2']) {
      const notices = await hub.inboxOf(practitioner, 'any')
      expect(notices.filter(({ personId }) => personId === annId)).toEqual([])
      expect(await hub.story(practitioner, annId)).toBeUndefined()
    }
    for (const path of ['', '/disclosures', '/receipt'])
      expect((await hub.ask('register', 'GET', `/consents/${annId}${path}`)).status).toBe(404)
    const page = await hub.ask('lp-1', 'GET', `/people/${annId}`, undefined, {
      accept: 'text/html',
    })
    expect(page.status).toBe(404)
    const list = await hub.ask('register', 'GET', '/consents', undefined, { accept: 'text/html' })
    expect(list.text).not.toContain(ann.displayName)

    // Whoever lives on is untouched.
    expect((await hub.story('lp-1', beaId))?.lines).toHaveLength(2)

    // What custody sends about them from now on reaches nobody.
    await hub.passTo('2026-01-07T10:00:00Z')
    await hub.custody(moved(ann, 'admission', '2026-01-07T09:30:00Z'))
    const notices = await hub.inboxOf('lp-1', 'any')
    expect(notices.filter(({ personId }) => personId === annId)).toEqual([])

    // Once the inbound retention is over, no key is left that opens anything of theirs.
    await hub.passTo('2026-01-16T10:00:00Z')
    const left = await bytesOf(hub)
    expect(left.records('agency.custody.v1')).toBe(0)
    for (const text of [ann.displayName, ann.noms, ann.pnc]) expect(left.mention(text)).toEqual([])
    await hub.close()
    for (const file of ['keys.db', 'keys.db-wal']) {
      expect(bytesIn(join(hub.data, file)).includes(Buffer.from(key ?? []))).toBe(false)
    }
    await using files = await openHubFiles({
      data: hub.data,
      partnership: 'testshire',
      makeKeys: false,
      clock: steppedClock(Date.parse('2026-01-16T10:00:00Z')),
      random: systemRandom(),
    })
    const opened = await files.keys.open([`person:${annId}`, `person:${beaId}`])
    expect(opened.get(`person:${annId}`)).toBe('erased')
    expect(opened.get(`person:${beaId}`)).not.toBe('erased')
    const sealedFor = new Set<string>()
    for (const topic of ['person.events.v1', 'person.stories.v1', 'practitioner.notices.v1']) {
      for (let partition = 0; partition < 12; partition += 1) {
        const { start } = await files.log.bounds(topic, partition)
        for await (const batch of files.log.read(topic, partition, start)) {
          for (const record of batch) {
            if (record.key !== annId || record.value === null) continue
            sealedFor.add(keyRefOf(record) ?? 'nothing')
          }
        }
      }
    }
    // Everything on the log about them is under that one key, or is no content at all.
    expect([...sealedFor]).toEqual([`person:${annId}`])
  })

  it('stays erased when an old copy of the keys is put back', async () => {
    await using hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    const { annId } = await twoLives(hub)
    const backup = join(hub.data, 'keys.backup')
    await hub.restart(() => copyFileSync(join(hub.data, 'keys.db'), backup))
    expect((await hub.ask('operator', 'POST', `/consents/${annId}/erasure`)).status).toBe(200)
    await hub.restart(() => {
      for (const ending of ['-wal', '-shm'])
        rmSync(join(hub.data, `keys.db${ending}`), { force: true })
      copyFileSync(backup, join(hub.data, 'keys.db'))
      expect(wrappedKey(hub.data, annId)).not.toBeNull()
    })
    expect(wrappedKey(hub.data, annId)).toBeNull()
  })
})

function bytesIn(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
