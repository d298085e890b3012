import { writeSync } from 'node:fs'
import { HubError, type Processor } from '@throughline/domain'
import { topics } from '@throughline/schemas'
import { type Clock, monotonicMs } from '../clock.ts'
import type { Log, TopicSpec } from '../ports.ts'
import { type Meters, runtimeFigures } from './figures.ts'
import { type ProcessorOptions, type RunningProcessor, startProcessor } from './processor.ts'

/** What a processor in a process of its own works on; closed when it stops. */
export type AloneParts = Omit<ProcessorOptions<unknown>, 'processor' | 'onFault'> & AsyncDisposable

/** How somebody outside sees whether it is well: ready while every check passes. */
export type Watch<P> = (parts: P, tasks: Check) => Promise<Watched | null>

/** Who looks on; nothing is decided by any of it. */
export interface Onlookers {
  readonly meters?: Meters
  /** Told last of all. */
  readonly stopped?: () => Promise<void>
}

export interface Check {
  readonly name: string
  readonly check: () => boolean
}

export interface Watched {
  readonly port: number
  close(): Promise<void>
}

// Others work on the same data directory, and nobody here rings when they commit.
const safetyPollMs = 500
const logAgainMs = 1_000

/**
 * Runs one processor until SIGTERM or SIGINT, for a `main.ts`. Says `{ ready: true }` on standard output;
 * a fault or an unusable configuration goes to standard error by its code. While the log does not answer it
 * waits, and is not ready. What it holds at the end is committed, or done again by the next owner.
 */
export async function runAlone<S, P extends AloneParts>(
  processor: Processor<S>,
  open: () => Promise<P>,
  watch: Watch<P> = async () => null,
  onlookers: Onlookers = {},
): Promise<void> {
  let parts: P | undefined
  try {
    parts = await open()
    await run(processor, parts, watch, onlookers)
  } catch (error) {
    await parts?.[Symbol.asyncDispose]()
    await onlookers.stopped?.()
    if (!(error instanceof HubError)) throw error
    complain(`${error.code}: ${error.message}`)
    process.exitCode = 1
  }
}

async function run<S, P extends AloneParts>(
  processor: Processor<S>,
  parts: P,
  watch: Watch<P>,
  { meters, stopped }: Onlookers,
): Promise<void> {
  let faults = 0
  let running: RunningProcessor | undefined
  const stopping = new AbortController()
  const watched = await watch(parts, {
    name: 'tasks',
    check: () => running !== undefined && faults === 0,
  })
  const stop = async (): Promise<void> => {
    stopping.abort()
    await running?.stop()
    await watched?.close()
    await parts[Symbol.asyncDispose]()
    await stopped?.()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  try {
    const { signal } = stopping
    if (!(await topicsHold({ ...parts, topics: topicsOf(processor), signal }))) return
    running = await startProcessor({
      ...parts,
      processor,
      ...(meters && { figures: runtimeFigures({ meters, clock: parts.clock, monotonicMs }) }),
      safetyPollMs: parts.safetyPollMs ?? safetyPollMs,
      onFault({ partition, error }) {
        faults += 1
        const code = error instanceof HubError ? error.code : 'bug'
        complain(JSON.stringify({ fault: code, processor: processor.name, partition }))
      },
    })
  } catch (error) {
    await watched?.close()
    throw error
  }
  const port = watched === null ? {} : { port: watched.port }
  const said = { ready: true, processor: processor.name, ...port }
  writeSync(process.stdout.fd, `${JSON.stringify(said)}\n`)
}

export interface Awaited {
  readonly log: Pick<Log, 'ensureTopics'>
  readonly clock: Clock
  readonly topics: readonly TopicSpec[]
  readonly signal: AbortSignal
  /** Hears what is waited for, once for each trouble: standard error unless told. */
  readonly tell?: (line: string) => void
}

/**
 * Waits until a log answers, and its topics are as they must be. Whoever ended instead, and was started
 * again, would only knock harder at brokers that are away or do not take its password. False: the signal came
 * first. What does not pass by itself rejects, such as `HUB_TOPIC_DRIFT`.
 */
export async function topicsHold(awaited: Awaited): Promise<boolean> {
  const { log, clock, topics: specs, signal, tell = complain } = awaited
  let said = ''
  while (!signal.aborted) {
    try {
      await log.ensureTopics(specs)
      return true
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'HUB_LOG_UNAVAILABLE') throw error
      const line = `${error.code}: ${error.message}`
      if (line !== said) tell(line)
      said = line
      await clock.until(clock.now() + logAgainMs, signal)
    }
  }
  return false
}

/** Those that it reads and writes, and no others: to see them, a service would have to be allowed to. */
export function topicsOf({ inputs, outputs }: Pick<Processor<unknown>, 'inputs' | 'outputs'>) {
  const used = new Set([...inputs, ...outputs])
  return topics.filter(({ name }) => used.has(name))
}

const complain = (line: string): number => writeSync(process.stderr.fd, `${line}\n`)
