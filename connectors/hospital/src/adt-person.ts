import { canonicalText, type Identifier, identifier } from '@throughline/domain'
import type { AdtSegments } from './adt-segments.ts'
import { textOf } from './adt-segments.ts'
import { readHl7Time, type When } from './adt-times.ts'
import { type Hl7Field, type Hl7Segment, isNull } from './hl7/message.ts'
import type { MaskChange, MaskName } from './masking.ts'
import type { SenderProfile } from './profiles.ts'

export interface PersonRules {
  readonly profile: SenderProfile
  readonly allowTestNhsNumbers: boolean
}

/** Repetitions read of one field, and identifiers carried on: a real patient has a handful. */
const partsMax = 50
const identifiersMax = 10

/**
 * Every number of the patient that can be one, the NHS number first. A number matches somebody only if `verified`: an NHS number with
 * tracing status 01, or without a status from a sender that traces; a local number from the trust that issued it.
 */
export function identifiersIn(
  { PID, ZU1, all }: AdtSegments,
  rules: PersonRules,
): readonly Identifier[] {
  if (PID === undefined) return []
  const status = tracingStatus(PID) ?? statusIn(textOf(ZU1, 27))
  const { nhs, local } = numbersIn(PID, 3, rules, status)
  // Where PID-3 has none: the retired fields in which some trusts still send it, then the sender's own.
  const places = [
    () => nhsIn(PID.text(2), status, rules),
    () => nhsIn(PID.text(19), status, rules),
    () => configuredNhs(all, rules, status),
  ]
  for (const place of places) {
    if (nhs.length > 0) break
    nhs.push(...place())
  }
  return unique([...oneOf(nhs), ...local]).slice(0, identifiersMax)
}

/** The numbers in a CX field, told apart by who issued them and of what type they are. */
export function numbersIn(
  segment: Hl7Segment,
  n: number,
  rules: PersonRules,
  status: string | undefined,
): { readonly nhs: Identifier[]; readonly local: Identifier[] } {
  const nhs: Identifier[] = []
  const local: Identifier[] = []
  for (const field of segment.repetitions(n).slice(0, partsMax)) {
    const value = field.component(1).trim()
    // An empty repetition that names an issuer, or an explicit delete, is no number.
    if (value === '' || value === '""') continue
    const authority = field.sub(4, 1).trim().toUpperCase()
    // Scotland's and Northern Ireland's numbers pass the same check and carry the same type.
    if (otherNations.has(authority)) continue
    const type = typeIn(field)
    const isNhs =
      nhsAuthorities.has(authority) || nhsTypes.has(type) || nhsAuthorities.has(field.sub(4, 2))
    if (!isNhs) local.push(...localIn({ value, authority, type }, rules))
    else nhs.push(...nhsIn(value, statusOf(field) ?? status, rules))
  }
  return { nhs, local }
}

const nhsAuthorities: ReadonlySet<string> = new Set([
  'NHS',
  'NHSNBR',
  'NHS NUMBER',
  '2.16.840.1.113883.2.1.4.1',
])
/** `NI` is national insurance elsewhere: only ten digits that pass the check count. */
const nhsTypes: ReadonlySet<string> = new Set(['NH', 'HN', 'NHS', 'NHSNMBR', 'NHSNBR', 'NI'])
const otherNations: ReadonlySet<string> = new Set(['CHI', 'HCN', 'H&C', 'HSC', 'HSCNI'])

/** CX.5 without what Patients Know Best puts behind it: `NH{status:01}`. */
function typeIn(field: Hl7Field): string {
  const type = field.component(5)
  const end = type.indexOf('{')
  return (end === -1 ? type : type.slice(0, end)).trim().toUpperCase()
}

/** A number's own tracing status: in its type, or where its check digit would be (CX.2). */
function statusOf(field: Hl7Field): string | undefined {
  const type = field.component(5)
  const inType = type.includes('{') ? /\{status:(\d\d?)\}/.exec(type)?.[1] : undefined
  return statusIn(inType ?? field.component(2))
}

const nhsIn = (
  written: string,
  status: string | undefined,
  rules: PersonRules,
): readonly Identifier[] => {
  const found = nhsNumber(written, rules, status)
  return found === undefined ? [] : [found]
}

function nhsNumber(
  written: string,
  { allowTestNhsNumbers, profile }: PersonRules,
  status: string | undefined,
): Identifier | undefined {
  // Some Welsh feeds put an N in front.
  const value = written.trim().replace(/^N(?=[\d\s-]+$)/, '')
  const checked = identifier({ type: 'NHS', value }, { allowTestNhsNumbers })
  if (!checked.ok || isOfAnotherNation(checked.identifier.value)) return undefined
  const verified = status === undefined ? profile.nhsNumbersTraced : status === '1'
  return { ...checked.identifier, verified }
}

/** Scotland counts from a birth date (01 to 31 first), Northern Ireland from 320. */
const isOfAnotherNation = (value: string): boolean => value < '4000000000'

function configuredNhs(
  all: readonly Hl7Segment[],
  rules: PersonRules,
  status: string | undefined,
): readonly Identifier[] {
  const [name, n] = rules.profile.nhsNumberField?.split('-') ?? []
  const segment = name === undefined ? undefined : all.find((one) => one.name === name)
  return segment === undefined ? [] : nhsIn(segment.text(Number(n)), status, rules)
}

/** Two NHS numbers in one message: one of them is somebody else's, so neither matches anybody. */
function oneOf(nhs: readonly Identifier[]): readonly Identifier[] {
  const [first] = nhs
  const same = nhs.every(({ value }) => value === first?.value)
  return same ? nhs : nhs.map((one) => ({ ...one, verified: false }))
}

/** Types of number that name a patient at a trust. Account, visit and passport numbers do not. */
const localTypes: ReadonlySet<string> = new Set([
  '',
  'MR',
  'MRN',
  'PI',
  'PT',
  'LOCALID',
  'HOSPITAL',
  'PAS',
])

function localIn(
  written: { readonly value: string; readonly authority: string; readonly type: string },
  { profile, allowTestNhsNumbers }: PersonRules,
): readonly Identifier[] {
  const { value, authority, type } = written
  if (!localTypes.has(type) || profile.provider === null) return []
  const own = isOwn(authority, profile.provider, profile.localAuthorities)
  const issuer = own ? profile.provider : authority
  const checked = identifier({ type: 'MRN', value, issuer }, { allowTestNhsNumbers })
  // What another trust's number is, only that trust can say.
  return checked.ok ? [{ ...checked.identifier, verified: own }] : []
}

const isOwn = (authority: string, provider: string, local: readonly string[]): boolean =>
  authority === '' ||
  authority.startsWith(provider) ||
  local.some((name) => name.toUpperCase() === authority)

/** NHS number tracing status, as PID-32 repeats it: `NSTS01`, `PDS01`, `01`, `1`. */
export function tracingStatus(PID: Hl7Segment): string | undefined {
  if (PID.field(32) === '') return undefined
  for (const field of PID.repetitions(32).slice(0, partsMax)) {
    const found = statusIn(field.component(1))
    if (found !== undefined) return found
  }
  return undefined
}

/** The status' digit, 1 to 8. */
const statusIn = (text: string): string | undefined =>
  text === '' ? undefined : /^(?:NSTS|PDS)?0?([1-8])$/.exec(text.trim().toUpperCase())?.[1]

function unique(identifiers: readonly Identifier[]): readonly Identifier[] {
  if (identifiers.length < 2) return identifiers
  const seen = new Map<string, Identifier>()
  for (const one of identifiers)
    if (!seen.has(canonicalText(one))) seen.set(canonicalText(one), one)
  return [...seen.values()]
}

export type Death = { readonly is: 'reported'; readonly when: When } | { readonly is: 'taken-back' }

/**
 * A death is what PID-29 or PID-30 says; nothing else in a message is one (section 4.3). Both are deleted with `""` when
 * a report was wrong. Where only the flag is set, `event` is all that is known of the time.
 */
export function deathIn(
  { PID }: AdtSegments,
  event: When,
  ignoreOffset: boolean,
): Death | undefined {
  if (PID === undefined) return undefined
  const [time, flag] = [PID.field(29), PID.field(30)]
  if (time === '' && flag === '') return undefined
  const written = textOf(PID, 29)
  const flagged = textOf(PID, 30).toUpperCase()
  // A flag that says no outweighs a time that was left standing.
  const denied = flagged === 'N' || isNull(flag)
  if (!denied && (flagged === 'Y' || written !== '')) {
    const when = written === '' ? undefined : readHl7Time(written, ignoreOffset)
    return { is: 'reported', when: when ?? { ...event, precision: 'UNKNOWN' } }
  }
  return isNull(flag) || isNull(time) ? { is: 'taken-back' } : undefined
}

/** What ZU8-2 (1 yes, 2 dissent, deleted: none), ZU8-4 (0 none, 1 and 2 hidden) and PV1-16 (S, Y; N) say; nothing is no change. */
export function masksIn({ ZU8, PV1 }: AdtSegments): readonly MaskChange[] {
  const changes: MaskChange[] = []
  const add = (mask: MaskName, raw: string, on: string, off: string): void => {
    if (raw === '') return
    const value = raw.toUpperCase()
    if (on.includes(value)) changes.push({ mask, on: true })
    else if (off.includes(value) || isNull(raw)) changes.push({ mask, on: false })
  }
  if (ZU8 !== undefined) {
    add('dissent', rawOf(ZU8, 2), '2', '1')
    add('location', rawOf(ZU8, 4), '12', '0')
  }
  if (PV1 !== undefined) add('sensitive', rawOf(PV1, 16), 'SY', 'N')
  return changes
}

/** One character, or the explicit delete; anything longer is no code of these. */
function rawOf(segment: Hl7Segment, n: number): string {
  const raw = segment.field(n)
  if (raw === '' || isNull(raw)) return raw
  const text = segment.text(n).trim()
  return text.length === 1 ? text : ''
}
