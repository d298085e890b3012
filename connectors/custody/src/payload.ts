import { JsonFault, type JsonValue, parseJson } from '@throughline/service'
import { z } from 'zod'

export type JsonObject = { readonly [member: string]: JsonValue }

/** One message as it was delivered: the event itself, and what its envelope says about it. */
export interface Delivery {
  readonly transport: 'bare' | 'sns'
  /** The `eventType` attribute of the notification: what the sender routes on. */
  readonly attributeType: string | undefined
  readonly content:
    | { readonly kind: 'event'; readonly event: DomainEvent; readonly unknownMembers: number }
    | { readonly kind: 'subscription' }
    | { readonly kind: 'pointer' }
    | { readonly kind: 'unreadable'; readonly reason: string; readonly at: readonly string[] }
}

/** A text, or nothing: null, an empty text and any other type count as missing. */
const text = z
  .string()
  .transform((value) => (value.trim() === '' ? undefined : value))
  .optional()
  .catch(undefined)

/** Ids come as numbers from some publishers and as texts from others. */
const idText = z
  .union([z.string(), z.number()])
  .transform((value) => (String(value).trim() === '' ? undefined : String(value)))
  .optional()
  .catch(undefined)

const identifierEntry = z
  .object({ type: text, value: idText })
  .catch({ type: undefined, value: undefined })

const personReference = z
  .object({ identifiers: z.array(identifierEntry).optional().catch(undefined) })
  .optional()
  .catch(undefined)

/** Facts particular to a type (formats/justice.md, sections 3, 4, 6.3 and 7). */
const additionalInformation = z
  .object({
    nomsNumber: idText,
    prisonerId: idText,
    prisonerNumber: idText,
    removedNomsNumber: idText,
    movedFromNomsNumber: idText,
    movedToNomsNumber: idText,
    bookingId: idText,
    bookingStartDateTime: text,
    reason: text,
    probableCause: text,
    prisonId: text,
    nomisMovementReasonCode: idText,
    recallId: idText,
  })
  .optional()
  .catch(undefined)

/**
 * An HMPPS domain event or a raw NOMIS event, read tolerantly: it is other people's format, so a member
 * of the wrong type is as good as missing, and only what is needed afterwards decides the outcome.
 */
export const domainEvent = z.object({
  eventType: text,
  version: z.unknown().optional(),
  occurredAt: text,
  publishedAt: text,
  additionalInformation,
  personReference,
  prisonerId: idText,
  offenderNo: idText,
  // The raw NOMIS events keep everything at the top.
  eventDatetime: text,
  offenderIdDisplay: idText,
  previousOffenderIdDisplay: idText,
  bookingId: idText,
  movementSeq: idText,
  imprisonmentStatusSeq: idText,
  bookingStartDateTime: text,
  type: text,
})
export type DomainEvent = z.output<typeof domainEvent>

/** Members that are known and not needed; what is in neither list is counted as unknown. */
const unneeded = {
  top: [
    'description',
    'detailUrl',
    'nomisEventType',
    'offenderId',
    'bookingNumber',
    'previousBookingNumber',
    'lastAdmissionDate',
    'level',
    'active',
  ],
  facts: [
    'details',
    'currentLocation',
    'currentPrisonStatus',
    'source',
    'sentenceIds',
    'previousSentenceIds',
    'previousRecallId',
    'categoriesChanged',
    'convictedStatus',
    'alertsAdded',
    'alertsRemoved',
    'sentenceCalculationId',
    'livingUnitId',
    'bedAssignmentSeq',
    'personId',
    'contactId',
    'approvedVisitor',
    'username',
    'caseNoteId',
    'caseNoteType',
    'type',
    'subType',
  ],
}
const knownTop = new Set([...Object.keys(domainEvent.shape), ...unneeded.top])
const knownFacts = new Set([
  ...Object.keys(additionalInformation.unwrap().unwrap().shape),
  ...unneeded.facts,
])

const attributeValue = z
  .union([
    z.string(),
    z.object({ Value: z.string() }).transform(({ Value }) => Value),
    z.object({ StringValue: z.string() }).transform(({ StringValue }) => StringValue),
  ])
  .optional()
  .catch(undefined)

/** An SNS notification in every shape that was found (formats/justice.md, section 1.1). */
const notification = z.object({
  Type: text,
  Message: z.unknown().optional(),
  MessageAttributes: z.object({ eventType: attributeValue }).optional().catch(undefined),
})

/** Reads one message, bare or in its notification. Never throws: what cannot be read says where. */
export function readDelivery(message: JsonValue): Delivery {
  if (isPointer(message)) return { transport: 'bare', attributeType: undefined, content: pointer }
  if (!isObject(message)) {
    return { transport: 'bare', attributeType: undefined, content: unreadable('not-an-object', []) }
  }
  if (!('Message' in message) && !isNotificationType(message['Type'])) {
    return { transport: 'bare', attributeType: undefined, content: eventIn(message) }
  }
  const envelope = notification.parse(message)
  const attributeType = envelope.MessageAttributes?.eventType?.trim() || undefined
  return { transport: 'sns', attributeType, content: contentOf(envelope) }
}

function contentOf({ Type, Message }: z.output<typeof notification>): Delivery['content'] {
  // Confirming a subscription would mean visiting an address that somebody sent us.
  if (Type !== undefined && Type !== 'Notification') return { kind: 'subscription' }
  const inner =
    typeof Message === 'string' ? innerJson(Message) : (Message as JsonValue | undefined)
  if (inner === undefined) return unreadable('message-not-json', ['Message'])
  if (isPointer(inner)) return pointer
  return isObject(inner) ? eventIn(inner) : unreadable('not-an-object', ['Message'])
}

/** The event is JSON text inside JSON: read as strictly as the outside. */
function innerJson(message: string): JsonValue | undefined {
  try {
    return parseJson(message)
  } catch (error) {
    if (error instanceof JsonFault) return undefined
    throw error
  }
}

function eventIn(object: JsonObject): Delivery['content'] {
  const facts = object['additionalInformation']
  const unknownFacts = isObject(facts)
    ? Object.keys(facts).filter((name) => !knownFacts.has(name))
    : []
  const unknownTop = Object.keys(object).filter((name) => !knownTop.has(name))
  return {
    kind: 'event',
    event: domainEvent.parse(object),
    unknownMembers: unknownTop.length + unknownFacts.length,
  }
}

/** What is left of a message of 256 KB and more: a Java class name, and where the rest lies. */
const isPointer = (value: JsonValue): boolean => {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [name, place] = value as readonly JsonValue[]
  return typeof name === 'string' && isObject(place) && 's3BucketName' in place
}

const isNotificationType = (type: JsonValue | undefined): boolean =>
  type === 'Notification' ||
  type === 'SubscriptionConfirmation' ||
  type === 'UnsubscribeConfirmation'

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const pointer = { kind: 'pointer' } as const
const unreadable = (reason: string, at: readonly string[]) =>
  ({ kind: 'unreadable', reason, at }) as const
