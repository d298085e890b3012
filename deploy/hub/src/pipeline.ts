import type { Ids, Processor } from '@throughline/domain'
import { inboxProjection } from '@throughline/inbox'
import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import { outcomes } from '@throughline/outcomes'
import { topics } from '@throughline/schemas'
import { story } from '@throughline/story'
import {
  alwaysOurs,
  type Clock,
  type Fault,
  type Figures,
  type Keys,
  type Log,
  type Random,
  type Relay,
  type RunningProcessor,
  registerTask,
  type Store,
  startProcessor,
  startRelay,
  type TopicSpec,
  type Turns,
} from '@throughline/stream'

/** The ports and injected facts that every processor is given. */
export interface PipelineParts {
  readonly log: Log
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  /** The topics to keep; those of `schemas/topics.json` unless a simulation makes smaller ones. */
  readonly topics?: readonly TopicSpec[]
  /** Names of the processors to run here; all of them unless some run by themselves. */
  readonly runs?: readonly string[]
  /** Whose turn it is to relay what the register accepts: always this process's unless said otherwise. */
  readonly turns?: Turns
  /** How often to look for what other processes have done (ms); null where there are none. */
  readonly safetyPollMs?: number | null
  readonly figures?: Figures
}

export interface Pipeline extends AsyncDisposable {
  readonly processors: ReadonlyMap<string, RunningProcessor>
  /** Resolves when nothing is left to relay, process or fire at the clock's present time. */
  idle(): Promise<void>
  stop(): Promise<void>
}

/** Every decision of the hub, in the order in which events pass them. */
export const processors = [link, notify, story, outcomes, inboxProjection] as const

/** Starts the register's relay and every processor on the same ports. */
export async function startPipeline(
  parts: PipelineParts,
  onFault: (fault: Fault) => void,
): Promise<Pipeline> {
  await parts.log.ensureTopics(parts.topics ?? topics)
  const { turns = alwaysOurs } = parts
  const start = <S>(processor: Processor<S>): Promise<RunningProcessor> =>
    startProcessor({ ...parts, processor, onFault })
  const started = new Map<string, RunningProcessor>()
  const startHere = async <S>(processor: Processor<S>): Promise<void> => {
    if (parts.runs?.includes(processor.name) === false) return
    started.set(processor.name, await start(processor))
  }
  await startHere(link)
  await startHere(notify)
  await startHere(story)
  await startHere(outcomes)
  await startHere(inboxProjection)
  let relay: Relay | undefined
  const relaying = await turns.take('relay', async () => {
    relay = await startRelay({
      ...parts,
      task: registerTask,
      onFault: (error) => onFault({ processor: 'register', partition: 0, error }),
    })
    return relay
  })
  const all = () => [...(relay ? [relay] : []), ...started.values()]

  async function stop(): Promise<void> {
    await relaying.stop()
    for (const one of started.values()) await one.stop()
  }

  return {
    processors: started,
    async idle() {
      // Each may have given the next one something to do while it came to rest.
      do for (const one of all()) await one.idle()
      while (all().some((one) => one.busy()))
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
