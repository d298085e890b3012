import { edgeData, startEdge } from '@throughline/intake/testing'
import { tokenHashOf } from '@throughline/service'
import { expect, it } from 'vitest'
import { textOf } from './testing/examples.ts'

const main = new URL('main.ts', import.meta.url)

it('starts under plain Node, keeps what it is sent, and still knows it after a restart', async () => {
  using data = edgeData()
  const env = { HUB_DATA: data.path, EDGE_PORT: '0', EDGE_TOKEN_HASH: tokenHashOf('council') }
  const answers: unknown[] = []
  for (let run = 0; run < 2; run++) {
    const edge = await startEdge(main, env)
    const post = async (route: string, name: string, type: string) => {
      const answer = await fetch(`http://127.0.0.1:${edge.ports[0]}/intake/housing/${route}`, {
        method: 'POST',
        headers: { authorization: 'Bearer council', 'content-type': type },
        body: textOf(name),
      })
      return (await answer.json()) as { results: { outcome: string }[]; unchanged: number }
    }
    const referral = await post('duty-to-refer', 'duty-to-refer-accepted.json', 'application/json')
    const extract = await post('homelessness', 'hclic-style-duties.csv', 'text/csv')
    answers.push([referral.results[0]?.outcome, extract.unchanged])
    expect(await edge.end()).toBe(0)
  }
  expect(answers).toEqual([
    ['published', 0],
    ['duplicate', 6],
  ])
})
