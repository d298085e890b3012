import type { Counted, Restated, Restatement, StatedFact } from '@throughline/consent'
import { registerTask } from '@throughline/stream'
import { expect, it } from 'vitest'
import { balance, type Desk, record } from './register-desk.ts'

const day = 24 * 3_600_000

/** What every register promises of sources that tell everything again each month. */
export function restateFeatures(open: () => Promise<Desk>): void {
  it('tells an episode once, and nothing when the same file comes again', async () => {
    await using desk = await open()
    const first = await restate(desk, episode({ row: { start: 'May', end: null } }))
    expect(first).toEqual({ rows: ['changed'], events: ['TreatmentStarted'] })
    const again = await restate(desk, episode({ row: { start: 'May', end: null } }))
    expect(again).toEqual({ rows: ['unchanged'], events: [] })
    expect(await sent(desk)).toEqual(['start v1 May'])
    expect(await ledgerOf(desk)).toEqual({ received: 2, published: 1, unchanged: 1 })
  })

  it('does not look into rows that it knows', async () => {
    await using desk = await open()
    await restate(desk, episode({ row: { start: 'May' } }))
    const says = () => {
      throw new Error('looked into')
    }
    const same = { ...episode({ row: { start: 'May' } }), says }
    expect((await restate(desk, same)).rows).toEqual(['unchanged'])
  })

  it('tells a changed fact as the next version of the same event, and only that', async () => {
    await using desk = await open()
    await restate(desk, episode({ row: { start: 'May', end: 'June' } }))
    const changed = await restate(desk, episode({ row: { start: 'May', end: 'July' } }))
    expect(changed.events).toEqual(['TreatmentEnded'])
    expect(await sent(desk)).toEqual(['start v1 May', 'end v1 June', 'end v2 July'])
  })

  it('takes back an end that is no longer stated, and tells a later one above it', async () => {
    await using desk = await open()
    for (const end of ['June', null, null, 'August', 'June']) {
      await restate(desk, episode({ row: { start: 'May', end } }))
    }
    expect(await sent(desk)).toEqual([
      'start v1 May',
      'end v1 June',
      'end v1 taken back',
      'end v2 August',
      'end v3 June',
    ])
  })

  it('takes no row for known that was last said otherwise', async () => {
    await using desk = await open()
    const said = async (start: string) => (await restate(desk, episode({ row: { start } }))).rows
    expect([await said('May'), await said('June'), await said('May')]).toEqual([
      ['changed'],
      ['changed'],
      ['changed'],
    ])
    expect(await sent(desk)).toEqual(['start v1 May', 'start v2 June', 'start v3 May'])
  })

  it('knows the rows of one episode in any order, apart or together', async () => {
    await using desk = await open()
    const [one, two] = [{ start: 'May' }, { start: 'May', review: 'good' }]
    await restate(desk, episode({ one }))
    await restate(desk, episode({ two }))
    expect((await restate(desk, episode({ two, one }))).rows).toEqual(['unchanged', 'unchanged'])
    expect((await restate(desk, episode({ one }))).rows).toEqual(['unchanged'])
  })

  it('forgets the rows from before a correction: one of them may come back', async () => {
    await using desk = await open()
    await restate(desk, episode({ one: { start: 'May', end: 'June' } }))
    await restate(desk, episode({ two: { start: 'May', end: null } }))
    await restate(desk, episode({ one: { start: 'May', end: 'June' } }))
    expect((await sent(desk)).slice(1)).toEqual(['end v1 June', 'end v1 taken back', 'end v2 June'])
  })

  it('calls the same row twice in one file a duplicate', async () => {
    await using desk = await open()
    const one = episode({ row: { start: 'May' } })
    const twice = { ...one, rows: [...one.rows, ...one.rows] }
    expect((await restate(desk, twice)).rows).toEqual(['changed', 'duplicate'])
  })

  it('is told once where the same file comes twice at once', async () => {
    await using desk = await open()
    const file = () => restate(desk, episode({ row: { start: 'May', end: 'June' } }))
    const answers = await Promise.all([file(), file(), file()])
    const rows = answers.map((answer) => answer.rows[0])
    expect(rows.filter((row) => row === 'changed')).toHaveLength(1)
    expect(rows.filter((row) => row === 'unchanged')).toHaveLength(2)
    expect(await sent(desk)).toEqual(['start v1 May', 'end v1 June'])
  })

  it('tells again, when somebody agrees, what was told before', async () => {
    await using desk = await open()
    const file = episode({ row: { start: 'May', end: 'June' } })
    await restate(desk, file)
    await claim(desk, 'ann', 'client ann')
    expect((await restate(desk, file)).events).toEqual(['TreatmentStarted', 'TreatmentEnded'])
    expect((await restate(desk, file)).rows).toEqual(['unchanged'])
    expect((await sent(desk)).slice(2)).toEqual(['start v2 May', 'end v2 June'])
  })

  it('keeps to itself what nobody claims, where unclaimed facts are dropped', async () => {
    await using desk = await open()
    const file = { ...episode({ row: { start: 'May' } }), unclaimed: 'drop' as const }
    expect((await restate(desk, file)).rows).toEqual(['changed'])
    expect(await sent(desk)).toEqual([])
    await claim(desk, 'ann', 'client ann')
    await restate(desk, file)
    expect(await sent(desk)).toEqual(['start v2 May'])
    expect(balance(await desk.register.ledger())).toEqual([])
  })

  it('takes everything back from whom it was told of, when it is of somebody else', async () => {
    await using desk = await open()
    await restate(desk, episode({ row: { start: 'May', end: 'June' } }, 'client ann'))
    await restate(desk, episode({ row: { start: 'May', end: 'July' } }, 'client ann'))
    await restate(desk, episode({ row: { start: 'May', end: 'July' } }, 'client bob'))
    expect((await sent(desk)).slice(3)).toEqual([
      'all v2 taken back',
      'start v3 May',
      'end v3 July',
    ])
  })

  it('counts what is only counted, and the ledger adds up', async () => {
    await using desk = await open()
    const refusals: Counted = { agency: 'custody', outcome: 'counted-only', reason: '', count: 3 }
    await desk.register.restate([episode({ row: { start: 'May' } })], [refusals])
    await restate(desk, episode({ row: { start: 'May', note: 'not read' } }))
    const ledger = { received: 5, published: 1, ignored: 1, 'counted-only': 3 }
    expect(await ledgerOf(desk)).toEqual(ledger)
    expect(balance(await desk.register.ledger())).toEqual([])
  })

  it('forgets what has not been seen for 400 days, and nothing that has', async () => {
    await using desk = await open()
    const seen = episode({ row: { start: 'May' } })
    const unseen = { ...episode({ row: { start: 'May' } }, 'client bob'), key: 'another' }
    await desk.register.restate([seen, unseen])
    for (const passed of [100, 200, 300]) {
      await desk.clock.advanceTo(desk.register.now() + 100 * day)
      expect((await restate(desk, seen)).rows, String(passed)).toEqual(['unchanged'])
    }
    await desk.clock.advanceTo(desk.register.now() + 100 * day)
    await desk.register.sweep()
    expect((await restate(desk, seen)).rows).toEqual(['unchanged'])
    expect((await restate(desk, unseen)).rows).toEqual(['changed'])
  })

  it('knows after a restart what was said before, by hashes alone', async () => {
    await using desk = await open()
    await restate(desk, episode({ row: { start: 'May' } }))
    const next = await desk.restarted()
    expect((await restate(next, episode({ row: { start: 'May' } }))).rows).toEqual(['unchanged'])
  })
}

type Row = Readonly<Record<string, string | null>>

/** One episode as a file tells it; `start`, `end` and `review` are facts, anything else is not read. */
function episode(rows: Readonly<Record<string, Row>>, identifier = 'client ann'): Restatement {
  const stated = Object.assign({}, ...Object.values(rows)) as Row
  return {
    agency: 'custody',
    system: 'test',
    key: 'episode',
    rows: Object.values(rows).map((row) => `hash of ${identifier} ${JSON.stringify(row)}`),
    unclaimed: 'hold',
    says: () => ({
      identifiers: [identifier],
      rowKeys: Object.keys(rows),
      facts: Object.entries(types).flatMap(([name, type]) =>
        stated[name] === undefined ? [] : [fact(name, type, stated[name])],
      ),
      disown: ({ version, receivedAt }) => record(`all v${version} taken back`)(receivedAt),
    }),
  }
}

const types = { start: 'TreatmentStarted', end: 'TreatmentEnded', review: 'TreatmentReviewed' }

const fact = (name: string, type: string, said: string | null): StatedFact => ({
  eventId: `event ${name}`,
  type,
  contentHash: said === null ? null : `hash of ${said}`,
  tell: ({ version, receivedAt }) => record(`${name} v${version} ${said}`)(receivedAt),
  takeBack: ({ version, receivedAt }) => record(`${name} v${version} taken back`)(receivedAt),
})

async function restate({ register }: Desk, one: Restatement): Promise<Restated> {
  const [answer] = await register.restate([one])
  return answer as Restated
}

const claim = ({ register }: Desk, personId: string, identifier: string) =>
  register.change({
    kind: 'record-consent',
    personId,
    isNew: true,
    expectedVersion: null,
    state: 'given',
    identifiers: [identifier],
    grants: [],
    sealed: Uint8Array.of(1),
    by: 'lp-1',
  })

/** What the register's relay would send, in order. */
async function sent({ store }: Desk): Promise<readonly string[]> {
  const task = await store.open(registerTask)
  return (await task.outbox(1000))
    .flatMap(({ records }) => records)
    .filter(({ topic }) => topic === 'agency.custody.v1')
    .map(({ id }) => id.replace(/ at \d+$/, ''))
}

async function ledgerOf({ register }: Desk): Promise<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { outcome, count } of await register.ledger()) {
    sums[outcome] = (sums[outcome] ?? 0) + count
  }
  return sums
}
