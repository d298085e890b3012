import { expect, it } from 'vitest'
import { steppedClock, systemClock } from './clock.ts'

it('wakes those who wait in the order of their times, each at its own time', async () => {
  const clock = steppedClock(0)
  const woken: [string, number][] = []
  const sleep = (name: string, at: number) =>
    clock.until(at).then(() => woken.push([name, clock.now()]))
  void sleep('noon', 12)
  void sleep('nine', 9)
  void sleep('tomorrow', 24)
  await clock.advanceTo(20)
  expect(woken).toEqual([
    ['nine', 9],
    ['noon', 12],
  ])
  expect(clock.nextAt()).toBe(24)
})

it('wakes somebody who goes back to sleep on the way', async () => {
  const clock = steppedClock(0)
  const woken: number[] = []
  const daily = async () => {
    for (let at = 5; at <= 15; at += 5) {
      await clock.until(at)
      woken.push(clock.now())
    }
  }
  void daily()
  await clock.advanceTo(12)
  expect(woken).toEqual([5, 10])
})

it('lets go of a sleeper whose wait is called off', async () => {
  const clock = steppedClock(0)
  const calledOff = new AbortController()
  const slept = clock.until(9, calledOff.signal)
  calledOff.abort()
  await slept
  expect(clock.nextAt()).toBeNull()
})

it('reads the machine and waits on it', async () => {
  const clock = systemClock()
  const start = clock.now()
  await clock.until(start + 5)
  expect(clock.now()).toBeGreaterThanOrEqual(start + 5)
})
