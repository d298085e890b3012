import type { Log } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { check } from '../simulation/checker.ts'
import { agreeSeeds } from './config.ts'
import { differences } from './differences.ts'
import { inMemory, onKafka, openLane } from './grounds.ts'
import { type Lived, live } from './live.ts'
import { scenarioOf } from './scenario.ts'

const missing = whyNoKafka()
const { from, count } = agreeSeeds()
/** Lives that go on side by side: each waits for brokers most of the time. */
const lanes = Math.min(10, count)

const faults = [
  'append-answer-lost',
  'append-refused',
  'append-doubled',
  'partitions-reversed',
  'polls-cut-short',
  'owner-replaced',
  'read-again',
]

describe.skipIf(missing !== null)(`a small county${missing === null ? '' : `: ${missing}`}`, () => {
  const apart: string[] = []
  const lives: Lived[] = []

  it(`comes to the same on Kafka as in memory, ${count} times, and breaks no promise`, async () => {
    const brokers = await sharedKafka()
    const left = Array.from({ length: count }, (_, i) => from + count - 1 - i)
    const lane = async (kafka: Log): Promise<void> => {
      for (let seed = left.pop(); seed !== undefined; seed = left.pop()) {
        const scenario = scenarioOf(seed)
        const here = await live(scenario, inMemory(seed))
        const there = await live(scenario, await onKafka(seed, kafka))
        const broken = check(there.history).map(({ invariant, what }) => `${invariant}: ${what}`)
        const wrong = [...differences(here, there), ...broken]
        lives.push(there)
        if (wrong.length === 0) continue
        const again = `AGREE_SEED=${seed} npx vitest run --project system test/agree/agree`
        apart.push([`seed ${seed}; again with: ${again}`, ...wrong.slice(0, 8)].join('\n  '))
      }
    }
    // One after another: a broker that is asked for hundreds of topics at once takes its time.
    await using opened = new AsyncDisposableStack()
    const logs: Log[] = []
    for (let n = 0; n < lanes; n++)
      logs.push(opened.use(await openLane(brokers, `agree.${process.pid}.${n}.`)))
    await Promise.all(logs.map(lane))
    expect(apart.join('\n')).toBe('')
  }, 900_000)

  it.skipIf(count < 200)('has met every fault many times, and had much to tell', () => {
    const met = (fault: string) => lives.filter(({ struck }) => (struck.get(fault) ?? 0) > 0).length
    expect(faults.filter((fault) => met(fault) < 10)).toEqual([])
    const sum = (of: (life: Lived) => number) => lives.map(of).reduce((all, one) => all + one, 0)
    expect(sum(({ history }) => history.notices.length)).toBeGreaterThan(2000)
    expect(sum(({ history }) => history.stories.length)).toBeGreaterThan(500)
    expect(sum(({ history }) => history.reads.length)).toBeGreaterThan(500)
  })
})
