import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { topicOf } from '@throughline/schemas'
import { openSqliteLog, systemClock } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { arrested, moved, newcomers, noms, pnc } from './events.ts'
import { type Seen, startTestHub, type TestHub } from './hub.ts'

const newcomer = newcomers(707)
const practitioners = ['lp-1', 'lp-2', 'lp-3', 'rx-1', 'duty-1']

/** A few weeks of several people: releases, a death, an arrest, a return, deeds, a withdrawal. */
async function someWeeks(hub: TestHub): Promise<readonly string[]> {
  const people = Array.from({ length: 5 }, newcomer) as [P, P, P, P, P]
  const [ann, bea, cy, di, ed] = people
  const ids: string[] = []
  for (const [place, person] of people.entries()) {
    const { personId } = await hub.consent({
      identifiers: [noms(person), pnc(person)],
      lead: `lp-${(place % 2) + 1}`,
      deputies: ['lp-3'],
      recipients: ['lead-practitioner', 'prescriber', 'duty'],
    })
    ids.push(personId)
  }
  await hub.passTo('2026-01-06T10:00:00Z')
  await hub.custody(moved(ann, 'released', '2026-01-06T09:30:00Z', { family: 'search' }))
  await hub.passTo('2026-01-06T10:20:00Z')
  await hub.custody(moved(ann, 'released', '2026-01-06T09:30:00Z'))
  await hub.police(arrested(bea, '2026-01-06T09:40:00Z', { prescription: 'YES' }))
  await hub.passTo('2026-01-09T10:00:00Z')
  await hub.custody(moved(cy, 'released', '2026-01-09T09:30:00Z', { family: 'search' }))
  await hub.custody(moved(cy, 'released', '2026-01-09T09:30:00Z', { code: 'DEC' }))
  await hub.custody(moved(di, 'released', '2026-01-09T09:30:00Z'))
  await hub.custody(moved(ed, 'court-out', '2026-01-09T07:30:00Z', { code: 'CRT' }))
  const [first] = (await hub.inboxOf('lp-1')).filter(({ rule }) => rule === 'release')
  await hub.contact('lp-1', first?.noticeId ?? '', 'spoken')
  await hub.passTo('2026-01-12T10:00:00Z')
  await hub.custody(moved(di, 'admission', '2026-01-12T09:30:00Z', { code: 'L' }))
  await hub.withdraw(ids[4] ?? '')
  await hub.passTo('2026-01-12T18:00:00Z')
  return ids
}

type P = ReturnType<typeof newcomer>

/** All that anybody can read, without how often it was written. */
async function everything(hub: TestHub, people: readonly string[]) {
  const notices: Omit<Seen, 'version'>[] = []
  for (const one of practitioners) {
    for (const { version: _, ...notice } of await hub.inboxOf(one, 'any')) notices.push(notice)
  }
  const stories = []
  for (const personId of people) stories.push(await hub.story('lp-1', personId))
  return { notices: notices.toSorted((a, b) => (a.noticeId < b.noticeId ? -1 : 1)), stories }
}

/** Forgets all that processors have worked out; register, keys and logs stay. */
function forgetWhatWasWorkedOut(data: string): void {
  using db = new DatabaseSync(join(data, 'hub.db'))
  db.exec(`
    DELETE FROM view_row; DELETE FROM state; DELETE FROM timer; DELETE FROM scope;
    DELETE FROM index_entry; DELETE FROM counter; DELETE FROM parked; DELETE FROM position;
    DELETE FROM outbox WHERE task IN (SELECT id FROM task WHERE processor <> 'register');
    DELETE FROM task WHERE processor <> 'register';
  `)
}

async function noticeIdsOnTheLog(data: string): Promise<ReadonlySet<string>> {
  const topic = topicOf('practitioner.notices.v1')
  await using log = await openSqliteLog({ path: join(data, 'log.db'), clock: systemClock() })
  const ids = new Set<string>()
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    for await (const records of log.read(topic.name, partition, 0n)) {
      for (const { id } of records) ids.add(id)
    }
  }
  return ids
}

describe('a hub that is stopped and started', () => {
  it('in the middle of several lives goes on as if it had not been', async () => {
    await using hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    await using calm = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    const ann = newcomer()
    const brief = async (one: TestHub) =>
      (await one.inboxOf('lp-1', 'any')).map(({ rule, state, learnedAt, dueAt, headline }) => ({
        rule,
        state,
        learnedAt,
        dueAt,
        headline,
      }))
    for (const one of [hub, calm]) {
      const restart = () => (one === hub ? one.restart() : undefined)
      await one.consent({ identifiers: [noms(ann)] })
      await restart()
      await one.passTo('2026-01-06T10:00:00Z')
      const at = '2026-01-06T09:30:00Z'
      await one.custody(moved(ann, 'released', at, { family: 'search' }))
      await restart()
      await one.passTo('2026-01-06T10:45:00Z')
      expect(await one.custody(moved(ann, 'released', at, { family: 'search' }))).toMatchObject([
        { outcome: 'duplicate' },
      ])
      await one.custody(moved(ann, 'released', at))
      await restart()
      await one.passTo('2026-01-12T10:45:00Z')
      await restart()
      const [release] = (await one.inboxOf('lp-1')).filter(({ rule }) => rule === 'release')
      await one.contact('lp-1', release?.noticeId ?? '', 'seen')
      await restart()
      await one.passTo('2026-02-12T10:45:00Z')
    }
    expect(await brief(hub)).toEqual(await brief(calm))
    expect(await brief(calm)).toHaveLength(5)
  })

  it('with timers due while it was down fires each of them once', async () => {
    await using hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    const ann = newcomer()
    await hub.consent({ identifiers: [noms(ann)] })
    await hub.passTo('2026-01-06T10:00:00Z')
    await hub.custody(moved(ann, 'released', '2026-01-06T09:30:00Z'))
    await hub.restart()
    await hub.restart()
    await hub.passTo('2026-02-20T10:00:00Z')
    await hub.restart()
    const rules = (await hub.inboxOf('lp-1', 'any')).map(({ rule }) => rule)
    expect(rules.toSorted()).toEqual(['release', ...Array(4).fill('three-weeks')])
  })
})

describe('a hub that works everything out anew', () => {
  it('from its logs comes to the same notices and stories, and tells nobody anything new', async () => {
    await using hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
    const people = await someWeeks(hub)
    const before = await everything(hub, people)
    const told = await noticeIdsOnTheLog(hub.data)
    expect(before.notices.length).toBeGreaterThan(8)
    await hub.restart(() => forgetWhatWasWorkedOut(hub.data))
    expect(await everything(hub, people)).toEqual(before)
    const again = await noticeIdsOnTheLog(hub.data)
    expect([...again].filter((id) => !told.has(id))).toEqual([])
    // And it goes on from there.
    await hub.passTo('2026-02-20T10:00:00Z')
    const later = await everything(hub, people)
    expect(later.notices.filter(({ rule }) => rule === 'three-weeks').length).toBeGreaterThan(4)
  })
})
