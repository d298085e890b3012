import { writeSync } from 'node:fs'
import { HubError, type Processor } from '@throughline/domain'
import { topics } from '@throughline/schemas'
import type { ProcessorOptions } from './processor.ts'
import { startProcessor } from './processor.ts'

/** What a processor in a process of its own works on; closed when it stops. */
export type AloneParts = Omit<ProcessorOptions<unknown>, 'processor' | 'onFault' | 'safetyPollMs'> &
  AsyncDisposable

// Others work on the same data directory, and nobody here rings when they commit.
const safetyPollMs = 500

/**
 * Runs one processor until SIGTERM or SIGINT, for a `main.ts`. Says `{ ready: true }` on standard output;
 * a fault or an unusable configuration goes to standard error by its code.
 */
export async function runAlone<S>(
  processor: Processor<S>,
  open: () => Promise<AloneParts>,
): Promise<void> {
  try {
    const parts = await open()
    await parts.log.ensureTopics(topics)
    const running = await startProcessor({
      ...parts,
      processor,
      safetyPollMs,
      onFault({ partition, error }) {
        const code = error instanceof HubError ? error.code : 'bug'
        complain(JSON.stringify({ fault: code, processor: processor.name, partition }))
      },
    })
    const stop = async (): Promise<void> => {
      await running.stop()
      await parts[Symbol.asyncDispose]()
      process.exit(0)
    }
    process.on('SIGTERM', () => void stop())
    process.on('SIGINT', () => void stop())
    writeSync(process.stdout.fd, `${JSON.stringify({ ready: true, processor: processor.name })}\n`)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    complain(`${error.code}: ${error.message}`)
    process.exitCode = 1
  }
}

const complain = (line: string): number => writeSync(process.stderr.fd, `${line}\n`)
