import { acceptance, jsonRoute } from '@throughline/intake'
import { Router } from 'express'
import type { TreatmentDeps } from './deps.ts'
import { ndtmsRoute } from './ndtms.ts'
import { secureSettingRoute } from './secure-setting.ts'
import { translateContact } from './translate-contacts.ts'

/** The three doors of treatment. Whoever is asked for must have passed `createApp`'s `identify`. */
export function treatmentRoutes(deps: TreatmentDeps): Router {
  const routes = Router()
  routes.use(ndtmsRoute(deps))
  routes.use(secureSettingRoute(deps))
  routes.use(contactsRoute(deps))
  return routes
}

function contactsRoute(deps: TreatmentDeps): Router {
  const { options, ids, register, partnership } = deps
  return jsonRoute({
    path: '/intake/treatment/contacts',
    agency: 'treatment',
    accept: acceptance(deps, { agency: 'treatment' }),
    unclaimed: options.unclaimed,
    bodyLimit: options.bodyLimit,
    recordsMax: options.recordsMax,
    prototypeMembers: 'refuse',
    translate: (records) => {
      const given = { ...options, partnership, now: register.now() }
      return records.map((record) => translateContact(record, ids, given))
    },
  })
}
