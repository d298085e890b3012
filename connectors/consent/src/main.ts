import { countRefusals, openHub, readinessOf } from '@throughline/consent'
import { partnershipConfig, serveFront } from '@throughline/service'
import { monotonicMs, systemClock, systemRandom } from '@throughline/stream'
import { fhirTerms } from './fhir/terms.ts'
import { consentRoutes } from './routes.ts'

const around = { clock: systemClock(), random: systemRandom() }
await serveFront(
  { ...around, monotonicMs },
  {
    name: 'consent',
    config: partnershipConfig.extend({ fhirConsents: fhirTerms.optional() }),
    open: (place) => openHub({ ...place, makeKeys: false, ...around }),
    // What it changes is relayed by the hub.
    checks: (hub) => readinessOf(hub, { topics: [] }),
    routes(hub, deps) {
      const register = countRefusals(hub.register, deps.metrics)
      return consentRoutes({ ...hub, ...deps, register, fhirTerms: deps.config.fhirConsents })
    },
  },
)
