import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openRegistry } from '@throughline/registry-edge/testing'
import { repositoryIds, repositorySubjects } from '@throughline/schemas'
import { readSchemaIds } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { registerSchemas } from './schema-registry.ts'

const feeds = ['partnership']
const everything = repositorySubjects(feeds)
type Registry = Awaited<ReturnType<typeof openRegistry>>
const asOperator = (registry: Registry, url = registry.url()) => ({
  url,
  login: { user: 'deployment', password: registry.password('operator') },
})

/** Somebody else's registry: nothing of ours is in it, and it gives ids of its own. */
async function somebodyElses(): Promise<Registry> {
  const registry = await openRegistry({ isEmpty: true })
  await registry.readWrite()
  return registry
}

describe('registering the schemas of a release', () => {
  it('puts every version under its subjects, and brings back the ids they got', async () => {
    await using registry = await somebodyElses()
    const { lines, ids } = await registerSchemas(asOperator(registry), feeds)
    expect(lines).toHaveLength(everything.length)
    expect(lines[0]).toBe(
      'throughline.custody.v1.ArrestedIntoCustody version 1: registered, id 1000001',
    )
    expect(Object.keys(ids ?? {})).toEqual(Object.keys(repositoryIds))
    for (const { subject, version, schema, text } of everything) {
      const id = ids?.[schema]?.[version]
      expect(await registry.read(`/subjects/${subject}/versions/${version}`)).toEqual({
        subject,
        version,
        id,
        schema: text,
      })
    }
  })

  it('may be run again at any time: it finds what is there and changes nothing', async () => {
    await using registry = await somebodyElses()
    const first = await registerSchemas(asOperator(registry), feeds)
    const before = await registry.read('/schemas')
    await registry.ask('operator', 'PUT', '/mode', { mode: 'READONLY' })
    const again = await registerSchemas(asOperator(registry), feeds)
    expect(again.ids).toEqual(first.ids)
    expect(again.lines.every((line) => line.includes(': known, id '))).toBe(true)
    expect(await registry.read('/schemas')).toEqual(before)
  })

  it('finds everything in the hub’s own registry, under the repository’s ids', async () => {
    await using registry = await openRegistry()
    const login = { user: '', password: registry.password('analyst') }
    const { ids } = await registerSchemas({ url: `${registry.url()}/`, login }, feeds)
    expect(ids).toEqual(repositoryIds)
  })

  it('holds each subject to FULL_TRANSITIVE before anything is under it', async () => {
    await using registry = await somebodyElses()
    await registry.ask('operator', 'PUT', '/config', { compatibility: 'NONE' })
    await registerSchemas(asOperator(registry), feeds)
    for (const { subject } of everything) {
      expect(await registry.read(`/config/${subject}`)).toEqual({
        compatibilityLevel: 'FULL_TRANSITIVE',
      })
    }
  })

  it('names what is incompatible, registers the rest, and writes no ids', async () => {
    await using registry = await somebodyElses()
    const subject = 'consent.changes.v1-value'
    await registry.register(subject, '"string"')
    const { lines, ids } = await registerSchemas(asOperator(registry), feeds)
    expect(ids).toBeNull()
    expect(lines.filter((line) => !line.includes(': registered'))).toEqual([
      `${subject} version 1: INCOMPATIBLE (409, 409)`,
      'ConsentChanged version 1: has more than one id',
    ])
  })

  it('names what a registry refuses that nobody may change', async () => {
    await using registry = await openRegistry({ isEmpty: true })
    const { lines, ids } = await registerSchemas(asOperator(registry), feeds)
    expect(ids).toBeNull()
    expect(lines[0]).toBe(
      'throughline.custody.v1.ArrestedIntoCustody version 1: REFUSED (422, 42205)',
    )
  })

  it('does not trust a registry that numbers places, not schemas', async () => {
    await using registry = await somebodyElses()
    await using odd = await numberedByPlace(registry.url())
    const { lines, ids } = await registerSchemas(asOperator(registry, odd.url), feeds)
    expect(ids).toBeNull()
    expect(lines).toContain('Sealed version 1: has more than one id')
    expect(lines).toContain('id 2000001: is not ArrestedIntoCustody version 1')
  })

  it('says so when nobody answers, or the login is not known', async () => {
    const nobody = { url: 'http://127.0.0.1:1', login: null }
    await expect(registerSchemas(nobody, feeds)).rejects.toThrow(/does not answer/)
    await using registry = await somebodyElses()
    const login = { user: 'deployment', password: 'canary' }
    const refused = registerSchemas({ url: registry.url(), login }, feeds)
    await expect(refused).rejects.toThrow(/does not know this user and password/)
  })
})

describe('the command', () => {
  const operate = fileURLToPath(new URL('operate.ts', import.meta.url))
  const run = promisify(execFile)

  it('writes the ids beside it, and says what it did; where it fails it writes none', async () => {
    await using registry = await somebodyElses()
    const folder = mkdtempSync(join(tmpdir(), 'throughline-ids-'))
    const file = join(folder, 'ids.json')
    const command = [operate, 'schemas', 'register', '--ids', file, '--registry']
    const env = { ...process.env, HUB_REGISTRY_PASSWORD: registry.password('operator') }
    const { stdout } = await run(process.execPath, [...command, registry.url()], { env })
    expect(stdout).toContain('throughline.hub.v1.Sealed version 1: registered, id ')
    expect(stdout).toContain(`ids in ${file}`)
    const ids = readSchemaIds(file)
    expect(ids['Sealed']?.[1]).toBeGreaterThan(1_000_000)

    const noLogin = run(process.execPath, [...command, registry.url()], { env: { ...process.env } })
    await expect(noLogin).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('HUB_CONFIG_INVALID'),
    })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ids)
    rmSync(folder, { recursive: true })
  })
})

/** A registry behind which each place has a number of its own, as some have them. */
async function numberedByPlace(behind: string) {
  const places: string[] = []
  const answering = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await Array.fromAsync(req)).toString()
    const answer = await fetch(`${behind}${req.url}`, {
      method: req.method ?? 'GET',
      headers: {
        authorization: req.headers.authorization ?? '',
        ...(body !== '' && { 'content-type': 'application/json' }),
      },
      ...(body !== '' && { body }),
    })
    const json = (await answer.json()) as { readonly id?: unknown }
    const place = String(req.url).replace('/versions', '')
    if (typeof json.id === 'number' && !places.includes(place)) places.push(place)
    const renumbered = typeof json.id === 'number' && { id: 2_000_001 + places.indexOf(place) }
    res.writeHead(answer.status).end(JSON.stringify({ ...json, ...renumbered }))
  }
  const server = createServer((req, res) => void answering(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => server.close().closeAllConnections(),
  }
}
