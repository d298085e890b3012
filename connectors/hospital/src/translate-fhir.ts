import type { Identifier, Ids } from '@throughline/domain'
import {
  hashesOf,
  type Read,
  type RecordFault,
  type Translation,
  unread,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { versionAt, type When } from './adt-times.ts'
import type { Encounter } from './fhir.ts'
import { type FhirMessage, faultAt, readFhir } from './fhir-message.ts'
import { fhirIdentifiers, fhirMasks, identifiersOf, senderCode } from './fhir-person.ts'
import {
  diedThere,
  fhirArrival,
  fhirClass,
  fhirCodes,
  fhirDeparture,
  fhirObservations,
  fhirTime,
} from './fhir-visit.ts'
import { masksOn } from './masking.ts'
import { profileOf, type SenderProfile, type SendersOptions } from './profiles.ts'
import {
  complete,
  type Draft,
  died,
  ended,
  endWithdrawn,
  mergedInto,
  reclassified,
  started,
  type Visit,
  visitWithdrawn,
} from './visit-events.ts'

export interface FhirContext {
  readonly ids: Ids
  readonly options: SendersOptions & {
    readonly partnership: string
    readonly allowTestNhsNumbers: boolean
  }
}

/**
 * One FHIR R4 message, or a resource alone, in the hub's words: the same events, under the same ids, as the
 * trust's ADT feed gives of the same visit. Pure and total. What is not R4 is rejected by place and rule.
 */
export function translateFhir(body: JsonValue, { ids, options }: FhirContext): Translation {
  const whole = JSON.stringify(body)
  const blank = unread({ format: 'fhir-r4', system: 'hospital-unknown' }, whole, ids)
  const given = readFhir(body)
  if (!given.ok) {
    return 'ignored' in given
      ? { ...blank, outcome: 'ignored', reason: given.ignored }
      : { ...blank, outcome: 'rejected', errors: given.errors }
  }
  const { message } = given
  const profile = profileOf(options, '', senderCode(message) ?? '')
  const read = identified({ ...blank, system: profile.system }, message, ids)
  const place = message.encounterPath
  if (profile.provider === null) {
    // A Patient alone tells who is who; whose it is matters only with an encounter.
    if (message.encounter === undefined)
      return { ...read, outcome: 'ignored', reason: 'not-needed' }
    return rejected(read, faultAt(`${place}serviceProvider`, 'sender-unknown'))
  }
  const said = saidIn(message, { profile, ids })
  if ('fault' in said) return rejected(read, said.fault)
  return told(said, { read, message, profile, ids, options })
}

interface Saying {
  readonly profile: SenderProfile
  readonly ids: Ids
}

interface Said {
  readonly when: When | undefined
  readonly drafts: readonly Draft[]
}

/** A message is known by its own id; a resource alone by all that it says, because it has no version to trust. */
function identified(read: Read, { messageId }: FhirMessage, ids: Ids): Read {
  if (messageId === undefined) return read
  return { ...read, naturalKey: ids.hmac('fhir-message', read.system, messageId) }
}

type Meaning = 'started' | 'ended' | 'updated' | 'start-cancelled' | 'end-cancelled' | 'not-needed'

/** Messages that carry a v2 event follow it; the others are read by how the encounter stands. */
const byEvent: Readonly<Record<string, Meaning>> = {
  A01: 'started',
  A03: 'ended',
  A04: 'started',
  A08: 'updated',
  A11: 'start-cancelled',
  A13: 'end-cancelled',
  A02: 'not-needed',
  A05: 'not-needed',
  A12: 'not-needed',
  A28: 'not-needed',
  A31: 'not-needed',
  A38: 'not-needed',
}
const byStatus: Readonly<Record<Encounter['status'], Meaning>> = {
  planned: 'not-needed',
  arrived: 'started',
  triaged: 'started',
  'in-progress': 'started',
  onleave: 'not-needed',
  finished: 'ended',
  cancelled: 'start-cancelled',
  'entered-in-error': 'start-cancelled',
  unknown: 'not-needed',
}

function meaningOf({ header, encounter }: FhirMessage): Meaning {
  const event = header?.eventCoding?.code ?? ''
  if (Object.hasOwn(byEvent, event)) return byEvent[event] ?? 'not-needed'
  return encounter === undefined ? 'not-needed' : byStatus[encounter.status]
}

function saidIn(message: FhirMessage, saying: Saying): Said | { readonly fault: RecordFault } {
  const { encounter, encounterPath: place } = message
  const meaning = meaningOf(message)
  const sent = fhirTime(message.sentText)
  if (encounter === undefined || meaning === 'not-needed') return { when: sent, drafts: [] }
  const kind = fhirClass(encounter)
  if (kind === undefined) return { fault: faultAt(`${place}class.code`, 'class-unknown') }
  if (kind === 'other') return { when: sent, drafts: [] }
  const ref = encounter.identifier.find(({ value }) => value !== undefined && value !== '')?.value
  if (ref === undefined) return { fault: faultAt(`${place}identifier`, 'required') }
  const [member, written] = timeOf(meaning, encounter, message.sentText)
  if (written === undefined) return { fault: faultAt(`${place}${member}`, 'required') }
  const when = fhirTime(written)
  if (when === undefined) return { fault: faultAt(`${place}${member}`, 'timestamp-impossible') }
  const visit = { provider: saying.profile.provider ?? '', kind, ref }
  return { when, drafts: draftsOf(meaning, visit, message, encounter, { ...saying, when }) }
}

function timeOf(
  meaning: Meaning,
  { period }: Encounter,
  sentText: string | undefined,
): readonly [string, string | undefined] {
  if (meaning === 'started') return ['period.start', period?.start]
  if (meaning === 'ended') return ['period.end', period?.end]
  return ['period', sentText ?? period?.end ?? period?.start]
}

function draftsOf(
  meaning: Meaning,
  visit: Visit,
  message: FhirMessage,
  encounter: Encounter,
  { profile, ids }: Saying & { readonly when: When },
): readonly Draft[] {
  if (meaning === 'start-cancelled') return [visitWithdrawn(visit, encounter.status)]
  if (meaning === 'end-cancelled') return [endWithdrawn(visit, 'A13', profile, ids)]
  const codes = fhirCodes(message, profile)
  const seen = fhirObservations(message, visit, profile, ids)
  if (meaning === 'started')
    return [started(visit, fhirArrival(encounter, profile), codes), ...seen]
  if (meaning === 'ended') return [ended(visit, fhirDeparture(message, profile), codes), ...seen]
  return codes.any ? [reclassified(visit, codes, codes.removed), ...seen] : seen
}

interface Telling extends Saying {
  readonly read: Read
  readonly message: FhirMessage
  readonly options: FhirContext['options']
}

function told(said: Said, telling: Telling): Translation {
  const { read, message, profile, ids, options } = telling
  const identifiers = fhirIdentifiers(message, { profile, ...options })
  const sent = fhirTime(message.sentText)
  const when = said.when ?? { at: 0, precision: 'UNKNOWN', text: null }
  const merges = mergesIn(message, identifiers, telling)
  const drafts = [...said.drafts, ...merges, ...deathsIn(said, message, identifiers, telling)]
  const changes = fhirMasks(message.patient)
  if (drafts.length === 0 && changes.length === 0) {
    return { ...read, outcome: 'ignored', reason: 'not-needed' }
  }
  const identifierHashes = hashesOf(ids, identifiers)
  if (identifierHashes.length === 0) {
    if (drafts.length === 0) return { ...read, outcome: 'ignored', reason: 'not-needed' }
    const reason = identifiers.length === 0 ? 'identifier-missing' : 'identifier-invalid'
    return { ...read, outcome: 'quarantined', reason, at: ['Patient.identifier'] }
  }
  const at = (sent ?? when).at
  const masks = { identifierHashes, changes, at }
  const known: Read = changes.length === 0 ? read : { ...read, masks }
  if (drafts.length === 0) {
    const reason = masksOn(changes).size > 0 ? 'masking' : 'not-needed'
    return { ...known, outcome: 'ignored', reason }
  }
  const shared = {
    partnership: options.partnership,
    system: profile.system,
    when,
    recordedAt: sent?.at ?? null,
    version: versionAt(at),
    identifiers,
    identifierHashes,
    masks: masksOn(changes),
  }
  return { ...known, outcome: 'published', events: drafts.map((one) => complete(one, shared, ids)) }
}

/** A death is what the Patient says, or what a discharge says in so many words. */
function deathsIn(
  { when, drafts }: Said,
  message: FhirMessage,
  identifiers: readonly Identifier[],
  { profile }: Saying,
): readonly Draft[] {
  const { patient, encounter } = message
  const time = fhirTime(patient?.deceasedDateTime)
  if (time !== undefined) return [died(identifiers, time)]
  const known = when ?? fhirTime(message.sentText)
  const flagged = patient?.deceasedBoolean === true || patient?.deceasedDateTime !== undefined
  if (flagged && known !== undefined) return [died(identifiers, { ...known, precision: 'UNKNOWN' })]
  const left = drafts.some(
    ({ facts }) => facts.type === 'Discharged' || facts.type === 'EmergencyAttendanceEnded',
  )
  if (!left || encounter === undefined || when === undefined) return []
  return diedThere(encounter, fhirDeparture(message, profile)) ? [died(identifiers, when)] : []
}

/** Patient.link: this record replaces another, or is replaced by it. Proposals, like A40. */
function mergesIn(
  { patient, resolve }: FhirMessage,
  identifiers: readonly Identifier[],
  { profile, options }: Telling,
): readonly Draft[] {
  return (patient?.link ?? []).flatMap(({ other, type }) => {
    const linked = resolve(other)
    const written = linked?.resourceType === 'Patient' ? linked.identifier : []
    const named = other.identifier === undefined ? written : [...written, other.identifier]
    return identifiersOf(named, { profile, ...options }).flatMap((one) => {
      const own = identifiers.find(({ type: t, issuer }) => t === one.type && issuer === one.issuer)
      if (own === undefined || own.value === one.value) return []
      if (type === 'replaces') return [mergedInto(own, one, identifiers)]
      return type === 'replaced-by' ? [mergedInto(one, own, identifiers)] : []
    })
  })
}

const rejected = (read: Read, fault: RecordFault): Translation => ({
  ...read,
  outcome: 'rejected',
  errors: [fault],
})
