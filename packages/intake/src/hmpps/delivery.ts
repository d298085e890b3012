import { JsonFault, type JsonValue, parseJson } from '@throughline/service'
import { z } from 'zod'
import { isObject } from '../house.ts'
import { type JsonObject, text } from './pieces.ts'

/** One message as it was delivered: what is inside, and what its envelope says about it. */
export interface Delivery {
  readonly transport: 'bare' | 'sns'
  /** An attribute of the notification, such as `eventType`, on which the sender routes. */
  readonly attribute: (name: string) => string | undefined
  readonly content:
    | { readonly kind: 'object'; readonly object: JsonObject }
    | { readonly kind: 'subscription' }
    | { readonly kind: 'pointer' }
    | { readonly kind: 'unreadable'; readonly reason: string; readonly at: readonly string[] }
}

/** The records of one request: a message, or a list of them. A large message's pointer is a list too, of two. */
export function deliveriesIn(payload: JsonValue): readonly JsonValue[] {
  return Array.isArray(payload) && !isPointer(payload) ? payload : [payload]
}

/**
 * Reads one message, bare or in its SNS notification, in every shape that was found
 * (formats/justice.md, section 1.1). Never throws: what cannot be read says where.
 */
export function readDelivery(message: JsonValue): Delivery {
  if (isPointer(message)) return { ...bare, content: pointer }
  if (!isObject(message)) return { ...bare, content: unreadable('not-an-object', []) }
  if (!('Message' in message) && !notificationTypes.has(message['Type'] as string)) {
    return { ...bare, content: { kind: 'object', object: message } }
  }
  const { MessageAttributes = {}, ...envelope } = notification.parse(message)
  return {
    transport: 'sns',
    attribute: (name) =>
      Object.hasOwn(MessageAttributes, name)
        ? MessageAttributes[name]?.trim() || undefined
        : undefined,
    content: contentOf(envelope),
  }
}

const attributeValue = z
  .union([
    z.string(),
    z.object({ Value: z.string() }).transform(({ Value }) => Value),
    z.object({ StringValue: z.string() }).transform(({ StringValue }) => StringValue),
  ])
  .optional()
  .catch(undefined)

const notification = z.object({
  Type: text,
  Message: z.unknown().optional(),
  MessageAttributes: z.record(z.string(), attributeValue).optional().catch(undefined),
})

function contentOf({
  Type,
  Message,
}: Pick<z.output<typeof notification>, 'Type' | 'Message'>): Delivery['content'] {
  // Confirming a subscription would mean visiting an address that somebody sent us.
  if (Type !== undefined && Type !== 'Notification') return { kind: 'subscription' }
  const inner =
    typeof Message === 'string' ? innerJson(Message) : (Message as JsonValue | undefined)
  if (inner === undefined) return unreadable('message-not-json', ['Message'])
  if (isPointer(inner)) return pointer
  return isObject(inner)
    ? { kind: 'object', object: inner }
    : unreadable('not-an-object', ['Message'])
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

/** What is left of a message of 256 KB and more: a Java class name, and where the rest lies. */
const isPointer = (value: JsonValue): boolean => {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [name, place] = value as readonly JsonValue[]
  return typeof name === 'string' && isObject(place) && 's3BucketName' in place
}

const notificationTypes: ReadonlySet<string> = new Set([
  'Notification',
  'SubscriptionConfirmation',
  'UnsubscribeConfirmation',
])

const bare = { transport: 'bare', attribute: () => undefined } as const
const pointer = { kind: 'pointer' } as const
const unreadable = (reason: string, at: readonly string[]) =>
  ({ kind: 'unreadable', reason, at }) as const
