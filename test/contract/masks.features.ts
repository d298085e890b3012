import type { Arrival } from '@throughline/consent'
import { expect, it } from 'vitest'
import { type Desk, record, start } from './register-desk.ts'

const hour = 3_600_000

/** What every register promises of what a source asks to be masked. */
export function maskFeatures(open: () => Promise<Desk>): void {
  it('tells a mask to each later event of the person, and to none of anybody else', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann', 'MRN ann'])
    await agreed(desk, 'bob', ['NHS bob'])
    const seen: Seen[] = []
    await accept(desk, asks('update-1', ['NHS ann', 'MRN ann'], [['dissent', true]]))
    await accept(desk, event('visit-1', ['MRN ann'], seen))
    await accept(desk, event('visit-2', ['NHS bob'], seen))
    expect(seen).toEqual([
      ['visit-1', ['dissent']],
      ['visit-2', []],
    ])
  })

  it('lets a mask hold for the message that brings it, and one taken off not', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann'])
    const seen: Seen[] = []
    const said = (on: boolean, at: number) => ({
      identifiers: ['NHS ann'],
      changes: [{ mask: 'location', on }],
      at,
    })
    await accept(desk, { ...event('visit-1', ['NHS ann'], seen), masks: said(true, 1) })
    await accept(desk, event('visit-2', ['NHS ann'], seen))
    await accept(desk, { ...event('visit-3', ['NHS ann'], seen), masks: said(false, 2) })
    expect(seen).toEqual([
      ['visit-1', ['location']],
      ['visit-2', ['location']],
      ['visit-3', []],
    ])
  })

  it('believes what the source said last, in whatever order it comes', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann'])
    const seen: Seen[] = []
    await accept(desk, asks('update-2', ['NHS ann'], [['dissent', true]], 2 * hour))
    await accept(desk, asks('update-1', ['NHS ann'], [['dissent', false]], hour))
    await accept(desk, asks('update-0', ['NHS ann'], [['dissent', false]], 2 * hour))
    await accept(desk, event('visit-1', ['NHS ann'], seen))
    await accept(desk, asks('update-3', ['NHS ann'], [['dissent', false]], 3 * hour))
    await accept(desk, event('visit-2', ['NHS ann'], seen))
    expect(seen).toEqual([
      ['visit-1', ['dissent']],
      ['visit-2', []],
    ])
  })

  it('keeps one agency’s masks out of another’s events', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann'])
    const seen: Seen[] = []
    await accept(desk, asks('update-1', ['NHS ann'], [['dissent', true]]))
    await accept(desk, { ...event('arrest-1', ['NHS ann'], seen), agency: 'custody' })
    expect(seen).toEqual([['arrest-1', []]])
  })

  it('keeps nothing of masks of somebody who has not agreed', async () => {
    await using desk = await open()
    const seen: Seen[] = []
    await accept(desk, asks('update-1', ['NHS ann'], [['dissent', true]]))
    await agreed(desk, 'ann', ['NHS ann'])
    await accept(desk, event('visit-1', ['NHS ann'], seen))
    expect(seen).toEqual([['visit-1', []]])
  })

  it('forgets a mask with the claim that it was kept with, and not before', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann'])
    await accept(desk, asks('update-1', ['NHS ann'], [['dissent', true]]))
    const purposes = ['care-coordination'] as const
    await desk.register.change({
      kind: 'withdraw',
      personId: 'ann',
      purposes,
      by: 'person',
      reason: null,
    })
    expect((await desk.kept('claims', 'NHS ann'))?.masks).toBeUndefined()
  })

  it('knows a mask after a restart', async () => {
    await using desk = await open()
    await agreed(desk, 'ann', ['NHS ann'])
    await accept(desk, asks('update-1', ['NHS ann'], [['sensitive', true]]))
    await using later = await desk.restarted()
    const seen: Seen[] = []
    await accept(later, event('visit-1', ['NHS ann'], seen))
    expect(seen).toEqual([['visit-1', ['sensitive']]])
  })
}

type Seen = readonly [name: string, masks: readonly string[]]

const accept = async ({ register }: Desk, arrival: Arrival) =>
  expect(await register.accept([arrival])).toHaveLength(1)

const from = (name: string) => ({
  agency: 'hospital',
  system: 'hospital-rzz',
  naturalKey: name,
  version: 1,
  contentHash: name,
})

/** A record without an event, as an update of a person is. */
const asks = (
  name: string,
  identifiers: readonly string[],
  changes: readonly (readonly [mask: string, on: boolean])[],
  at = hour,
): Arrival => ({
  ...from(name),
  verdict: { outcome: 'ignored', reason: 'masking' },
  masks: { identifiers, changes: changes.map(([mask, on]) => ({ mask, on })), at },
})

const event = (name: string, identifiers: readonly string[], seen: Seen[]): Arrival => ({
  ...from(name),
  verdict: {
    outcome: 'published',
    unclaimed: 'drop',
    events: [
      {
        type: 'Admitted',
        eventId: name,
        version: 1,
        identifiers,
        record: ({ receivedAt, masks = [] }) => {
          seen.push([name, masks])
          return record(name)(receivedAt)
        },
      },
    ],
  },
})

async function agreed({ register }: Desk, personId: string, identifiers: readonly string[]) {
  await register.change({
    kind: 'record-consent',
    personId,
    isNew: true,
    expectedVersion: null,
    state: 'given',
    identifiers,
    grants: [
      {
        purpose: 'care-coordination',
        sources: ['hospital'],
        recipients: [{ organisation: 'testshire-recovery', role: 'lead-practitioner' }],
        categories: ['health'],
        tier: 'detail',
        from: start,
        until: start + 24 * hour,
        lookBackDays: 0,
      },
    ],
    sealed: Uint8Array.of(1),
    by: 'lp-1',
  })
}
