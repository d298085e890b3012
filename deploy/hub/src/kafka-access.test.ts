import { topics, topicTemplates } from '@throughline/schemas'
import type { KafkaAccessEntry } from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { accessMatrix, edgesOf, type Grant, services } from './kafka-access.ts'
import { accessDifference, entryFor, lineOf } from './kafka-acls.ts'
import { processors } from './pipeline.ts'

const declared = [...topics, ...topicTemplates]
const matrix = accessMatrix(declared, { feeds: ['north', 'south'] })
const of = (service: string, operation: Grant['operation']) =>
  matrix
    .filter((one) => one.service === service && one.operation === operation)
    .map(({ name }) => name)
    .toSorted()

describe('who may do what on Kafka', () => {
  it.each(processors)(
    '$name reads what it declares, in its own group, and writes what it declares',
    ({ name, inputs, outputs }) => {
      expect(of(name, 'Read')).toEqual([name, ...inputs].toSorted())
      expect(of(name, 'Write')).toEqual([...outputs].toSorted())
    },
  )

  it('lets no edge of an agency touch the log', () => {
    expect(edgesOf(declared)).toContain('custody')
    expect(matrix.filter(({ service }) => edgesOf(declared).includes(service))).toEqual([])
  })

  it('lets an analyst read the feed that is theirs, and no other', () => {
    expect(of('analyst-north', 'Read')).toEqual([
      'analyst-north',
      'outcomes.journeys.north.v1',
      'outcomes.measures.north.v1',
    ])
    expect(of('analyst-north', 'Write')).toEqual([])
  })

  it('lets the register take a story away when somebody asks to be forgotten', () => {
    expect(of('relay', 'Write')).toContain('person.stories.v1')
  })

  it('gives no pattern, nobody everything, and the brokers as a whole to deployment only', () => {
    for (const { name, operation, resource, service } of matrix) {
      expect(name).toMatch(/^[a-z0-9.-]+$/)
      expect(['Read', 'Write', 'Create', 'Describe', 'DescribeConfigs', 'Alter']).toContain(
        operation,
      )
      if (resource === 'Cluster' || operation === 'Create') expect(service).toBe('deployer')
    }
  })

  it('lets those who write number what they write, where brokers are old enough to ask', () => {
    const numbering = accessMatrix(declared, { feeds: ['north'], idempotentWrite: true }).filter(
      ({ operation }) => operation === 'IdempotentWrite',
    )
    const writers = Object.keys(services).filter((one) => of(one, 'Write').length > 0)
    expect(numbering.map(({ service }) => service).toSorted()).toEqual(writers.toSorted())
  })

  it('refuses a topic list that names somebody no service stands for', () => {
    const [first] = topics
    const strange = first && [{ ...first, readers: ['everybody'] }]
    expect(() => accessMatrix(strange ?? [])).toThrow('everybody')
  })
})

describe('the brokers’ list', () => {
  const wanted = matrix.map((grant) => entryFor(grant, 'a.'))
  const difference = (found: readonly KafkaAccessEntry[]) =>
    accessDifference(found, matrix, { topics: declared, prefix: 'a.' })
  const [first] = wanted
  const one = first as KafkaAccessEntry

  it('has nothing missing and nothing too much once it is as it should be', () => {
    expect(difference(wanted)).toEqual({ missing: [], surplus: [], doubtful: [] })
    expect(difference([]).missing).toEqual(wanted)
  })

  it('takes away what an edge, a former analyst or a service may do and need not', () => {
    const surplus = [
      { ...one, principal: 'User:a.custody' },
      { ...one, principal: 'User:a.analyst-gone' },
      { ...one, principal: 'User:a.story', operation: 'All', name: '*' },
    ] as const
    expect(difference([...wanted, ...surplus]).surplus).toEqual(surplus)
  })

  it('leaves another hub on the same brokers alone', () => {
    const theirs = matrix.map((grant) => entryFor(grant, 'b.'))
    expect(difference([...wanted, ...theirs])).toEqual({ missing: [], surplus: [], doubtful: [] })
  })

  it('points at strangers who reach our topics, and at what somebody has denied us', () => {
    const doubtful = [
      { ...one, principal: 'User:*' },
      { ...one, principal: 'User:wiki', name: 'a.agency', pattern: 'PREFIXED' },
      { ...one, principal: 'User:wiki', name: '*' },
      { ...one, permission: 'DENY' },
    ] as const
    const found = difference([...wanted, ...doubtful])
    expect(found).toEqual({ missing: [], surplus: [], doubtful })
  })

  it('is printed as Kafka’s own tool takes it', () => {
    const grant = { service: 'link', resource: 'Group', name: 'link', operation: 'Read' } as const
    expect(lineOf(entryFor(grant, 'a.'))).toBe(
      "--allow-principal 'User:a.link' --allow-host '*' --operation Read --group 'a.link'",
    )
    expect(lineOf({ ...entryFor(grant, ''), pattern: 'PREFIXED', permission: 'DENY' })).toBe(
      "--deny-principal 'User:link' --deny-host '*' --operation Read --group 'link' --resource-pattern-type prefixed",
    )
  })
})
