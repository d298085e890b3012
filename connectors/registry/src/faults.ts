import { HttpFault } from '@throughline/service'

/**
 * The codes with which Confluent's registries refuse, and clients tell one refusal from another. The first
 * three digits are the status. Messages name no subject and no value: they go by the code.
 */
const messages = {
  409: 'The schema is not compatible with an earlier one.',
  40401: 'Subject not found.',
  40402: 'Version not found.',
  40403: 'Schema not found.',
  40404: 'The subject is deleted. Use permanent=true to delete it for good.',
  40405: 'The subject was not deleted before it was to be deleted for good.',
  40406: 'The version is deleted. Use permanent=true to delete it for good.',
  40407: 'The version was not deleted before it was to be deleted for good.',
  40408: 'The subject has no compatibility level of its own.',
  40409: 'The subject has no mode of its own.',
  42201: 'This is not a valid Avro schema.',
  42202: 'A version is a whole number from 1 to 2147483647, or "latest".',
  42203:
    'A compatibility level is NONE, BACKWARD, FORWARD or FULL, the last three also _TRANSITIVE.',
  42204: 'A mode is READWRITE or READONLY.',
  42205: 'The registry is read-only here.',
  42206: 'Other schemas refer to this version.',
  42208: 'This is not a valid subject.',
} as const

export type RegistryCode = keyof typeof messages

/** A refusal by its code; `more` says where and why, never what was sent. */
export const refusal = (code: RegistryCode, more: readonly string[] = []): HttpFault =>
  new HttpFault(
    Number(String(code).slice(0, 3)),
    String(code),
    [messages[code], ...(more.length === 0 ? [] : [more.join('; ')])].join(' '),
  )

/** What everybody's clients read: a number and a sentence. Faults that are not the registry's have their status. */
export const bodyOfFault = ({ code, status, message }: HttpFault) => ({
  error_code: Number(code in messages ? code : status),
  message,
})
