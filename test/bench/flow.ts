import type { HubFiles } from '@throughline/consent'
import type { Processor } from '@throughline/domain'
import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import { topicOf, topics } from '@throughline/schemas'
import {
  type Figures,
  type RunningProcessor,
  startProcessor,
  steppedClock,
} from '@throughline/stream'
import { type County, open, type Subject } from './county.ts'
import { recordOf, stagesInAStory } from './events.ts'

/** A Tuesday morning: no timer falls due while the clock stands, whenever the bench is run. */
export const morning = Date.UTC(2026, 2, 10, 10)

const appendedAtOnce = 2_000

/** Who is told of what, in which stage of which stay. */
export interface Plan {
  readonly subject: Subject
  readonly stage: number
  readonly round: number
}

/** Every stage of everybody's stay, stage by stage: neighbours on the log are different people. */
export const stories = (subjects: readonly Subject[], rounds: number): readonly Plan[] =>
  Array.from({ length: rounds * stagesInAStory }, (_, n) => n).flatMap((n) =>
    subjects.map((subject) => ({
      subject,
      stage: n % stagesInAStory,
      round: Math.floor(n / stagesInAStory),
    })),
  )

/** How fast events went through, and what each cost this process. */
export interface Flowed {
  readonly perSecond: number
  /** Processor time of an event, in µs: on a busy machine steadier than the clock. */
  readonly cpuUs: number
}

/** Who looks on while events flow, and what the n-th event carries for them. */
export interface Watching {
  readonly figures?: Figures
  readonly headersOf?: (nth: number) => Readonly<Record<string, string>>
}

/**
 * Events/s from the agency's topic through link and notify to `practitioner.notices.v1`, all of it
 * waiting at the start. Works in the county as it is and leaves it so; its clock stands still.
 */
export async function flowIn(
  { data, at }: County,
  plan: readonly Plan[],
  watching: Watching = {},
): Promise<Flowed> {
  await using files = await open(data, steppedClock(at))
  await files.log.ensureTopics(topics)
  await arrive(files, at, plan, watching)
  const forwardedBefore = await recordsOn(files, 'person.events.v1')
  const noticesBefore = await recordsOn(files, 'practitioner.notices.v1')

  const start = performance.now()
  const cpuBefore = process.cpuUsage()
  const { figures } = watching
  const parts = { ...files, ...(figures && { figures }) }
  const running = [await begin(parts, link), await begin(parts, notify)]
  do for (const one of running) await one.idle()
  while (running.some((one) => one.busy()))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)

  for (const one of running) await one.stop()
  const forwarded = (await recordsOn(files, 'person.events.v1')) - forwardedBefore
  const notices = (await recordsOn(files, 'practitioner.notices.v1')) - noticesBefore
  if (forwarded !== plan.length || notices < plan.length / stagesInAStory) {
    throw new Error(`${forwarded} of ${plan.length} events were forwarded, ${notices} notices made`)
  }
  return { perSecond: plan.length / seconds, cpuUs: (user + system) / plan.length }
}

/** Puts the events on the agency's topic, sealed under the day's key, a few at a time. */
async function arrive(
  { ids, random, keys, log }: HubFiles,
  receivedAt: number,
  plan: readonly Plan[],
  { headersOf }: Watching,
): Promise<void> {
  const dayKey = await keys.create(`day:${new Date(receivedAt).toISOString().slice(0, 10)}`)
  const sealing = { ids, random, dayKey, receivedAt }
  for (let n = 0; n < plan.length; n += appendedAtOnce) {
    const some = plan.slice(n, n + appendedAtOnce)
    await log.append(
      some.map(({ subject, stage, round }, at) => {
        const record = recordOf(subject, stage, round, sealing)
        return headersOf === undefined ? record : { ...record, headers: headersOf(n + at) }
      }),
    )
  }
}

function begin<S>(
  files: HubFiles & Pick<Watching, 'figures'>,
  processor: Processor<S>,
): Promise<RunningProcessor> {
  return startProcessor({
    ...files,
    processor,
    onFault: ({ error }) => {
      throw error
    },
  })
}

async function recordsOn({ log }: HubFiles, topic: string): Promise<number> {
  let records = 0
  for (let partition = 0; partition < topicOf(topic).partitions; partition += 1) {
    records += Number((await log.bounds(topic, partition)).end)
  }
  return records
}
