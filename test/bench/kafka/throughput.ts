import { stagesInAStory } from '../events.ts'
import { type Plan, stories } from '../flow.ts'
import { append, type Contender } from './contender.ts'
import type { KafkaCounty } from './kafka-county.ts'
import { type ProcessorTime, perEvent, processorTime } from './processor-time.ts'
import type { Services } from './services.ts'

export interface Load {
  /** Before the clock runs: compilers warm up, and services run for months. */
  readonly warming: readonly Plan[]
  readonly plan: readonly Plan[]
}

/** Whole stories, of other people while it warms up. */
export function loadOf({ subjects }: KafkaCounty, events: number): Load {
  const people = Math.round(events / stagesInAStory)
  return {
    plan: stories(subjects.slice(0, people), 1),
    warming: stories(subjects.slice(people), 1),
  }
}

/** How fast it went, and what each event cost in processor time. */
export interface Flowed {
  readonly perSecond: number
  /** µs. */
  readonly cost: ProcessorTime
}

/**
 * Events from the agency's topic to the notices: the service runs and is warm, and is held back until
 * everything waits on the topic. It ends when the last event's effects are durable and can be read.
 */
export async function throughputOf(
  contender: Contender,
  services: Services,
  county: KafkaCounty,
  { warming, plan }: Load,
  receivedAt: number,
): Promise<Flowed> {
  return services.withPrefix(contender.bare ? 'bare' : 'sealed', async (prefix) => {
    const running = await contender.start(prefix)
    const record = (one: Plan) => county.recordOf(one, receivedAt, contender.bare)
    await append(running, warming, record)
    await running.untilDone(warming.length)
    for (const service of running.services) await service.pause()
    await append(running, plan, record)

    const flowed = await timed(plan.length, async () => {
      await Promise.all(running.services.map((service) => service.resume()))
      await running.untilDone(warming.length + plan.length)
    })
    const { forwarded, notices } = await running.stop()
    const events = warming.length + plan.length
    if (forwarded !== events || notices < (events / stagesInAStory) * 2) {
      throw new Error(
        `${contender.name}: ${forwarded} of ${events} events were forwarded, ${notices} notices made`,
      )
    }
    return flowed
  })
}

/** How fast so many events go through while the work is done. */
export async function timed(events: number, work: () => Promise<void>): Promise<Flowed> {
  const spent = processorTime()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  return { perSecond: events / seconds, cost: perEvent(spent, processorTime(), events) }
}
