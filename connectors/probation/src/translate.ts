import { eventIdOf, type Identifier, type Ids, londonDate } from '@throughline/domain'
import {
  completed,
  contentOf,
  type Draft,
  ignored,
  instantOrNull,
  isVersionOne,
  quarantined,
  readDomainEvent,
  type Translation,
  type TypedEvent,
  type When,
  whenAt,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import type { ProbationOptions } from './config.ts'
import { families, type Meaning } from './event-types.ts'
import { type DomainEvent, domainEvent, knownMembers } from './payload.ts'
import { type Person, personOf, type WrittenNumber, yearOf } from './person.ts'
import { requirementOf } from './requirements.ts'

export interface TranslateOptions
  extends Pick<ProbationOptions, 'testEvents' | 'requirements' | 'registers' | 'recalls'> {
  readonly partnership: string
}

/** Probation's domain events in the hub's words, one translation for each. Pure, and total: it never throws on input. */
export const translate = (
  records: readonly JsonValue[],
  ids: Ids,
  options: TranslateOptions,
): readonly Translation[] => records.map((message) => translateOne(message, ids, options))

function translateOne(message: JsonValue, ids: Ids, options: TranslateOptions): Translation {
  const { testEvents } = options
  const read = readDomainEvent(message, ids, { families, known: knownMembers, testEvents })
  if (!read.ok) return read.translation
  return interpret({ ...read.typed, event: domainEvent.parse(read.typed.object), ids, options })
}

interface Reading extends TypedEvent<Meaning> {
  readonly event: DomainEvent
  readonly ids: Ids
  readonly options: TranslateOptions
}

interface Ready extends Reading {
  readonly when: Extract<When, { ok: true }>
  readonly identifiers: readonly Identifier[]
}

function interpret(reading: Reading): Translation {
  const { read, event, meaning } = reading
  if (meaning.is === 'ignored') return ignored(read, meaning.because)
  if (!isVersionOne(event.version)) return quarantined(read, 'version-unknown', ['version'])
  const when = whenAt('occurredAt', event.occurredAt)
  if (!when.ok) return quarantined(read, when.reason, [when.at])
  const person = subjectOf(event, yearOf(when.at))
  if (!person.ok) return quarantined(read, person.reason, person.at)
  const ready = { ...reading, when, identifiers: person.identifiers }
  const made = madeOf(ready, meaning)
  if ('ignored' in made) return ignored(read, made.ignored)
  if ('reason' in made) return quarantined(read, made.reason, made.at)
  // A withdrawal that names the object goes where the object went, whoever is named beside it.
  const needsPerson = made.draft.identifiers.length > 0 || made.draft.type !== 'EventWithdrawn'
  if (needsPerson && !made.draft.identifiers.some(({ verified }) => verified)) {
    return quarantined(read, ...unnamed(event))
  }
  return published(ready, made)
}

/** Whom it is about: the case number, the prison number, or both. */
function subjectOf(event: DomainEvent, year: number): Person {
  const listed = event.personReference?.identifiers ?? []
  const written = listed.flatMap(({ type, value }, at): WrittenNumber[] => {
    const known = numberTypes[type ?? '']
    const path = `personReference.identifiers.${at}.value`
    return known === undefined ? [] : [{ type: known, value, path }]
  })
  return personOf(
    [
      ...written,
      { type: 'CRN', value: event.crn, path: 'crn' },
      { type: 'NOMS', value: event.nomsNumber, path: 'nomsNumber' },
    ],
    year,
  )
}

const numberTypes: Readonly<Record<string, WrittenNumber['type'] | undefined>> = Object.assign(
  Object.create(null),
  { CRN: 'CRN', NOMS: 'NOMS', nomsNumber: 'NOMS', prisonNumber: 'NOMS' },
)

const unnamed = (event: DomainEvent): readonly [string, readonly string[]] => {
  const listed = event.personReference?.identifiers ?? []
  const at = listed.findIndex(({ value }) => value !== undefined)
  return at < 0
    ? ['identifier-missing', ['personReference']]
    : ['identifier-invalid', [`personReference.identifiers.${at}.value`]]
}

/** One event, and what its identity is made of. */
interface Told {
  readonly draft: Draft
  /** The object in the publisher's records, where it names one: with type, person and time, the natural key. */
  readonly object?: string
  /** What names the happening whatever its version; without it, the record does. */
  readonly id?: string
  readonly version?: number
  /** The version of the record itself: higher when the publisher says the same with more. */
  readonly recordVersion?: number
  readonly recordedAt?: string | undefined
}
type Made =
  | Told
  | { readonly ignored: string }
  | { readonly reason: string; readonly at: readonly string[] }

type Published = Exclude<Meaning, { is: 'ignored' }>

function madeOf(ready: Ready, meaning: Published): Made {
  switch (meaning.is) {
    case 'requirement-made':
    case 'requirement-ended':
    case 'requirement-restored':
    case 'requirement-deleted':
      return requirement(ready, meaning.is)
    case 'registration':
      return registration(ready, meaning.change)
    case 'registration-deleted':
      return registrationDeleted(ready)
    case 'merged':
    case 'unmerged':
      return mergedOrNot(ready, meaning.is)
    case 'linked':
      return linked(ready)
    case 'erased':
      return { draft: { type: 'PersonErased', ...about(ready), basis: 'GDPR_DELETION' } }
    case 'supervision-started':
      return { draft: { type: 'SupervisionStarted', ...about(ready), kind: null } }
    case 'manager-allocated':
      return managerAllocated(ready)
    case 'breach-raised':
    case 'recall-raised':
      return enforcement(ready, meaning.is)
    case 'licence-activated':
      return licence(ready, meaning.kind)
  }
}

/** Requirements are known by their description: an id is all that the events give besides. */
function requirement(ready: Ready, is: Published['is']): Made {
  const { event, ids, system, when, options } = ready
  const facts = event.additionalInformation
  const ref = facts?.requirementID ?? facts?.requirementId
  const description = facts?.requirementMainType
  const kind = requirementOf({ description }, options.requirements)
  if (description !== undefined && kind === undefined) return { ignored: 'not-needed' }
  if (ref === undefined) return missing('reference-missing', 'requirementID')
  const objectRef = `requirement:${ref}`
  if (is === 'requirement-deleted') return objectWithdrawn(ready, objectRef, 'requirement-deleted')
  if (kind === undefined) return missing('requirement-type-missing', 'requirementMainType')
  const shared = { requirement: kind, requirementRef: ref }
  const subject = { ...about(ready), objectRef }
  if (is === 'requirement-made') {
    const more = { lengthMonths: null, court: null }
    const draft = { type: 'TreatmentRequirementMade', ...shared, ...more, ...subject } as const
    return { object: ref, id: JSON.stringify(['requirement-made', ref]), draft }
  }
  // It may end, be restored and end again: the latest word, by Delius's clock, is the highest version.
  const version = secondsOf(when.at)
  const id = JSON.stringify(['requirement-ended', ref])
  if (is === 'requirement-ended') {
    const draft = { type: 'RequirementEnded', ...shared, reason: null, ...subject } as const
    return { object: ref, id, version, draft }
  }
  const withdrawnEventId = eventIdOf(ids, system, id)
  const reason = 'requirement-unterminated'
  const draft = { type: 'EventWithdrawn', ...about(ready), withdrawnEventId, reason } as const
  return { object: ref, version, draft }
}

function registration(ready: Ready, change: 'ADDED' | 'UPDATED' | 'ENDED'): Made {
  const { event, options } = ready
  const facts = event.additionalInformation
  const register = facts?.registerTypeCode
  if (register === undefined) return missing('register-missing', 'registerTypeCode')
  if (!options.registers.includes(register)) return { ignored: 'not-needed' }
  const isEnd = change === 'ENDED'
  // An end has a number of its own and does not name the entry.
  const ref = facts?.registrationId ?? (isEnd ? facts?.deregistrationId : undefined)
  if (ref === undefined) {
    return missing('reference-missing', isEnd ? 'deregistrationId' : 'registrationId')
  }
  const isEntry = facts?.registrationId !== undefined
  const registered = instantOrNull(facts?.registrationDate)
  const draft = {
    type: 'RegistrationChanged',
    ...about(ready),
    objectRef: `${isEntry ? 'registration' : 'deregistration'}:${ref}`,
    registrationRef: ref,
    change,
    registerCode: register,
    registeredOn: registered === null ? null : londonDate(registered),
  } as const
  return { object: ref, recordedAt: facts?.updatedDateAndTime ?? facts?.createdDateAndTime, draft }
}

function registrationDeleted(ready: Ready): Made {
  const facts = ready.event.additionalInformation
  if (facts?.registrationId === undefined) return missing('reference-missing', 'registrationId')
  const register = facts.registerTypeCode
  if (register !== undefined && !ready.options.registers.includes(register)) {
    return { ignored: 'not-needed' }
  }
  return objectWithdrawn(ready, `registration:${facts.registrationId}`, 'registration-deleted')
}

/** Names the object and no person: the event may have gone to somebody by another of their numbers. */
function objectWithdrawn({ when }: Ready, objectRef: string, reason: string): Told {
  const withdrawn = { type: 'EventWithdrawn', withdrawnEventId: null } as const
  const draft = { ...withdrawn, identifiers: [], objectRef, reason }
  return { object: objectRef, version: secondsOf(when.at), draft }
}

/**
 * The survivor of a merge is its target; after an unmerge the number that lived on keeps its person, and the one that
 * lives again has its own.
 */
function mergedOrNot(ready: Ready, is: 'merged' | 'unmerged'): Made {
  const { event, identifiers, when } = ready
  const facts = event.additionalInformation
  const [stayingName, otherName] =
    is === 'merged'
      ? (['targetCRN', 'sourceCRN'] as const)
      : (['unmergedCRN', 'reactivatedCRN'] as const)
  const named = identifiers.find(({ type, verified }) => type === 'CRN' && verified)
  const staying = crn(facts?.[stayingName], `${inside}${stayingName}`, when.at, named)
  if ('reason' in staying) return staying
  const other = crn(facts?.[otherName], `${inside}${otherName}`, when.at)
  if ('reason' in other) return other
  const at = [`${inside}${stayingName}`, `${inside}${otherName}`]
  if (staying.value === other.value) return { reason: 'identifiers-same', at }
  if (named !== undefined && named.value !== staying.value) {
    return { reason: 'identifiers-differ', at: ['personReference', `${inside}${stayingName}`] }
  }
  const subject = { identifiers: [staying, other], objectRef: null }
  const draft: Draft =
    is === 'merged'
      ? { type: 'IdentifiersMerged', ...subject, surviving: staying, removed: other }
      : {
          type: 'IdentifiersSplit',
          ...subject,
          kept: staying,
          separated: other,
          partRef: null,
          partFrom: null,
        }
  return { object: other.value, draft }
}

function crn(
  value: string | undefined,
  path: string,
  at: number,
  otherwise?: Identifier,
): Identifier | { readonly reason: string; readonly at: readonly string[] } {
  if (value === undefined && otherwise !== undefined) return otherwise
  const person = personOf([{ type: 'CRN', value, path }], yearOf(at))
  const [one] = person.ok ? person.identifiers : []
  if (one === undefined) return { reason: 'identifier-missing', at: [path] }
  return one.verified ? one : { reason: 'identifier-invalid', at: [path] }
}

/** The one event that says which prison number a case has. The booking number beside it names no person. */
function linked(ready: Ready): Made {
  const verified = ready.identifiers.filter((one) => one.verified)
  const one = verified.find(({ type }) => type === 'CRN')
  const other = verified.find(({ type }) => type === 'NOMS')
  if (one === undefined || other === undefined) {
    return { reason: 'identifier-missing', at: ['personReference'] }
  }
  const draft = { type: 'IdentifiersLinked', ...about(ready), one, other } as const
  return { object: other.value, draft }
}

/** Who it is only the record tells; where the notice goes does not depend on it. */
function managerAllocated(ready: Ready): Made {
  const ref = ready.event.additionalInformation?.allocationId
  const objectRef = ref === undefined ? null : `allocation:${ref}`
  const draft = { type: 'SupervisionManagerAllocated', ...about(ready), objectRef } as const
  return { object: ref ?? '', draft: { ...draft, manager: null, team: null } }
}

/** The number is that of the sentence that is enforced, so the time tells one enforcement from the next. */
function enforcement(ready: Ready, is: 'breach-raised' | 'recall-raised'): Made {
  const { event, options } = ready
  const { eventId: ref, outcome, releasedToLead = false } = event.additionalInformation ?? {}
  const objectRef = ref === undefined ? null : `enforcement:${ref}`
  const shared = { ...about(ready), objectRef, outcomeCode: outcome ?? null }
  if (is === 'breach-raised')
    return { object: ref ?? '', draft: { type: 'BreachRaised', ...shared } }
  const released = releasedToLead || options.recalls === 'at-once'
  const version = released ? 2 : 1
  const facts = { recallRef: ref ?? null, releasedToLead: released }
  const draft = { type: 'RecallRaised', ...shared, ...facts } as const
  return { object: ref ?? '', version, recordVersion: version, draft }
}

/** A variation is a licence with a number of its own. */
function licence(ready: Ready, kind: string): Made {
  const ref = ready.event.additionalInformation?.licenceId
  if (ref === undefined) return missing('reference-missing', 'licenceId')
  const objectRef = `licence:${ref}`
  const facts = { objectRef, licenceRef: ref, kind }
  const draft = { type: 'LicenceActivated', ...about(ready), ...facts } as const
  return {
    object: ref,
    id: JSON.stringify(['licence', ref]),
    version: secondsOf(ready.when.at),
    draft,
  }
}

const inside = 'additionalInformation.'
const missing = (reason: string, member: string) => ({ reason, at: [`${inside}${member}`] })

const about = ({ identifiers }: Ready) => ({ identifiers: [...identifiers], objectRef: null })

/** Seconds since 2000: a version that fits, and rises with the source's own clock. */
const secondsOf = (at: number): number =>
  Math.max(1, Math.floor((at - Date.UTC(2000, 0, 1)) / 1000))

function published(ready: Ready, told: Told): Translation {
  const { ids, read, when, event, eventType, options } = ready
  const system = systemOf(ready)
  const person = ready.identifiers.find(({ verified }) => verified)?.value ?? ''
  const key = [person, told.object ?? '', when.text]
  const recordVersion = told.recordVersion ?? 1
  const written = instantOrNull(told.recordedAt) ?? instantOrNull(event.publishedAt)
  const one = completed(told.draft, {
    ids,
    source: { partnership: options.partnership, agency: 'probation', system },
    when,
    recordedAt: written,
    naturalKey: told.id ?? JSON.stringify([eventType, ...key]),
    version: told.version ?? 1,
  })
  return {
    ...read,
    system,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, eventType, ...key),
    version: recordVersion,
    contentHash: contentOf(ids, [one]),
    events: [one],
  }
}

/** Delius tells allocations too, without an address to fetch them from. */
const systemOf = ({ meaning, event, system }: Ready): string =>
  meaning.is === 'manager-allocated' && event.detailUrl === undefined ? 'delius' : system
