/**
 * Many trusts at once, against a hub in a process of its own. By hand, for the five minutes of a release:
 *
 *     MLLP_SECONDS=300 npx vitest run --project long test/edge/mllp-soak.long.test.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from '@throughline/hub'
import { expect, it } from 'vitest'
import { type HubProcess, startHub } from '../demo/hub-process.ts'
import { balanced, consentBody } from '../journeys/hub.ts'
import { madeUpPeople, type Person } from '../people/people.ts'
import { adt, nhs } from './adt.ts'
import { soak } from './config.ts'
import { openEngine } from './engine.ts'

const from = '2026-03-02T09:00:00Z'
const { connections, perSecond, seconds } = soak()
const people = madeUpPeople(5, 400)
/** One in twenty agreed: their messages go all the way. */
const agreed = people.filter((_, n) => n % 20 === 0)

it(`${connections} trusts send ${perSecond} messages a second for ${seconds} seconds, and each AA is in the ledger`, async () => {
  const data = mkdtempSync(join(tmpdir(), 'throughline-soak-'))
  const started = { data, port: 0, mllpPort: 0, clock: Date.parse(from), killAt: null }
  try {
    await using hub = await startHub(started)
    for (const person of agreed) await agree(hub, person)
    const each = Math.ceil((perSecond * seconds) / connections)
    const everyMs = (1000 * connections) / perSecond
    const startedAt = performance.now()
    const heard = await Promise.all(
      Array.from({ length: connections }, (_, n) => trustOf(hub, n, each, everyMs)),
    )
    const tookSeconds = (performance.now() - startedAt) / 1000
    const waitsMs = heard.flat().toSorted((a, b) => a - b)
    const sent = connections * each
    const at = (share: number) => Math.round(waitsMs[Math.floor(share * (sent - 1))] ?? 0)
    process.stdout.write(
      `${sent} messages in ${tookSeconds.toFixed(1)} s, ${Math.round(sent / tookSeconds)}/s; ` +
        `answered after ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms\n`,
    )
    expect(waitsMs).toHaveLength(sent)
    const { received, published = 0, ...others } = balanced(await ledgerOf(hub))
    expect([received, others]).toEqual([sent, { 'dropped-unclaimed': sent - published }])
    expect(published).toBeGreaterThan(0)
    expect([hub.starts(), hub.errors]).toEqual([1, []])
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})

/** One trust's engine: a message every so often, each after the answer to the one before; how long each took. */
async function trustOf(
  hub: HubProcess,
  n: number,
  count: number,
  everyMs: number,
): Promise<readonly number[]> {
  using engine = await openEngine(hub.mllpPort())
  const waits: number[] = []
  const startedAt = performance.now() + (everyMs * n) / connections
  for (let sent = 0; sent < count; sent += 1) {
    const early = startedAt + sent * everyMs - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    const id = `T${n}N${sent}`
    const person = people[(n * 31 + sent) % people.length] as Person
    const sentAt = performance.now()
    expect(await engine.hears(adt(person, id))).toBe(`AA ${id}`)
    waits.push(performance.now() - sentAt)
  }
  return waits
}

async function agree(hub: HubProcess, person: Person): Promise<void> {
  const answer = await fetch(`${hub.base()}/consents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hub.credentials().register.token}`,
      'content-type': 'application/json',
      'idempotency-key': person.ref,
    },
    body: JSON.stringify(consentBody({ identifiers: [nhs(person)] }, from)),
  })
  expect(answer.status).toBe(201)
}

async function ledgerOf(hub: HubProcess): Promise<Ledger> {
  const answer = await fetch(`${hub.base()}/ledger`, {
    headers: {
      authorization: `Bearer ${hub.credentials().operators[0]?.token}`,
      accept: 'application/json',
    },
  })
  return (await answer.json()) as Ledger
}
