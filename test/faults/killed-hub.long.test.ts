import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

/** Where a hub is most vulnerable: before and after everything it makes durable, shows or forgets. */
const labels = [
  'register.accept.before',
  'register.accept.after',
  'register.change.before',
  'register.change.after',
  'register.gate.before',
  'register.gate.after',
  'register.outcome.before',
  'register.outcome.after',
  'store.open.before',
  'store.open.after',
  'store.load.before',
  'store.load.after',
  'store.commit.before',
  'store.commit.fenced',
  'store.commit.states-written',
  'store.commit.outbox-written',
  'store.commit.written',
  'store.commit.after',
  'store.relayed.before',
  'store.relayed.after',
  'log.append.before',
  'log.append.written',
  'log.append.after',
  'log.deliver.before',
  'log.deliver.after',
]

/** The demo in a child, killed on the way; it ends with 0 only when it was killed and nothing differs. */
const demo = (people: number, days: number, seed: number, killAt: string): Promise<string> =>
  new Promise((resolve) => {
    const size = ['--people', String(people), '--days', String(days), '--seed', String(seed)]
    execFile(
      process.execPath,
      ['test/demo/main.ts', '--once', ...size, '--kill-at', killAt],
      { cwd: root, timeout: 240_000, maxBuffer: 16_000_000 },
      (error, stdout, stderr) => resolve(error === null ? 'as the truth says' : stdout + stderr),
    )
  })

describe('a hub that is killed and started again tells everybody once, and forgets nobody', () => {
  it.concurrent.each(labels)('killed at %s, early and late', async (label) => {
    expect(await demo(8, 15, 5, `${label}:2`)).toBe('as the truth says')
    expect(await demo(12, 20, 6, `${label}:6`)).toBe('as the truth says')
  })

  it('killed at twenty moments that nobody chose', async () => {
    expect(await demo(40, 60, 21, 'random:20')).toBe('as the truth says')
  })
})
