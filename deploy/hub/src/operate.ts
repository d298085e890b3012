import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createKeyFile,
  type HubServices,
  keyFileName,
  openHub,
  openHubAccess,
  prepareHubServices,
} from '@throughline/consent'
import { HubError } from '@throughline/domain'
import { topics, topicTemplates } from '@throughline/schemas'
import { feedsOf } from '@throughline/service'
import { systemClock, systemRandom } from '@throughline/stream'
import { checkFile } from './check.ts'
import { type HubConfig, placeFor, readConfigFile, registryLogin, topicsOf } from './config.ts'
import { devConfig, madeUpEdges } from './dev.ts'
import { accessMatrix } from './kafka-access.ts'
import { accessDifference, applyAccess, entryFor, lineOf, linesOf } from './kafka-acls.ts'
import { registerSchemas } from './schema-registry.ts'

const usage = `npm run hub -- <command>
  make-keys      --config FILE     makes the key file of a new hub, once
  audit verify   --config FILE     holds the audit against its seals and signed checkpoints
  check SYSTEM/FORMAT FILE         reads a file as the connector would, and names each fault
                                   (custody/police, hospital/hl7v2, treatment/ndtms …)
  topics                           every topic, its key and how long it is kept
  topics apply   --config FILE     makes the topics that are missing on Kafka; one that differs is a fault
  kafka acls     --config FILE     who may do what on Kafka, as lines for Kafka's own kafka-acls
                   --apply         makes it so: adds what is missing, removes what is too much of ours
                   --idempotent-write   as brokers before 2.8 need it
  migrate-database --config FILE   brings the tables in PostgreSQL up to date
  schemas register --registry URL  puts every schema into a registry, and writes the ids it gave them
                   --ids FILE      to FILE (schema-ids.json): services run by it while no registry answers
                                   (HUB_REGISTRY_USER and HUB_REGISTRY_PASSWORD, if it asks who you are)
--dev and --data DIR stand in for --config in front of a hub started that way.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    data: { type: 'string' },
    dev: { type: 'boolean', default: false },
    registry: { type: 'string' },
    ids: { type: 'string', default: 'schema-ids.json' },
    apply: { type: 'boolean', default: false },
    'idempotent-write': { type: 'boolean', default: false },
  },
})

const commands: Readonly<Record<string, () => number | Promise<number>>> = {
  'make-keys': makeKeys,
  'audit verify': verify,
  check,
  topics: listTopics,
  'topics apply': applyTopics,
  'kafka acls': keepAccess,
  'migrate-database': migrateDatabase,
  'schemas register': putSchemas,
}
const [first = '', second = ''] = positionals
const command = commands[`${first} ${second}`] ?? commands[first]
try {
  if (command === undefined) console.log(usage)
  process.exitCode = command === undefined ? 2 : await command()
} catch (error) {
  if (!(error instanceof HubError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}

function configured(): HubConfig {
  const config = values.dev ? devConfig(values.data ?? 'data') : readConfigFile(values.config)
  return values.data === undefined ? config : { ...config, data: values.data }
}

function makeKeys(): number {
  const { data, partnership } = configured()
  mkdirSync(data, { recursive: true })
  createKeyFile({ directory: data, partnerships: [partnership], random: systemRandom() })
  console.log(`${join(data, keyFileName)} made. Keep a copy apart from the data.`)
  return 0
}

async function verify(): Promise<number> {
  const config = configured()
  const place = placeFor(config, values.dev)
  if ('data' in place && !existsSync(join(place.data, 'hub.db'))) {
    throw new HubError('HUB_CONFIG_INVALID', 'there is no hub.db in the data folder')
  }
  await using hub = await openHub({
    place,
    partnership: config.partnership,
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  })
  const verdict = await hub.verifyAudit()
  console.log(`${verdict.sealed} entries sealed, ${verdict.unsealed} not sealed yet`)
  for (const { rule, at } of verdict.faults) console.log(`fault: ${rule} at entry ${at}`)
  console.log(verdict.ok ? 'the audit holds' : 'THE AUDIT DOES NOT HOLD')
  return verdict.ok ? 0 : 1
}

async function check(): Promise<number> {
  const [, format = '', file = ''] = positionals
  const options = values.config === undefined ? madeUpEdges() : configured().edges
  const { lines, ok } = await checkFile(format, file, options)
  for (const line of lines) console.log(line)
  console.log(ok ? 'nothing to mend' : 'THERE IS SOMETHING TO MEND')
  return ok ? 0 : 1
}

function listTopics(): number {
  const days = (ms: number | null) => (ms === null ? 'for ever' : `${ms / 86_400_000} days`)
  for (const { name, key, partitions, retentionMs, cleanup } of topics) {
    console.log(
      `${name}: by ${key}, ${partitions} partitions, kept ${days(retentionMs)}, ${cleanup}`,
    )
  }
  return 0
}

function services(): HubServices {
  const place = placeFor(configured(), values.dev)
  if (!('data' in place)) return place
  throw new HubError('HUB_CONFIG_INVALID', 'the configuration names no database and no kafka')
}

async function applyTopics(): Promise<number> {
  const all = topicsOf(configured())
  await prepareHubServices(services(), { topics: all })
  console.log(`${all.length} topics are as they should be`)
  return 0
}

async function migrateDatabase(): Promise<number> {
  await prepareHubServices(services(), { database: true })
  console.log('the database is up to date')
  return 0
}

async function putSchemas(): Promise<number> {
  const { registry: url, ids: file } = values
  if (url === undefined) throw new HubError('HUB_CONFIG_INVALID', 'name a registry with --registry')
  const feeds = values.config === undefined && !values.dev ? [] : feedsOf(configured())
  const { lines, ids } = await registerSchemas({ url, login: registryLogin() }, feeds)
  for (const line of lines) console.log(line)
  if (ids === null) {
    console.log('NOT EVERYTHING IS REGISTERED: no ids written')
    return 1
  }
  // Whole or not at all: a service may be starting by it.
  writeFileSync(`${file}.new`, `${JSON.stringify(ids, null, 2)}\n`)
  renameSync(`${file}.new`, file)
  console.log(`${lines.length} schemas are registered; ids in ${file}`)
  return 0
}

/** 1 where something is left that is not ours to change. */
async function keepAccess(): Promise<number> {
  const { feeds, place } = { feeds: feedsOf(configured()), place: services() }
  const declared = { topics: [...topics, ...topicTemplates], prefix: place.kafka.prefix ?? '' }
  const options = { feeds, idempotentWrite: values['idempotent-write'] }
  const grants = accessMatrix(declared.topics, options)
  if (!values.apply) {
    for (const grant of grants) console.log(`--add ${lineOf(entryFor(grant, declared.prefix))}`)
    return 0
  }
  await using access = await openHubAccess(place)
  const difference = accessDifference(await access.entries(), grants, declared)
  await applyAccess(access, difference)
  for (const line of linesOf(difference)) console.log(line)
  console.log(`${grants.length} entries are as they should be`)
  return difference.doubtful.length === 0 ? 0 : 1
}
