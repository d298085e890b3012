import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday, wholeGrant } from '../testing/a-person.ts'

const received = (more: object = {}) =>
  anEvent('ReceivedIntoPrison', { received: tuesday, ...more })
const arrestedWith = (openPrescription: 'YES' | 'NO', before: number) =>
  anEvent('ArrestedIntoCustody', { received: tuesday - before, openPrescription })

describe('a reception into prison', () => {
  it('asks about the prescription within two hours and about the home by the next working day', () => {
    const ann = aPerson()
    ann.happens(received())
    expect(ann.one('into-prison')).toMatchObject({ urgency: 'safety', dueAt: tuesday + hours(2) })
    expect(ann.one('into-prison').lines).toContain('Protect the tenancy by 19 November.')
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('into-prison').noticeId })
    expect(ann.one('into-prison').state).toBe('acknowledged')
    ann.acts({ kind: 'prescription-confirmed', noticeId: ann.one('into-prison').noticeId })
    expect(ann.one('into-prison').closedBecause).toBe('prescription-confirmed')
  })

  it('is prompt when the arrest of the last seven days said that there is none', () => {
    const ann = aPerson()
    ann.happens(arrestedWith('NO', days(7)), received())
    expect(ann.one('into-prison')).toMatchObject({
      urgency: 'prompt',
      dueAt: at('2025-11-19T17:00:00Z'),
      because: { eventIds: ['ReceivedIntoPrison-1', 'ArrestedIntoCustody-1'] },
    })
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('into-prison').noticeId })
    expect(ann.one('into-prison').state).toBe('closed')
  })

  it('does not trust an older arrest, nor one that found a prescription', () => {
    for (const arrest of [arrestedWith('NO', days(7) + 1), arrestedWith('YES', days(1))]) {
      const ann = aPerson()
      ann.happens(arrest, received())
      expect(ann.one('into-prison').urgency).toBe('safety')
    }
  })

  it('is the same when the arrest is learned after it', () => {
    const ann = aPerson()
    ann.happens(
      received(),
      anEvent('ArrestedIntoCustody', {
        received: tuesday + hours(1),
        occurredAt: tuesday - hours(5),
        openPrescription: 'NO',
      }),
    )
    expect(ann.one('into-prison')).toMatchObject({ version: 2, urgency: 'prompt' })
    expect(ann.of('arrest')).toHaveLength(1)
  })

  it('believes treatment that has ended, but not one that ended because of prison', () => {
    for (const [reason, urgency] of [
      ['COMPLETED', 'prompt'],
      ['PRISON', 'safety'],
    ] as const) {
      const ann = aPerson()
      ann.happens(anEvent('TreatmentEnded', { received: tuesday - days(1), reason }), received())
      expect(ann.one('into-prison').urgency).toBe(urgency)
    }
  })

  it('does not believe it when custody found a prescription in the last seven days', () => {
    const ann = aPerson()
    const ended = anEvent('TreatmentEnded', {
      received: tuesday - days(9),
      occurredAt: tuesday - days(40),
      reason: 'DROPPED_OUT',
    })
    ann.happens(ended, arrestedWith('YES', days(1)), received())
    expect(ann.one('into-prison')).toMatchObject({ urgency: 'safety', sources: ['custody'] })
  })

  it('asks all the same when the lead may not hear from treatment', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(2))
    ann.agree({ sources: ['custody'] })
    ann.happens(anEvent('TreatmentEnded', { received: tuesday - days(1) }), received())
    expect(ann.one('into-prison')).toMatchObject({ urgency: 'safety', sources: ['custody'] })
  })

  it('is one notice for each recipient, the prescriber included where granted', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(2))
    const prescriber = { organisation: 'testshire-recovery', role: 'prescriber' }
    ann.agree({ recipients: [...wholeGrant.recipients, prescriber] })
    ann.happens(received())
    expect(ann.of('into-prison').map(({ recipient }) => recipient.practitionerId)).toEqual([
      'lp-1',
      'prescriber:testshire-recovery',
    ])
  })

  it('is taken back when it turns out to have been a return', () => {
    const ann = aPerson()
    ann.happens(
      received({ id: 'm', version: 100 }),
      anEvent('ReturnedToPrison', {
        id: 'm',
        version: 200,
        received: tuesday + hours(1),
        occurredAt: tuesday,
      }),
    )
    expect(ann.one('into-prison').state).toBe('retracted')
    expect(ann.one('correction').state).toBe('open')
  })
})
