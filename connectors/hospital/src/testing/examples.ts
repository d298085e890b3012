import { readdirSync, readFileSync } from 'node:fs'
import type { CanonicalEvent } from '@throughline/domain'
import type { Translation } from '@throughline/intake'
import { testIds } from '@throughline/intake/testing'
import { type JsonValue, parseJson } from '@throughline/service'
import { decodeMessage } from '../hl7/charset.ts'
import { readHeader } from '../hl7/header.ts'
import { parseMessage } from '../hl7/message.ts'
import { profileOf, type SendersOptions } from '../profiles.ts'
import { translateAdt } from '../translate-adt.ts'
import { translateFhir } from '../translate-fhir.ts'

const folder = new URL('../../examples/', import.meta.url)

const names = readdirSync(folder).toSorted()
export const hl7Names: readonly string[] = names.filter((name) => name.endsWith('.hl7'))
export const fhirNames: readonly string[] = names.filter((name) => name.startsWith('fhir-'))

export const bytesOf = (name: string): Buffer => readFileSync(new URL(name, folder))

/** An example's text, in the character set that it declares. */
export function textOf(name: string): string {
  const bytes = bytesOf(name)
  const read = readHeader(bytes)
  if (!read.ok) throw new Error(`${name} has no header`)
  return decodeMessage(bytes, read.header.msh.text(18)).text
}

export const fhirExample = (name: string): JsonValue => parseJson(bytesOf(name).toString('utf8'))

/** As the hub runs with `--dev`: made-up numbers, and senders that trace them. */
export const devOptions = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
}
export type Given = Partial<typeof devOptions> & Pick<SendersOptions, 'senders'>

/** What becomes of one ER7 message. */
export function translated(text: string, given: Given = {}): Translation {
  const parsed = parseMessage(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  const [msh] = parsed.message.segments
  const options = { ...devOptions, ...given }
  const profile = profileOf(options, msh?.text(3) ?? '', msh?.text(4) ?? '')
  return translateAdt(parsed.message, { ids: testIds, options, profile })
}

export const translatedFhir = (body: JsonValue, given: Given = {}): Translation =>
  translateFhir(body, { ids: testIds, options: { ...devOptions, ...given } })

export const eventsIn = (translation: Translation): readonly CanonicalEvent[] =>
  translation.outcome === 'published' ? translation.events.map(({ event }) => event) : []

/** The one event of a type, with its members open to be looked at. */
export function eventIn(translation: Translation, type: string): Record<string, unknown> {
  const found = eventsIn(translation).filter((event) => event.type === type)
  if (found.length !== 1) throw new Error(`${found.length} events ${type}`)
  return found[0] as unknown as Record<string, unknown>
}

/** Outcome and reason, or the types of events, on one line. */
export function saidOf(translation: Translation): string {
  switch (translation.outcome) {
    case 'published':
      return translation.events.map(({ event }) => event.type).join(' ')
    case 'ignored':
      return `ignored ${translation.reason}`
    case 'quarantined':
      return `quarantined ${translation.reason} ${translation.at.join(' ')}`
    case 'rejected':
      return `rejected ${translation.errors.map(({ path, rule }) => `${path} ${rule}`).join(' ')}`
  }
}

/**
 * An example with some fields written otherwise (`PV1-36`: raw text; a segment that is not there is added),
 * or whole segments left out (`PV2: null`).
 */
export function changed(text: string, changes: Readonly<Record<string, string | null>>): string {
  const segments = text.split('\r').filter((line) => line !== '')
  for (const [place, raw] of Object.entries(changes)) {
    const [name = '', n] = place.split('-')
    const at = segments.findIndex((line) => line.startsWith(name))
    if (n === undefined) {
      if (at !== -1) segments.splice(at, 1)
      if (raw !== null) segments.push(raw)
      continue
    }
    const fields = (segments[at] ?? name).split('|')
    const place_ = name === 'MSH' ? Number(n) - 1 : Number(n)
    while (fields.length <= place_) fields.push('')
    fields[place_] = raw ?? ''
    segments[at === -1 ? segments.length : at] = fields.join('|')
  }
  return segments.join('\r')
}
