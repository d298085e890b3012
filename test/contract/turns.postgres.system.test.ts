import { PostgresTurns } from '@throughline/stream'
import { beforeAll, expect, it } from 'vitest'
import { describeOnPostgres } from '../backends/postgres-suite.ts'

describeOnPostgres('turns', (postgres) => {
  let url: string
  beforeAll(async () => {
    url = await postgres.newDatabase()
  })

  it('give each duty to one process, and to the next when that one gives it back', async () => {
    await using one = new PostgresTurns(url)
    await using other = new PostgresTurns(url)
    const mine = duty()
    const theirs = duty()
    const held = await one.take('seal', mine.begin)
    await other.take('seal', theirs.begin)
    expect([mine.on(), theirs.on()]).toEqual([true, false])
    await held.stop()
    expect(mine.on()).toBe(false)
    await expect.poll(() => theirs.on(), { timeout: 10_000 }).toBe(true)
  })

  it('let two duties lie with two processes', async () => {
    await using one = new PostgresTurns(url)
    await using other = new PostgresTurns(url)
    const [relay, house] = [duty(), duty()]
    await one.take('relay', relay.begin)
    await other.take('keep house', house.begin)
    expect([relay.on(), house.on()]).toEqual([true, true])
  })

  it('end with the connection that held them, and come back to somebody', async () => {
    await using one = new PostgresTurns(url)
    const mine = duty()
    await one.take('seal', mine.begin)
    await postgres.server().cutConnections(url)
    await expect.poll(() => mine.begun(), { timeout: 10_000 }).toBe(2)
    expect([mine.on(), mine.atOnce()]).toEqual([true, 1])
  })
})

/** Work that knows whether it is being done, and how often at once. */
function duty() {
  let now = 0
  let most = 0
  let begun = 0
  return {
    begin: async () => {
      begun += 1
      most = Math.max(most, (now += 1))
      return {
        async stop() {
          now -= 1
        },
      }
    },
    on: () => now > 0,
    atOnce: () => most,
    begun: () => begun,
  }
}
