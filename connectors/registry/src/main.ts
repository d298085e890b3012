import { openHub, readinessOf } from '@throughline/consent'
import { partnershipConfig, serveFront } from '@throughline/service'
import { monotonicMs, systemClock, systemRandom } from '@throughline/stream'
import { registryDialect, registryRoutes } from './routes.ts'

const around = { clock: systemClock(), random: systemRandom() }
await serveFront(
  { ...around, monotonicMs },
  {
    name: 'registry',
    config: partnershipConfig,
    open: (place) => openHub({ ...place, makeKeys: false, ...around }),
    checks: (hub) => readinessOf(hub, { topics: [] }),
    routes: ({ store }, { feeds }) => registryRoutes({ store, feeds }),
    dialect: registryDialect,
  },
)
