import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** A server of our own: it ends, and its folder goes, when the process that started it ends, however that ends. */
export interface Leashed {
  readonly alive: () => boolean
  signal(name: NodeJS.Signals): void
  /** By this signal. Resolves when it is gone; its folder stays. */
  end(signal: NodeJS.Signals): Promise<void>
}

export interface LeashedPlan {
  readonly command: readonly string[]
  /** Where it works, and what goes with it. */
  readonly folder: string
  /** A file for what it says; more is written behind it. */
  readonly log: string
  /** What ends it at once, with whatever it has started. */
  readonly ending: 'KILL' | 'QUIT'
  /** Who it runs as, where not as we do. */
  readonly owner?: { readonly uid?: number; readonly gid?: number }
}

// The shell holds it on a leash: its input closes when this process ends, however it ends.
const leash = `exec 4<&0
ending=$1
folder=$2
shift 2
"$@" </dev/null >&3 2>&3 &
server=$!
echo $server
{
  read gone <&4
  trap '' TERM
  kill -$ending $server
  while kill -0 $server; do sleep 0.1; done
  rm -rf "$folder"
} >/dev/null 2>&1 &
wait $server
kill $! 2>/dev/null`

/** Resolves once it is there, which is before it answers. */
export async function startLeashed(plan: LeashedPlan): Promise<Leashed> {
  const { command, folder, log, ending, owner } = plan
  const out = openSync(log, 'a')
  const shell: ChildProcess = spawn('sh', ['-c', leash, 'leash', ending, folder, ...command], {
    ...owner,
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore', out],
  })
  closeSync(out)
  let alive = true
  const gone = new Promise<void>((resolve) => {
    shell.once('exit', () => {
      alive = false
      resolve()
    })
  })
  const pid = await new Promise<number>((resolve) => {
    shell.stdout?.once('data', (said: Buffer) => resolve(Number(said.toString())))
  })
  const signal = (name: NodeJS.Signals) => {
    if (alive) process.kill(pid, name)
  }
  return {
    alive: () => alive,
    signal,
    async end(name) {
      signal(name)
      // One that is frozen hears of anything else only now.
      if (name !== 'SIGKILL') signal('SIGCONT')
      await gone
    },
  }
}
