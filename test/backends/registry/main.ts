import { createServer } from 'node:http'
import { registryBase, registryDialect, registryRoutes } from '@throughline/registry-edge'
import { createApp, createAuth, createLogger, tokenHashOf } from '@throughline/service'
import { createMemoryStore, MemoryDatabase, systemClock, systemRandom } from '@throughline/stream'

/**
 * Stands in for an empty Karapace where its image cannot be had: no credentials, the API at the root,
 * `/_health`, and everybody may register. Keeps nothing: what is registered anew in the same order has the
 * same ids.
 */
const { KARAPACE_HOST: host = '127.0.0.1', KARAPACE_PORT: port = '8081' } = process.env
const clock = systemClock()
const random = systemRandom()
const token = Buffer.from(random(24)).toString('base64url')
const store = createMemoryStore({
  db: new MemoryDatabase(),
  clock,
  // The registry looks nothing up.
  lookups: { read: () => ({ people: new Map(), claims: new Map(), agreements: [] }) as never },
})
const app = createApp({
  random,
  clock,
  auth: createAuth({
    clock,
    random,
    basicUnder: [registryBase],
    credentials: [{ tokenHash: tokenHashOf(token), principal: { kind: 'operator' } }],
  }),
  log: createLogger({ clock, sink: (line) => process.stdout.write(`${line}\n`) }),
  dialects: [registryDialect],
  routes: [registryRoutes({ store, feeds: [], released: [] })],
})

const server = createServer((request, response) => {
  if (request.url === '/_health') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')
    return
  }
  request.url = `${registryBase}${request.url}`
  request.headers.authorization = `Bearer ${token}`
  app(request, response)
})
server.listen(Number(port), host, () => void openForAll())
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })

async function openForAll(): Promise<void> {
  await fetch(`http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}/mode`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ mode: 'READWRITE' }),
  })
}
