import { type Delimiters, unescape } from './escapes.ts'

export type { Delimiters } from './escapes.ts'

/** One HL7 v2 message, split as far as it has been asked for. */
export interface Hl7Message {
  readonly delimiters: Delimiters
  /** In the order sent; the first is MSH. */
  readonly segments: readonly Hl7Segment[]
}

/** Fields are numbered from 1 as HL7 does: MSH-1 is the field separator itself. */
export interface Hl7Segment {
  readonly name: string
  /** Raw text, '' if missing. An explicit delete is `""` (see `isNull`). */
  field(n: number): string
  /** One for each repetition sent, empty ones too; none if the field is empty. */
  repetitions(n: number): readonly Hl7Field[]
  /** First repetition, first component, unescaped; '' if missing. */
  text(n: number): string
}

/** One repetition of a field. */
export interface Hl7Field {
  /** The whole component, unescaped; '' if missing. Subcomponents stay joined: free text may hold their separator. */
  component(n: number): string
  /** Subcomponent m of component n, unescaped; '' if missing. */
  sub(n: number, m: number): string
}

export type Parsed =
  | { readonly ok: true; readonly message: Hl7Message }
  | { readonly ok: false; readonly reason: 'header-missing' | 'delimiters-invalid' }

/**
 * Reads a message by the delimiters that it declares itself. Total: never throws, whatever the text. Segments may
 * end in CR, LF or CRLF; a line that does not begin with a segment's name continues the one before it, because
 * senders let line feeds through in free text.
 */
export function parseMessage(given: string): Parsed {
  const text = withoutLead(given)
  const delimiters = delimitersOf(text)
  if (typeof delimiters === 'string') return { ok: false, reason: delimiters }
  const segments: Hl7Segment[] = []
  for (const line of linesOf(text, delimiters.field)) segments.push(new Segment(line, delimiters))
  return { ok: true, message: { delimiters, segments } }
}

export const segmentsOf = (message: Hl7Message, name: string): readonly Hl7Segment[] =>
  message.segments.filter((segment) => segment.name === name)

/** The first one of that name. */
export const segmentOf = (message: Hl7Message, name: string): Hl7Segment | undefined =>
  message.segments.find((segment) => segment.name === name)

/** `""`: the sender deletes what was there; an empty field leaves it as it was. */
export const isNull = (raw: string): boolean => raw === '""'

/** A byte order mark and empty lines before the header: seen from several engines, and meaningless. */
function withoutLead(text: string): string {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (text.charCodeAt(at) === 13 || text.charCodeAt(at) === 10) at++
  return at === 0 ? text : text.slice(at)
}

const usual: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
}

/** MSH-1 and MSH-2: different from each other, and marks that no value is made of. The subcomponent's may be left out; 2.7 adds one for truncation. */
function delimitersOf(text: string): Delimiters | 'header-missing' | 'delimiters-invalid' {
  if (text.startsWith('MSH|^~\\&|')) return usual
  if (!text.startsWith('MSH')) return 'header-missing'
  const field = text.charAt(3)
  const end = text.indexOf(field, 4)
  const rest = end === -1 ? '' : text.slice(4, end)
  const all = field + rest
  if (!/^[!-/:-@[-`{-~]{4,6}$/.test(all) || new Set(all).size !== all.length) {
    return 'delimiters-invalid'
  }
  return {
    field,
    component: rest.charAt(0),
    repetition: rest.charAt(1),
    escape: rest.charAt(2),
    subcomponent: rest.charAt(3),
  }
}

function linesOf(text: string, separator: string): readonly string[] {
  const lines = text.includes('\n') ? text.split(/\r\n|\r|\n/) : text.split('\r')
  const segments: string[] = []
  for (const line of lines) {
    if (line === '') continue
    if (beginsSegment(line, separator)) segments.push(line)
    else segments[segments.length - 1] += `\n${line}`
  }
  return segments
}

function beginsSegment(line: string, separator: string): boolean {
  if (line.length > 3 && line.charAt(3) !== separator) return false
  if (!isUpper(line.charCodeAt(0))) return false
  return isUpperOrDigit(line.charCodeAt(1)) && isUpperOrDigit(line.charCodeAt(2))
}

const isUpper = (code: number): boolean => code >= 65 && code <= 90
const isUpperOrDigit = (code: number): boolean => isUpper(code) || (code >= 48 && code <= 57)

/** A class, because a message has a dozen and most are asked for one field or none. */
class Segment implements Hl7Segment {
  readonly name: string
  readonly #line: string
  readonly #delimiters: Delimiters
  #fields: readonly string[] | undefined

  constructor(line: string, delimiters: Delimiters) {
    this.name = line.slice(0, 3)
    this.#line = line
    this.#delimiters = delimiters
  }

  field(n: number): string {
    this.#fields ??= this.#line.split(this.#delimiters.field)
    if (this.name !== 'MSH') return n < 1 ? '' : (this.#fields[n] ?? '')
    return n === 1 ? this.#delimiters.field : (this.#fields[n - 1] ?? '')
  }

  repetitions(n: number): readonly Hl7Field[] {
    const raw = this.field(n)
    if (raw === '') return []
    if (this.#isEncoding(n)) return [new Field(raw, literal)]
    return partsOf(raw, this.#delimiters.repetition).map((one) => new Field(one, this.#delimiters))
  }

  text(n: number): string {
    const raw = this.field(n)
    if (raw === '' || this.#isEncoding(n)) return raw
    const { repetition, component } = this.#delimiters
    return unescape(firstOf(firstOf(raw, repetition), component), this.#delimiters)
  }

  /** The delimiters themselves are not divided by themselves. */
  #isEncoding(n: number): boolean {
    return n <= 2 && this.name === 'MSH'
  }
}

const literal: Delimiters = {
  field: '',
  component: '',
  repetition: '',
  escape: '',
  subcomponent: '',
}

class Field implements Hl7Field {
  readonly #raw: string
  readonly #delimiters: Delimiters
  #components: readonly string[] | undefined

  constructor(raw: string, delimiters: Delimiters) {
    this.#raw = raw
    this.#delimiters = delimiters
  }

  component(n: number): string {
    return unescape(this.#component(n), this.#delimiters)
  }

  sub(n: number, m: number): string {
    const parts = partsOf(this.#component(n), this.#delimiters.subcomponent)
    return unescape(parts[m - 1] ?? '', this.#delimiters)
  }

  #component(n: number): string {
    this.#components ??= partsOf(this.#raw, this.#delimiters.component)
    return this.#components[n - 1] ?? ''
  }
}

const partsOf = (text: string, separator: string): readonly string[] =>
  separator === '' ? [text] : text.split(separator)

function firstOf(text: string, separator: string): string {
  const end = separator === '' ? -1 : text.indexOf(separator)
  return end === -1 ? text : text.slice(0, end)
}
