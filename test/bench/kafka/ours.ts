import { fileURLToPath } from 'node:url'
import { topicOf, topics } from '@throughline/schemas'
import { type Log, openKafkaLog, openPostgres, type PostgresDatabase } from '@throughline/stream'
import { type Contender, type Running, until } from './contender.ts'
import type { KafkaCounty } from './kafka-county.ts'
import { startService } from './service-process.ts'
import type { Services } from './services.ts'

/** What a process of ours is told. */
export interface OursPlace {
  readonly url: string
  readonly brokers: readonly string[]
  readonly prefix: string
  /** The folder of the key file. */
  readonly keys: string
  readonly shift: number
  readonly processors: readonly string[]
  /** Nothing is encrypted. */
  readonly bare?: boolean
}

export interface OursOptions {
  readonly services: Services
  readonly county: KafkaCounty
  readonly shift: number
  /** In which processes the processors run: what reads the agency's topic first, what writes notices last. */
  readonly layout: readonly (readonly string[])[]
  /** Nothing is encrypted. */
  readonly bare: boolean
  /** The folder for a profile of each process. */
  readonly profile?: string
}

const child = fileURLToPath(new URL('ours-child.ts', import.meta.url))
/** Those of `npm start`. */
const nodeOptions = ['--max-semi-space-size=16', '--heap-growing-percent=100']

export interface RunningOurs extends Running {
  /** Resolves when link has come so far, and has nothing left to send. */
  untilLinked(events: number): Promise<void>
}

/** Processors on the hub's own runtime, on a copy of the county's database. */
export const ours = (name: string, options: OursOptions): Contender => ({
  name,
  bare: options.bare,
  start: (prefix) => startOurs(options, prefix),
})

/** A process for each entry of the layout, in that order. */
export async function startOurs(
  { services, county, shift, layout, bare, profile }: OursOptions,
  prefix: string,
): Promise<RunningOurs> {
  const { brokers, postgres } = services
  const url = await postgres.newDatabase(county.template)
  const log = await openKafkaLog({ brokers, clientId: 'bench', prefix, replicationFactor: 1 })
  await log.ensureTopics(topics)
  const db = await openPostgres({ url, connectionsMax: 1 })
  const hops = layout.flat()
  const [first = '', last = ''] = [hops[0], hops.at(-1)]
  const running = await Promise.all(
    layout.map((processors) => {
      const place: OursPlace = { url, brokers, prefix, keys: county.keys, shift, processors, bare }
      const profiled = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
      const options = [...nodeOptions, ...profiled]
      return startService(process.execPath, [...options, child, JSON.stringify(place)])
    }),
  )
  return {
    services: running,
    append: (records) => log.append(records),
    untilLinked: (events) => until(first, () => isDone(db, first, events)),
    untilDone: (events) => until(last, () => isDone(db, last, events)),
    async stop() {
      for (const service of running) await service.stop()
      const counted = {
        forwarded: await recordsOn(log, 'person.events.v1'),
        notices: await recordsOn(log, 'practitioner.notices.v1'),
      }
      await db.close()
      await log[Symbol.asyncDispose]()
      return counted
    },
  }
}

/** It has come so far on what it reads of the two, and nothing is left to send. */
export async function isDone(
  db: PostgresDatabase,
  processor: string,
  events: number,
): Promise<boolean> {
  const [row] = await db.query(
    `SELECT coalesce(sum("offset"), 0) >= $1 AND NOT EXISTS (SELECT FROM outbox) AS done
     FROM position JOIN task ON task.id = position.task
     WHERE processor = $2 AND topic IN ('agency.custody.v1', 'person.events.v1')`,
    [events, processor],
  )
  return row?.['done'] === true
}

async function recordsOn(log: Log, topic: string): Promise<number> {
  let records = 0
  for (let partition = 0; partition < topicOf(topic).partitions; partition += 1) {
    records += Number((await log.bounds(topic, partition)).end)
  }
  return records
}
