import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventTypes } from './events.ts'
import { readCurrent } from './files.ts'
import { generatedFile, generatedText } from './generate.ts'
import { writeTypes } from './write-types.ts'

describe('the generated events', () => {
  it('are up to date: `npm run generate` would change nothing', () => {
    expect(readFileSync(generatedFile, 'utf8')).toBe(generatedText())
  })

  it('import nothing, so that the domain may hold them', () => {
    expect(generatedText()).not.toMatch(/\bimport\b|\brequire\b/)
  })

  it('make every optional field required and nullable', () => {
    expect(generatedText()).toContain('  homeArea: string | null\n')
    expect(generatedText()).not.toMatch(/\w\?:/)
  })

  it('cannot be written when one name means two things', () => {
    const [one, other] = eventTypes.map((name) => readCurrent(name))
    if (one === undefined || other === undefined) throw new Error('no events')
    const kind = (symbol: string) => ({
      name: 'kind',
      type: { type: 'enum', name: 'Kind', symbols: [symbol, 'UNKNOWN'] } as const,
    })
    expect(() =>
      writeTypes([
        { ...one, fields: [kind('A'), { name: 'a', type: 'string' }] },
        { ...other, fields: [kind('B'), { name: 'b', type: 'string' }] },
      ]),
    ).toThrow('Kind is defined in two ways')
  })
})
