import { existsSync, readFileSync } from 'node:fs'
import { hubErrorCodes } from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import { accessTable, serviceTable } from './kafka-access.ts'
import { disagreements, topologyDiagram } from './topology.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('pages say what the code says', () => {
  it('explains every fault code, and no code that is gone', () => {
    const explained = [...page('reference/errors.md').matchAll(/^### (\w+)$/gm)].map((m) => m[1])
    expect(explained).toEqual(hubErrorCodes)
  })

  it('draws the topology that the code declares', () => {
    const drawn = /```mermaid\n([\s\S]*?)\n```/.exec(page('architecture.md'))?.[1]
    expect(drawn).toBe(topologyDiagram())
  })

  it('lists who may do what on Kafka, as it is applied', () => {
    const tables = page('kafka-access.md').match(/(?:^\|.*\n)+/gm)
    expect(tables).toEqual([`${serviceTable()}\n`, `${accessTable()}\n`])
  })

  it('lists for each topic the processors that declare it, and no other', () => {
    expect(disagreements()).toEqual([])
  })

  it('names at most eight files from socket to notice, and all of them are there', () => {
    const way = [...page('architecture.md').matchAll(/^\d\. `([^`]+)`/gm)].map((m) => m[1] ?? '')
    expect(way.length).toBeGreaterThan(0)
    expect(way.length).toBeLessThanOrEqual(8)
    const missing = way.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))
    expect(missing).toEqual([])
  })

  it('leads nowhere that is not there', () => {
    const front = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const links = [...front.matchAll(/\]\(([^)]+)\)/g)].map((m) => m[1] ?? '')
    const missing = links.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))
    expect(missing).toEqual([])
  })
})
