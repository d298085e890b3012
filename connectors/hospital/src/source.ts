import { bodyOf, HttpFault, rawBody, requireAgency } from '@throughline/service'
import { type Response, Router } from 'express'
import type { HospitalDeps } from './deps.ts'
import { splitMessages } from './hl7/split.ts'
import { type Answered, intakeOf } from './intake.ts'
import { hl7ContentType } from './receive.ts'
import { fhirRoutes } from './source-fhir.ts'

/** The hospitals' doors over HTTP. Whoever is asked for must have passed `createApp`'s `identify`. */
export const hospitalRoutes = (deps: HospitalDeps): Router =>
  Router().use(hl7Routes(deps), fhirRoutes(deps))

/** HL7 v2: one or more messages, answered by their acknowledgements. */
function hl7Routes(deps: HospitalDeps): Router {
  const { bodyLimit, recordsMax } = deps.options
  const intake = intakeOf(deps)
  const routes = Router()
  routes.post(
    '/intake/hospital/hl7v2',
    requireAgency('hospital'),
    rawBody([hl7ContentType, 'text/plain'], { limit: bodyLimit }),
    async (req, res) => {
      const messages = splitMessages(bodyOf<Buffer>(req))
      if (messages.length === 0) throw new HttpFault(400, 'no-records', 'There is no message.')
      if (messages.length > recordsMax) {
        throw new HttpFault(413, 'too-many-records', `Send at most ${recordsMax} messages at once.`)
      }
      answer(res, await Promise.all(messages.map((message) => intake.take(message))))
    },
  )
  return routes
}

/** The acknowledgements one after another, as they would come over MLLP, under the status of JSON routes. */
function answer(res: Response, answered: readonly Answered[]): void {
  const isLost = answered.some(({ result }) => result === undefined)
  const isRefused = answered.every(({ result }) => result?.outcome === 'rejected')
  if (isLost) res.set('retry-after', '5')
  res.status(isLost ? 503 : isRefused ? 422 : 200)
  res.setHeader('content-type', hl7ContentType)
  res.end(Buffer.concat(answered.flatMap(({ answers }) => answers)))
}
