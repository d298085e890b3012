import { type Accept, acceptance, jsonRoute } from '@throughline/intake'
import { parseJson } from '@throughline/service'
import { Router } from 'express'
import type { CustodyDeps } from './deps.ts'
import { recordsOf, translate } from './translate.ts'
import { translatePolice } from './translate-police.ts'

/** The two doors of custody. Whoever is asked for must have passed `createApp`'s `identify`. */
export function custodyRoutes(deps: CustodyDeps): Router {
  const { ids, register, partnership } = deps
  const options = { ...deps.options, partnership }
  const { bodyLimit, recordsMax } = options
  const door = { agency: 'custody', accept: custodyAcceptance(deps), bodyLimit, recordsMax }
  return Router().use(
    jsonRoute({
      ...door,
      path: '/intake/custody/domain-events',
      unclaimed: options.unclaimed.prison,
      recordsOf,
      translate: (records) => translate(records, ids, options),
    }),
    jsonRoute({
      ...door,
      path: '/intake/custody/police',
      unclaimed: options.unclaimed.police,
      prototypeMembers: 'refuse',
      translate: (records) => translatePolice(records, ids, { ...options, now: register.now() }),
    }),
  )
}

/** Records that waited for a booking's person are translated again, now that one is known. */
export function custodyAcceptance(deps: CustodyDeps): Accept {
  const { ids, partnership } = deps
  return acceptance(deps, {
    agency: 'custody',
    retry(text, resolved) {
      const bookings = new Map(resolved.map(({ reference, value }) => [reference, value]))
      return translate([parseJson(text)], ids, { ...deps.options, partnership, bookings })[0]
    },
  })
}
