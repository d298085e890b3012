import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * A process under measurement. It says `running` when it is, takes `pause` and `resume` on its input and says
 * `paused` and `resumed`; when its input closes it stops and may say what it `counted`.
 */
export interface ServiceProcess {
  pause(): Promise<void>
  resume(): Promise<void>
  /** The numbers it counted. */
  stop(): Promise<readonly number[]>
}

/** Resolves when it runs; rejects with its last words when it ends before. */
export async function startService(
  command: string,
  args: readonly string[],
): Promise<ServiceProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const said = new Said(child)
  await said.hears('running')
  const ask = async (word: string, answer: string) => {
    child.stdin?.write(`${word}\n`)
    await said.hears(answer)
  }
  return {
    pause: () => ask('pause', 'paused'),
    resume: () => ask('resume', 'resumed'),
    async stop() {
      child.stdin?.end()
      if (child.exitCode === null) await once(child, 'exit')
      return (said.last('counted') ?? '').split(' ').slice(1).map(Number)
    },
  }
}

const wordsKept = 4000

class Said {
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #errors = ''
  #ended = false

  constructor(child: ChildProcess) {
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#lines.push(line)
        this.#ring()
      })
    }
    child.stderr?.on('data', (words: Buffer) => {
      this.#errors = (this.#errors + words.toString()).slice(-wordsKept)
    })
    child.once('exit', () => {
      this.#ended = true
      this.#ring()
    })
  }

  last(word: string): string | undefined {
    return this.#lines.findLast((line) => line.startsWith(word))
  }

  /** Takes the word away: the next time it is waited for anew. */
  async hears(word: string): Promise<void> {
    for (;;) {
      const at = this.#lines.indexOf(word)
      if (at >= 0) {
        this.#lines.splice(at, 1)
        return
      }
      if (this.#ended) throw new Error(`it ended before it was ${word}\n${this.#errors}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #ring(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
