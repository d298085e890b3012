import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'

const main = new URL('main.ts', import.meta.url).pathname

/** Runs the demo as anybody would, and gives what it said and how it ended. */
async function demo(...options: readonly string[]) {
  const child = spawn(process.execPath, [main, '--once', ...options])
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString()
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said }
}

it('a small county ends exactly as an independent truth says it must', async () => {
  const { code, said } = await demo(...'--people 40 --days 40 --seed 1'.split(' '))
  expect(said).toMatch(/differences from the truth\n +in all +0\b/)
  expect(code).toBe(0)
})

it('the same when the hub is killed at five moments: none lost, none twice', async () => {
  const { code, said } = await demo(
    ...'--people 30 --days 30 --seed 5 --kill-at random:5'.split(' '),
  )
  expect(said).toMatch(/5 restarts/)
  expect(said).toMatch(/differences from the truth\n +in all +0\b/)
  expect(code).toBe(0)
})

it('says so when the hub was never killed where it should have been', async () => {
  const { code, said } = await demo(
    ...'--people 1 --days 2 --seed 1 --kill-at no.such.point:1'.split(' '),
  )
  expect(said).toContain('the hub never came to that point')
  expect(code).toBe(1)
})
