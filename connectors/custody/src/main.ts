import { join } from 'node:path'
import { createFileKeys, createSqliteRegister } from '@throughline/consent'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  healthRoutes,
  listen,
} from '@throughline/service'
import { nodeIds, openHubDatabase, systemClock, systemRandom } from '@throughline/stream'
import { readEnvironment } from './config.ts'
import { custodyRoutes } from './source.ts'

/** Custody's edge as a process of its own, on a hub's data directory; the hub relays what it accepts. */
const { data, port, host, tokenHash, options } = readEnvironment()
const clock = systemClock()
const random = systemRandom()
const keys = createFileKeys({ directory: data, clock, random })
const ids = nodeIds(keys.file.hmacKey(options.partnership))
const db = openHubDatabase(join(data, 'hub.db'))
const register = createSqliteRegister({ db, clock })
const log = createLogger({ clock, sink: (line) => process.stdout.write(`${line}\n`) })
const metrics = createMetrics()
const principal = { kind: 'agency', agency: 'custody' } as const
const auth = createAuth({ credentials: [{ tokenHash, principal }], clock, random })
const checks = [
  { name: 'register', check: async () => (await register.agreements()).length >= 0 },
  { name: 'keys', check: async () => (await keys.open([])).size === 0 },
]
const routes = [
  healthRoutes({ checks, metrics }),
  custodyRoutes({ register, keys, clock, ids, random, log, metrics, options }),
]
const app = createApp({ log, random, clock, auth, metrics, routes })
const listening = await listen({ app, port, host })
log.info('listening', { host, port: listening.port })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void listening.close().then(() => {
      keys[Symbol.dispose]()
      db[Symbol.dispose]()
      log.info('stopped')
    })
  })
}
