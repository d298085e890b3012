import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareHubServices } from '@throughline/consent'
import { registerSchemas } from '@throughline/hub'
import { topics } from '@throughline/schemas'
import { machinePause, systemClock } from '@throughline/stream'
import { freePorts } from '../../backends/free-ports.ts'
import { type KafkaCluster, startKafka } from '../../backends/kafka.ts'
import { type KafkaProxy, startKafkaProxy } from '../../backends/kafka-proxy.ts'
import { type PostgresServer, startPostgres } from '../../backends/postgres.ts'
import { type KafkaCounty, makeKafkaCounty } from '../../bench/kafka/kafka-county.ts'
import { mountSmallDisk, type SmallDisk } from './disk.ts'
import { fewServices } from './few-services.ts'
import { Service } from './service.ts'

const token = 'made-up-for-this-test'
const replicas = 3
const brokerMebibytes = 512
const postgresMebibytes = 1_024

/** A new controller counts a broker's session from its own beginning: both must fit into a service's. */
const settings = {
  'broker.session.timeout.ms': '4500',
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
  /** What a registry that is gone by now has numbered the schemas. */
  readonly schemaIds: string
  /** Of the third broker and of the database; null where nothing may be mounted. */
  readonly disks: { readonly broker: SmallDisk | null; readonly postgres: SmallDisk | null }
  readonly services: readonly Service[]
  /** One more of a kind (`notify`), not yet started, which is nobody's but the caller's. */
  another(kind: string): Service
  named(name: string): Service
  edges(): readonly string[]
  /** What is to be done when all services have ended. */
  atEnd(work: () => void): void
}

export async function startRig(people: number): Promise<Rig> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-faults-'))
  chmodSync(root, 0o755)
  await using started = new AsyncDisposableStack()
  started.defer(() => rmSync(root, { recursive: true, force: true }))
  const disks = {
    broker: mountSmallDisk(join(root, 'broker-disk'), brokerMebibytes),
    postgres: mountSmallDisk(join(root, 'postgres-disk'), postgresMebibytes),
  }
  for (const disk of Object.values(disks)) if (disk) started.use(disk)
  const folders = [
    join(root, 'broker-1'),
    join(root, 'broker-2'),
    join(disks.broker?.folder ?? root, 'broker-3'),
  ]
  const proxyPorts = await freePorts(replicas)
  const [cluster, postgres] = await Promise.all([
    startKafka({ brokers: replicas, proxyPorts, folders, settings }),
    startPostgres({
      folder: folderAt(join(disks.postgres?.folder ?? root, 'postgres')),
      settings: { max_wal_size: '128MB' },
    }),
  ])
  started.use(cluster)
  started.use(postgres)
  const proxies: KafkaProxy[] = []
  for (const [n, port] of proxyPorts.entries()) {
    proxies.push(started.use(await startKafkaProxy(cluster.portOf(n + 1, 'proxied'), port)))
  }
  const county = await makeKafkaCounty({ postgres }, people, systemClock())
  started.defer(() => county.takeAway())
  const url = await postgres.newDatabase(county.template)
  const kafka = { brokers: (cluster.proxied ?? '').split(',') }
  await prepareHubServices({ databaseUrl: url, kafka, keys: county.keys }, { topics })
  const schemaIds = await numbered(root)
  const ends: Service[] = []
  const last: (() => void)[] = []
  started.defer(() => last.forEach((work) => work()))
  started.defer(async () => {
    await Promise.all(ends.map((service) => service.signal('SIGKILL')))
  })
  const plans = fewServices({ url, kafka, keys: county.keys, schemaIds, token, folder: root })
  const made = (kind: string, name: string): Service => {
    const plan = plans.get(kind)
    if (!plan) throw new Error(`there is no service of the kind ${kind}`)
    const service = new Service({ name, ...plan })
    ends.push(service)
    return service
  }
  const services = [1, 2].flatMap((n) =>
    [...plans.keys()].map((kind) => made(kind, `${kind}-${n}`)),
  )
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
    schemaIds,
    disks,
    another: (kind) => made(kind, `another ${kind}`),
    token,
    cluster,
    folderOf: (id) => folders[id - 1] as string,
    proxies,
    postgres,
    url,
    county,
    services,
    named,
    atEnd: (work) => last.push(work),
    edges: () => ['custody-1', 'custody-2'].map((name) => `http://127.0.0.1:${named(name).port}`),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

/** A registry numbers the schemas, and is killed before any service has started. */
async function numbered(root: string): Promise<string> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const registry = spawn(process.execPath, ['test/backends/registry/main.ts'], {
    cwd: new URL('../../../', import.meta.url).pathname,
    env: { PATH: process.env['PATH'] ?? '', KARAPACE_PORT: String(port) },
    stdio: 'ignore',
  })
  try {
    const answers = () =>
      fetch(`${url}/_health`).then(
        ({ ok }) => ok,
        () => false,
      )
    while (registry.exitCode === null && !(await answers())) {
      await machinePause(100)
    }
    const { ids, lines } = await registerSchemas({ url, login: null }, [])
    if (ids === null) throw new Error(lines.join('\n'))
    const path = join(root, 'schema-ids.json')
    writeFileSync(path, JSON.stringify(ids))
    return path
  } finally {
    registry.kill('SIGKILL')
  }
}

function folderAt(folder: string): string {
  mkdirSync(folder)
  return folder
}
