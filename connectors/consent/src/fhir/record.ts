import { type PersonRecord, type SealedPerson, sealPerson } from '@throughline/consent'
import { type CheckedIdentifier, canonicalText, identifierHash } from '@throughline/domain'
import { type FhirIssue, type JsonValue, nameOfPrincipal, notFound } from '@throughline/service'
import { z } from 'zod'
import { signatureOf } from '../caller.ts'
import { answeredAs, type Keeper, keptBy, openedPerson } from '../consents.ts'
import type { ConsentDeps } from '../deps.ts'
import { personContentOf } from '../person-content.ts'
import { type FhirConsent, readConsent } from './resource.ts'
import { noFhirTerms } from './terms.ts'
import { keyOf, translate, type Word } from './translate.ts'

export type FhirAnswered =
  | {
      readonly ok: true
      readonly what: 'recorded' | 'stopped' | 'unchanged' | 'waits-for-review'
      readonly version: number
    }
  | {
      readonly ok: false
      /** 422: the resource cannot be used. 409: it cannot be used now. */
      readonly status: 422 | 409
      readonly issues: readonly FhirIssue[]
    }

/** Which resource of another system a consent was read from; sealed with the rest of it. */
interface Origin {
  readonly id: string
  readonly versionId: string | null
  /** By that system's clock, milliseconds. */
  readonly updatedAt: number | null
  readonly patient: string | null
}

const originOf = (content: SealedPerson): Origin | null =>
  z
    .object({
      id: z.string(),
      versionId: z.string().nullable(),
      updatedAt: z.number().nullable(),
      patient: z.string().nullable(),
    })
    .safeParse(content['fhirConsent']).data ?? null

/**
 * Records what a FHIR Consent says as the person's next complete version: who they are, who works
 * with them and how to reach them safely stay as they are. The same version of a resource again
 * changes nothing, however late it comes; an older one, or one from before the person took something
 * back, changes nothing either.
 */
export async function recordFhir(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  body: JsonValue,
): Promise<FhirAnswered> {
  const record = await keptBy(deps, keeper, personId)
  const read = readConsent(body)
  if (!read.ok) return { ok: false, status: 422, issues: read.issues }
  const consent = read.value
  const translated = translate(consent, deps.fhirTerms ?? noFhirTerms)
  if (!translated.ok) return { ok: false, status: 422, issues: translated.issues }
  const content = await openedPerson(deps, record)
  if (content === undefined) throw notFound()
  const before = originOf(content)
  if (!isAbout(consent, personId, content, before))
    return refused(422, 'patient', 'patient-differs')
  if (before !== null && isOlder(consent, before)) return unchanged(record)
  const word = translated.value
  if (word.kind === 'ended')
    return before?.id === consent.id ? stop(deps, record) : refused(409, 'id', 'not-in-force')
  const { taken } = personContentOf(content)
  if (taken !== null && word.said.until <= taken.at) return refused(409, 'dateTime', 'said-since')
  if (word.grants.length === 0) return stop(deps, record)
  return give({ deps, keeper, record, consent, content, word })
}

interface Giving {
  readonly deps: ConsentDeps
  readonly keeper: Keeper
  readonly record: PersonRecord
  readonly consent: FhirConsent
  readonly content: SealedPerson
  readonly word: Extract<Word, { kind: 'said' }>
}

async function give(giving: Giving): Promise<FhirAnswered> {
  const { deps, keeper, record, consent, content, word } = giving
  const { personId } = record
  const { versionId } = consent.meta
  const { ids } = deps
  const { meta: _, ...said } = consent
  const says = ids.hmac('fhir-consent-says', JSON.stringify(said))
  // A system that does not count its versions has as many as it has said different things.
  const identity = [personId, consent.id, versionId ?? says]
  const key = await deps.keys.create(`person:${personId}`)
  const taken = {
    by: signatureOf(keeper),
    at: word.said.from,
    setting: 'record-system',
    method: 'fhir-consent',
    noticeVersion: word.noticeVersion,
  }
  const fhirConsent = originIn(consent)
  const answered = answeredAs(
    await deps.register.change({
      kind: 'record-consent',
      personId,
      isNew: false,
      idempotency: { key: ids.hmac('fhir-consent', ...identity), body: says },
      expectedVersion: record.version,
      state: 'given',
      identifiers: content.identifiers.map((one) =>
        identifierHash(ids, canonicalText(one as CheckedIdentifier)),
      ),
      grants: word.grants,
      sealed: sealPerson(personId, { ...content, taken, fhirConsent }, key, deps.random),
      by: nameOfPrincipal(keeper),
      saidAt: word.said.from,
    }),
  )
  if (answered.ok) {
    const { version, state } = answered.answer
    if (version <= record.version) return unchanged(record)
    return { ok: true, what: state === 'given' ? 'recorded' : 'waits-for-review', version }
  }
  const rule = 'refused' in answered ? answered.refused : 'version-stale'
  if (rule === 'idempotency-mismatch') return refused(409, 'meta.versionId', 'version-reused')
  return rule === 'withdrawn-since'
    ? refused(409, 'dateTime', 'withdrawn-since')
    : refused(409, '', 'version-stale')
}

/** Everything is denied: sharing stops as it does when the person says so anywhere else. */
async function stop({ register }: ConsentDeps, record: PersonRecord): Promise<FhirAnswered> {
  const { personId, grants } = record
  const purposes = [...new Set(grants.map(({ purpose }) => purpose))]
  const by = 'person'
  const answer = await register.change({ kind: 'withdraw', personId, purposes, by, reason: null })
  if (!answer.ok) throw notFound()
  const { version } = answer
  return { ok: true, what: version > record.version ? 'stopped' : 'unchanged', version }
}

const unchanged = ({ version }: PersonRecord): FhirAnswered => ({
  ok: true,
  what: 'unchanged',
  version,
})

const originIn = ({ id, meta, patient }: FhirConsent): Origin => ({
  id,
  versionId: meta.versionId ?? null,
  updatedAt: meta.lastUpdated?.from ?? null,
  patient: keyOf(patient) ?? null,
})

/** Whether the same resource was already read in a later version: by its number, else by its clock. */
function isOlder(consent: FhirConsent, before: Origin): boolean {
  const now = originIn(consent)
  if (now.id !== before.id) return false
  const [one, other] = [now.versionId, before.versionId].map((text) =>
    text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined,
  )
  if (one !== undefined && other !== undefined) return one < other
  return now.updatedAt !== null && before.updatedAt !== null && now.updatedAt < before.updatedAt
}

/**
 * Whether it speaks of this person: by the register's own id, by a number that we hold of them, or by
 * the reference that it had the last time. The first reference of a system that names nothing else is
 * taken from whoever keeps the person's consent; a number that is not theirs never is.
 */
function isAbout(
  consent: FhirConsent,
  personId: string,
  { identifiers }: SealedPerson,
  before: Origin | null,
): boolean {
  const { patient, contained } = consent
  const inside = contained.filter(({ id }) => id !== undefined && patient.reference === `#${id}`)
  const numbers = [
    ...(patient.identifier === undefined ? [] : [patient.identifier]),
    ...inside.flatMap(({ identifier }) => identifier),
  ].filter(({ system }) => system === nhsNumbers)
  if (numbers.length > 0)
    return numbers.every(({ value = '' }) =>
      identifiers.some((one) => one.type === 'NHS' && one.value === value.replaceAll(/[ -]/g, '')),
    )
  const { reference = '' } = patient
  if (/^Patient\/p-[\w-]{22}$/.test(reference)) return reference === `Patient/${personId}`
  const known = before?.patient ?? null
  return known === null || known === keyOf(patient)
}

const nhsNumbers = 'https://fhir.nhs.uk/Id/nhs-number'

const refused = (
  status: 409 | 422,
  path: string,
  rule: keyof typeof advice,
): Extract<FhirAnswered, { ok: false }> => ({
  ok: false,
  status,
  issues: [{ path, rule, message: advice[rule] }],
})

const advice = {
  'patient-differs': 'This is about somebody else than the address.',
  'not-in-force': 'What is in force was not read from this resource. Send a withdrawal.',
  'said-since': 'The person has said something else since then.',
  'withdrawn-since': 'The person has taken something back since then. Ask them again.',
  'version-reused': 'This version came before and said something else. Count it up.',
  'version-stale': 'Somebody changed this at the same moment. Send it again.',
} as const
