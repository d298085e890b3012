import { type Identifier, identifier } from '@throughline/domain'
import type { PersonRules } from './adt-person.ts'
import type { Encounter, FhirIdentifier, Patient } from './fhir.ts'
import type { FhirMessage } from './fhir-message.ts'
import type { MaskChange } from './masking.ts'
import { trustOf } from './profiles.ts'

const nhsSystem = 'https://fhir.nhs.uk/Id/nhs-number'
const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code'

/** The patient's numbers, the NHS number first: of the Patient, or where none is sent of the encounter's reference. */
export function fhirIdentifiers(
  { encounter, patient }: Pick<FhirMessage, 'encounter' | 'patient'>,
  rules: PersonRules,
): readonly Identifier[] {
  const named = patient?.identifier ?? []
  const referred = encounter?.subject?.identifier
  return identifiersOf(referred === undefined ? named : [...named, referred], rules)
}

export function identifiersOf(
  written: readonly FhirIdentifier[],
  rules: PersonRules,
): readonly Identifier[] {
  const found = new Map<string, Identifier>()
  for (const one of written) {
    const read = one.system === nhsSystem ? nhsNumber(one, rules) : localNumber(one, rules)
    const key = `${read?.type} ${read?.issuer} ${read?.value}`
    // Told twice, the telling that knows of its verification counts.
    if (read !== undefined && found.get(key)?.verified !== true) found.set(key, read)
  }
  const all = [...found.values()]
  const nhs = all.filter(({ type }) => type === 'NHS')
  // Two NHS numbers: one of them is somebody else's, so neither matches anybody.
  const sure = nhs.length < 2 ? nhs : nhs.map((one) => ({ ...one, verified: false }))
  return [...sure, ...all.filter(({ type }) => type !== 'NHS')]
}

function nhsNumber(
  { value = '', extension }: FhirIdentifier,
  { profile, allowTestNhsNumbers }: PersonRules,
): Identifier | undefined {
  const checked = identifier({ type: 'NHS', value }, { allowTestNhsNumbers })
  if (!checked.ok) return undefined
  const status = extension
    .find(({ url }) => url.endsWith('NHSNumberVerificationStatus'))
    ?.valueCodeableConcept?.coding.find(({ code }) => code !== undefined)?.code
  const verified =
    status === undefined || status === 'NI' ? profile.nhsNumbersTraced : verifiedCodes.has(status)
  return { ...checked.identifier, verified }
}

/** The current code system's, and the retired one's. */
const verifiedCodes: ReadonlySet<string> = new Set(['01', 'number-present-and-verified'])

function localNumber(
  one: FhirIdentifier,
  { profile, allowTestNhsNumbers }: PersonRules,
): Identifier | undefined {
  const { provider } = profile
  if (provider === null || one.value === undefined) return undefined
  const assigner = one.assigner?.identifier?.value
  const isRecord = one.type?.coding.some(({ code }) => code === 'MR') ?? false
  const isLocal = isRecord || (one.system ?? '').endsWith('/local-patient-identifier')
  if (assigner === undefined && !isLocal) return undefined
  const issuer = assigner === undefined ? provider : trustOf(assigner)
  if (issuer === null) return undefined
  const given = { type: 'MRN', value: one.value, issuer }
  const checked = identifier(given, { allowTestNhsNumbers })
  return checked.ok ? { ...checked.identifier, verified: issuer === provider } : undefined
}

/** The organisation that speaks: the message's sender, or who provides the encounter. */
export const senderCode = ({ header, encounter }: FhirMessage): string | undefined =>
  odsCodeIn(header?.sender?.identifier) ?? providerCode(encounter)

const providerCode = (encounter: Encounter | undefined): string | undefined =>
  odsCodeIn(encounter?.serviceProvider?.identifier)

const odsCodeIn = (one: FhirIdentifier | undefined): string | undefined =>
  one?.system === undefined || one.system === odsSystem ? one?.value : undefined

/** Restricted and very restricted records are the national record's sensitive ones; the rest of the scale takes it back. */
export function fhirMasks(patient: Patient | undefined): readonly MaskChange[] {
  const codes = patient?.meta?.security.map(({ code }) => code) ?? []
  if (codes.some((code) => code === 'R' || code === 'V')) return [{ mask: 'sensitive', on: true }]
  const open = codes.some((code) => code === 'U' || code === 'N')
  return open ? [{ mask: 'sensitive', on: false }] : []
}
