import { type Agency, agencies } from '@throughline/domain'
import { messagesOf, recordsIn } from '@throughline/intake'
import {
  bodyOf,
  callerOf,
  contextOf,
  HttpFault,
  type JsonValue,
  jsonBody,
  requireAny,
} from '@throughline/service'
import { type Request, Router } from 'express'
import type { ReferralDeps, Sender } from './deps.ts'
import { submitting } from './submit.ts'

/**
 * `POST /intake/referrals`: any source's door. Whoever has an agency's credential may tell, and tells as
 * that agency: police and prisons as custody, a hospital as hospital, all others as `other`.
 */
export function referralIntakeRoutes(deps: ReferralDeps): Router {
  const { bodyLimit, recordsMax } = deps.options
  const submit = submitting(deps)
  const json = jsonBody({ limit: bodyLimit, prototypeMembers: 'refuse' })
  const routes = Router()
  routes.post('/intake/referrals', requireAny('agency'), json, async (req, res) => {
    const records = recordsIn(bodyOf<JsonValue>(req), { recordsMax })
    const { correlationId } = contextOf(req)
    const results = await submit(
      records,
      agencySender(req),
      messagesOf(req, records),
      correlationId,
    )
    const allRejected = results.every(({ outcome }) => outcome === 'rejected')
    res.status(allRejected ? 422 : 202).json({ results })
  })
  return routes
}

/** The agency whose credential this is. */
export function agencySender(req: Request): Sender {
  const { agency } = callerOf(req, 'agency')
  if (!isAgency(agency)) {
    throw new HttpFault(403, 'forbidden', 'This credential is not for this route.')
  }
  return { agency, name: `agency:${agency}` }
}

const isAgency = (name: string): name is Agency => agencies.some((agency) => agency === name)
