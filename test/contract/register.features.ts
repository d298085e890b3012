import type { Arrival } from '@throughline/consent'
import type { Agreement, Category } from '@throughline/domain'
import { emptyStep, type Loaded, StaleStep } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { maskFeatures } from './masks.features.ts'
import { referralFeatures } from './referrals.features.ts'
import {
  accept,
  agree,
  agreements,
  arrival,
  auditOf,
  balance,
  change,
  claimantOf,
  type Desk,
  day,
  disclosure,
  eventIdsOf,
  gateOne,
  grant,
  hearing,
  hour,
  lead,
  ledgerOf,
  look,
  movement,
  noticed,
  outbox,
  passTo,
  recipient,
  record,
  releasedOf,
  rowsOf,
  sent,
  settled,
  show,
  start,
  taken,
  triggers,
  withdraw,
} from './register-desk.ts'
import { restateFeatures } from './restate.features.ts'

/** What every register promises. A fake that passes may stand in for the real one. */
export function registerFeatures(open: () => Promise<Desk>): void {
  describe('what agencies send', () => acceptance(open))
  describe('what agencies tell again', () => restateFeatures(open))
  describe('what a source asks to be masked', () => maskFeatures(open))
  describe('referrals to a desk', () => referralFeatures(open))
  describe('what people agree to', () => consents(open))
  describe('what may be shown', () => gate(open))
  describe('what is kept', () => keeping(open))
}

function acceptance(open: () => Promise<Desk>): void {
  it('takes a release once, at the time of the register', async () => {
    await using desk = await open()
    const answer = await accept(desk, arrival('release-1'))
    expect(answer).toEqual({
      outcome: 'published',
      eventIds: ['event release-1'],
      events: ['ReleasedFromPrison'],
      receivedAt: start,
    })
    expect(await sent(desk)).toEqual([`event release-1 v1 at ${start}`])
  })

  it('calls the same message a duplicate, and sends nothing twice', async () => {
    await using desk = await open()
    await accept(desk, arrival('release-1'))
    const again = await accept(desk, arrival('release-1'))
    expect(again).toEqual({
      outcome: 'duplicate',
      eventIds: ['event release-1'],
      events: ['ReleasedFromPrison'],
    })
    expect(await sent(desk)).toHaveLength(1)
  })

  it('sees a repeat inside one request', async () => {
    await using desk = await open()
    const both = await desk.register.accept([arrival('release-1'), arrival('release-1')])
    expect(both.map(({ outcome }) => outcome)).toEqual(['published', 'duplicate'])
    expect(await sent(desk)).toHaveLength(1)
  })

  it('takes the next version of a message as news', async () => {
    await using desk = await open()
    await accept(desk, arrival('release-1'))
    const next = await accept(desk, arrival('release-1', { version: 2, contentHash: 'corrected' }))
    expect(next.outcome).toBe('published')
    expect(await sent(desk)).toHaveLength(2)
  })

  it('sets other content under a key that is taken aside, once, for people to look at', async () => {
    await using desk = await open()
    await accept(desk, arrival('release-1'))
    const other = arrival('release-1', { contentHash: 'other', conflict: record('in conflict') })
    expect(await accept(desk, other)).toEqual({
      outcome: 'quarantined',
      reason: 'conflict',
      at: [],
    })
    expect(await accept(desk, other)).toMatchObject({ outcome: 'quarantined', reason: 'conflict' })
    expect(await sent(desk)).toEqual([`event release-1 v1 at ${start}`, `in conflict at ${start}`])
    expect((await accept(desk, arrival('release-1'))).outcome).toBe('duplicate')
  })

  it('keeps nothing about somebody who has not agreed, where the source drops, and says published', async () => {
    await using desk = await open()
    const answer = await accept(desk, arrival('arrest-1', { unclaimed: 'drop' }))
    expect(answer).toEqual({
      outcome: 'published',
      eventIds: ['event arrest-1'],
      events: ['ReleasedFromPrison'],
      receivedAt: start,
    })
    expect(await sent(desk)).toEqual([])
    expect(await ledgerOf(desk)).toEqual({ 'received/': 1, 'dropped-unclaimed/': 1 })
  })

  it('gives an agency the same answers whether the person has agreed or not, also when it sends twice', async () => {
    await using agreed = await open()
    await using stranger = await open()
    await agree(agreed, 'ann', ['NHS ann'])
    const dropped = arrival('arrest-1', { unclaimed: 'drop', identifiers: ['NHS ann'] })
    const other = { ...dropped, contentHash: 'other', conflict: record('in conflict') }
    for (const arriving of [dropped, dropped, other, other, dropped])
      expect(await accept(agreed, arriving)).toEqual(await accept(stranger, arriving))
    await passTo(agreed, start + 7 * day)
    await passTo(stranger, start + 7 * day)
    const [known, unknown] = [await accept(agreed, dropped), await accept(stranger, dropped)]
    expect(known).toMatchObject({ outcome: 'published', eventIds: ['event arrest-1'] })
    expect(unknown).toMatchObject({ outcome: 'published', eventIds: ['event arrest-1'] })
    // To nobody's knowledge but ours, one went out once and the other never.
    expect((await sent(agreed)).filter((line) => line.startsWith('event'))).toHaveLength(1)
    expect((await sent(stranger)).filter((line) => line.startsWith('event'))).toHaveLength(0)
  })

  it('holds what nobody claims where the source is set to hold', async () => {
    await using desk = await open()
    await accept(desk, arrival('release-1', { unclaimed: 'hold', identifiers: ['NOMS nobody'] }))
    expect(await sent(desk)).toHaveLength(1)
  })

  it('never drops a message that names an object and no person', async () => {
    await using desk = await open()
    const cancelled = arrival('cancelled-1', { unclaimed: 'drop', identifiers: [] })
    await accept(desk, cancelled)
    expect(await sent(desk)).toHaveLength(1)
  })

  it('does not remember what it ignored or rejected, but counts it', async () => {
    await using desk = await open()
    const signal: Arrival = {
      ...arrival('signal-1'),
      verdict: { outcome: 'ignored', reason: 'signal' },
    }
    const broken: Arrival = {
      ...arrival('broken-1'),
      verdict: { outcome: 'rejected', reason: 'payload' },
    }
    const answers = await desk.register.accept([signal, signal, broken, broken])
    expect(answers.map(({ outcome }) => outcome)).toEqual([
      'ignored',
      'ignored',
      'rejected',
      'rejected',
    ])
    expect(await sent(desk)).toEqual([])
    expect(await ledgerOf(desk)).toEqual({
      'received/': 4,
      'ignored/signal': 2,
      'rejected/payload': 2,
    })
  })

  it.each([
    ['the search family first', ['search', 'coded']],
    ['the coded family first', ['coded', 'search']],
  ] as const)('makes one movement of two families, %s', async (_, order) => {
    await using desk = await open()
    const families = { search: movement('search', 1, 4_000), coded: movement('coded', 2, 0) }
    const [first, second] = [families[order[0]], families[order[1]]]
    const one = await accept(desk, first)
    const other = await accept(desk, second)
    expect(other).toMatchObject({ outcome: 'published', eventIds: eventIdsOf(one) })
    const versions = (await sent(desk)).map((line) => line.split(' v')[1])
    const expected = { search: `100 at ${start}`, coded: `200 at ${start}` }
    expect(versions).toEqual(order.map((family) => expected[family]))
  })

  it('makes one movement of three families, the third of which does not know the prison', async () => {
    await using desk = await open()
    const ids = new Set<string>()
    for (const arriving of [
      movement('raw', 3, 500, null),
      movement('search', 1, 4_000),
      movement('coded', 2, 0),
      movement('coded again', 2, 1_000),
    ])
      for (const id of eventIdsOf(await accept(desk, arriving))) ids.add(id)
    expect([...ids]).toEqual(['event raw'])
    expect((await sent(desk)).map((line) => line.split(' ').at(-3))).toEqual([
      'v300',
      'v100',
      'v200',
      'v201',
    ])
  })

  it.each([
    ['at another prison', movement('other', 2, 0, 'ZZY')],
    ['more than an hour later', movement('other', 2, hour + 1)],
    ['of another person', movement('other', 2, 0, 'ZZX', 'somebody else')],
  ])('takes a movement %s for another movement', async (_, other) => {
    await using desk = await open()
    const first = await accept(desk, movement('search', 1, 0))
    expect(eventIdsOf(await accept(desk, other))).not.toEqual(eventIdsOf(first))
  })

  it('takes a movement exactly an hour apart for the same one', async () => {
    await using desk = await open()
    const first = await accept(desk, movement('search', 1, 0))
    expect(eventIdsOf(await accept(desk, movement('coded', 2, hour)))).toEqual(eventIdsOf(first))
  })

  it('takes a correction eight days later for the same movement, where somebody has agreed', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NOMS ann'])
    const first = await accept(desk, movement('coded', 2, 0))
    await passTo(desk, start + 8 * day)
    const corrected = await accept(desk, movement('coded again', 2, 1_000))
    expect(eventIdsOf(corrected)).toEqual(eventIdsOf(first))
  })

  it('remembers no movement longer than a week of somebody who has not agreed', async () => {
    await using desk = await open()
    const first = await accept(desk, movement('coded', 2, 0))
    await passTo(desk, start + 8 * day)
    const later = await accept(desk, movement('coded again', 2, 1_000))
    expect(eventIdsOf(later)).not.toEqual(eventIdsOf(first))
  })

  it('parks what waits for a booking until that booking is known, and loses none in a crash between', async () => {
    await using desk = await open()
    const parked: Arrival = {
      ...arrival('moved-1', { contentHash: 'without a person' }),
      verdict: {
        outcome: 'quarantined',
        reason: 'waits',
        at: ['bookingId'],
        waitsFor: 'booking 1',
        record: record('parked'),
      },
    }
    expect(await accept(desk, parked)).toEqual({
      outcome: 'quarantined',
      reason: 'waits',
      at: ['bookingId'],
    })
    expect(await accept(desk, parked)).toMatchObject({ outcome: 'quarantined', reason: 'waits' })
    await passTo(desk, start + 2 * hour)
    const resolving = arrival('received-1', { resolves: ['booking 1'] })
    const answer = await accept(desk, resolving)
    expect(releasedOf(answer)).toMatchObject([{ naturalKey: 'moved-1', receivedAt: start }])
    // Nobody took it up before the process ended: the next word about the booking brings it again.
    const next = await desk.restarted()
    const again = await accept(next, arrival('received-2', { resolves: ['booking 1'] }))
    expect(releasedOf(again)).toMatchObject([{ naturalKey: 'moved-1' }])
    const taken = await accept(next, arrival('moved-1', { contentHash: 'with a person' }))
    expect(taken.outcome).toBe('published')
    const last = await accept(next, arrival('received-3', { resolves: ['booking 1'] }))
    expect(releasedOf(last)).toEqual([])
    const counted = await next.register.ledger()
    expect(counted.filter((row) => row.hour === start && row.outcome === 'quarantined')).toEqual([])
    expect(balance(counted)).toEqual([])
  })

  it('does not let one agency release what waits for another agency’s reference', async () => {
    await using desk = await open()
    await accept(desk, {
      ...arrival('moved-1'),
      verdict: {
        outcome: 'quarantined',
        reason: 'waits',
        at: [],
        waitsFor: '1',
        record: record('parked'),
      },
    })
    const other = { ...arrival('x', { resolves: ['1'] }), agency: 'probation' }
    expect(releasedOf(await accept(desk, other))).toEqual([])
  })

  it('takes a hearing told again with other results for its next version, and takes back what is gone', async () => {
    await using desk = await open()
    const both = await accept(desk, hearing(['alcohol', 'drugs']))
    expect(eventIdsOf(both)).toEqual(['event alcohol', 'event drugs'])
    expect((await accept(desk, hearing(['alcohol', 'drugs']))).outcome).toBe('duplicate')
    const one = await accept(desk, hearing(['alcohol']))
    expect(one).toMatchObject({
      outcome: 'published',
      events: ['TreatmentRequirementMade', 'EventWithdrawn'],
    })
    const none = await accept(desk, hearing([]))
    expect(none).toMatchObject({ outcome: 'published', events: ['EventWithdrawn'] })
    const next = await desk.restarted()
    expect((await accept(next, hearing([]))).outcome).toBe('duplicate')
    // The clerk puts it right again: what comes last holds.
    await accept(next, hearing(['alcohol', 'drugs']))
    expect(await sent(next)).toEqual(
      [
        'event alcohol v1',
        'event drugs v1',
        'event alcohol v2',
        'without event drugs v1',
        'without event alcohol v2',
        'event alcohol v4',
        'event drugs v4',
      ].map((line) => `${line} at ${start}`),
    )
    expect(balance(await next.register.ledger())).toEqual([])
  })

  it('remembers nothing of a hearing that never told of a requirement', async () => {
    await using desk = await open()
    expect(await accept(desk, hearing([]))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
    expect(await sent(desk)).toEqual([])
  })

  it('takes back all that was told of a hearing that is deleted, and what is told of it afterwards stands', async () => {
    await using desk = await open()
    await accept(desk, hearing(['alcohol']))
    await accept(desk, hearing(['alcohol', 'drugs']))
    const deleted = await accept(desk, hearing([], true))
    expect(deleted).toMatchObject({ outcome: 'published', events: ['EventWithdrawn'] })
    expect((await accept(desk, hearing([], true))).outcome).toBe('duplicate')
    await accept(desk, hearing(['drugs']))
    expect((await sent(desk)).slice(-2)).toEqual([
      `without event alcohol, event drugs v2 at ${start}`,
      `event drugs v3 at ${start}`,
    ])
  })

  it('takes back the first telling with a deletion that came before it', async () => {
    await using desk = await open()
    await accept(desk, hearing([], true))
    await accept(desk, hearing(['alcohol']))
    await accept(desk, hearing(['alcohol', 'drugs']))
    expect(await sent(desk)).toEqual(
      ['without  v1', 'event alcohol v1', 'event alcohol v2', 'event drugs v2'].map(
        (line) => `${line} at ${start}`,
      ),
    )
  })

  it('gives an agency that drops the same answers of a hearing, whether the person has agreed or not', async () => {
    await using agreed = await open()
    await using stranger = await open()
    await agree(agreed, 'ann', ['NOMS ann'])
    const tellings = [['alcohol'], ['alcohol'], ['drugs'], []].map((names) =>
      hearing(names, false, 'drop'),
    )
    for (const arriving of [...tellings, hearing([], true, 'drop')]) {
      const [known, unknown] = [await accept(agreed, arriving), await accept(stranger, arriving)]
      expect(known).toEqual(unknown)
    }
    expect((await sent(stranger)).filter((line) => line.startsWith('event'))).toEqual([])
  })

  it('accounts for every message of every hour', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    const some: Arrival[] = [
      arrival('a', { unclaimed: 'drop', identifiers: ['NHS ann'] }),
      arrival('b', { unclaimed: 'drop' }),
      arrival('b', { unclaimed: 'drop' }),
      arrival('a', { contentHash: 'other', identifiers: ['NHS ann'], conflict: record('c') }),
      { ...arrival('c'), verdict: { outcome: 'ignored', reason: 'signal' } },
      { ...arrival('d'), verdict: { outcome: 'rejected', reason: 'payload' } },
    ]
    await desk.register.accept(some)
    await passTo(desk, start + hour)
    await desk.register.accept(some)
    const rows = await desk.register.ledger()
    expect(balance(rows)).toEqual([])
    const received = rows.filter(({ outcome }) => outcome === 'received')
    expect(received.map(({ hour: at, count }) => [at - start, count])).toEqual([
      [0, 6],
      [hour, 6],
    ])
  })

  it('never gives out a time that goes back, even when the clock does', async () => {
    await using desk = await open()
    await passTo(desk, start + hour)
    await accept(desk, arrival('one'))
    // Another process, on a clock that is an hour behind.
    const next = await desk.restarted()
    expect(next.clock.now()).toBe(start)
    const later = await accept(next, arrival('two'))
    expect(later).toMatchObject({ receivedAt: start + hour })
    expect(next.register.now()).toBe(start + hour)
  })

  it('takes all of a request or none of it', async () => {
    await using desk = await open()
    const failing = arrival('two', {
      record: () => {
        throw new Error('sealing failed')
      },
    })
    await expect(desk.register.accept([arrival('one'), failing])).rejects.toThrow('sealing failed')
    expect(await sent(desk)).toEqual([])
    expect(await desk.register.ledger()).toEqual([])
    expect((await accept(desk, arrival('one'))).outcome).toBe('published')
  })
}

function consents(open: () => Promise<Desk>): void {
  it('records a first consent, opens its assignments and tells the processors to look', async () => {
    await using desk = await open()
    const answer = await agree(desk, 'ann', ['NHS ann', 'NOMS ann'])
    expect(answer).toEqual({ ok: true, personId: 'ann', version: 1, state: 'given' })
    const person = await desk.register.person('ann')
    expect(person).toMatchObject({ status: 'active', version: 1, state: 'given', review: null })
    expect(person?.assignments).toMatchObject([{ practitionerId: 'lp-1', relation: 'lead' }])
    expect(await triggers(desk)).toEqual([{ personId: 'ann', version: 1, changedAt: start }])
    const { known } = await look(desk, [
      { kind: 'claims', identifier: 'NOMS ann' },
      { kind: 'agreements' },
    ])
    expect(known.claim('NOMS ann')).toEqual({ identifier: 'NOMS ann', personId: 'ann' })
    expect(known.person('ann')?.versions).toMatchObject([{ state: 'given', acceptedAt: start }])
  })

  it('gives a repeated request with the same Idempotency-Key the same answer and no second person', async () => {
    await using desk = await open()
    const key = { key: 'key-1', body: 'body-1' }
    const first = await agree(desk, 'ann', ['NHS ann'], { idempotency: key })
    const again = await agree(desk, 'bob', ['NHS ann'], { idempotency: key })
    expect(again).toEqual(first)
    expect(await desk.register.person('bob')).toBeUndefined()
    const other = { idempotency: { key: 'key-1', body: 'body-2' } }
    expect(await agree(desk, 'cat', ['NHS cat'], other)).toEqual({
      ok: false,
      reason: 'idempotency-mismatch',
    })
  })

  it('refuses a change that did not see the latest version', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    expect(await change(desk, 'ann', ['NHS ann'], { expectedVersion: 1 })).toMatchObject({
      ok: true,
      version: 2,
    })
    expect(await change(desk, 'ann', ['NHS ann'], { expectedVersion: 1 })).toEqual({
      ok: false,
      reason: 'version-stale',
    })
    expect(await change(desk, 'nobody', [])).toEqual({ ok: false, reason: 'not-found' })
  })

  it('follows one version by the next without a gap', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await passTo(desk, start + day)
    await change(desk, 'ann', ['NHS ann'])
    const versions = (await rowsOf(desk, 'ann'))?.versions
    expect(versions?.[0]?.endedAt).toBe(versions?.[1]?.acceptedAt)
  })

  it('keeps a consent proposed that names somebody else’s number, and takes nothing over', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann', 'NOMS ann'])
    const second = await agree(desk, 'bob', ['NHS bob', 'NOMS ann'])
    expect(second).toEqual({
      ok: true,
      personId: 'bob',
      version: 1,
      state: 'proposed',
      review: 'identifier-in-use',
    })
    expect(await claimantOf(desk, 'NOMS ann')).toBe('ann')
    // None of its identifiers are taken, not even the free one: a half of it is not what was agreed.
    expect(await claimantOf(desk, 'NHS bob')).toBeUndefined()
    expect(await gateOne(desk, disclosure('bob'))).toMatchObject({ allowed: false })
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ allowed: true })
    expect(await desk.register.person('bob')).toMatchObject({ review: 'identifier-in-use' })
  })

  it('lets what a person gave go on while a later version of theirs collides', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await agree(desk, 'bob', ['NHS bob'])
    const collides = await change(desk, 'bob', ['NHS bob', 'NHS ann'], {
      sealed: Uint8Array.of(2),
    })
    expect(collides).toMatchObject({ version: 2, state: 'proposed', review: 'identifier-in-use' })
    expect(await claimantOf(desk, 'NHS bob')).toBe('bob')
    expect(await claimantOf(desk, 'NHS ann')).toBe('ann')
    expect(await gateOne(desk, disclosure('bob'))).toMatchObject({
      allowed: true,
      consentVersion: 1,
    })
    const person = await desk.register.person('bob')
    expect(person?.sealed).toEqual(Uint8Array.of(1))
    expect(person?.proposal).toMatchObject({ version: 2, sealed: Uint8Array.of(2) })
  })

  it('gives up the numbers that a new version no longer names', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann', 'NOMS mistyped'])
    await change(desk, 'ann', ['NHS ann'])
    expect(await claimantOf(desk, 'NOMS mistyped')).toBeUndefined()
    expect(await agree(desk, 'bob', ['NOMS mistyped'])).toMatchObject({ state: 'given' })
  })

  it('withdraws one purpose and leaves the other, and the numbers, in force', async () => {
    await using desk = await open()
    const grants = [grant(), grant({ purpose: 'duty-to-refer' })]
    await agree(desk, 'ann', ['NHS ann'], { grants })
    await passTo(desk, start + day)
    expect(await withdraw(desk, 'ann', ['care-coordination'])).toEqual({
      ok: true,
      personId: 'ann',
      version: 2,
      state: 'given',
      cancelled: 0,
      alreadySeen: [],
    })
    expect(await claimantOf(desk, 'NHS ann')).toBe('ann')
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ allowed: false })
    const duty = disclosure('ann', { attemptId: 'attempt-2', purpose: 'duty-to-refer' })
    expect(await gateOne(desk, duty)).toMatchObject({ allowed: true, consentVersion: 2 })
    await desk.register.outcome([{ attemptId: 'attempt-2', outcome: 'delivered' }])
    expect(await withdraw(desk, 'ann', ['duty-to-refer'])).toMatchObject({ state: 'withdrawn' })
    expect(await claimantOf(desk, 'NHS ann')).toBeUndefined()
  })

  it('ends no assignment by a withdrawal: help stays', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await withdraw(desk, 'ann', ['care-coordination'])
    expect(await desk.register.caseload('lp-1')).toEqual(['ann'])
  })

  it('says the same when a withdrawal is sent twice', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    const first = await withdraw(desk, 'ann', ['care-coordination'])
    await passTo(desk, start + hour)
    expect(await withdraw(desk, 'ann', ['care-coordination'])).toEqual(first)
    expect(await triggers(desk)).toHaveLength(2)
  })

  it('cancels the notice of a release that nobody has seen, and lists the one that was', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await noticed(desk, 'ann', 'seen')
    await noticed(desk, 'ann', 'unseen')
    await noticed(desk, 'ann', 'done', 'closed')
    await show(desk, disclosure('ann', { what: { kind: 'notice', id: 'seen' } }))
    await passTo(desk, start + hour)
    expect(await withdraw(desk, 'ann', ['care-coordination'])).toMatchObject({
      version: 2,
      state: 'withdrawn',
      cancelled: 1,
      alreadySeen: [{ noticeId: 'seen', recipient: 'lp-1', at: start }],
    })
    expect((await desk.views.get('notices', 'unseen'))?.state).toBe('cancelled')
    expect((await desk.views.get('notices', 'seen'))?.state).toBe('open')
    expect((await desk.views.get('notices', 'done'))?.state).toBe('closed')
    const next = disclosure('ann', { attemptId: 'a2', what: { kind: 'notice', id: 'unseen' } })
    expect(await gateOne(desk, next)).toMatchObject({ allowed: false, reason: 'withdrawn' })
  })

  it('cancels nothing that belongs to a purpose which goes on', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'], { grants: [grant(), grant({ purpose: 'outcomes' })] })
    await noticed(desk, 'ann', 'release')
    expect(await withdraw(desk, 'ann', ['outcomes'])).toMatchObject({ cancelled: 0 })
    expect((await desk.views.get('notices', 'release'))?.state).toBe('open')
  })

  it('reaches no further back than the day on which somebody else gave the number up', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NOMS shared'])
    await passTo(desk, start + day)
    await withdraw(desk, 'ann', ['care-coordination'])
    await passTo(desk, start + day + 2 * day + hour)
    const grants = [grant({ lookBackDays: 7 })]
    await agree(desk, 'bob', ['NOMS shared'], { grants })
    expect((await desk.register.person('bob'))?.grants).toMatchObject([{ lookBackDays: 2 }])
    await agree(desk, 'cat', ['NHS cat'], { grants })
    expect((await desk.register.person('cat'))?.grants).toMatchObject([{ lookBackDays: 7 }])
  })

  it('knows one lead at a time, and keeps a second claim as a proposal', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await passTo(desk, start + day)
    const second = lead('lp-2')
    const proposed = await desk.register.change({
      kind: 'assign',
      personId: 'ann',
      assignment: second,
      by: 'lp-2',
      asProposal: true,
    })
    expect(proposed).toMatchObject({ ok: true, review: 'lead-proposed' })
    expect(await desk.register.caseload('lp-2')).toEqual([])
    expect((await desk.register.person('ann'))?.proposedLeads).toEqual([second])
    await desk.register.change({ kind: 'assign', personId: 'ann', assignment: second, by: 'ann' })
    expect(await desk.register.caseload('lp-1')).toEqual([])
    expect(await desk.register.caseload('lp-2')).toEqual(['ann'])
    const leads = (await rowsOf(desk, 'ann'))?.assignments
    expect(leads?.map(({ from, until }) => [from, until])).toEqual([
      [start, start + day],
      [start + day, null],
    ])
  })

  it('ends an assignment, and with it what that practitioner may see', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    const command = { kind: 'end-assignment', personId: 'ann', by: 'register' } as const
    await desk.register.change({ ...command, practitionerId: 'lp-1' })
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ reason: 'no-assignment' })
  })

  it('takes the agreements of the configuration as news only where they differ', async () => {
    await using desk = await open()
    const put = (agreement: Agreement) =>
      desk.register.change({ kind: 'put-agreement', agreement, by: 'configuration' })
    await put(agreements[0])
    await put({ ...agreements[0] })
    expect(await auditOf(desk)).toHaveLength(1)
    await put({ ...agreements[0], until: start })
    expect(await desk.register.agreements()).toMatchObject([{ until: start }])
  })

  it('makes a practitioner’s action durable once', async () => {
    await using desk = await open()
    const act = {
      kind: 'act',
      noticeId: 'notice-1',
      actionId: 'action-1',
      record: record('acknowledged'),
    } as const
    await desk.register.change(act)
    await desk.register.change(act)
    expect(await sent(desk)).toEqual([`acknowledged at ${start}`])
  })

  it('leaves of an erased person a tombstone, and no way back', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await noticed(desk, 'ann', 'notice-1')
    const erased = await desk.register.change({ kind: 'erase', personId: 'ann', by: 'person' })
    expect(erased).toMatchObject({ ok: true, state: 'erased', version: 2 })
    expect(await desk.register.person('ann')).toMatchObject({
      status: 'erased',
      grants: [],
      assignments: [],
      sealed: new Uint8Array(0),
    })
    expect(await desk.views.get('notices', 'notice-1')).toBeUndefined()
    expect(await claimantOf(desk, 'NHS ann')).toBeUndefined()
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ reason: 'erased' })
    expect(await change(desk, 'ann', ['NHS ann'])).toEqual({ ok: false, reason: 'erased' })
    const stories = (await outbox(desk)).filter(({ topic }) => topic === 'person.stories.v1')
    expect(stories).toMatchObject([{ key: 'ann', value: null }])
  })

  it('makes a step look again with every change of what it looked up, and with no arrival', async () => {
    await using desk = await open()
    const task = await desk.store.open({ processor: 'link', generation: 1, partition: 0 })
    const lookups = [{ kind: 'claims', identifier: 'NHS ann' }, { kind: 'agreements' }] as const
    const commit = async ({ seen }: Loaded) => task.commit({ ...emptyStep, seen, counts })
    const nobody = await task.load([], lookups)
    await agree(desk, 'ann', ['NHS ann'])
    await expect(commit(nobody)).rejects.toBeInstanceOf(StaleStep)
    const agreed = await task.load([], lookups)
    await accept(desk, arrival('release-1', { identifiers: ['NHS ann'] }))
    await commit(agreed)
    expect(agreed.known.claim('NHS ann')?.personId).toBe('ann')
    await withdraw(desk, 'ann', ['care-coordination'])
    await expect(commit(agreed)).rejects.toBeInstanceOf(StaleStep)
    expect(await claimantOf(desk, 'NHS ann')).toBeUndefined()
  })
}

const counts = new Map([['steps', 1]])

function gate(open: () => Promise<Desk>): void {
  it('lets the lead see what the person agreed to, for three seconds', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    expect(await gateOne(desk, disclosure('ann'))).toEqual({
      attemptId: 'attempt-1',
      allowed: true,
      tier: 'detail',
      until: start + 3000,
      consentVersion: 1,
    })
  })

  it.each([
    ['who is not assigned', { recipient: recipient('lp-2') }, 'no-assignment'],
    ['for another purpose', { purpose: 'outcomes' as const }, 'no-consent'],
    ['of an agency that was not named', { sources: ['custody', 'housing'] }, 'source-not-granted'],
    [
      'of a kind that was not named',
      { categories: ['family'] as Category[] },
      'category-not-granted',
    ],
    ['of an agency without an agreement', { sources: ['treatment'] }, 'no-agreement'],
  ])('refuses somebody or something %s, and writes that down', async (_, wrong, reason) => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'], {
      grants: [grant({ sources: ['custody', 'treatment'] })],
    })
    expect(await gateOne(desk, disclosure('ann', wrong))).toEqual({
      attemptId: 'attempt-1',
      allowed: false,
      reason,
    })
    expect((await auditOf(desk)).filter(({ kind }) => kind === 'refused')).toMatchObject([
      { attemptId: 'attempt-1', personId: 'ann', reason },
    ])
    expect(await desk.register.disclosures('ann')).toEqual([])
  })

  it('answers for somebody unknown as for somebody who has not agreed', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'], { state: 'declined' })
    const [declined, unknown] = await desk.register.gate([
      disclosure('ann'),
      disclosure('nobody', { attemptId: 'attempt-2' }),
    ])
    expect({ ...declined, attemptId: '' }).toEqual({ ...unknown, attemptId: '' })
  })

  it.each([
    ['a millisecond before it begins', -1, false],
    ['when it begins', 0, true],
  ])('asks whether the consent has begun: %s', async (_, offset, allowed) => {
    await using desk = await open()
    const from = start + day
    await agree(desk, 'ann', ['NHS ann'], { grants: [grant({ from })] })
    await passTo(desk, from + offset)
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ allowed })
  })

  it.each([
    ['a millisecond before it ends', -1, true],
    ['when it ends', 0, false],
    ['a millisecond after it ended', 1, false],
  ])('asks whether the consent has ended: %s', async (_, offset, allowed) => {
    await using desk = await open()
    const until = start + day
    await agree(desk, 'ann', ['NHS ann'], { grants: [grant({ until })] })
    await passTo(desk, until + offset)
    const permit = await gateOne(desk, disclosure('ann'))
    expect(permit).toMatchObject({ allowed })
    // Half-open, and the permit ends with what it rests on.
    if (permit?.allowed) expect(permit.until).toBe(until)
  })

  it.each([
    ['a millisecond before it ends', -1, true],
    ['when it ends', 0, false],
  ])('asks whether the institutions’ agreement has ended: %s', async (_, offset, allowed) => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    const until = start + day
    const agreement: Agreement = { ...agreements[0], until }
    await desk.register.change({ kind: 'put-agreement', agreement, by: 'operator' })
    await passTo(desk, until + offset)
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ allowed })
  })

  it('tells who claims identifiers, each person once, and nobody once given up', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann', 'NOMS ann'])
    await agree(desk, 'bob', ['NHS bob'])
    const { register } = desk
    expect(await register.claimants(['NHS ann', 'NOMS ann', 'NHS nobody'])).toEqual(['ann'])
    expect((await register.claimants(['NHS bob', 'NHS ann'])).toSorted()).toEqual(['ann', 'bob'])
    await register.change({ kind: 'erase', personId: 'bob', by: 'operator' })
    expect(await register.claimants(['NHS bob'])).toEqual([])
  })

  it('answers a withdrawal only when what is on the wire has arrived, and lists it', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await noticed(desk, 'ann', 'notice-1')
    await gateOne(desk, disclosure('ann'))
    const answered = settled(withdraw(desk, 'ann', ['care-coordination']))
    await taken(desk, 'ann')
    await passTo(desk, start + 1000)
    expect(answered.done).toBe(false)
    // Between the withdrawal and its answer nothing new starts.
    const late = disclosure('ann', { attemptId: 'late' })
    expect(await gateOne(desk, late)).toMatchObject({ allowed: false, reason: 'withdrawn' })
    await desk.register.outcome([{ attemptId: 'attempt-1', outcome: 'delivered' }])
    expect(await answered.value).toMatchObject({
      cancelled: 0,
      alreadySeen: [{ noticeId: 'notice-1', recipient: 'lp-1', at: start + 1000 }],
    })
  })

  it('counts what was on the wire as cancelled when it did not arrive', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await noticed(desk, 'ann', 'notice-1')
    await gateOne(desk, disclosure('ann'))
    const answered = settled(withdraw(desk, 'ann', ['care-coordination']))
    await taken(desk, 'ann')
    await desk.register.outcome([{ attemptId: 'attempt-1', outcome: 'unused' }])
    expect(await answered.value).toMatchObject({ cancelled: 1, alreadySeen: [] })
    expect((await desk.views.get('notices', 'notice-1'))?.state).toBe('cancelled')
  })

  it('waits no longer than the permit lives, and tells the person the worst that is possible', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await noticed(desk, 'ann', 'notice-1')
    await gateOne(desk, disclosure('ann'))
    const answered = settled(withdraw(desk, 'ann', ['care-coordination']))
    await taken(desk, 'ann')
    await passTo(desk, start + 2999)
    expect(answered.done).toBe(false)
    await passTo(desk, start + 3000)
    expect(await answered.value).toMatchObject({
      cancelled: 0,
      alreadySeen: [{ noticeId: 'notice-1', recipient: 'lp-1', at: start, raced: true }],
    })
  })

  it('writes down as unknown what a process that is gone was about to show', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await gateOne(desk, disclosure('ann'))
    const next = await desk.restarted()
    expect(await next.register.disclosures('ann')).toMatchObject([{ outcome: 'unknown' }])
    // Nobody is left who could use the permit, so nobody waits for it.
    expect(await withdraw(next, 'ann', ['care-coordination'])).toMatchObject({
      alreadySeen: [{ noticeId: 'notice-1', raced: true }],
    })
  })

  it('writes down as unknown an attempt that stays silent for a minute', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await gateOne(desk, disclosure('ann'))
    await passTo(desk, start + 64_000)
    await desk.register.sweep()
    expect(await desk.register.disclosures('ann')).toMatchObject([{ outcome: 'unknown' }])
  })

  it('tells the person who was shown what, newest first, with its outcome', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await show(desk, disclosure('ann'))
    await passTo(desk, start + 5000)
    await gateOne(desk, disclosure('ann', { attemptId: 'a2', what: { kind: 'story', id: 'ann' } }))
    expect(await desk.register.disclosures('ann')).toEqual([
      {
        at: start + 5000,
        recipient: 'lp-1',
        organisation: 'testshire-recovery',
        what: 'story',
        id: 'ann',
        outcome: 'intending',
        sources: ['custody'],
      },
      {
        at: start,
        recipient: 'lp-1',
        organisation: 'testshire-recovery',
        what: 'notice',
        id: 'notice-1',
        outcome: 'delivered',
        sources: ['custody'],
      },
    ])
  })

  it('writes one intent and one outcome for each attempt, whatever is repeated', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await show(desk, disclosure('ann'))
    await desk.register.outcome([{ attemptId: 'attempt-1', outcome: 'delivered' }])
    await desk.register.outcome([{ attemptId: 'attempt-1', outcome: 'unused' }])
    expect(await gateOne(desk, disclosure('ann'))).toMatchObject({ reason: 'attempt-known' })
    const kinds = (await auditOf(desk)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'intending')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'outcome')).toHaveLength(1)
    expect(await desk.register.disclosures('ann')).toMatchObject([{ outcome: 'delivered' }])
  })

  it('lets nothing out when the intent cannot be written down', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await desk.loseAudit()
    await expect(gateOne(desk, disclosure('ann'))).rejects.toThrow()
    // Neither half of it happened: no permit is left for which nobody answers.
    expect(await desk.register.disclosures('ann')).toEqual([])
  })

  it('makes a withdrawal wait for no permit of another purpose', async () => {
    await using desk = await open()
    const grants = [grant(), grant({ purpose: 'duty-to-refer' })]
    await agree(desk, 'ann', ['NHS ann'], { grants })
    await gateOne(desk, disclosure('ann', { purpose: 'duty-to-refer' }))
    expect(await withdraw(desk, 'ann', ['care-coordination'])).toMatchObject({ version: 2 })
  })
}

function keeping(open: () => Promise<Desk>): void {
  it('knows after a restart what it knew before', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await accept(desk, arrival('release-1', { identifiers: ['NHS ann'] }))
    const before = await desk.register.person('ann')
    const next = await desk.restarted()
    expect(await next.register.person('ann')).toEqual(before)
    expect(await claimantOf(next, 'NHS ann')).toBe('ann')
    expect((await accept(next, arrival('release-1', { identifiers: ['NHS ann'] }))).outcome).toBe(
      'duplicate',
    )
    expect(await agree(next, 'bob', ['NHS ann'])).toMatchObject({ state: 'proposed' })
    expect(await next.register.agreements()).toHaveLength(agreements.length)
  })

  it('forgets the receipts of people who never agreed after seven days', async () => {
    await using desk = await open()
    await accept(desk, arrival('arrest-1', { unclaimed: 'drop' }))
    await passTo(desk, start + 7 * day)
    await desk.register.sweep()
    const key = 'custody test arrest-1 1'
    expect(await desk.kept('receipts', key)).toBeUndefined()
  })

  it('lists people without anything personal', async () => {
    await using desk = await open()
    await agree(desk, 'ann', ['NHS ann'])
    await passTo(desk, start + 1)
    await agree(desk, 'bob', ['NHS bob'])
    expect(await desk.register.people(10)).toEqual([
      { personId: 'bob', status: 'active', state: 'given', version: 1, review: null },
      { personId: 'ann', status: 'active', state: 'given', version: 1, review: null },
    ])
  })
}
