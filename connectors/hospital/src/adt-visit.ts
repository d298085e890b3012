import { type AdtSegments, textOf } from './adt-segments.ts'
import type { SenderProfile } from './profiles.ts'
import type { Arrival, Departure, Visit } from './visit-events.ts'

/** `other`: outpatients, regular and planned attendances, which nothing here needs. */
export type VisitClass = Visit['kind'] | 'other' | 'unknown'

const classLetters: Readonly<Record<string, VisitClass>> = {
  E: 'attendance',
  I: 'spell',
  B: 'spell',
  O: 'other',
  P: 'other',
  R: 'other',
  W: 'other',
  C: 'other',
}

/** PV1-2: a letter, or a word that the sender's profile knows. */
export function classOf({ PV1 }: AdtSegments, { classes }: SenderProfile): VisitClass {
  const written = textOf(PV1, 2).toUpperCase()
  const letter = lookUp(classes, written) ?? written
  return lookUp(classLetters, letter) ?? 'unknown'
}

/** PV1-19. A&E and ward may share it, or not. */
export const visitRefOf = ({ PV1 }: AdtSegments): string => referenceIn(textOf(PV1, 19))

const referenceIn = (text: string): string => (text.length <= referenceMax ? text : '')
const referenceMax = 100

const admissionMethods: ReadonlySet<string> = new Set(
  '11 12 13 21 22 23 24 25 2A 2B 2C 2D 28 31 32 81 82 83 98 99'.split(' '),
)
const admissionSources: ReadonlySet<string> = new Set(
  '19 29 39 49 51 52 53 54 65 66 79 85 87 88 98 99'.split(' '),
)
const destinations: ReadonlySet<string> = new Set(
  '19 29 30 37 38 48 49 50 51 52 53 54 65 66 79 84 85 87 88 98 99'.split(' '),
)
/** A&E disposal, ITK table 0112. From 10 on the codes are nobody else's. */
const disposals: ReadonlySet<string> = new Set('1 2 3 4 6 7 10 11 12 13 14'.split(' '))
const arrivalModes = 'ACFHOPU'

/** A national code as it stands, or what the sender's word stands for; null for anything else. */
export function codeIn(
  written: string,
  known: ReadonlySet<string>,
  words: Readonly<Record<string, string>>,
): string | null {
  if (written === '') return null
  const code = written.toUpperCase()
  const mapped = known.has(code) ? code : lookUp(words, code)
  return mapped !== undefined && known.has(mapped) ? mapped : null
}

export const methodIn = (written: string, { admissionMethods: words }: SenderProfile) =>
  codeIn(written, admissionMethods, words)
export const sourceIn = (written: string, { admissionSources: words }: SenderProfile) =>
  codeIn(written, admissionSources, words)
export const destinationIn = (written: string, { destinations: words }: SenderProfile) =>
  codeIn(written, destinations, words)

export function arrivalIn({ PV1, PV2 }: AdtSegments, profile: SenderProfile): Arrival {
  const mode = textOf(PV2, 38).toUpperCase()
  const attendance = referenceIn(textOf(PV1, 50))
  return {
    method: methodIn(textOf(PV1, 4), profile),
    from: sourceIn(textOf(PV1, 14), profile),
    attendanceRef: attendance === '' ? null : attendance,
    arrivalMode: mode.length === 1 && arrivalModes.includes(mode) ? mode : null,
  }
}

/** The pseudo-postcode of no fixed abode. */
export const noFixedAbode = (postcode: string): boolean =>
  postcode.replaceAll(' ', '').toUpperCase() === 'ZZ993VZ'

const diedCodes = { destination: '79', disposal: '10' } as const

/**
 * PV1-36 and PV1-37 in either order: a destination is known by its value, 19 to 99, wherever it stands, an A&E disposal
 * from 10 to 14 too. A single digit means two things ("4" is died to one sender and a clinic to another), so it is
 * read only for senders whose profile says what it is, and never as a death.
 */
export function departureIn(
  { PV1, PID }: AdtSegments,
  kind: Visit['kind'],
  profile: SenderProfile,
): Departure {
  const written = [textOf(PV1, 36), textOf(PV1, 37)]
  let destination: string | null = null
  let disposal: string | null = null
  for (const value of written) {
    destination ??= destinationIn(value, profile)
    if (kind === 'attendance') disposal ??= disposalIn(value, profile)
  }
  const homeless =
    (destination === null || destination === '19' || destination === '29') &&
    noFixedAbode(postcodeIn(PID))
  return { destination, disposal: disposal ?? destination, nowhereToLive: homeless ? true : null }
}

function disposalIn(written: string, { dischargeDigits }: SenderProfile): string | null {
  const code = written.replace(/^0(?=\d$)/, '')
  if (!disposals.has(code)) return null
  return code.length === 2 || dischargeDigits.emergency === 'disposal' ? code : null
}

/** A death that the discharge says in so many words: destination 79, A&E disposal 10, or a method whose meaning the profile states. */
export function diedOnLeaving(
  { PV1 }: AdtSegments,
  { destination, disposal }: Departure,
  kind: Visit['kind'],
  { dischargeDigits }: SenderProfile,
): boolean {
  if (destination === diedCodes.destination || disposal === diedCodes.disposal) return true
  const isMethod = kind === 'spell' && dischargeDigits.inpatient === 'method'
  return isMethod && [textOf(PV1, 36), textOf(PV1, 37)].includes('4')
}

function postcodeIn(PID: AdtSegments['PID']): string {
  if (PID === undefined || PID.field(11) === '') return ''
  return PID.repetitions(11)[0]?.component(5) ?? ''
}

export const lookUp = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined
