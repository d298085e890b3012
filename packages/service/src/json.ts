export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

export type JsonRule =
  | 'json-syntax'
  | 'json-duplicate-member'
  | 'json-too-deep'
  | 'json-too-many-members'
  | 'json-number-range'
  | 'json-lone-surrogate'
  | 'json-nul'
  | 'json-forbidden-member'

/** What is wrong with a JSON text and where, by line and column: never by what stands there. */
export class JsonFault extends Error {
  readonly rule: JsonRule
  readonly at: string

  constructor(rule: JsonRule, at: string) {
    super(messages[rule])
    this.name = 'JsonFault'
    this.rule = rule
    this.at = at
  }
}

export interface JsonOptions {
  /** `refuse` in our own formats; other people's `__proto__`, `constructor`, `prototype` are left out. */
  readonly prototypeMembers?: 'refuse' | 'ignore'
  readonly depthMax?: number
  readonly membersMax?: number
}

const messages: Record<JsonRule, string> = {
  'json-syntax': 'This is not JSON.',
  'json-duplicate-member': 'A member appears twice in one object.',
  'json-too-deep': 'Values are nested too deeply.',
  'json-too-many-members': 'There are too many members.',
  'json-number-range': 'A number cannot be kept exactly.',
  'json-lone-surrogate': 'A text contains half of a character.',
  'json-nul': 'A text contains the NUL character.',
  'json-forbidden-member': 'A member has a name that no format of ours uses.',
}

const prototypeNames = new Set(['__proto__', 'constructor', 'prototype'])
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const hexToken = /[0-9a-fA-F]{4}/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Reads JSON more strictly than `JSON.parse`, which keeps the last of two equal members, rounds large
 * numbers and takes half characters: two readers of one message would then see two messages.
 * Objects have no prototype. Throws `JsonFault`.
 */
export function parseJson(text: string, options: JsonOptions = {}): JsonValue {
  const { prototypeMembers = 'ignore', depthMax = 64, membersMax = 100_000 } = options
  let at = 0
  let members = 0

  const fault = (rule: JsonRule, place = at): JsonFault => {
    const before = text.slice(0, place)
    const line = before.split('\n').length
    return new JsonFault(rule, `line ${line}, column ${place - before.lastIndexOf('\n')}`)
  }

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      at++
    }
  }

  const word = <T>(expected: string, value: T): T => {
    if (!text.startsWith(expected, at)) throw fault('json-syntax')
    at += expected.length
    return value
  }

  const numberValue = (): number => {
    const start = at
    numberToken.lastIndex = at
    const token = numberToken.exec(text)?.[0]
    if (token === undefined) throw fault('json-syntax')
    at += token.length
    const value = Number(token)
    const exact =
      Number.isFinite(value) &&
      !Object.is(value, -0) &&
      (!Number.isInteger(value) || Number.isSafeInteger(value))
    if (!exact) throw fault('json-number-range', start)
    return value
  }

  const escaped = (): string => {
    const letter = text[at] ?? ''
    if (letter === 'u') {
      hexToken.lastIndex = at + 1
      const hex = hexToken.exec(text)?.[0]
      if (hex === undefined) throw fault('json-syntax')
      at += 5
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const value = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (value === undefined) throw fault('json-syntax')
    at++
    return value
  }

  const stringValue = (): string => {
    const opened = at
    if (text[at] !== '"') throw fault('json-syntax')
    at++
    let value = ''
    let from = at
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) break
      // Also the end of the text, whose code is NaN.
      if (!(code >= 0x20)) throw fault(code === 0 ? 'json-nul' : 'json-syntax')
      at++
      if (code !== 0x5c) continue
      value += text.slice(from, at - 1) + escaped()
      from = at
    }
    value += text.slice(from, at)
    at++
    if (!value.isWellFormed()) throw fault('json-lone-surrogate', opened)
    if (value.includes('\0')) throw fault('json-nul', opened)
    return value
  }

  const arrayValue = (depth: number): readonly JsonValue[] => {
    at++
    const values: JsonValue[] = []
    skipSpace()
    if (text[at] === ']') {
      at++
      return values
    }
    for (;;) {
      values.push(anyValue(depth))
      skipSpace()
      const next = text[at]
      if (next !== ',' && next !== ']') throw fault('json-syntax')
      at++
      if (next === ']') return values
    }
  }

  const member = (object: Record<string, JsonValue>, depth: number): void => {
    skipSpace()
    const start = at
    const name = stringValue()
    if (++members > membersMax) throw fault('json-too-many-members', start)
    if (Object.hasOwn(object, name)) throw fault('json-duplicate-member', start)
    const forbidden = prototypeNames.has(name)
    if (forbidden && prototypeMembers === 'refuse') throw fault('json-forbidden-member', start)
    skipSpace()
    if (text[at] !== ':') throw fault('json-syntax')
    at++
    const value = anyValue(depth)
    if (!forbidden) object[name] = value
  }

  const objectValue = (depth: number): JsonValue => {
    at++
    const object: Record<string, JsonValue> = Object.create(null)
    skipSpace()
    if (text[at] === '}') {
      at++
      return object
    }
    for (;;) {
      member(object, depth)
      skipSpace()
      const next = text[at]
      if (next !== ',' && next !== '}') throw fault('json-syntax')
      at++
      if (next === '}') return object
    }
  }

  const anyValue = (depth: number): JsonValue => {
    skipSpace()
    const first = text[at]
    if (first === '{' || first === '[') {
      if (depth >= depthMax) throw fault('json-too-deep')
      return first === '{' ? objectValue(depth + 1) : arrayValue(depth + 1)
    }
    if (first === '"') return stringValue()
    if (first === 't') return word('true', true)
    if (first === 'f') return word('false', false)
    if (first === 'n') return word('null', null)
    return numberValue()
  }

  const value = anyValue(0)
  skipSpace()
  if (at !== text.length) throw fault('json-syntax')
  return value
}
