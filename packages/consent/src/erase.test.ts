import { MemoryDatabase, steppedClock } from '@throughline/stream'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { describe, expect, it } from 'vitest'
import { erasePerson, finishErasures } from './erase.ts'
import { createMemoryRegister } from './memory-register.ts'
import { openPerson, type SealedPerson, sealPerson } from './sealed-person.ts'

const start = Date.UTC(2026, 0, 5, 9)

const corwin: SealedPerson = {
  displayName: 'Corwin F.',
  identifiers: [{ type: 'NHS', value: '9990000115' }],
  ownWords: "Please don't ring before noon.",
  safeContact: { ok: ['letter-to-service'], never: ['voicemail'], reviewBy: '2026-07-05' },
}

describe('what a person told us of themselves', () => {
  it('opens under their key, and is not readable without it', async () => {
    const { keys, random } = await hub()
    const key = await keys.create('person:ann')
    const sealed = sealPerson('ann', corwin, key, random)
    expect(openPerson('ann', sealed, key)).toEqual(corwin)
    expect(Buffer.from(sealed).includes('Corwin')).toBe(false)
  })

  it('opens for nobody else, and not when a bit of it was changed', async () => {
    const { keys, random } = await hub()
    const key = await keys.create('person:ann')
    const sealed = sealPerson('ann', corwin, key, random)
    const damaged = Uint8Array.from(sealed, (byte, i) => (i === 20 ? byte ^ 1 : byte))
    const fault = expect.objectContaining({ code: 'HUB_LOG_ENTRY_DAMAGED' })
    expect(() => openPerson('bob', sealed, key)).toThrow(fault)
    expect(() => openPerson('ann', damaged, key)).toThrow(fault)
    expect(() => openPerson('ann', new Uint8Array(0), key)).toThrow(fault)
  })
})

describe('an erasure', () => {
  it('takes the key with it', async () => {
    const { register, keys } = await hub()
    const answer = await erasePerson({ register, keys, personId: 'ann', by: 'person' })
    expect(answer).toMatchObject({ ok: true, state: 'erased' })
    expect((await keys.open(['person:ann'])).get('person:ann')).toBe('erased')
  })

  it('of somebody unknown destroys nothing', async () => {
    const { register, keys } = await hub()
    const answer = await erasePerson({ register, keys, personId: 'nobody', by: 'person' })
    expect(answer).toEqual({ ok: false, reason: 'not-found' })
  })

  it('that stopped before the key was gone is ended at the next start', async () => {
    const { register, keys } = await hub()
    keys.available = false
    await expect(
      erasePerson({ register, keys, personId: 'ann', by: 'person' }),
    ).rejects.toMatchObject({ code: 'HUB_KEY_UNAVAILABLE' })
    // Nothing is shown of them from the moment they asked, whatever the keys do.
    expect(await register.person('ann')).toMatchObject({ status: 'erased' })
    keys.available = true
    await finishErasures(register, keys)
    expect((await keys.open(['person:ann'])).get('person:ann')).toBe('erased')
  })
})

async function hub() {
  const random = seeded(1).bytes
  const keys = memoryKeys(random)
  const register = createMemoryRegister({
    database: new MemoryDatabase(),
    clock: steppedClock(start),
  })
  const key = await keys.create('person:ann')
  await register.change({
    kind: 'record-consent',
    personId: 'ann',
    isNew: true,
    expectedVersion: null,
    state: 'given',
    identifiers: ['NHS ann'],
    grants: [],
    sealed: sealPerson('ann', corwin, key, random),
    by: 'lp-1',
  })
  return { register, keys, random }
}
