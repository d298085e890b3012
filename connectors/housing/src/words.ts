import { type Envelope, type Identifier, londonTimeOn, readTimestamp } from '@throughline/domain'
import { z } from 'zod'

/** What housing's formats have in common. Days are Europe/London calendar days, `yyyy-mm-dd`. */

export const day = (doc: string) => z.iso.date().describe(`${doc} yyyy-mm-dd.`)

/** Free text; blank is the same as not there. It is read so that nobody need leave it out, and never passed on. */
export const note = (doc: string, most = 4000) =>
  z
    .string()
    .max(most)
    .nullish()
    .transform((text) => (text === undefined || text === null || text.trim() === '' ? null : text))
    .describe(`${doc} Not passed on.`)

export const ownNumber = /^[A-Za-z0-9](?:[A-Za-z0-9/._-]{0,62}[A-Za-z0-9])?$/
export const shortCode = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/
export const listCode = /^[a-z0-9][a-z0-9_]{0,59}$/

/** Numbers that the person's other agencies know them by. */
export const sharedNumbers = z
  .array(
    z.strictObject({
      type: z
        .enum(['NHS', 'NOMS', 'CRN', 'HOUSING_APPLICATION', 'TENANCY'])
        .describe('Which number it is.'),
      value: z.string().min(1).max(64).describe('The number; checked by its letter or digit.'),
      issuer: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('The authority or landlord, for HOUSING_APPLICATION and TENANCY.'),
    }),
  )
  .max(8)
  .default([])
  .describe('Numbers by which other agencies know the person, where they agreed to give them.')

/** `occurredAt` of the envelope where only the day is known. */
export const occurredOn = (
  date: string,
): Pick<Envelope, 'occurredAt' | 'occurredAtPrecision' | 'occurredAtText'> => ({
  occurredAt: londonTimeOn(date, 0, 0),
  occurredAtPrecision: 'DAY',
  occurredAtText: null,
})

/** A local number as an identifier. An authority's or landlord's own number names one person or household by itself. */
export const localNumber = (
  type: 'HOUSING_APPLICATION' | 'TENANCY',
  issuer: string,
  value: string,
): Identifier => ({ type, value, issuer, verified: true })

/**
 * Whether a second number of one issuer can be told from the first. An issuer counts cases and people
 * separately, so where both are plain digits, or made alike, one person's number may be another one's
 * case: only the first is matched then.
 */
export const isToldFrom = (second: string, first: string): boolean =>
  shapeOf(second) !== '0' && shapeOf(second) !== shapeOf(first)

const shapeOf = (number: string): string => number.replaceAll(/\d+/g, '0').toUpperCase()

/** Whether a CSV cell is a day as we write it; spreadsheets' own ways of writing one are not guessed at. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && readTimestamp(text, { zoneless: 'london' }).ok
