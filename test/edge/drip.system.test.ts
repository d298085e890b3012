import { expect, it } from 'vitest'
import { head, openDoor, police } from './door.ts'

it('HTTP-11: a sender that drips its body is given up on after half a minute', async () => {
  await using door = await openDoor({ from: '2026-03-02T09:00:00Z' })
  const answer = await door.raw(
    `${head(door.hub, police, 'Content-Length: 100')}\r\n`,
    ...Array.from({ length: 40 }, () => ['{', { waitMs: 1_000 }]).flat(),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  await door.stillWell()
})
