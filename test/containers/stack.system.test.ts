import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Credentials } from '../demo/hub-process.ts'
import { madeUpPeople, type Person } from '../people/people.ts'
import { type Stack, startStack, whyNoStack } from './stack.ts'
import { type Town, townAt } from './town.ts'

const missing = whyNoStack()
const [before, after] = madeUpPeople(1, 2) as [Person, Person]

describe.skipIf(missing !== null)(`docker-compose.yml${missing ? `: ${missing}` : ''}`, () => {
  let stack: Stack
  let town: Town
  beforeAll(async () => {
    stack = await startStack({ COUNTY_PEOPLE: '12', COUNTY_DAYS: '15' })
  }, 400_000)
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]()
    expect(await stack?.left()).toEqual([])
  }, 120_000)

  it('brings up services that are all well, and a county in which nothing differs', async () => {
    const [said] = await Promise.all([stack.once('county'), stack.untilWell()])
    expect(said).toMatch(/differences from the truth\n +in all +0\b/)
  }, 400_000)

  it('tells a practitioner of a release that custody’s own service takes', async () => {
    const { hub, custody } = stack
    const file = '/secrets/credentials/credentials.json'
    const credentials = JSON.parse(await stack.once('secrets', 'cat', file)) as Credentials
    town = townAt({ hub, custody, credentials })
    for (const person of [before, after]) await town.agree(person)
    await town.release(before)
    await town.told(before)
  }, 300_000)

  it('and of the next, though the services on its way are killed', async () => {
    await Promise.all(['custody', 'link', 'notify'].map((service) => stack.crash(service)))
    await town.release(after)
    await town.told(after)
    await stack.untilWell()
  }, 600_000)
})
