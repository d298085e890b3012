import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const root = new URL('../../', import.meta.url).pathname
const copied = ['schemas', 'packages', 'connectors', 'processors', 'deploy', 'test', 'package.json']

/** A known-bad change, kept so that we know the checks can see it. */
export interface PlantedBug {
  readonly id: string
  readonly wrong: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** A second place in the same file, where one change does not say it all. */
  readonly also?: { readonly find: string; readonly replace: string }
}

/**
 * A copy of the tree with one bug in it. The workspaces are linked anew, into the copy: through the
 * original's links the unpatched sources would run and no bug would ever be seen.
 */
export function plant(bug: PlantedBug): {
  readonly directory: string
  readonly remove: () => void
} {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-planted-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  for (const name of copied) {
    cpSync(join(root, name), join(directory, name), {
      recursive: true,
      filter: (path) => !path.includes('/node_modules'),
    })
  }
  linkModules(directory)
  try {
    writeFileSync(join(directory, bug.file), plantedIn(bug, directory))
  } catch (error) {
    remove()
    throw error
  }
  return { directory, remove }
}

/** The bug's file with the bug in it; raises where its place is not there, or more than once. */
export function plantedIn(bug: PlantedBug, directory = root): string {
  let text = readFileSync(join(directory, bug.file), 'utf8')
  for (const { find, replace } of [bug, ...(bug.also ? [bug.also] : [])]) {
    if (text.split(find).length !== 2)
      throw new Error(`${bug.id}: the place to plant it is not there exactly once`)
    text = text.replace(find, () => replace)
  }
  return text
}

function linkModules(directory: string): void {
  const modules = join(root, 'node_modules')
  mkdirSync(join(directory, 'node_modules', '@throughline'), { recursive: true })
  for (const name of readdirSync(modules)) {
    if (name !== '@throughline')
      symlinkSync(join(modules, name), join(directory, 'node_modules', name))
  }
  for (const name of readdirSync(join(modules, '@throughline'))) {
    const workspace = relative(
      root,
      join(modules, '@throughline', readlinkSync(join(modules, '@throughline', name))),
    )
    symlinkSync(join(directory, workspace), join(directory, 'node_modules', '@throughline', name))
  }
}

/** Runs the simulation in the copy; resolves with the exit code and what it printed. */
export const simulateIn = (
  directory: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['test/simulation/main.ts', ...args],
      { cwd: directory, timeout: 300_000, maxBuffer: 16_000_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, output: stdout + stderr })
      },
    )
  })
