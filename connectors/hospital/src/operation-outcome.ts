import type { RecordFault } from '@throughline/intake'

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome'
  readonly issue: readonly {
    readonly severity: 'error'
    readonly code: string
    readonly details: {
      readonly coding: readonly [{ readonly code: string }]
      readonly text: string
    }
    readonly expression: readonly string[]
  }[]
}

/** FHIR's own codes for kinds of faults. */
const codes: Readonly<Record<string, string>> = {
  required: 'required',
  'not-an-object': 'structure',
  type: 'structure',
  'message-header-first': 'structure',
  'fhir-r4-only': 'not-supported',
}

/** A refusal as FHIR answers it: place and rule, and nothing of what was written there. */
export const operationOutcome = (
  resourceType: string,
  errors: readonly RecordFault[],
): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: errors.map(({ path, rule, message }) => ({
    severity: 'error',
    code: codes[rule] ?? 'value',
    details: { coding: [{ code: rule }], text: message },
    expression: [expressionOf(resourceType, path)],
  })),
})

/** `entry.2.resource.status` as FHIRPath: `Bundle.entry[2].resource.status`. */
function expressionOf(resourceType: string, path: string): string {
  const inside = path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')
  return inside === '' ? resourceType : `${resourceType}.${inside}`
}
