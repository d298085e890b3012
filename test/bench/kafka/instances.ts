import { stagesInAStory } from '../events.ts'
import { append } from './contender.ts'
import { type OursOptions, startOurs } from './ours.ts'
import { type Flowed, type Load, timed } from './throughput.ts'

/**
 * How fast so many instances of notify, each a process, work off what waits on the people's topic. All
 * have shared the partitions and are warm before it comes, and link has ended its part.
 */
export async function sharedBy(
  instances: number,
  options: Omit<OursOptions, 'layout' | 'bare'>,
  { warming, plan }: Load,
  receivedAt: number,
): Promise<Flowed> {
  const { county, services } = options
  const layout = [['link'], ...Array.from({ length: instances }, () => ['notify'])]
  return services.withPrefix('shared', async (prefix) => {
    const running = await startOurs({ ...options, layout, bare: false }, prefix)
    const record = (one: Load['plan'][number]) => county.recordOf(one, receivedAt, false)
    const notifies = running.services.slice(1)
    await append(running, warming, record)
    await running.untilDone(warming.length)
    for (const service of notifies) await service.pause()
    await append(running, plan, record)
    await running.untilLinked(warming.length + plan.length)

    const flowed = await timed(plan.length, async () => {
      await Promise.all(notifies.map((service) => service.resume()))
      await running.untilDone(warming.length + plan.length)
    })

    const { notices } = await running.stop()
    const expected = ((warming.length + plan.length) / stagesInAStory) * 2
    // More where one has sent anew what another had sent: readers know them by their ids.
    if (notices < expected) throw new Error(`${notices} notices made, not ${expected}`)
    return flowed
  })
}
