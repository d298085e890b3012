import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { machinePause } from '@throughline/stream'
import { Kafka, logLevel } from 'kafkajs'
import { type Wanted, wayTo, whyMissing } from './available.ts'
import { composeImage, startContainer } from './containers.ts'
import { freePorts } from './free-ports.ts'
import { findJava, haveJars, haveMaven, kafkaClassPath } from './kafka-jars.ts'
import { type Leashed, startLeashed } from './leashed.ts'

export interface KafkaOptions {
  /** One broker, or three with replication factor 3 and two in-sync replicas. One unless said otherwise. */
  readonly brokers?: 1 | 3
  /** Settings beyond the usual ones, for every broker. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Clients that start at `proxied` are told these addresses instead of the brokers' own, one for each
   * broker: where a test has put something between them.
   */
  readonly proxyPorts?: readonly number[]
  /** Folders for the brokers' data, one for each, such as small disks. Temporary ones unless given. */
  readonly folders?: readonly string[]
  /** Users with SCRAM-SHA-512 passwords: the brokers then have a listener for them, behind TLS. */
  readonly users?: Readonly<Record<string, string>>
}

/** A real Kafka. Everything it started ends with the process that started it, however that ends. */
export interface KafkaCluster extends AsyncDisposable {
  /** host:port, with commas between. */
  readonly bootstrap: string
  /** The same brokers behind `proxyPorts`. Null when they were not asked for. */
  readonly proxied: string | null
  /** The same brokers for `users`, over TLS with a certificate that only `ca` (PEM) vouches for. */
  readonly scram: { readonly bootstrap: string; readonly ca: string } | null
  /** Ids of the brokers that may be killed; none when the cluster is not ours. */
  readonly brokerIds: readonly number[]
  /** Where a broker listens by itself: what a proxy stands in front of. */
  portOf(brokerId: number, listener?: 'plain' | 'proxied'): number
  /** SIGKILL, or SIGTERM for an orderly end. Resolves when the process is gone. */
  kill(brokerId: number, signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Stops it where it stands (SIGSTOP), and lets it go on (SIGCONT). */
  freeze(brokerId: number): void
  thaw(brokerId: number): void
  /** Starts a killed broker again on the same data. Resolves when all brokers see each other. */
  restart(brokerId: number): Promise<void>
  stop(): Promise<void>
}

/** Why there can be no Kafka here, in words for a newcomer; null when there can be one. */
export function whyNoKafka(options: KafkaOptions = {}): string | null {
  return whyMissing(wanted(options))
}

/**
 * A running cluster: the one the environment names, one in a container (neither can be killed), or brokers
 * of our own. Whoever asks for anything in particular gets the last.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  switch (wayTo(wanted(options))) {
    case 'given':
      return untouchable(given(), async () => {})
    case 'container':
      return startContained()
    case 'own':
      return startJars(options, { java: findJava() ?? 'java', classPath: await kafkaClassPath() })
  }
}

const given = (): string => process.env['KAFKA_BOOTSTRAP'] ?? ''

function wanted(options: KafkaOptions): Wanted {
  const plain = Object.keys(options).length === 0
  return {
    name: 'Kafka',
    given: plain && given() !== '',
    image: plain ? composeImage('apache/kafka') : null,
    own: () => findJava() !== null && (haveJars() || haveMaven()),
    remedy: 'set KAFKA_BOOTSTRAP, start Docker, or install Java 17 and Maven',
  }
}

/** One broker in a container, on a port that is the same inside and outside: clients are told of it. */
async function startContained(): Promise<KafkaCluster> {
  const [port = 0] = await freePorts(1)
  let bootstrap = ''
  const { stop } = await startContainer(composeImage('apache/kafka'), (container, host) => {
    bootstrap = `${host}:${port}`
    const settings: Record<string, string> = {
      ...settingsOfAny(1),
      'node.id': '1',
      listeners: `PLAINTEXT://:${port},CONTROLLER://localhost:9093`,
      'advertised.listeners': `PLAINTEXT://${bootstrap}`,
      'controller.quorum.voters': '1@localhost:9093',
      'log.dirs': '/var/lib/kafka/data',
    }
    const named = Object.entries(settings).map(([name, value]) => [inEnvironment(name), value])
    return container
      .withEnvironment({ KAFKA_HEAP_OPTS: '-Xmx384m', ...Object.fromEntries(named) })
      .withExposedPorts({ container: port, host: port })
  })
  while (!(await seesAll(bootstrap, 1))) await machinePause(100)
  return untouchable(bootstrap, stop)
}

/** As the image takes a broker's settings. */
const inEnvironment = (name: string): string => `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`

/** A cluster that can be used, and not killed. */
function untouchable(bootstrap: string, stop: () => Promise<void>): KafkaCluster {
  const notOurs = (): never => {
    throw new Error('these brokers can be used, and not touched: ask for brokers of our own')
  }
  return {
    bootstrap,
    proxied: null,
    scram: null,
    brokerIds: [],
    portOf: notOurs,
    kill: notOurs,
    freeze: notOurs,
    thaw: notOurs,
    restart: notOurs,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Broker {
  readonly id: number
  readonly folder: string
  readonly port: number
  readonly controllerPort: number
  readonly proxiedPort: number
  readonly scramPort: number
}

interface Jvm {
  readonly java: string
  readonly classPath: string
}

async function startJars(options: KafkaOptions, jvm: Jvm): Promise<KafkaCluster> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-kafka-'))
  const count = options.brokers ?? 1
  const ports = await freePorts(count * 4)
  const brokers = Array.from({ length: count }, (_, n): Broker => {
    const [port = 0, controllerPort = 0, proxiedPort = 0, scramPort = 0] = ports.slice(n * 4)
    const folder = options.folders?.[n] ?? join(root, `broker-${n + 1}`)
    return { id: n + 1, folder, port, controllerPort, proxiedPort, scramPort }
  })
  for (const broker of brokers) {
    writeFileSync(settingsOf(broker.id, root), propertiesOf(broker, brokers, options, root))
  }
  await Promise.all(brokers.map(({ id }) => format(settingsOf(id, root), jvm, options)))
  const ca = options.users ? await certify(root, jvm) : ''
  const running = new Map<number, Leashed>()
  const launch = async (id: number) => {
    running.set(id, await launchBroker(id, root, jvm))
  }
  const addresses = (port: (broker: Broker) => number) =>
    brokers.map((broker) => `127.0.0.1:${port(broker)}`).join(',')
  const bootstrap = addresses(({ port }) => port)
  const ready = () => untilReady(bootstrap, running, root)
  const of = (id: number): Leashed => {
    const found = running.get(id)
    if (!found) throw new Error(`there is no broker ${id}`)
    return found
  }
  const stop = async () => {
    await Promise.all([...running.values()].map((broker) => broker.end('SIGKILL')))
    rmSync(root, { recursive: true, force: true })
  }
  await Promise.all(brokers.map(({ id }) => launch(id)))
  try {
    await ready()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    bootstrap,
    proxied: options.proxyPorts
      ? options.proxyPorts.map((port) => `127.0.0.1:${port}`).join(',')
      : null,
    scram: options.users ? { bootstrap: addresses(({ scramPort }) => scramPort), ca } : null,
    brokerIds: brokers.map(({ id }) => id),
    portOf: (id, listener = 'plain') => {
      const { port, proxiedPort } = brokers[id - 1] as Broker
      return listener === 'plain' ? port : proxiedPort
    },
    kill: (id, signal = 'SIGKILL') => of(id).end(signal),
    freeze: (id) => of(id).signal('SIGSTOP'),
    thaw: (id) => of(id).signal('SIGCONT'),
    async restart(id) {
      await of(id).end('SIGKILL')
      await launch(id)
      await ready()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const settingsOf = (id: number, root: string) => join(root, `broker-${id}.properties`)
const logOf = (id: number, root: string) => join(root, `broker-${id}.log`)

function propertiesOf(
  broker: Broker,
  brokers: readonly Broker[],
  options: KafkaOptions,
  root: string,
): string {
  const { id, folder, port, controllerPort, proxiedPort, scramPort } = broker
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${controllerPort}`]
  const advertised = [`PLAINTEXT://127.0.0.1:${port}`]
  const proxy = options.proxyPorts?.[id - 1]
  if (proxy !== undefined) {
    listeners.push(`PROXIED://127.0.0.1:${proxiedPort}`)
    advertised.push(`PROXIED://127.0.0.1:${proxy}`)
  }
  if (options.users) {
    listeners.push(`SCRAM://127.0.0.1:${scramPort}`)
    advertised.push(`SCRAM://127.0.0.1:${scramPort}`)
  }
  const settings: Record<string, string> = {
    ...settingsOfAny(brokers.length),
    'node.id': String(id),
    listeners: listeners.join(','),
    'advertised.listeners': advertised.join(','),
    'controller.quorum.voters': brokers
      .map((other) => `${other.id}@127.0.0.1:${other.controllerPort}`)
      .join(','),
    'log.dirs': folder,
    ...(options.users
      ? {
          'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
          'listener.name.scram.scram-sha-512.sasl.jaas.config':
            'org.apache.kafka.common.security.scram.ScramLoginModule required;',
          'listener.name.scram.ssl.keystore.type': 'PKCS12',
          'listener.name.scram.ssl.keystore.location': keyStoreOf(root),
          'listener.name.scram.ssl.keystore.password': keyStorePassword,
        }
      : {}),
    ...options.settings,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** What is set wherever a broker runs: of one among `brokers`. */
function settingsOfAny(brokers: number): Record<string, string> {
  const replicas = String(brokers)
  const inSync = String(Math.max(1, brokers - 1))
  return {
    'process.roles': 'broker,controller',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,SCRAM:SASL_SSL',
    'auto.create.topics.enable': 'false',
    'unclean.leader.election.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'broker.session.timeout.ms': '6000',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
  }
}

const run = promisify(execFile)

// Any fixed one will do: no two clusters ever share a port.
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'

async function format(file: string, jvm: Jvm, { users = {} }: KafkaOptions): Promise<void> {
  const scram = Object.entries(users).flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ])
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...scram]
  await run(jvm.java, [...quick, '-cp', jvm.classPath, ...tool])
}

const keyStoreOf = (root: string) => join(root, 'broker.p12')
/** Of a key that lives as long as the brokers do. */
const keyStorePassword = 'made-up-for-one-run'

/** Makes the brokers a key, and gives its certificate. */
async function certify(root: string, { java }: Jvm): Promise<string> {
  const store = ['-keystore', keyStoreOf(root), '-storepass', keyStorePassword, '-alias', 'broker']
  const name = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost']
  const keytool = java.replace(/java$/, 'keytool')
  const kind = ['-storetype', 'PKCS12', '-keyalg', 'EC', '-validity', '2']
  await run(keytool, ['-genkeypair', ...store, ...kind, ...name])
  return (await run(keytool, ['-exportcert', '-rfc', ...store])).stdout
}

function launchBroker(id: number, root: string, jvm: Jvm): Promise<Leashed> {
  const java = [jvm.java, '-Xmx384m', '-XX:+UseSerialGC', '-cp', jvm.classPath]
  const command = [...java, 'kafka.Kafka', settingsOf(id, root)]
  return startLeashed({ command, folder: root, log: logOf(id, root), ending: 'KILL' })
}

/** Resolves once every broker sees all of them. Rejects with a broker's last words when one has ended. */
async function untilReady(
  bootstrap: string,
  running: ReadonlyMap<number, Leashed>,
  root: string,
): Promise<void> {
  await Promise.all(
    bootstrap.split(',').map(async (address, n) => {
      while (!(await seesAll(address, running.size))) {
        if (!running.get(n + 1)?.alive()) {
          const words = readFileSync(logOf(n + 1, root), 'utf8')
          throw new Error(`a broker has ended\n${words.slice(-2000)}`)
        }
        await machinePause(100)
      }
    }),
  )
}

async function seesAll(address: string, count: number): Promise<boolean> {
  const admin = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length === count
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}
