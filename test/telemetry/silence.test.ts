import { readdirSync, readFileSync } from 'node:fs'
import type { Telemetry } from '@throughline/service'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mllpClient } from '../agencies/mllp-client.ts'
import { moved, newcomers, noms } from '../journeys/events.ts'
import type { TestHub } from '../journeys/hub.ts'
import type { Receiver } from './receiver.ts'
import { startToldHub, type ToldHub } from './told-hub.ts'

const connectors = new URL('../../connectors/', import.meta.url)

/** Values that could be somebody's, and what each is recognised by however it is quoted. */
const canaries = [
  'Corwin Fenwright-Canary',
  '9990237689',
  'Z9777ZZ',
  '1931/9999412Q',
  'canary@letters.example',
  '07700 900777',
  'told the canary he would not go home',
]
const traces = /anary|9990237689|Z9777ZZ|9999412Q|900777/i

/** Every door for JSON and CSV, with examples of what its agency sends. */
const doors: readonly (readonly [agency: string, path: string, example: RegExp, type: string])[] = [
  ['custody', '/intake/custody/domain-events', /^(?!police|outcomes).*\.json$/, 'application/json'],
  ['custody', '/intake/custody/police', /^police.*\.json$/, 'application/json'],
  [
    'probation',
    '/intake/probation/domain-events',
    /^(?!hearing|outcomes).*\.json$/,
    'application/json',
  ],
  ['hospital', '/intake/hospital/hl7v2', /\.hl7$/, 'application/hl7-v2+er7'],
  ['hospital', '/intake/hospital/fhir', /\.json$/, 'application/fhir+json'],
  ['housing', '/intake/housing/duty-to-refer', /duty.*\.json$/, 'application/json'],
  ['housing', '/intake/housing/core-lettings', /\.csv$/, 'text/csv'],
  ['treatment', '/intake/treatment/ndtms', /\.csv$/, 'text/csv'],
  ['treatment', '/intake/treatment/contacts', /contact.*\.json$/, 'application/json'],
]

let told: ToldHub
let receiver: Receiver
let hub: TestHub
let telemetry: Telemetry
beforeAll(async () => {
  told = await startToldHub({ OTEL_BSP_MAX_QUEUE_SIZE: '100000' })
  ;({ hub, receiver, telemetry } = told)
})
afterAll(() => told?.[Symbol.asyncDispose]())

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** The message with the canary in place of every text in it, each time in one place more; good and bad. */
function* spoilt(text: string, canary: string): Generator<string> {
  let count = 0
  const put = (value: Json, at: number): Json => {
    if (Array.isArray(value)) return value.map((one) => put(one, at))
    if (typeof value !== 'object' || value === null) {
      count += 1
      return count === at ? canary : value
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, put(one, at)]))
  }
  let parsed: Json
  try {
    parsed = JSON.parse(text) as Json
  } catch {
    const cut = text.split(/([,|^~\r\n]+)/)
    for (let at = 0; at < cut.length; at += Math.max(2, 2 * Math.ceil(cut.length / 40))) {
      yield cut.with(at, canary).join('')
    }
    return
  }
  put(parsed, 0)
  const places = count
  for (let at = 1; at <= places; at += 1) {
    count = 0
    yield JSON.stringify(put(parsed, at))
  }
}

it('no span, figure or log line tells anything of what was sent, in whichever field it stood', async () => {
  const ann = newcomers(78)()
  const [name = '', , , , , , ownWords = ''] = canaries
  await hub.consent({ identifiers: [noms(ann)], lead: 'lp-1', displayName: name, ownWords })
  await hub.custody(moved(ann, 'released', '2026-01-05T08:30:00Z'))
  const [notice] = await hub.inboxOf('lp-1')
  await hub.acknowledge('lp-1', notice?.noticeId ?? '', { note: ownWords, [name]: ownWords })
  await hub.ask('lp-1', 'GET', `/people/${encodeURIComponent(name)}/story?name=${canaries[1]}`)

  const answered = new Map<number, number>()
  let nth = 0
  for (const [agency, path, example, type] of doors) {
    const folder = new URL(`${agency}/examples/`, connectors)
    const examples = readdirSync(folder).filter((file) => example.test(file))
    expect(examples.length, `${agency} ${example}`).toBeGreaterThan(0)
    for (const file of examples.slice(0, 2)) {
      const text = readFileSync(new URL(file, folder), 'utf8')
      for (const body of [text, ...spoilt(text, canaries[nth % canaries.length] ?? '')]) {
        nth += 1
        const headers = { 'content-type': type, baggage: `name=${name}`, tracestate: `who=${name}` }
        const { status } = await hub.ask(agency, 'POST', path, body, headers)
        answered.set(status, (answered.get(status) ?? 0) + 1)
      }
    }
  }
  const line = { port: () => hub.mllpPort, lost: async () => Promise.reject(new Error('lost')) }
  const engine = mllpClient(line)
  const hl7 = readdirSync(new URL('hospital/examples/', connectors)).find((f) => f.endsWith('.hl7'))
  const message = readFileSync(new URL(`hospital/examples/${hl7}`, connectors), 'utf8')
  for (const body of spoilt(message, name)) await engine.send(body).catch(() => undefined)
  engine.close()
  await hub.idle()

  // Good and bad: without both this would show little.
  expect([...answered.keys()]).toEqual(expect.arrayContaining([202, 422]))
  await receiver.until(
    () => ['receive mllp', 'accept'].every((each) => receiver.spans.some((s) => s.name === each)),
    'what happened',
  )
  await telemetry.stop()
  const metrics = (await hub.ask(null, 'GET', '/metrics')).text
  expect(receiver.bodies.length).toBeGreaterThan(5)
  for (const told of [...receiver.bodies, ...hub.logs, metrics]) expect(told).not.toMatch(traces)
})
