import {
  canonicalText,
  type Envelope,
  type Identifier,
  type Ids,
  identifier,
  identifierHash,
  readTimestamp,
} from '@throughline/domain'
import type { JsonValue } from '@throughline/service'
import { z } from 'zod'
import { fault, faultsOf, type RecordFault } from './faults.ts'
import type { Read } from './translation.ts'

/** What our own JSON formats have in common: strict, and told by place and rule what is wrong. */

export const code = (pattern: RegExp, doc: string) => z.string().regex(pattern).describe(doc)

/** Which telling of the same record it is. */
export const recordVersion = z
  .int()
  .min(1)
  .max(9999)
  .default(1)
  .describe('1 when first told; higher when corrected. The highest is the one that holds.')

/** An instant with `Z` or an offset; one without a zone is a mistake to be told about. */
export const instant = (doc: string) =>
  z
    .string()
    .max(40)
    .superRefine((value, context) => {
      const read = readTimestamp(value, { zoneless: 'utc' })
      const rule = !read.ok
        ? read.rule
        : /(?:Z|[+-]\d{2}:?\d{2})$/.test(value)
          ? null
          : 'timestamp-needs-offset'
      if (rule !== null) context.addIssue({ code: 'custom', params: { rule } })
    })
    .describe(`${doc} With seconds or without, and with Z or an offset.`)

/** Milliseconds since 1970 of an instant that `instant` has let through; null for none. */
export function instantMs(written: string | undefined): number | null {
  if (written === undefined) return null
  const read = readTimestamp(written, { zoneless: 'utc' })
  return read.ok ? read.at : null
}

/** `occurredAt` of the envelope with its precision, and the text where the instant cannot hold all of it. */
export function occurredOf(
  written: string,
): Pick<Envelope, 'occurredAt' | 'occurredAtPrecision' | 'occurredAtText'> {
  const read = readTimestamp(written, { zoneless: 'utc' })
  return {
    occurredAt: read.ok ? read.at : 0,
    occurredAtPrecision: read.ok ? read.precision : 'UNKNOWN',
    occurredAtText: /\.\d{4,}/.test(written) ? written : null,
  }
}

export const isObject = (value: JsonValue | undefined): value is { [member: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A record of our own format, or everything that is wrong with it. */
export function readHouse<T>(
  schema: z.ZodType<T>,
  written: JsonValue,
):
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly RecordFault[] } {
  const parsed = schema.safeParse(written)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, errors: faultsOf(parsed.error).map((one) => missingOr(one, written)) }
}

/** zod calls a member that is not there one of the wrong type; whoever sent it should hear which it is. */
function missingOr(found: RecordFault, written: JsonValue): RecordFault {
  if (found.rule !== 'type' && found.rule !== 'not-in-list') return found
  let value: JsonValue | undefined = written
  for (const part of found.path.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)]
    else value = isObject(value) ? value[part] : undefined
  }
  return value === undefined ? fault(found.path, 'required') : found
}

/** What is known of a record before anything in it is understood: the same text again is a duplicate. */
export function unread(
  { format, system }: Pick<Read, 'format' | 'system'>,
  whole: string,
  ids: Ids,
): Read {
  return {
    format,
    system,
    naturalKey: ids.hmac('message', whole),
    version: 1,
    contentHash: ids.hmac('content', whole),
    resolves: [],
    unknownMembers: 0,
  }
}

export interface NumberRules {
  readonly allowTestNhsNumbers: boolean
  /** True where the sender traces NHS numbers; one that is not traced matches nobody. */
  readonly nhsNumbersTraced: boolean
  /** The register's clock: two-digit years need a century. */
  readonly now: number
}

interface WrittenNumber {
  readonly type: Identifier['type']
  readonly value: string
  readonly issuer?: string | undefined
}

/** The numbers that name a person, checked; `at` is the path of the list in the record. */
export function numbersOf(
  written: readonly WrittenNumber[],
  at: string,
  { allowTestNhsNumbers, nhsNumbersTraced, now }: NumberRules,
): { readonly faults: readonly RecordFault[]; readonly identifiers: readonly Identifier[] } {
  const faults: RecordFault[] = []
  const identifiers: Identifier[] = []
  const referenceYear = new Date(now).getUTCFullYear()
  written.forEach(({ type, value, issuer }, place) => {
    const given = { type, value, ...(issuer !== undefined && { issuer }) }
    const checked = identifier(given, { allowTestNhsNumbers, referenceYear })
    if (checked.ok) {
      const verified = checked.identifier.type !== 'NHS' || nhsNumbersTraced
      identifiers.push({ ...checked.identifier, verified })
    } else faults.push(fault(`${at}.${place}.${checked.at}`, checked.rule))
  })
  return { faults, identifiers }
}

/** HMACs of the verified identifiers, the first one first. */
export const hashesOf = (ids: Ids, identifiers: readonly Identifier[]): readonly string[] =>
  identifiers
    .filter(({ verified }) => verified)
    .map((one) => identifierHash(ids, canonicalText(one)))
