import { acceptance, isObject, type Translation } from '@throughline/intake'
import {
  bodyOf,
  contextOf,
  JsonFault,
  type JsonValue,
  parseJson,
  requireAgency,
  textBody,
} from '@throughline/service'
import { type Response, Router } from 'express'
import type { HospitalDeps } from './deps.ts'
import { masked } from './masking.ts'
import { operationOutcome } from './operation-outcome.ts'
import { translateFhir } from './translate-fhir.ts'

const fhirType = 'application/fhir+json'

/** The door for FHIR R4: `202 { results }`, or an OperationOutcome that names place and rule. */
export function fhirRoutes(deps: HospitalDeps): Router {
  const { ids, partnership, options } = deps
  const accept = acceptance(deps, { agency: 'hospital', mask: masked })
  const routes = Router()
  routes.post(
    '/intake/hospital/fhir',
    requireAgency('hospital'),
    textBody([fhirType, 'application/json'], { limit: options.bodyLimit }),
    async (req, res) => {
      const text = bodyOf<string>(req)
      const read = readJson(text)
      if (!read.ok) {
        refuse(res, 400, 'Resource', [read.fault])
        return
      }
      const translation = translateFhir(read.body, { ids, options: { ...options, partnership } })
      const inbound = {
        translation,
        message: () => text,
        contentType: fhirType,
        unclaimed: options.unclaimed,
      }
      const results = await accept([inbound], contextOf(req).correlationId)
      if (translation.outcome === 'rejected')
        refuse(res, 422, typeOf(read.body), translation.errors)
      else res.status(202).json({ results })
    },
  )
  return routes
}

type Faults = Extract<Translation, { outcome: 'rejected' }>['errors']

function refuse(res: Response, status: number, resourceType: string, errors: Faults): void {
  res.status(status)
  res.setHeader('content-type', fhirType)
  res.end(JSON.stringify(operationOutcome(resourceType, errors)))
}

function readJson(
  text: string,
):
  | { readonly ok: true; readonly body: JsonValue }
  | { readonly ok: false; readonly fault: Faults[number] } {
  try {
    return { ok: true, body: parseJson(text) }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const message = 'Send one FHIR resource as plain JSON.'
    return { ok: false, fault: { path: '', rule: error.rule, message } }
  }
}

/** Only a name that FHIR has is said again. */
const typeOf = (body: JsonValue): string => {
  const type = isObject(body) ? body['resourceType'] : undefined
  return type === 'Bundle' || type === 'Encounter' || type === 'Patient' ? type : 'Resource'
}
