import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { missingBackend } from '../../backends/available.ts'

const mebibyte = 1024 * 1024

/** A small disk of its own, made of memory, which can be filled. */
export interface SmallDisk extends Disposable {
  readonly folder: string
  /** Leaves no byte free. */
  fill(): void
  /** Takes away what filled it. */
  empty(): void
}

/** Null, or a failure in `.ci/run`, where this process may not mount anything. */
export function mountSmallDisk(folder: string, mebibytes: number): SmallDisk | null {
  mkdirSync(folder)
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    console.log(missingBackend('small disk', 'run as somebody who may mount one'))
    return null
  }
  const inside = join(folder, 'data')
  mkdirSync(inside)
  chmodSync(inside, 0o777)
  const filler = join(folder, 'filler')
  return {
    folder: inside,
    fill() {
      const file = openSync(filler, 'w')
      try {
        for (let size = mebibyte; size >= 1; ) {
          try {
            if (writeSync(file, Buffer.alloc(size)) < size) size = Math.floor(size / 2)
          } catch {
            size = Math.floor(size / 2)
          }
        }
      } finally {
        closeSync(file)
      }
      if (statfsSync(folder).bfree > 0) throw new Error('the disk is not full')
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      // Whoever still works there loses it when it ends.
      execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
    },
  }
}
