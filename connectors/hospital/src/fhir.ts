import { z } from 'zod'

/**
 * The five resources that are read, and the message around them, FHIR R4 as UK Core profiles it: strict on
 * what is used, blind to the rest.
 */

/** A date, or a time with its offset: R4 allows no other. */
const dateTime = z
  .string()
  .max(40)
  .superRefine((value, context) => {
    const parts =
      /^\d{4}(?:-\d\d(?:-\d\d)?)?(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(value)
    const rule =
      parts === null
        ? 'timestamp-not-readable'
        : parts[1] !== undefined && parts[2] === undefined
          ? 'timestamp-needs-offset'
          : null
    if (rule !== null) context.addIssue({ code: 'custom', params: { rule } })
  })

const text = z.string().max(500)
const coding = z.object({ system: text.optional(), code: text.optional() })
const concept = z.object({ coding: z.array(coding).max(50).default([]) })
const extensions = z
  .array(z.object({ url: text, valueCodeableConcept: concept.optional() }))
  .max(100)
  .default([])
const bareIdentifier = z.object({ system: text.optional(), value: text.optional() })
const identifier = bareIdentifier.extend({
  type: concept.optional(),
  assigner: z.object({ identifier: bareIdentifier.optional() }).optional(),
  extension: extensions,
})
const reference = z.object({ reference: text.optional(), identifier: identifier.optional() })
const meta = z.object({ lastUpdated: dateTime.optional(), security: z.array(coding).default([]) })
const resource = { id: text.optional(), meta: meta.optional() }
const identifiers = z.array(identifier).max(50).default([])

export const encounter = z.object({
  ...resource,
  resourceType: z.literal('Encounter'),
  identifier: identifiers,
  status: z.enum([
    ...(['planned', 'arrived', 'triaged', 'in-progress', 'onleave', 'finished'] as const),
    ...(['cancelled', 'entered-in-error', 'unknown'] as const),
  ]),
  class: coding.extend({ code: text }),
  subject: reference.optional(),
  period: z.object({ start: dateTime.optional(), end: dateTime.optional() }).optional(),
  serviceProvider: reference.optional(),
  reasonCode: z.array(concept).max(100).default([]),
  diagnosis: z
    .array(z.object({ condition: reference, rank: z.number().optional() }))
    .max(100)
    .default([]),
  hospitalization: z
    .object({
      extension: extensions,
      admitSource: concept.optional(),
      dischargeDisposition: concept.optional(),
    })
    .optional(),
  extension: extensions,
})

export const patient = z.object({
  ...resource,
  resourceType: z.literal('Patient'),
  identifier: identifiers,
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: dateTime.optional(),
  address: z
    .array(z.object({ postalCode: text.optional() }))
    .max(50)
    .default([]),
  link: z
    .array(z.object({ other: reference, type: text }))
    .max(20)
    .default([]),
})

const clinical = { subject: reference.optional(), encounter: reference.optional() }

export const condition = z.object({
  ...resource,
  ...clinical,
  resourceType: z.literal('Condition'),
  verificationStatus: concept.optional(),
  code: concept.optional(),
})

export const observation = z.object({
  ...resource,
  ...clinical,
  resourceType: z.literal('Observation'),
  status: text,
  code: concept,
  effectiveDateTime: dateTime.optional(),
  valueInteger: z.int().optional(),
  valueQuantity: z.object({ value: z.number().optional() }).optional(),
})

export const serviceRequest = z.object({
  ...resource,
  ...clinical,
  resourceType: z.literal('ServiceRequest'),
  status: text,
  intent: text,
  code: concept.optional(),
  authoredOn: dateTime.optional(),
})

export const messageHeader = z.object({
  resourceType: z.literal('MessageHeader'),
  eventCoding: coding.optional(),
  sender: reference.optional(),
})

export const messageBundle = z.object({
  resourceType: z.literal('Bundle'),
  type: z.literal('message'),
  identifier: bareIdentifier.optional(),
  timestamp: dateTime.optional(),
  entry: z
    .array(z.object({ fullUrl: text.optional(), resource: z.looseObject({ resourceType: text }) }))
    .min(1)
    .max(1000),
})

export const resourceSchemas = {
  Encounter: encounter,
  Patient: patient,
  Condition: condition,
  Observation: observation,
  ServiceRequest: serviceRequest,
  MessageHeader: messageHeader,
} as const

export type Encounter = z.output<typeof encounter>
export type Patient = z.output<typeof patient>
export type Condition = z.output<typeof condition>
export type Observation = z.output<typeof observation>
export type ServiceRequest = z.output<typeof serviceRequest>
export type MessageHeader = z.output<typeof messageHeader>
export type Resource = z.output<(typeof resourceSchemas)[keyof typeof resourceSchemas]>
export type Reference = z.output<typeof reference>
export type Concept = z.output<typeof concept>
export type FhirIdentifier = z.output<typeof identifier>
