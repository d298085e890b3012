import { describe, expect, it } from 'vitest'
import { eventTypes } from './events.ts'
import { schemaNames } from './files.ts'
import { topicOf, topics, topicTemplates } from './topics.ts'

const all = [...topics, ...topicTemplates]
const day = 24 * 60 * 60 * 1000

describe('topics', () => {
  it('have every setting: key, 12 partitions, retention, cleanup, privacy, writers and readers', () => {
    for (const topic of all) {
      expect(topic).toMatchObject({ partitions: 12, doc: expect.stringMatching(/\.$/) })
      expect(topic.key).not.toBe('')
      expect(['delete', 'compact']).toContain(topic.cleanup)
      expect(['day-key', 'person-key', 'no-content', 'released']).toContain(topic.privacy)
      expect(topic.writers.length * topic.readers.length).toBeGreaterThan(0)
    }
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })

  it('carry only schemas that exist', () => {
    const named = all.flatMap(({ schemas, carries }) => [...schemas, ...carries])
    expect(named.filter((name) => !schemaNames.includes(name))).toEqual([])
  })

  it('lie sealed wherever they say anything about a person', () => {
    for (const { privacy, schemas, carries } of topics) {
      const isSealed = privacy === 'day-key' || privacy === 'person-key'
      expect(schemas.includes('Sealed')).toBe(isSealed)
      expect(carries.length > 0).toBe(isSealed)
    }
  })

  it('give every event a way in and, once joined to a person, a way on', () => {
    const inbound = topics.filter(({ name }) => name.startsWith('agency.'))
    expect(new Set(inbound.flatMap(({ carries }) => carries))).toEqual(new Set(eventTypes))
    expect(topicOf('person.events.v1').carries).toEqual(eventTypes)
  })

  it('keep what nobody has claimed for seven days, what a person agreed to for 400', () => {
    expect(topicOf('agency.custody.v1').retentionMs).toBe(7 * day)
    expect(topicOf('agency.other.v1').retentionMs).toBe(7 * day)
    expect(topicOf('quarantine.v1').retentionMs).toBe(30 * day)
    expect(topicOf('person.events.v1').retentionMs).toBe(400 * day)
    expect(topicOf('consent.changes.v1')).toMatchObject({ cleanup: 'compact', retentionMs: null })
    expect(topicOf('person.stories.v1')).toMatchObject({ cleanup: 'compact', retentionMs: null })
  })

  it('of outcome feeds come from one template each', () => {
    expect(topicOf('outcomes.measures.testshire.v1')).toMatchObject({
      name: 'outcomes.measures.testshire.v1',
      schemas: ['MeasureFigure'],
      privacy: 'released',
    })
    expect(() => topicOf('outcomes.measures.<feed>.v1.x')).toThrow(RangeError)
    expect(() => topicOf('agency.fire.v1')).toThrow(RangeError)
  })
})
