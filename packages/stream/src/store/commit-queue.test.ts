import { expect, it } from 'vitest'
import { CommitQueue } from './commit-queue.ts'
import { openHubDatabase } from './sqlite-database.ts'

it('keeps what others wrote in the same turn when one of them fails half-way', async () => {
  const { desk, put, kept } = open()
  const outcomes = await Promise.allSettled([
    desk.submit(pass, () => put('ann')),
    desk.submit(pass, () => {
      put('bob')
      throw new Error('torn')
    }),
    desk.submit(pass, () => put('cat')),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(kept()).toEqual(['ann', 'cat'])
})

it('writes nothing of what may not be written, and asks on top of what came before', async () => {
  const { desk, put, kept } = open()
  const unlessAnn = () => {
    if (kept().includes('ann')) throw new Error('too late')
  }
  const outcomes = await Promise.allSettled([
    desk.submit(pass, () => put('ann')),
    desk.submit(unlessAnn, () => put('bob')),
  ])
  expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { message: 'too late' } })
  expect(kept()).toEqual(['ann'])
})

it('asks again once what stood in the way has failed', async () => {
  const { desk, put, kept } = open()
  const alone = () => {
    if (kept().length > 0) throw new Error('too late')
  }
  const outcomes = await Promise.allSettled([
    desk.submit(pass, () => {
      put('ann')
      throw new Error('torn')
    }),
    desk.submit(alone, () => put('bob')),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(kept()).toEqual(['bob'])
})

const pass = () => {}

function open() {
  const db = openHubDatabase(':memory:')
  db.exec('CREATE TABLE said (name TEXT PRIMARY KEY)')
  return {
    desk: new CommitQueue(db),
    put: (name: string) => db.prepare('INSERT INTO said VALUES (?)').run(name),
    kept: () =>
      db
        .prepare('SELECT name FROM said ORDER BY name')
        .all()
        .map(({ name }) => name),
  }
}
