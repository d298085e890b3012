import type { Schedule } from '@throughline/stream'

/**
 * For crash tests: `HUB_KILL_AT=<label>:<n>` ends the process with SIGKILL the n-th time it passes that
 * labelled point, as a power cut would. Undefined leaves the points alone.
 */
export function killAt(setting: string | undefined): Schedule | undefined {
  if (setting === undefined || setting === '') return undefined
  const [label = '', times = '1'] = setting.split(':')
  let left = Number(times)
  return {
    at(point) {
      if (point !== label) return
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    },
  }
}
