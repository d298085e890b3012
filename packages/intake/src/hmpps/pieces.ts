import type { JsonValue } from '@throughline/service'
import { z } from 'zod'

/**
 * Tolerant readings of other people's members: one of the wrong type is as good as missing, and only
 * what is needed afterwards decides the outcome. Null, an empty text and blanks count as missing too.
 */

export const text = z
  .string()
  .transform((value) => (value.trim() === '' ? undefined : value))
  .optional()
  .catch(undefined)

/** Ids come as numbers from some publishers and as texts from others. */
export const idText = z
  .union([z.string(), z.number()])
  .transform((value) => (String(value).trim() === '' ? undefined : String(value)))
  .optional()
  .catch(undefined)

/** Yes and no, which some publishers write as texts. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')])
  .optional()
  .catch(undefined)

/** An object of such members, or nothing. */
export const part = <S extends z.ZodRawShape>(shape: S) =>
  z.object(shape).optional().catch(undefined)

/** A list of objects: members that are no objects are left out. */
export const list = <S extends z.ZodRawShape>(shape: S) =>
  z
    .array(z.object(shape).nullable().catch(null))
    .transform((items) => items.filter((item) => item !== null))
    .catch([])

/** Whom a domain event is about (formats/justice.md, section 1.2). */
export const personReference = part({
  identifiers: z
    .array(z.object({ type: text, value: idText }).catch({ type: undefined, value: undefined }))
    .optional()
    .catch(undefined),
})

export type JsonObject = { readonly [member: string]: JsonValue }

/** Names of members that are known, at the top and in `additionalInformation`. */
export interface KnownMembers {
  readonly top: ReadonlySet<string>
  readonly facts: ReadonlySet<string>
}

/** How many members of a domain event nobody knows. */
export function unknownMembersOf(event: JsonObject, { top, facts }: KnownMembers): number {
  const inside = event['additionalInformation']
  const known = isPlain(inside) ? Object.keys(inside).filter((name) => !facts.has(name)) : []
  return Object.keys(event).filter((name) => !top.has(name)).length + known.length
}

const isPlain = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
