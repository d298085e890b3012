import { readFileSync } from 'node:fs'
import type { JsonValue } from '@throughline/service'
import { fhirTerms } from '../fhir/terms.ts'

const example = '../../examples/fhir-consent-housing-permit-break-glass.json'

/** Housing may know, a named group may look in an emergency, for a year; everything else is denied. */
export const housingConsent = JSON.parse(
  readFileSync(new URL(example, import.meta.url), 'utf8'),
) as Readonly<Record<string, JsonValue>>

/** The same with something else at a place; undefined takes it away. `provision.provision.0.type` */
export function changed(changes: Readonly<Record<string, JsonValue | undefined>>): JsonValue {
  const whole = structuredClone(housingConsent) as Record<string, unknown>
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('.')
    const last = parts.pop() ?? ''
    let inside: Record<string, unknown> = whole
    for (const part of parts) inside = inside[part] as Record<string, unknown>
    if (value === undefined) delete inside[last]
    else inside[last] = value
  }
  return whole as JsonValue
}

/** What the partnership of the example means by its references. */
export const terms = fhirTerms.parse({
  policies: [
    {
      uri: 'https://hub.example.invalid/policy/multi-agency/2026-04',
      noticeVersion: '2026-04',
      sources: ['custody', 'treatment'],
      categories: ['whereabouts', 'housing'],
      tier: 'headline',
    },
  ],
  recipients: [
    { reference: 'Organization/syn-housing', are: [{ organisation: 'housing', role: 'agency' }] },
    {
      reference: 'https://fhir.nhs.uk/Id/ods-organization-code|RZZ',
      are: [{ organisation: 'hospital', role: 'agency' }],
    },
    {
      reference: 'Group/syn-breakglass',
      are: [{ organisation: 'testshire-recovery', role: 'duty' }],
    },
  ],
})
