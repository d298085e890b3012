import { readFileSync } from 'node:fs'
import { hubErrorCodes } from '@throughline/domain'
import { describe, expect, it } from 'vitest'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('pages say what the code says', () => {
  it('explains every fault code, and no code that is gone', () => {
    const explained = [...page('reference/errors.md').matchAll(/^### (\w+)$/gm)].map((m) => m[1])
    expect(explained).toEqual(hubErrorCodes)
  })
})
