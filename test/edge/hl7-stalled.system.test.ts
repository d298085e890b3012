import { expect, it } from 'vitest'
import { newcomers } from '../journeys/events.ts'
import { adt } from './adt.ts'
import { openDoor } from './door.ts'
import { framed } from './engine.ts'

it('HL7-2: a message that stops half way is given up on after half a minute, without an answer', async () => {
  await using door = await openDoor({ from: '2026-03-02T09:00:00Z' })
  const person = newcomers(921)()
  using stalled = await door.engine()
  await stalled.write(framed(adt(person, 'HALF')).subarray(0, -2))
  using other = await door.engine()
  expect(await other.hears(adt(person, 'WHOLE'))).toBe('AA WHOLE')
  const since = performance.now()
  await stalled.closed
  expect(await stalled.answers(1)).toEqual([])
  expect(performance.now() - since).toBeGreaterThan(25_000)
  expect(await door.counted()).toMatchObject({ received: 1 })
  // A connection that is only quiet stays.
  expect(await other.hears(adt(person, 'STILL'))).toBe('AA STILL')
  await door.stillWell()
})
