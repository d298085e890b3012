import { edgeData, startEdge } from '@throughline/intake/testing'
import { tokenHashOf } from '@throughline/service'
import { expect, it } from 'vitest'
import { itk, msaOf } from './testing/messages.ts'
import { connectTo } from './testing/trust.ts'

const main = new URL('main.ts', import.meta.url)

it('starts under plain Node with both doors, and knows after a kill what it has answered', async () => {
  using data = edgeData()
  const env = {
    HUB_DATA: data.path,
    EDGE_PORT: '0',
    EDGE_TOKEN_HASH: tokenHashOf('trust'),
    EDGE_OPTIONS: JSON.stringify({ allowTestNhsNumbers: true, mllp: { port: 0 } }),
  }
  const metrics: string[] = []
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const edge = await startEdge(main, env, 2)
    const [http, mllp = 0] = edge.ports
    const trust = await connectTo(mllp)
    trust.send(itk())
    expect((await trust.answers(1)).map(msaOf)).toEqual(['AA|RZZ00000431'])
    metrics.push(await (await fetch(`http://127.0.0.1:${http}/metrics`)).text())
    trust.socket.destroy()
    await edge.end(signal)
  }
  expect(metrics[0]).toMatch(/intake_records_total\{.*outcome="published".*\} 1/)
  expect(metrics[1]).toMatch(/intake_records_total\{.*outcome="duplicate".*\} 1/)
})
