import {
  bodyOf,
  fhirType,
  operationOutcome,
  readFhirText,
  requireAny,
  sendFhir,
  textBody,
} from '@throughline/service'
import { Router } from 'express'
import { idOf, keeperOf } from '../caller.ts'
import type { ConsentDeps } from '../deps.ts'
import { recordFhir } from './record.ts'

/**
 * `PUT /consents/{personId}/fhir`: a FHIR R4 Consent as the person's next version. Every answer is an
 * OperationOutcome: what was done (200, the version as ETag), or each fault by element and rule.
 */
export function fhirRoutes(deps: ConsentDeps): Router {
  const routes = Router()
  routes.put(
    '/consents/:personId/fhir',
    requireAny('register', 'practitioner'),
    textBody([fhirType, 'application/json'], { limit: 64 * 1024 }),
    async (req, res) => {
      const read = readFhirText(bodyOf<string>(req))
      if (!read.ok) {
        sendFhir(res, 400, operationOutcome('Resource', [read.issue]))
        return
      }
      const answered = await recordFhir(deps, keeperOf(req), idOf(req.params.personId), read.body)
      if (!answered.ok) {
        sendFhir(res, answered.status, operationOutcome('Consent', answered.issues))
        return
      }
      const { what, version } = answered
      res.setHeader('etag', `W/"${version}"`)
      const issue = { path: '', rule: what, message: words[what] }
      sendFhir(res, 200, operationOutcome('Consent', [issue], 'information'))
    },
  )
  return routes
}

const words = {
  recorded: 'Recorded. What may be told, and by whom, is as the notice under its policy says.',
  stopped: 'Sharing has stopped.',
  unchanged: 'Nothing has changed.',
  'waits-for-review': 'Recorded, and waits for somebody to look at it. Nothing is shared under it.',
} as const
