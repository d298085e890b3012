import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareHubServices } from '@throughline/consent'
import { hashOfToken } from '@throughline/hub'
import { topics } from '@throughline/schemas'
import { systemClock } from '@throughline/stream'
import { freePorts } from '../../backends/free-ports.ts'
import { type KafkaCluster, startKafka } from '../../backends/kafka.ts'
import { type KafkaProxy, startKafkaProxy } from '../../backends/kafka-proxy.ts'
import { type PostgresServer, startPostgres } from '../../backends/postgres.ts'
import { type KafkaCounty, makeKafkaCounty } from '../../bench/kafka/kafka-county.ts'
import { Service } from './service.ts'

const token = 'made-up-for-this-test'
const replicas = 3
const yearMs = 365 * 24 * 3_600_000

/**
 * Those of the quorum: a new controller is found well within the session of a broker, which it counts
 * from its own beginning.
 */
const settings = {
  'controller.quorum.fetch.timeout.ms': '1000',
  'controller.quorum.election.timeout.ms': '500',
  'broker.heartbeat.interval.ms': '500',
}

/** A hub on three brokers and a PostgreSQL server, each service twice and as a process of its own. */
export interface Rig extends AsyncDisposable {
  readonly token: string
  readonly cluster: KafkaCluster
  /** Folders of the brokers' data, by id. */
  folderOf(brokerId: number): string
  /** What every service speaks through, by broker. */
  readonly proxies: readonly KafkaProxy[]
  readonly postgres: PostgresServer
  readonly url: string
  readonly county: KafkaCounty
  readonly services: readonly Service[]
  named(name: string): Service
  edges(): readonly string[]
}

export async function startRig(people: number): Promise<Rig> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-faults-'))
  chmodSync(root, 0o755)
  await using started = new AsyncDisposableStack()
  started.defer(() => rmSync(root, { recursive: true, force: true }))
  const folders = [1, 2, 3].map((id) => join(root, `broker-${id}`))
  const proxyPorts = await freePorts(replicas)
  const [cluster, postgres] = await Promise.all([
    startKafka({ brokers: replicas, proxyPorts, folders, settings }),
    startPostgres({ folder: made(join(root, 'postgres')) }),
  ])
  started.use(cluster)
  started.use(postgres)
  const proxies: KafkaProxy[] = []
  for (const [n, port] of proxyPorts.entries()) {
    proxies.push(started.use(await startKafkaProxy(cluster.portOf(n + 1, 'proxied'), port)))
  }
  console.log('brokers', performance.now())
  const county = await makeKafkaCounty({ postgres }, people, systemClock())
  started.defer(() => county.takeAway())
  console.log('county', performance.now())
  const url = await postgres.newDatabase(county.template)
  const brokers = (cluster.proxied ?? '').split(',')
  await prepareHubServices({ databaseUrl: url, kafka: { brokers }, keys: county.keys }, { topics })
  console.log('topics', performance.now())
  const services = servicesOn({ url, brokers, keys: county.keys, root })
  for (const service of services) started.defer(() => service.signal('SIGKILL'))
  // Two at a time: each takes a second of a core.
  for (let n = 0; n < services.length; n += 2) {
    await Promise.all(services.slice(n, n + 2).map((service) => service.start()))
  }
  const named = (name: string): Service => {
    const found = services.find((service) => service.name === name)
    if (!found) throw new Error(`there is no service ${name}`)
    return found
  }
  const everything = started.move()
  return {
    token,
    cluster,
    folderOf: (id) => folders[id - 1] as string,
    proxies,
    postgres,
    url,
    county,
    services,
    named,
    edges: () => ['custody-1', 'custody-2'].map((name) => `http://127.0.0.1:${named(name).port}`),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

interface Place {
  readonly url: string
  readonly brokers: readonly string[]
  readonly keys: string
  readonly root: string
}

/** The front relays what the edges accept, and projects notices into the inbox. */
function servicesOn({ url, brokers, keys, root }: Place): readonly Service[] {
  const env = {
    HUB_DATABASE_URL: url,
    HUB_KAFKA_BROKERS: brokers.join(','),
    HUB_KEYS: keys,
    HUB_HTTP_PORT: '0',
    EDGE_PORT: '0',
    EDGE_TOKEN_HASH: hashOfToken(token),
    EDGE_OPTIONS: JSON.stringify({ allowTestNhsNumbers: true, nhsNumbersTraced: true }),
  }
  const config = join(root, 'front.json')
  writeFileSync(config, JSON.stringify(frontConfig({ url, brokers, keys, root })))
  const entries = {
    custody: ['connectors/custody/src/main.ts'],
    link: ['processors/link/src/main.ts'],
    notify: ['processors/notify/src/main.ts'],
    front: ['deploy/hub/src/main.ts', '--config', config, '--mllp-port', '0'],
  }
  return [1, 2].flatMap((n) =>
    Object.entries(entries).map(
      ([name, entry]) => new Service({ name: `${name}-${n}`, entry, env }),
    ),
  )
}

const frontConfig = ({ url, brokers, keys }: Place): object => ({
  partnership: 'testshire',
  port: 0,
  data: keys,
  database: { url },
  kafka: { brokers },
  processors: ['inbox'],
  allowTestNhsNumbers: true,
  agencies: {},
  register: { tokenHash: hashOfToken(`${token} of the register`) },
  practitioners: [],
  operators: [{ tokenHash: hashOfToken(token) }],
  agreements: [
    {
      id: 'dev-custody-care-coordination',
      source: 'custody',
      purpose: 'care-coordination',
      recipientOrganisation: 'testshire-recovery',
      from: new Date(0).toISOString(),
      until: new Date(Date.now() + yearMs).toISOString(),
    },
  ],
})

function made(folder: string): string {
  mkdirSync(folder)
  return folder
}
