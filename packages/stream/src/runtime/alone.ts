import { writeSync } from 'node:fs'
import { HubError, type Processor } from '@throughline/domain'
import { topics } from '@throughline/schemas'
import { monotonicMs } from '../clock.ts'
import { type Meters, runtimeFigures } from './figures.ts'
import type { ProcessorOptions } from './processor.ts'
import { startProcessor } from './processor.ts'

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

/**
 * Runs one processor until SIGTERM or SIGINT, for a `main.ts`. Says `{ ready: true }` on standard output;
 * a fault or an unusable configuration goes to standard error by its code. What it holds at the end is
 * committed, or done again by the next owner.
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
  await parts.log.ensureTopics(topicsOf(processor))
  let faults = 0
  const running = await startProcessor({
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
  const watched = await watch(parts, { name: 'tasks', check: () => faults === 0 })
  const stop = async (): Promise<void> => {
    await running.stop()
    await watched?.close()
    await parts[Symbol.asyncDispose]()
    await stopped?.()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  const port = watched === null ? {} : { port: watched.port }
  const said = { ready: true, processor: processor.name, ...port }
  writeSync(process.stdout.fd, `${JSON.stringify(said)}\n`)
}

/** Those that it reads and writes, and no others: to see them, a service would have to be allowed to. */
export function topicsOf({ inputs, outputs }: Pick<Processor<unknown>, 'inputs' | 'outputs'>) {
  const used = new Set([...inputs, ...outputs])
  return topics.filter(({ name }) => used.has(name))
}

const complain = (line: string): number => writeSync(process.stderr.fd, `${line}\n`)
