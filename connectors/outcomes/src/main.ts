import { openHub, readinessOf } from '@throughline/consent'
import { topicOf } from '@throughline/schemas'
import { partnershipConfig, serveFront } from '@throughline/service'
import { monotonicMs, systemClock, systemRandom } from '@throughline/stream'
import { measuresTopic } from './release.ts'
import { outcomesRoutes } from './routes.ts'

const around = { clock: systemClock(), random: systemRandom() }
await serveFront(
  { ...around, monotonicMs },
  {
    name: 'outcomes-edge',
    config: partnershipConfig,
    open: (place) => openHub({ ...place, makeKeys: false, ...around }),
    checks: (hub, { feeds }) =>
      readinessOf(hub, { topics: feeds.map((feed) => topicOf(measuresTopic(feed))) }),
    routes: (hub, { feeds }) => outcomesRoutes({ ...hub, events: hub.log, feeds }),
  },
)
