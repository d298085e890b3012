import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

it('prints every figure, whatever the machine makes of it', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['test/bench/main.ts', '--quick'],
    { cwd: root },
  )
  const [machine, heading, ...rows] = stdout.trim().split('\n')
  expect(machine).toMatch(/^\d+ cores, Node v\d+/)
  expect(heading?.split('|').map((cell) => cell.trim())).toEqual([
    'name',
    'median',
    'min–max',
    'figure to reach',
  ])
  const medians = rows.map((row) => row.split('|').map((cell) => cell.trim()))
  expect(medians.map(([name]) => name)).toEqual([
    'Avro encode, ReleasedFromPrison',
    'Avro encode, one record',
    'Avro decode, ReleasedFromPrison',
    'Avro decode, one record',
    'Avro guard, ReleasedFromPrison',
    'Avro guard, one record',
    'HL7 parse + translate',
    'HL7 parse + translate, of processor time',
    'NDTMS compared, all unchanged',
    'NDTMS compared, all unchanged, of processor time',
    'NDTMS first load',
    'NDTMS first load, of processor time',
    'link → notify, encrypted',
    'bare two-hop loop',
    'link → notify ÷ bare',
    'link → notify, processor time',
    'telemetry ÷ off: figures',
    'telemetry ÷ off: figures, traces of 1 %',
    'telemetry ÷ off: figures, every trace',
    'accepted → notice readable, p50',
    'accepted → notice readable, p99',
    'hub idle, 100 people',
    'five agencies at once',
    'the same, notice readable, p50',
    'the same, notice readable, p99',
    'memory for 1,000 NDTMS rows',
    'the whole hub at its largest',
    'new hub, 1,000 NDTMS rows',
    'the same again, unchanged',
    'again, of the hub’s processor time',
    'cost of an event, 250 people',
    'cost of an event, 1,000 people',
    'cost, many ÷ few',
    'restart to first notice, 1,000 people',
  ])
  for (const [, median] of medians) expect(median).toMatch(/^[\d.,]+ /)
})
