import type { Identifier, Ids } from '@throughline/domain'
import type { Read, Translation } from '@throughline/intake'
import { hashesOf } from '@throughline/intake'
import { diagnosesIn, observationsIn } from './adt-clinical.ts'
import { deathIn, identifiersIn, masksIn, numbersIn } from './adt-person.ts'
import { type AdtSegments, segmentsIn, textOf } from './adt-segments.ts'
import { readHl7Time, versionAt, type When } from './adt-times.ts'
import {
  arrivalIn,
  classOf,
  departureIn,
  diedOnLeaving,
  lookUp,
  type VisitClass,
  visitRefOf,
} from './adt-visit.ts'
import type { Hl7Message } from './hl7/message.ts'
import { masksOn } from './masking.ts'
import type { SenderProfile } from './profiles.ts'
import {
  complete,
  type Draft,
  deathWithdrawn,
  died,
  ended,
  endWithdrawn,
  mergedInto,
  reclassified,
  started,
  type Telling,
  type Visit,
  visitWithdrawn,
} from './visit-events.ts'

export interface TranslateContext {
  readonly ids: Ids
  readonly options: {
    readonly partnership: string
    readonly allowTestNhsNumbers: boolean
  }
  readonly profile: SenderProfile
}

type Meaning =
  | 'started'
  | 'ended'
  | 'updated'
  | 'start-cancelled'
  | 'end-cancelled'
  | 'person'
  | 'merged'
  | 'not-needed'

/** What each trigger is here (formats/hospital.md, section 1). */
const meanings: Readonly<Record<string, Meaning>> = {
  A01: 'started',
  A03: 'ended',
  A04: 'started',
  A08: 'updated',
  A11: 'start-cancelled',
  A13: 'end-cancelled',
  A28: 'person',
  A31: 'person',
  A40: 'merged',
  A47: 'merged',
}

/** A01 to A62: the triggers that HL7 has. Those that are not listed above nobody here needs. */
const isTrigger = (trigger: string): boolean => {
  const n = /^A(\d\d)$/.exec(trigger)?.[1]
  return n !== undefined && n >= '01' && n <= '62'
}

/**
 * One ADT message in the hub's words. Pure, and total: it never throws on input. What is wrong is named
 * by its place in the message and a rule, never by its value. The record's identity (natural key and
 * content hash) is of the bytes, so the door that took them fills it in.
 */
export function translateAdt(message: Hl7Message, context: TranslateContext): Translation {
  const segments = segmentsIn(message)
  const reading = readingOf(segments, context)
  const { meaning, read } = reading
  if (context.profile.provider === null) return quarantined(read, 'sender-unknown', 'MSH-4')
  if (meaning === undefined) return quarantined(read, 'event-type-unknown', 'MSH-9')
  const when = eventTime(segments, reading)
  if ('reason' in when) {
    // A time matters only to what is told.
    if (!saysAnything(reading)) return { ...read, outcome: 'ignored', reason: 'not-needed' }
    return quarantined(read, when.reason, when.at)
  }
  return told({ ...reading, when })
}

interface Reading extends TranslateContext {
  readonly segments: AdtSegments
  readonly read: Read
  readonly trigger: string
  readonly meaning: Meaning | undefined
}

function readingOf(segments: AdtSegments, context: TranslateContext): Reading {
  const type = segments.MSH?.repetitions(9)[0]
  const isAdt = type?.component(1).trim().toUpperCase() === 'ADT'
  // MSH-9.2 and never EVN-1: senders have been seen to cancel in one and admit in the other.
  const trigger = type?.component(2).trim().toUpperCase() ?? ''
  const read: Read = {
    format: 'hl7v2',
    system: context.profile.system,
    naturalKey: '',
    version: 1,
    contentHash: '',
    resolves: [],
    unknownMembers: segments.unknown,
  }
  const known = isAdt && isTrigger(trigger)
  const meaning = known ? (lookUp(meanings, trigger) ?? 'not-needed') : undefined
  return { ...context, segments, read, trigger, meaning }
}

/** Whether a message can be more than an update that nothing needs. */
const saysAnything = ({ meaning, segments }: Reading): boolean =>
  (meaning !== 'person' && meaning !== 'not-needed') ||
  textOf(segments.PID, 29) !== '' ||
  textOf(segments.PID, 30) !== '' ||
  masksIn(segments).length > 0

/**
 * When it happened, in the order of preference of section 1: for an arrival PV1-44 and for a discharge PV1-45, then when it
 * occurred, was typed and was sent. These can differ by days. The first that is there decides; if it is no time, nothing is guessed.
 */
function eventTime(
  { MSH, EVN, PV1 }: AdtSegments,
  { meaning, profile }: Reading,
): When | { readonly reason: string; readonly at: string } {
  const first = meaning === 'started' ? 'PV1-44' : meaning === 'ended' ? 'PV1-45' : undefined
  const preferred = first === undefined ? '' : textOf(PV1, first === 'PV1-44' ? 44 : 45)
  let at = first ?? 'EVN-6'
  let text = preferred
  if (text === '') [at, text] = ['EVN-6', textOf(EVN, 6)]
  if (text === '') [at, text] = ['EVN-2', textOf(EVN, 2)]
  if (text === '') [at, text] = ['MSH-7', textOf(MSH, 7)]
  if (text === '') return { reason: 'timestamp-missing', at: 'EVN-6' }
  return readHl7Time(text, profile.ignoreOffset) ?? { reason: 'timestamp-invalid', at }
}

interface Ready extends Reading {
  readonly when: When
}

function told(ready: Ready): Translation {
  const { segments, read, ids, profile, options } = ready
  const drafts = draftsOf(ready)
  if ('reason' in drafts) return quarantined(read, drafts.reason, ...drafts.at)
  const changes = masksIn(segments)
  const identifiers = identifiersIn(segments, { profile, ...options })
  const all = [...drafts, ...deathsOf(ready, identifiers, drafts)]
  if (all.length === 0 && changes.length === 0) {
    return { ...read, outcome: 'ignored', reason: 'not-needed' }
  }
  const identifierHashes = hashesOf(ids, identifiers)
  // A number that nobody may be matched by would make it everybody's business, or nobody's.
  if (identifierHashes.length === 0) return unusable(ready, all)
  const sent = sentAt(ready)
  const masks = { identifierHashes, changes, at: sent }
  const known: Read = changes.length === 0 ? read : { ...read, masks }
  if (all.length === 0) {
    const reason = masksOn(changes).size > 0 ? 'masking' : 'not-needed'
    return { ...known, outcome: 'ignored', reason }
  }
  return published(ready, known, all, {
    identifiers,
    identifierHashes,
    masks: masksOn(changes),
    version: versionAt(sent),
  })
}

function unusable({ segments, read }: Ready, drafts: readonly Draft[]): Translation {
  if (drafts.length === 0) return { ...read, outcome: 'ignored', reason: 'not-needed' }
  const missing = textOf(segments.PID, 3) === ''
  return quarantined(read, missing ? 'identifier-missing' : 'identifier-invalid', 'PID-3')
}

function published(
  ready: Ready,
  read: Read,
  drafts: readonly Draft[],
  person: Pick<Telling, 'identifiers' | 'identifierHashes' | 'masks' | 'version'>,
): Translation {
  const { ids, when, profile, options, segments } = ready
  const recorded = readHl7Time(textOf(segments.EVN, 2), profile.ignoreOffset)
  const telling = {
    partnership: options.partnership,
    system: profile.system,
    when,
    recordedAt: recorded?.at ?? null,
    ...person,
  }
  const events = drafts.map((draft) => complete(draft, telling, ids))
  return { ...read, outcome: 'published', events }
}

/** What puts messages in order: when it was sent, or the nearest that is known. */
function sentAt({ segments: { MSH, EVN }, when, profile }: Ready): number {
  for (const text of [textOf(MSH, 7), textOf(EVN, 2), textOf(EVN, 6)]) {
    const sent = text === '' ? undefined : readHl7Time(text, profile.ignoreOffset)
    if (sent !== undefined) return sent.at
  }
  return when.at
}

type Drafts = readonly Draft[] | { readonly reason: string; readonly at: readonly string[] }

function draftsOf(ready: Ready): Drafts {
  switch (ready.meaning) {
    case 'started':
    case 'ended':
    case 'updated':
    case 'start-cancelled':
    case 'end-cancelled':
      return visitDrafts(ready)
    case 'merged':
      return mergeDrafts(ready)
    case 'person':
    case 'not-needed':
    case undefined:
      return []
  }
}

function visitDrafts(ready: Ready): Drafts {
  const { segments, profile, trigger, meaning } = ready
  const kind = kindFor(trigger, classOf(segments, profile))
  if (kind === 'other') return []
  if (kind === 'unknown') return { reason: 'class-unknown', at: ['PV1-2'] }
  const ref = visitRefOf(segments)
  const says = meaning !== 'updated' || segments.DG1.length + segments.OBX.length > 0
  if (!says) return []
  if (ref === '') return { reason: 'reference-missing', at: ['PV1-19'] }
  const kinds = kind === 'both' ? (['spell', 'attendance'] as const) : [kind]
  const provider = profile.provider ?? ''
  return kinds.flatMap((one) => draftsAbout({ provider, kind: one, ref }, ready))
}

/**
 * Only PV1-2 tells an A&E arrival (A04) from an outpatient's, and a discharge from a ward from one from A&E. An admission is
 * one by its trigger alone; late codes are a spell's; a cancellation that does not say takes back either.
 */
function kindFor(trigger: string, found: VisitClass): VisitClass | 'both' {
  if (found !== 'unknown') return found
  if (trigger === 'A01' || trigger === 'A08') return 'spell'
  return trigger === 'A11' || trigger === 'A13' ? 'both' : 'unknown'
}

function draftsAbout(visit: Visit, ready: Ready): readonly Draft[] {
  const { segments, profile, ids, meaning, trigger } = ready
  if (meaning === 'start-cancelled') return [visitWithdrawn(visit, trigger)]
  if (meaning === 'end-cancelled') return [endWithdrawn(visit, trigger, profile, ids)]
  const codes = diagnosesIn(segments, profile)
  const seen = observationsIn(segments, visit, profile, ids)
  if (meaning === 'started') return [started(visit, arrivalIn(segments, profile), codes), ...seen]
  if (meaning === 'ended')
    return [ended(visit, departureIn(segments, visit.kind, profile), codes), ...seen]
  const coded =
    segments.DG1.length > 0 && (codes.final || codes.list.length + codes.removed.length > 0)
  return coded ? [reclassified(visit, codes, codes.removed), ...seen] : seen
}

/** MRG-1 folds into PID-3: partners are found by who issued the numbers, never by their places (section 1). */
function mergeDrafts({ segments, profile, options }: Ready): Drafts {
  const { MRG } = segments
  const rules = { profile, ...options }
  const surviving = identifiersIn(segments, rules)
  const gone = MRG === undefined ? undefined : numbersIn(MRG, 1, rules, undefined)
  const removed = gone === undefined ? [] : [...gone.nhs, ...gone.local]
  if (removed.length === 0) return { reason: 'identifier-missing', at: ['MRG-1'] }
  return removed.slice(0, 10).flatMap((one) => {
    const same = surviving.some(
      ({ value, issuer, type }) =>
        value === one.value && issuer === one.issuer && type === one.type,
    )
    const partner =
      surviving.find(({ type, issuer }) => type === one.type && issuer === one.issuer) ??
      surviving.find(({ verified }) => verified)
    return same || partner === undefined ? [] : [mergedInto(partner, one, surviving)]
  })
}

/** A death beside whatever else the message says; a correction of one only where the record itself is corrected. */
function deathsOf(
  { segments, when, profile, meaning, ids }: Ready,
  identifiers: readonly Identifier[],
  drafts: readonly Draft[],
): readonly Draft[] {
  const death = deathIn(segments, when, profile.ignoreOffset)
  if (death?.is === 'reported') return [died(identifiers, death.when)]
  const corrects = meaning === 'person' || meaning === 'updated'
  if (death?.is === 'taken-back' && corrects) return [deathWithdrawn(identifiers, profile, ids)]
  if (meaning !== 'ended' || drafts.length === 0) return []
  const kind = classOf(segments, profile) === 'attendance' ? 'attendance' : 'spell'
  const departure = departureIn(segments, kind, profile)
  return diedOnLeaving(segments, departure, kind, profile) ? [died(identifiers, when)] : []
}

function quarantined(read: Read, reason: string, ...at: readonly string[]): Translation {
  return { ...read, outcome: 'quarantined', reason, at }
}
