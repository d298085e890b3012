import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile, readKeyFile } from '@throughline/consent'
import type { Notice } from '@throughline/domain'
import {
  keyRefOf,
  type Log,
  type LogRecord,
  nodeIds,
  type OpenedRecord,
  openRecord,
  sealRecord,
  systemRandom,
} from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { describeOnPostgres } from '../backends/postgres-suite.ts'
import { everything, leads, personIdOf } from '../simulation/agreeing.ts'
import { check } from '../simulation/checker.ts'
import { arrest } from '../simulation/county/custody.ts'
import { hour, minute, numbersOf, people, type SimPerson } from '../simulation/county.ts'
import type { Violation } from '../simulation/history.ts'
import { forLong, start } from '../simulation/machine.ts'
import { type Practitioner, partitions, partnership } from '../simulation/process.ts'
import { seededRandom } from '../simulation/random.ts'
import { judgeRealHistory } from '../simulation/real.ts'
import { differences } from './differences.ts'
import { inMemory, onServices, openLane } from './grounds.ts'
import { type Ground, live } from './live.ts'
import { type Round, type Scenario, scenarioOf } from './scenario.ts'

const missing = whyNoKafka()
const seeds = [1, 2, 3, 4, 5, 6]

describe.skipIf(missing !== null)(
  `a hub on services${missing === null ? '' : `: ${missing}`}`,
  () => {
    describeOnPostgres('and what it leaves behind', (postgres) => {
      const keys = mkdtempSync(join(tmpdir(), 'throughline-agree-'))
      let brokers: readonly string[]
      beforeAll(async () => {
        brokers = await sharedKafka()
        createKeyFile({ directory: keys, partnerships: [partnership], random: systemRandom() })
      }, 60_000)
      afterAll(() => rmSync(keys, { recursive: true, force: true }))

      /** Lives through it on services of its own, and gives what `then` makes of what is left. */
      async function lived<T>(scenario: Scenario, then: (left: Left) => Promise<T>): Promise<T> {
        const prefix = `left.${process.pid}.${scenario.seed}.`
        await using _lane = await openLane(brokers, prefix)
        const databaseUrl = await postgres.newDatabase()
        const services = { kafka: { brokers, prefix }, databaseUrl, keys }
        await using ground = await onServices(scenario.seed, services)
        return await then({ ground, databaseUrl, ...(await live(scenario, ground)) })
      }
      type Left = Awaited<ReturnType<typeof live>> & {
        readonly ground: Ground
        readonly databaseUrl: string
      }

      it.each(seeds)('agrees with memory about county %i, and breaks no promise', async (seed) => {
        const scenario = scenarioOf(seed)
        const ids = nodeIds(readKeyFile(keys).hmacKey(partnership))
        const here = await live(scenario, inMemory(seed, ids))
        await lived(scenario, async (there) => {
          expect([...differences(here, there), ...check(there.history)]).toEqual([])
        })
      })

      it('is judged by what lies on Kafka and in PostgreSQL, and found out', async () => {
        await lived(oneArrest(), async ({ ground, databaseUrl, history }) => {
          const judged = (log: Log = ground.ports.log) =>
            judgeRealHistory({ ...ground.ports, log, databaseUrl, truth: history.posts })
          expect(history.notices.length).toBeGreaterThan(0)
          expect(await judged()).toEqual([])

          const lost = await judged(without('agency.custody.v1', ground.ports.log))
          expect(inWords(lost)).toContain(
            'R1: person 1 arrested #1 was acknowledged and is not in the log',
          )

          const [notice] = await recordsOf(ground, 'practitioner.notices.v1')
          await write(ground, notice, (value) => ({ ...(value as Notice), noticeId: 'another' }))
          expect(inWords(await judged())).toContain('R2: two notices for one intent of rule arrest')
        })
      })

      it('is found out when somebody is told of who has not agreed', async () => {
        await lived({ ...oneArrest(), seed: 1001 }, async ({ ground, databaseUrl, history }) => {
          const [event] = await recordsOf(ground, 'person.events.v1')
          await write(ground, event, (value) => value, 'p-person-2')
          const found = await judgeRealHistory({
            ...ground.ports,
            databaseUrl,
            truth: history.posts,
          })
          expect(inWords(found)).toEqual(
            expect.arrayContaining([
              'C7: a ArrestedIntoCustody reached somebody who claims none of its identifiers',
              'C9: a ArrestedIntoCustody was forwarded that no consent covers',
            ]),
          )
        })
      })
    })
  },
)

const inWords = (found: readonly Violation[]) =>
  found.map(({ invariant, what }) => `${invariant}: ${what}`)

/** One of two people has agreed to everything, and is arrested. */
function oneArrest(): Scenario {
  const those = people(2)
  const [first] = those as [SimPerson]
  const round = (does: Round['does']): Round => ({ does, faults: [], passes: minute })
  const [lead] = leads as [Practitioner]
  const seat = { organisation: lead.organisation, role: lead.role, tier: 'detail' } as const
  return {
    seed: 1000,
    people: those,
    agreements: new Map([['custody', [forLong]]]),
    corrected: new Set(),
    rounds: [
      round({
        kind: 'consent',
        agreed: {
          person: first,
          isNew: true,
          identifiers: numbersOf(first),
          grants: everything(start, ['custody']),
          assignments: [{ practitionerId: lead.id, relation: 'lead', ...seat }],
        },
      }),
      round({
        kind: 'records',
        records: [arrest(seededRandom(1), first, start - hour, 1)],
      }),
      round({ kind: 'look', who: lead, personId: null }),
      round({ kind: 'look', who: lead, personId: personIdOf(first) }),
    ],
  }
}

/** The same log, which has lost all of a topic. */
const without = (lost: string, log: Log): Log => ({
  ...log,
  async *read(topic, ...from) {
    if (topic !== lost) yield* log.read(topic, ...from)
  },
})

interface Opened extends OpenedRecord {
  readonly record: LogRecord
}

/** Every sealed record of a topic, opened. */
async function recordsOf({ ports }: Ground, topic: string): Promise<readonly Opened[]> {
  const found: Opened[] = []
  for (let partition = 0; partition < partitions; partition++) {
    for await (const batch of ports.log.read(topic, partition, 0n)) {
      for (const record of batch) {
        const ref = keyRefOf(record)
        const key = ref === null ? undefined : (await ports.keys.open([ref])).get(ref)
        if (key !== undefined && key !== 'erased')
          found.push({ record, ...openRecord(record, key) })
      }
    }
  }
  return found
}

/** Writes what a record says once more, changed, as somebody who has all keys could; about another, where named. */
async function write(
  { ports }: Ground,
  opened: Opened | undefined,
  change: (value: object) => object,
  about?: string,
): Promise<void> {
  if (opened === undefined) throw new Error('there is no such record')
  const { record, schema, value, agency, receivedAt, identifierHashes } = opened
  const key = about ?? record.key
  await ports.log.append([
    sealRecord({
      topic: record.topic,
      key,
      id: `${record.id} again`,
      schema,
      value: change(value),
      sealUnder: await ports.keys.create(`person:${key}`),
      agency,
      receivedAt,
      identifierHashes,
      random: ports.random,
    }),
  ])
}
