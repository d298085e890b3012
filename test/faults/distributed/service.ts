import { type ChildProcess, spawn } from 'node:child_process'

const root = new URL('../../../', import.meta.url).pathname
const wordsKept = 4_000

/** How a service is started: its entry, seen from the root of its tree, with arguments and environment. */
export interface ServicePlan {
  readonly name: string
  readonly entry: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The tree whose code it runs; this one unless said otherwise. */
  readonly tree?: string
}

/** A door besides HTTP says so, too, but names itself. */
const readyLine = /^\{(?:.*"event":"listening"|"ready":true).*"port":(\d+)(?!.*"point")/m

/** A service as a process of its own, which may be killed, frozen and started again. */
export class Service {
  readonly name: string
  #plan: ServicePlan
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  #said = ''
  #port = 0

  constructor(plan: ServicePlan) {
    this.name = plan.name
    this.#plan = plan
  }

  get port(): number {
    return this.#port
  }

  /** Its last words, for whoever asks why a test failed. */
  get said(): string {
    return this.#said
  }

  /** Resolves once it says that it is ready. What is given stays so when it is started again. */
  async start(plan: Partial<ServicePlan> = {}): Promise<void> {
    this.#plan = { ...this.#plan, ...plan }
    const { entry, env, tree = root } = this.#plan
    const child = spawn(process.execPath, [...entry], {
      cwd: tree,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#gone = new Promise((resolve) => child.once('close', () => resolve()))
    this.#port = await new Promise<number>((resolve, reject) => {
      let heard = ''
      const hear = (bytes: Buffer): void => {
        heard += bytes.toString()
        this.#said = (this.#said + bytes.toString()).slice(-wordsKept)
        const port = readyLine.exec(heard)?.[1]
        if (port !== undefined) resolve(Number(port))
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      void this.#gone.then(() => reject(new Error(`${this.name} has ended\n${heard}`)))
    })
  }

  /** Sends a signal; SIGKILL and SIGTERM resolve when the process is gone. */
  async signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) this.#child.kill(name)
    if (name === 'SIGKILL' || name === 'SIGTERM') await this.#gone
  }

  /** Whether it is there and says that it can work. */
  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/readyz`, {
        signal: AbortSignal.timeout(5_000),
      })
      return answer.ok
    } catch {
      return false
    }
  }
}
