import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

/** The bad inputs that a single hub can show, by the ids of their lists; those of later work are not here. */
const lists = {
  HTTP: [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27],
  HL7: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24, 25],
  CSV: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21],
  SQS: [5, 6, 10, 11, 13, 14, 15],
  UI: [1],
} as const

const paths = await Array.fromAsync(
  glob('{schemas,packages,connectors,processors,deploy,test}/**/*.{test,features}.ts', {
    cwd: root,
    exclude: (name) => name.includes('node_modules'),
  }),
)
const shown = new Set(
  paths
    .filter((path) => path !== 'test/tidy/bad-inputs.test.ts')
    .flatMap(
      (path) => readFileSync(root + path, 'utf8').match(/\b(?:HTTP|HL7|CSV|SQS|UI)-\d+\b/g) ?? [],
    ),
)

describe('every bad input of the lists has a test that names it', () => {
  it.each(Object.entries(lists))('%s', (list, numbers) => {
    const missing = numbers.map((n) => `${list}-${n}`).filter((id) => !shown.has(id))
    expect(missing).toEqual([])
  })
})
