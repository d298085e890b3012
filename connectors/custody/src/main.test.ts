import { toldTwice, unconfigured } from '@throughline/intake/testing'
import { expect, it } from 'vitest'
import { textOf } from './testing/examples.ts'

const main = new URL('main.ts', import.meta.url)

it('starts under plain Node, keeps what it is sent, and still knows it after a restart', async () => {
  const told = {
    path: '/intake/custody/domain-events',
    body: textOf('prisoner-released-home.json'),
  }
  expect(await toldTwice(main, told)).toEqual([
    { status: 202, outcome: 'published', ready: 200, exit: 0 },
    { status: 202, outcome: 'duplicate', ready: 200, exit: 0 },
  ])
})

it('does not start without its configuration, and says which member is wrong or missing', async () => {
  const [unknown, homeless] = await unconfigured(main)
  expect(unknown).toMatch(/^1 HUB_CONFIG_INVALID: .*EDGE_TOKEN_HASH: invalid_format/)
  expect(unknown).not.toContain('not-a-hash')
  expect(homeless).toMatch(/^1 HUB_CONFIG_INVALID: .*HUB_DATA: missing/)
})
