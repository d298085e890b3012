import { acceptance, isObject } from '@throughline/intake'
import {
  bodyOf,
  contextOf,
  fhirType,
  type JsonValue,
  operationOutcome,
  readFhirText,
  requireAgency,
  sendFhir,
  textBody,
} from '@throughline/service'
import { Router } from 'express'
import type { HospitalDeps } from './deps.ts'
import { masked } from './masking.ts'
import { translateFhir } from './translate-fhir.ts'

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
      const read = readFhirText(text)
      if (!read.ok) {
        sendFhir(res, 400, operationOutcome('Resource', [read.issue]))
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
        sendFhir(res, 422, operationOutcome(typeOf(read.body), translation.errors))
      else res.status(202).json({ results })
    },
  )
  return routes
}

/** Only a name that FHIR has is said again. */
const typeOf = (body: JsonValue): string => {
  const type = isObject(body) ? body['resourceType'] : undefined
  return type === 'Bundle' || type === 'Encounter' || type === 'Patient' ? type : 'Resource'
}
