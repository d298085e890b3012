import { countRefusals, type HubPorts, openHub, readinessOf } from '@throughline/consent'
import { partnershipConfig, serveFront } from '@throughline/service'
import {
  monotonicMs,
  runtimeFigures,
  startProcessor,
  systemClock,
  systemRandom,
  topicsHold,
  topicsOf,
  viewsWake,
} from '@throughline/stream'
import { inboxRoutes } from './routes.ts'
import { inboxProjection } from './topology.ts'

const around = { clock: systemClock(), random: systemRandom() }
const topics = topicsOf(inboxProjection)
/** How often to look for what others have done where nobody rings for it (ms). */
const safetyPollMs = 500
await serveFront(
  { ...around, monotonicMs },
  {
    name: 'inbox',
    config: partnershipConfig,
    open: (place) => openHub({ ...place, makeKeys: false, ...around }),
    checks: (hub) => readinessOf(hub, { topics }),
    routes(hub, deps) {
      const register = countRefusals(hub.register, deps.metrics)
      return inboxRoutes({ ...hub, ...deps, register, ...rungBy(hub) })
    },
    async alongside(hub, { metrics: meters, onFault, signal }) {
      if (!(await topicsHold({ ...hub, topics, signal }))) return undefined
      return startProcessor({
        ...hub,
        processor: inboxProjection,
        figures: runtimeFigures({ meters, clock: around.clock, monotonicMs }),
        safetyPollMs: hub.safetyPollMs ?? safetyPollMs,
        onFault: ({ error }) => onFault(error),
      })
    },
  },
)

/** On services a change rings in every process; on files open pages look by themselves. */
function rungBy({ safetyPollMs: betweenProcesses, store }: HubPorts) {
  if (betweenProcesses === null) return {}
  return { onChange: (listener: () => void) => store.wakes.on(viewsWake, listener) }
}
