import { acceptance, deliveriesIn, jsonRoute } from '@throughline/intake'
import { Router } from 'express'
import type { ProbationDeps } from './deps.ts'
import { translate } from './translate.ts'
import { translateHearings } from './translate-hearing.ts'

/** The two doors of probation and the courts. Whoever is asked for must have passed `createApp`'s `identify`. */
export function probationRoutes(deps: ProbationDeps): Router {
  const { options, ids, register, partnership } = deps
  const { bodyLimit, recordsMax, unclaimed } = options
  const accept = acceptance(deps, { agency: 'probation' })
  const door = {
    agency: 'probation',
    accept,
    bodyLimit,
    recordsMax,
    unclaimed,
    recordsOf: deliveriesIn,
  }
  const given = { ...options, partnership }
  return Router().use(
    jsonRoute({
      ...door,
      path: '/intake/probation/domain-events',
      translate: (records) => translate(records, ids, given),
    }),
    jsonRoute({
      ...door,
      path: '/intake/probation/hearings',
      translate: (records) => translateHearings(records, ids, { ...given, now: register.now() }),
    }),
  )
}
