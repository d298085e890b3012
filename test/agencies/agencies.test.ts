import { describe, expect, it } from 'vitest'
import { custodyRecord } from './police.ts'
import { inNotification, type MovementReport, movementEvent, noiseEvent } from './prison.ts'
import { wireTime } from './wire-time.ts'

const released: MovementReport = {
  family: 'coded',
  movement: 'released',
  noms: 'Z9134QX',
  prison: 'QXI',
  movedAt: Date.parse('2025-11-18T09:12:44Z'),
  code: 'CR',
}

describe('the simulated prison', () => {
  it('writes a release home as the coded family writes it', () => {
    expect(movementEvent(released)).toMatchObject({
      eventType: 'prison-offender-events.prisoner.released',
      occurredAt: '2025-11-18T09:12:44Z',
      additionalInformation: {
        nomsNumber: 'Z9134QX',
        reason: 'RELEASED',
        nomisMovementReasonCode: 'CR',
        currentPrisonStatus: 'NOT_UNDER_PRISON_CARE',
      },
      personReference: { identifiers: [{ type: 'NOMS', value: 'Z9134QX' }] },
    })
  })

  it('has no movement code in the search family, and notices a few seconds later', () => {
    const event = movementEvent({ ...released, family: 'search' })
    expect(event).toMatchObject({
      eventType: 'prisoner-offender-search.prisoner.released',
      additionalInformation: { nomsNumber: 'Z9134QX', reason: 'RELEASED', prisonId: 'QXI' },
      occurredAt: '2025-11-18T09:12:48.213777777Z',
    })
    expect(JSON.stringify(event)).not.toContain('nomisMovementReasonCode')
  })

  it('repeats itself to the letter, under a new notification id', () => {
    const [one, two] = ['a', 'b'].map(
      (id) => inNotification(movementEvent(released), id, released.movedAt) as Notification,
    ) as [Notification, Notification]
    expect(one.Message).toBe(two.Message)
    expect(one.MessageId).not.toBe(two.MessageId)
    expect(JSON.parse(one.Message)).toEqual(movementEvent(released))
  })

  it('also says things that nobody needs', () => {
    expect(noiseEvent('updated', 'Z9134QX', released.movedAt)).toMatchObject({
      eventType: 'prisoner-offender-search.prisoner.updated',
    })
  })
})

interface Notification {
  readonly MessageId: string
  readonly Message: string
}

it('the simulated police say whether a prescription is open', () => {
  const record = {
    what: 'arrest',
    force: '91',
    custodyReference: '91/CU/001000',
    occurredAt: Date.parse('2026-06-10T23:30:00Z'),
    openPrescription: 'UNKNOWN',
    identifiers: [{ type: 'PNC', value: '1931/9999412X' }],
  } as const
  expect(custodyRecord(record)).toMatchObject({
    recordType: 'arrest',
    occurredAt: '2026-06-11T00:30:00+01:00',
    arrest: { openPrescription: 'UNKNOWN' },
  })
})

it('custody writes London time with its offset, and Z in winter', () => {
  expect(wireTime(Date.parse('2026-03-29T00:59:59.005Z'), 3)).toBe('2026-03-29T00:59:59.005Z')
  expect(wireTime(Date.parse('2026-03-29T01:00:00.005Z'), 3)).toBe('2026-03-29T02:00:00.005+01:00')
})
