import type { KeyRef, Keys, OpenedKey, SteppedClock } from '@throughline/stream'
import { describe, expect, it } from 'vitest'

export interface KeysDesk extends AsyncDisposable {
  readonly keys: Keys
  readonly clock: SteppedClock
  /** Another process on the same keys, where the keys can be shared at all. */
  another?(): Promise<Keys>
  /** Makes many, or none; what keeps keys for longer than a process offers it. */
  createMany?(refs: readonly KeyRef[]): Promise<void>
  destroyExpiredDayKeys?(now: number): number | Promise<number>
}

export const start = Date.UTC(2026, 0, 5, 9)
const dayMs = 86_400_000

/** What every store of keys promises. */
export function keysFeatures(open: () => Promise<KeysDesk>): void {
  it('opens what it made, and makes the same key only once', async () => {
    await using desk = await open()
    const made = await desk.keys.create('person:ann')
    expect(bytesOf(await desk.keys.create('person:ann'))).toEqual(bytesOf(made))
    expect(bytesOf(await openOne(desk.keys, 'person:ann'))).toEqual(bytesOf(made))
  })

  it('calls a person erased of whom it knows no key', async () => {
    await using desk = await open()
    expect(await desk.keys.open(['person:nobody'])).toEqual(new Map([['person:nobody', 'erased']]))
  })

  it('never makes the key of an erased person again', async () => {
    await using desk = await open()
    await desk.keys.create('person:ann')
    await desk.keys.destroy('person:ann', start)
    await desk.keys.destroy('person:ann', start + 1)
    expect(await openOne(desk.keys, 'person:ann')).toBe('erased')
    await expect(desk.keys.create('person:ann')).rejects.toMatchObject(destroyed)
  })

  it('may be told to destroy a key that was never made', async () => {
    await using desk = await open()
    await desk.keys.destroy('person:ann', start)
    await expect(desk.keys.create('person:ann')).rejects.toMatchObject(destroyed)
  })

  it('gives everybody who asks at once the same key', async () => {
    await using desk = await open()
    const made = await Promise.all(Array.from({ length: 8 }, () => desk.keys.create('person:ann')))
    expect(new Set(made.map((one) => bytesOf(one).toString('hex'))).size).toBe(1)
  })

  it('tells erased people from others when many are asked for', async () => {
    await using desk = await open()
    await desk.keys.create('person:ann')
    await desk.keys.create('person:bob')
    await desk.keys.destroy('person:bob', start)
    const opened = await desk.keys.open(['person:ann', 'person:bob', 'person:ann'])
    expect([...opened].map(([ref, one]) => [ref, one === 'erased'])).toEqual([
      ['person:ann', false],
      ['person:bob', true],
    ])
  })
}

/** What a store of keys promises besides that outlives its process. */
export function sharedKeysFeatures(
  open: () => Promise<Required<Omit<KeysDesk, keyof AsyncDisposable>> & AsyncDisposable>,
): void {
  describe('shared', () => {
    it('opens what another process made, and gives both the key that was made first', async () => {
      await using desk = await open()
      const other = await desk.another()
      const [mine, theirs] = await Promise.all([
        desk.keys.create('person:ann'),
        other.create('person:ann'),
      ])
      expect(bytesOf(mine)).toEqual(bytesOf(theirs))
    })

    it('forgets an opened key after a minute: another process may have destroyed it', async () => {
      await using desk = await open()
      await desk.keys.create('person:ann')
      await (await desk.another()).destroy('person:ann', start)
      await desk.clock.advanceTo(start + 60_000)
      expect(await openOne(desk.keys, 'person:ann')).toBe('erased')
      await expect(desk.keys.create('person:ann')).rejects.toMatchObject(destroyed)
    })

    it('makes the keys of a whole caseload at once, or of nobody in it', async () => {
      await using desk = await open()
      await desk.createMany(['person:bob', 'person:ann', 'person:bob'])
      expect(await openOne(await desk.another(), 'person:bob')).not.toBe('erased')
      await desk.keys.destroy('person:cy', start)
      await expect(desk.createMany(['person:dee', 'person:cy'])).rejects.toMatchObject(destroyed)
      expect(await openOne(desk.keys, 'person:dee')).toBe('erased')
    })

    it('destroys the key of a day seven days after it ended, and no earlier', async () => {
      await using desk = await open()
      await desk.keys.create('day:2026-01-05')
      await desk.keys.create('day:2026-01-06')
      await desk.keys.create('person:ann')
      const dayEnds = Date.UTC(2026, 0, 6)
      expect(await desk.destroyExpiredDayKeys(dayEnds + 7 * dayMs - 1)).toBe(0)
      expect(await desk.destroyExpiredDayKeys(dayEnds + 7 * dayMs)).toBe(1)
      expect(await openOne(desk.keys, 'day:2026-01-05')).toBe('erased')
      expect(await openOne(desk.keys, 'day:2026-01-06')).not.toBe('erased')
      expect(await openOne(desk.keys, 'person:ann')).not.toBe('erased')
      expect(await desk.destroyExpiredDayKeys(dayEnds + 7 * dayMs)).toBe(0)
    })
  })
}

const destroyed = { code: 'HUB_KEY_UNAVAILABLE' }

export const openOne = async (keys: Keys, ref: KeyRef): Promise<OpenedKey | 'erased'> =>
  (await keys.open([ref])).get(ref) as OpenedKey | 'erased'

const bytesOf = (opened: OpenedKey | 'erased'): Buffer =>
  opened === 'erased' ? Buffer.alloc(0) : opened.key.export()
