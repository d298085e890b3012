import { wireTime } from './wire-time.ts'

/** The two families that report one movement: the search index at once, the coded one 45 minutes on. */
export type Family = 'search' | 'coded'

/** What the movement was, in the prison's own words. */
export type Movement =
  | 'admission'
  | 'court-out'
  | 'court-return'
  | 'absence-out'
  | 'absence-return'
  | 'transfer-out'
  | 'transfer-in'
  | 'hospital-out'
  | 'released'

/** What a prison knows of one movement when it reports it. Times are milliseconds. */
export interface MovementReport {
  readonly family: Family
  readonly movement: Movement
  readonly noms: string
  readonly prison: string
  readonly movedAt: number
  /** NOMIS movement reason code; only the coded family carries one. */
  readonly code: string
}

/** Other things the same feeds carry, none of which is a fact that anybody is told. */
export type Noise = 'updated' | 'created' | 'convicted-status' | 'imprisonment-status' | 'alerts'

const searchReasons: Readonly<Record<Movement, string>> = {
  admission: 'NEW_ADMISSION',
  'court-out': 'SENT_TO_COURT',
  'court-return': 'RETURN_FROM_COURT',
  'absence-out': 'TEMPORARY_ABSENCE_RELEASE',
  'absence-return': 'TEMPORARY_ABSENCE_RETURN',
  'transfer-out': 'TRANSFERRED',
  'transfer-in': 'TRANSFERRED',
  'hospital-out': 'RELEASED_TO_HOSPITAL',
  released: 'RELEASED',
}
const codedReasons: Readonly<Record<Movement, string>> = {
  ...searchReasons,
  admission: 'ADMISSION',
}
const inward: readonly Movement[] = ['admission', 'court-return', 'absence-return', 'transfer-in']
const searchPublisherDelayMs = 4_213
const codedPublisherDelayMs = 45 * 60_000 + 1_180

/** When the index noticed, a few seconds after the movement: the search family's `occurredAt`. */
export const noticedAt = (movedAt: number): number => movedAt + searchPublisherDelayMs

/** One domain event of a movement, bare. The same report always gives the same text. */
export function movementEvent(report: MovementReport): object {
  return report.family === 'search' ? searchEvent(report) : codedEvent(report)
}

function searchEvent({ movement, noms, prison, movedAt }: MovementReport): object {
  const reason = searchReasons[movement]
  const received = inward.includes(movement)
  return {
    eventType: `prisoner-offender-search.prisoner.${received ? 'received' : 'released'}`,
    additionalInformation: { nomsNumber: noms, reason, prisonId: prison },
    version: 1,
    occurredAt: wireTime(noticedAt(movedAt), 9),
    description: `A prisoner has been ${received ? 'received into' : 'released from'} a prison with reason: ${reason.toLowerCase().replaceAll('_', ' ')}`,
    detailUrl: `https://prisoner-search.example.test/prisoner/${noms}`,
    ...aboutPrisoner(noms),
  }
}

function codedEvent({ movement, noms, prison, movedAt, code }: MovementReport): object {
  const received = inward.includes(movement)
  const underCare = received || ['court-out', 'absence-out', 'transfer-out'].includes(movement)
  return {
    eventType: `prison-offender-events.prisoner.${received ? 'received' : 'released'}`,
    additionalInformation: {
      nomsNumber: noms,
      reason: codedReasons[movement],
      ...(movement === 'admission' ? { details: `ACTIVE IN:ADM-${code}` } : {}),
      ...(movement === 'released' ? { details: `Movement reason code ${code}` } : {}),
      currentLocation: received ? 'IN_PRISON' : 'OUTSIDE_PRISON',
      prisonId: prison,
      nomisMovementReasonCode: code,
      currentPrisonStatus: underCare ? 'UNDER_PRISON_CARE' : 'NOT_UNDER_PRISON_CARE',
    },
    version: 1,
    occurredAt: wireTime(movedAt, 0),
    publishedAt: wireTime(movedAt + codedPublisherDelayMs, 9),
    description: `A prisoner has been ${received ? 'received into' : 'released from'} prison`,
    ...aboutPrisoner(noms),
  }
}

/** One of the events that say nothing a practitioner needs. */
export function noiseEvent(noise: Noise, noms: string, at: number): object {
  const search = (type: string, additionalInformation: object) => ({
    eventType: `prisoner-offender-search.prisoner.${type}`,
    additionalInformation: { nomsNumber: noms, ...additionalInformation },
    version: 1,
    occurredAt: wireTime(at, 9),
    description: 'A prisoner record has changed',
    detailUrl: `https://prisoner-search.example.test/prisoner/${noms}`,
    ...aboutPrisoner(noms),
  })
  switch (noise) {
    case 'updated':
      return search('updated', { categoriesChanged: ['LOCATION', 'STATUS'] })
    case 'created':
      return search('created', {})
    case 'convicted-status':
      return search('convicted-status-changed', {
        bookingId: bookingOf(noms),
        convictedStatus: 'Convicted',
      })
    case 'alerts':
      return search('alerts-updated', {
        bookingId: bookingOf(noms),
        alertsAdded: ['XTACT'],
        alertsRemoved: [],
      })
    case 'imprisonment-status':
      return {
        eventType: 'prison-offender-events.prisoner.imprisonment-status-changed',
        additionalInformation: { bookingId: bookingOf(noms) },
        version: 1,
        occurredAt: wireTime(at, 0),
        publishedAt: wireTime(at + 812, 9),
        description: "A prisoner's imprisonment status has been changed",
        ...aboutPrisoner(noms),
      }
  }
}

/** The SNS notification around an event: `messageId` is new at every publish, and is no identity. */
export function inNotification(event: object, messageId: string, publishedAt: number): object {
  const { eventType } = event as { readonly eventType: string }
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: 'arn:aws:sns:eu-west-2:000000000000:synthetic-hmpps-domain-events',
    Message: JSON.stringify(event),
    Timestamp: new Date(publishedAt).toISOString(),
    SignatureVersion: '1',
    Signature: 'c3ludGhldGlj',
    MessageAttributes: { eventType: { Type: 'String', Value: eventType } },
  }
}

const aboutPrisoner = (noms: string) => ({
  personReference: { identifiers: [{ type: 'NOMS', value: noms }] },
})

const bookingOf = (noms: string): string => `99${noms.slice(1, 5)}1`
