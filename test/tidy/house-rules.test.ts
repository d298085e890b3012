import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const paths = await Array.fromAsync(
  glob('{schemas,packages,connectors,processors,deploy,test}/**/*.ts', {
    cwd: root,
    exclude: (name) => name.includes('node_modules'),
  }),
)
/** Rules are about code: a comment may say `any` in peace. */
const codeOf = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
const sources = paths.map((path) => ({ path, text: codeOf(readFileSync(root + path, 'utf8')) }))

const tests = /\.(test|features)\.ts$|^test\/|\/testing\//
const production = (path: string) => !tests.test(path)
const decides = (path: string) =>
  production(path) &&
  !/\/(main|operate|generate)\.ts$/.test(path) &&
  !path.endsWith('packages/stream/src/clock.ts')
const outside =
  (...names: string[]) =>
  (path: string) =>
    production(path) && !names.some((name) => path.endsWith(name))

const rules = [
  {
    never: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    where: decides,
    instead: 'take the time from the injected clock',
  },
  {
    never: /\bMath\.random\(|\brandomUUID\(/,
    where: production,
    instead: 'take randomness from the caller',
  },
  {
    never: /\bset(Timeout|Interval)(\(| as )/,
    where: outside('stream/src/clock.ts', 'main.ts'),
    instead: 'wait on the injected clock',
  },
  {
    never: /\bprocess\.env\b/,
    where: outside('config.ts', 'main.ts'),
    instead: 'read it in config.ts',
  },
  {
    never: /\bvi\.(mock|spyOn)\(/,
    where: () => true,
    instead: 'pass in a fake that keeps the contract',
  },
  {
    never: /\btransactionalId\b|\bsendOffsets\b/,
    where: production,
    instead: 'use the outbox: there are no Kafka transactions',
  },
  {
    never: /\b(it|describe|test)\.(only|skip|todo)\b/,
    where: () => true,
    instead: 'finish it or delete it',
  },
  {
    never: /^export default/m,
    where: (path: string) => !path.includes('.config.'),
    instead: 'name the export',
  },
  { never: /\bas any\b|: any[\s;,)>]/, where: () => true, instead: 'say what it is' },
]

describe('house rules', () => {
  it.each(rules)('$instead', ({ never, where }) => {
    const offenders = sources
      .filter(({ path }) => path !== 'test/tidy/house-rules.test.ts')
      .filter(({ path, text }) => where(path) && never.test(text))
    expect(offenders.map(({ path }) => path)).toEqual([])
  })

  it('reads the whole tree, so that a rule cannot pass by finding nothing', () => {
    expect(sources.length).toBeGreaterThan(50)
  })
})
