import { describe, expect, it } from 'vitest'
import { type CompatibilityLevel, compatibilityLevels, incompatibilities } from './compatibility.ts'
import { parseSchema } from './parse-schema.ts'

const version = (...fields: readonly object[]) => {
  const parsed = parseSchema({ type: 'record', name: 'Person', fields })
  if ('refused' in parsed) throw new Error(parsed.refused)
  return parsed.type
}
const id = { name: 'id', type: 'string' }
const needed = { name: 'age', type: 'int' }
const optional = { name: 'age', type: ['null', 'int'], default: null }
const given = { name: 'age', type: 'int', default: 0 }
const wide = { name: 'age', type: 'long' }

/** What each level says of a next version: Y it may follow, - it may not, in the order of the levels. */
const cases: readonly [
  says: string,
  earlier: readonly (readonly object[])[],
  next: readonly object[],
  allowed: string,
][] = [
  //                                                                            NONE B BT F FT FULL FULLT
  ['nothing has changed', [[id]], [id], 'YYYYYYY'],
  ['there is nothing before it', [], [id], 'YYYYYYY'],
  ['an optional field is added', [[id]], [id, optional], 'YYYYYYY'],
  ['an optional field is removed', [[id, optional]], [id], 'YYYYYYY'],
  ['a needed field is added', [[id]], [id, needed], 'Y--YY--'],
  ['a needed field is removed', [[id, needed]], [id], 'YYY----'],
  ['a number is widened', [[id, needed]], [id, wide], 'YYY----'],
  ['a number is narrowed', [[id, wide]], [id, needed], 'Y--YY--'],
  ['a needed field becomes optional', [[id, needed]], [id, optional], 'YYY----'],
  ['a field comes back with a default', [[id, needed], [id]], [id, given], 'YYYYYYY'],
  [
    'a field comes back as something else',
    [[id, { name: 'age', type: ['null', 'string'], default: null }], [id]],
    [id, optional],
    'YY-Y-Y-',
  ],
  [
    'a field was needed once, and then was not',
    [
      [id, needed],
      [id, given],
    ],
    [id],
    'YYYY-Y-',
  ],
]

describe('a next version', () => {
  it.each(cases)('when %s', (_, earlier, next, allowed) => {
    const answers = compatibilityLevels.map((level) => {
      const faults = incompatibilities(
        level,
        version(...next),
        earlier.map((it) => version(...it)),
      )
      return faults.length === 0 ? 'Y' : '-'
    })
    // The order of the columns above.
    expect(compatibilityLevels).toEqual([
      'NONE',
      'BACKWARD',
      'BACKWARD_TRANSITIVE',
      'FORWARD',
      'FORWARD_TRANSITIVE',
      'FULL',
      'FULL_TRANSITIVE',
    ])
    expect(answers.join('')).toBe(allowed)
  })

  it('that is refused hears where, in which direction and why', () => {
    const why = (level: CompatibilityLevel) =>
      incompatibilities(level, version(id, needed), [version(id)])
    expect(why('FULL')).toEqual(['backward, Person.age: is not written, and has no default'])
    expect(incompatibilities('FULL', version(id), [version(id, needed)])).toEqual([
      'forward, Person.age: is not written, and has no default',
    ])
  })
})
