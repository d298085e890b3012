import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePorts } from '../backends/free-ports.ts'

/** A registry beside Kafka that asks nobody who they are: the stand-in of the compose file, in a process of its own. */
export interface StandingRegistry {
  readonly url: string
  stop(): Promise<void>
}

const main = new URL('../backends/registry/main.ts', import.meta.url).pathname

export async function startRegistry(): Promise<StandingRegistry> {
  const [port = 0] = await freePorts(1)
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', KARAPACE_PORT: String(port) },
    stdio: 'ignore',
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit')
  void gone.then(() => process.off('exit', kill))
  const url = `http://127.0.0.1:${port}`
  while (!(await takesSchemas(url))) {
    if (child.exitCode !== null) throw new Error('the registry has ended')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

const takesSchemas = (url: string): Promise<boolean> =>
  fetch(`${url}/mode`).then(
    async (answer) => ((await answer.json()) as { mode?: string }).mode === 'READWRITE',
    () => false,
  )
