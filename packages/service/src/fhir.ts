import type { Response } from 'express'
import { JsonFault, type JsonValue, parseJson } from './json.ts'

/** FHIR's own content type. */
export const fhirType = 'application/fhir+json'

/** One thing to say of a resource, by place and rule; nothing of what was written there. */
export interface FhirIssue {
  /** Below the resource: `entry.2.resource.status` or `entry[2].resource.status`. */
  readonly path: string
  readonly rule: string
  readonly message: string
}

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome'
  readonly issue: readonly {
    readonly severity: 'error' | 'information'
    readonly code: string
    readonly details: {
      readonly coding: readonly [{ readonly code: string }]
      readonly text: string
    }
    readonly expression: readonly string[]
  }[]
}

/** FHIR's own codes for kinds of faults; any other is about a value. */
const codes: Readonly<Record<string, string>> = {
  required: 'required',
  'not-an-object': 'structure',
  type: 'structure',
  'message-header-first': 'structure',
  'fhir-r4-only': 'not-supported',
}

/** An answer as FHIR gives it: place and rule. */
export const operationOutcome = (
  resourceType: string,
  issues: readonly FhirIssue[],
  severity: 'error' | 'information' = 'error',
): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: issues.map(({ path, rule, message }) => ({
    severity,
    code: severity === 'information' ? severity : (codes[rule] ?? 'value'),
    details: { coding: [{ code: rule }], text: message },
    expression: [expressionOf(resourceType, path)],
  })),
})

/** Answers with a resource. */
export function sendFhir(res: Response, status: number, resource: object): void {
  res.status(status)
  res.setHeader('content-type', fhirType)
  res.end(JSON.stringify(resource))
}

/** Reads a resource as strictly as any other JSON (`parseJson`); what is wrong comes as an issue. */
export function readFhirText(
  text: string,
): { readonly ok: true; readonly body: JsonValue } | { readonly ok: false; issue: FhirIssue } {
  try {
    return { ok: true, body: parseJson(text) }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const message = 'Send one FHIR resource as plain JSON.'
    return { ok: false, issue: { path: '', rule: error.rule, message } }
  }
}

/** `entry.2.resource.status` as FHIRPath: `Bundle.entry[2].resource.status`. */
function expressionOf(resourceType: string, path: string): string {
  const inside = path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')
  return inside === '' ? resourceType : `${resourceType}.${inside}`
}
