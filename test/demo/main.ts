import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countyOf } from './county.ts'
import { countyAtWork } from './county-at-work.ts'
import { startHub } from './hub-process.ts'
import { carryOutPlan } from './run.ts'
import { progressBar, summaryOf } from './summary.ts'

/**
 * A made-up county, posted through the real edges of a hub in a process of its own, and compared with
 * an independent truth. Stays up afterwards, unless `--once`: then it ends with 1 if anything differs.
 */
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '300' },
    days: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    'mllp-port': { type: 'string', default: '0' },
    data: { type: 'string' },
    once: { type: 'boolean', default: false },
    // `random:20` kills the hub at 20 moments; `LABEL:N` at the N-th pass of a labelled point.
    'kill-at': { type: 'string' },
    // `custody`: police and prisons alone.
    only: { type: 'string' },
  },
})

const number = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new Error(`--${name} takes a whole number`)
}
const people = number('people', values.people)
const days = number('days', values.days)
const seed = number('seed', values.seed)
const killAt = values['kill-at'] ?? null
const randomKills = killAt?.startsWith('random:') ? number('kill-at random', killAt.slice(7)) : 0
const data = values.data ?? mkdtempSync(join(tmpdir(), 'throughline-demo-'))

if (values.only !== undefined && values.only !== 'custody') throw new Error('--only takes custody')

const plan = countyOf({ people, days, seed, custodyOnly: values.only === 'custody' })
const hub = await startHub({
  data,
  port: number('port', values.port),
  mllpPort: number('mllp-port', values['mllp-port']),
  clock: plan.start,
  killAt: randomKills > 0 ? null : killAt,
})
// Told to stop on the way, it ends as a failure, and takes the hub with it.
const stop = () => process.exit(1)
process.once('SIGTERM', stop).once('SIGINT', stop)
const beganAt = performance.now()
const county = countyAtWork(hub, plan.people, plan.start, seed)
const run = await carryOutPlan(plan, hub, county, {
  seed,
  randomKills,
  progress: progressBar((text) => process.stderr.write(text), process.stderr.isTTY),
})
const tookMs = performance.now() - beganAt
const restarts = hub.starts() - 1
const { answers } = county
const askedAgain = county.askedAgain()
console.log(summaryOf({ people, days, seed, answers, askedAgain, restarts, tookMs, ...run }))

// A hub that was killed counts what it is asked again as a duplicate, and no answer told of the first time.
const unaccounted = restarts === 0 ? await county.unaccounted() : []
const wrong = [...unaccounted, ...hub.errors.map((line) => `the hub logged: ${line}`)]
for (const line of wrong) console.error(line)
county.close()

const killMissed = killAt !== null && restarts === 0
if (killMissed) console.error('--kill-at: the hub never came to that point')

if (values.once) {
  await hub[Symbol.asyncDispose]()
  if (values.data === undefined) await rm(data, { recursive: true, force: true })
  process.exitCode = run.differences.length + wrong.length === 0 && !killMissed ? 0 : 1
} else {
  const { practitioners, analysts, operators } = hub.credentials()
  const person = plan.people.map(({ ref }) => county.personIdOf(ref)).find((id) => id !== undefined)
  const base = hub.base()
  console.log(`
inbox     ${base}/inbox            sign in with ${practitioners[0]?.token} (${practitioners[0]?.id})
person    ${base}/people/${person}
figures   ${base}/outcomes         sign in with ${analysts[0]?.token} (analyst)
ledger    ${base}/ledger           sign in with ${operators[0]?.token} (operator)
others    ${join(data, 'credentials.json')}
stop      with Ctrl-C`)
  process.off('SIGTERM', stop).off('SIGINT', stop)
  process.once('SIGINT', () => void hub[Symbol.asyncDispose]())
  process.once('SIGTERM', () => void hub[Symbol.asyncDispose]())
}
