import { faultsOf, isObject, type RecordFault } from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import {
  type Condition,
  type Encounter,
  type MessageHeader,
  messageBundle,
  type Observation,
  type Patient,
  type Reference,
  type Resource,
  resourceSchemas,
  type ServiceRequest,
} from './fhir.ts'

/** What one request holds, its references followed. */
export interface FhirMessage {
  readonly header: MessageHeader | undefined
  /** The id that the sender gave the message itself; undefined for a resource alone. */
  readonly messageId: string | undefined
  readonly sentText: string | undefined
  readonly encounter: Encounter | undefined
  /** Where the encounter stands in the message, for faults. */
  readonly encounterPath: string
  readonly patient: Patient | undefined
  /** What belongs to this encounter and this patient; another's codes are nobody's here. */
  readonly others: readonly Resource[]
  readonly resolve: (reference: Reference | undefined) => Resource | undefined
}

export type ReadFhir =
  | { readonly ok: true; readonly message: FhirMessage }
  | { readonly ok: false; readonly errors: readonly RecordFault[] }
  /** A resource that says nothing here. */
  | { readonly ok: false; readonly ignored: string }

/** Reads a message Bundle, or a resource alone; R5 and other kinds of Bundle are refused by place and rule. */
export function readFhir(body: JsonValue): ReadFhir {
  if (!isObject(body)) return refused('', 'not-an-object')
  const { resourceType } = body
  if (resourceType === 'Bundle') return readBundle(body)
  if (typeof resourceType !== 'string') return refused('resourceType', 'required')
  if (!isKnown(resourceType)) return { ok: false, ignored: 'not-needed' }
  const read = readResource(body, '')
  if (!read.ok) return read
  const { resource } = read
  const alone = { header: undefined, messageId: undefined, others: [], resolve: () => undefined }
  const sentText = 'meta' in resource ? resource.meta?.lastUpdated : undefined
  const [encounter, patient] = [asEncounter(resource), asPatient(resource)]
  // A diagnosis or a score by itself: whose, and of which visit, only its links could tell.
  if (encounter === undefined && patient === undefined) return { ok: false, ignored: 'signal' }
  return { ok: true, message: { ...alone, sentText, encounter, patient, encounterPath: '' } }
}

function readBundle(body: JsonValue): ReadFhir {
  const parsed = messageBundle.safeParse(body)
  if (!parsed.success) return { ok: false, errors: faultsOf(parsed.error) }
  const { entry, timestamp, identifier } = parsed.data
  const resources: (Resource | undefined)[] = []
  const errors: RecordFault[] = []
  entry.forEach(({ resource }, at) => {
    const known = isKnown(resource.resourceType)
    const read = known ? readResource(resource as JsonValue, `entry.${at}.resource.`) : undefined
    if (read?.ok === false) errors.push(...read.errors)
    resources.push(read?.ok === true ? read.resource : undefined)
  })
  if (errors.length > 0) return { ok: false, errors }
  const header = resources[0]
  if (header?.resourceType !== 'MessageHeader') {
    return refused('entry.0.resource.resourceType', 'message-header-first')
  }
  const byName = new Map<string, Resource>()
  entry.forEach(({ fullUrl }, at) => {
    const one = resources[at]
    if (one === undefined) return
    if (fullUrl !== undefined) byName.set(fullUrl, one)
    if ('id' in one && one.id !== undefined) byName.set(`${one.resourceType}/${one.id}`, one)
  })
  const resolve = (reference: Reference | undefined): Resource | undefined =>
    reference?.reference === undefined ? undefined : byName.get(reference.reference)
  const at = resources.findIndex((one) => one?.resourceType === 'Encounter')
  const encounter = asEncounter(resources[at])
  const subject = asPatient(resolve(encounter?.subject))
  const patients = resources.filter((one) => one?.resourceType === 'Patient')
  // A message about a person has one Patient; an encounter names its own.
  const patient = encounter === undefined ? asPatient(patients[0]) : subject
  return {
    ok: true,
    message: {
      header,
      messageId: identifier?.value,
      sentText: timestamp,
      encounter,
      encounterPath: `entry.${at}.resource.`,
      patient,
      others: resources.filter((one) => belongs(one, encounter, patient, resolve)) as Resource[],
      resolve,
    },
  }
}

const asEncounter = (resource: Resource | undefined): Encounter | undefined =>
  resource?.resourceType === 'Encounter' ? resource : undefined
const asPatient = (resource: Resource | undefined): Patient | undefined =>
  resource?.resourceType === 'Patient' ? resource : undefined

function belongs(
  resource: Resource | undefined,
  encounter: Encounter | undefined,
  patient: Patient | undefined,
  resolve: FhirMessage['resolve'],
): boolean {
  if (resource === undefined || !isClinical(resource)) return false
  return isOf(resource.encounter, encounter, resolve) && isOf(resource.subject, patient, resolve)
}

const isClinical = (resource: Resource): resource is Condition | Observation | ServiceRequest =>
  resource.resourceType === 'Condition' ||
  resource.resourceType === 'Observation' ||
  resource.resourceType === 'ServiceRequest'

/** A link that leads to this one, by reference or by number; none at all means the one that the message is about. */
function isOf(
  link: Reference | undefined,
  one: Encounter | Patient | undefined,
  resolve: FhirMessage['resolve'],
): boolean {
  if (link?.reference !== undefined) return resolve(link) === one
  const number = link?.identifier?.value
  return number === undefined || one?.identifier.some(({ value }) => value === number) === true
}

const isKnown = (type: string): type is keyof typeof resourceSchemas =>
  Object.hasOwn(resourceSchemas, type)

function readResource(
  body: JsonValue,
  path: string,
):
  | { readonly ok: true; readonly resource: Resource }
  | { readonly ok: false; readonly errors: readonly RecordFault[] } {
  if (!isObject(body)) return { ok: false, errors: [faultAt(path, 'not-an-object')] }
  const newer = laterShape(body)
  if (newer !== undefined)
    return { ok: false, errors: [faultAt(`${path}${newer}`, 'fhir-r4-only')] }
  const schema = resourceSchemas[body['resourceType'] as keyof typeof resourceSchemas]
  const parsed = schema.safeParse(body)
  if (parsed.success) return { ok: true, resource: parsed.data }
  const errors = faultsOf(parsed.error).map(({ path: inside, rule }) =>
    faultAt(`${path}${inside}`, rule === 'type' && isMissing(body, inside) ? 'required' : rule),
  )
  return { ok: false, errors }
}

/** R5 renames hospitalization and period, and makes a list of class. */
function laterShape(body: { readonly [name: string]: JsonValue }): string | undefined {
  if (body['resourceType'] !== 'Encounter') return undefined
  if (Array.isArray(body['class'])) return 'class'
  return ['admission', 'actualPeriod'].find((name) => Object.hasOwn(body, name))
}

function isMissing(body: JsonValue, path: string): boolean {
  let value: JsonValue | undefined = body
  for (const part of path.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)]
    else value = isObject(value) ? value[part] : undefined
  }
  return value === undefined
}

const advice: Readonly<Record<string, string>> = {
  required: 'This element is required.',
  type: 'This element has another type in R4.',
  'not-an-object': 'Send one resource as a JSON object.',
  'not-in-list': 'This is no value that R4 allows here.',
  'fhir-r4-only': 'This is an R5 shape; send R4.',
  'message-header-first': 'The first entry of a message is its MessageHeader.',
  'timestamp-needs-offset': 'Write a time with Z or an offset.',
  'timestamp-not-readable': 'Write a date, or a time with its offset.',
  'timestamp-impossible': 'There is no such time.',
  'sender-unknown': 'Name the organisation by its ODS code.',
  'class-unknown': 'This class of encounter is not known here.',
}

/** One mistake by its place in the resource, in words that repeat nothing of it. */
export const faultAt = (path: string, rule: string): RecordFault => ({
  path,
  rule,
  message: advice[rule] ?? 'This does not have the shape that R4 asks for.',
})

const refused = (path: string, rule: string): ReadFhir => ({
  ok: false,
  errors: [faultAt(path, rule)],
})
