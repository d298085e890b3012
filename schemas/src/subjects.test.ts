import { describe, expect, it } from 'vitest'
import { parseSchema } from './parse-schema.ts'
import { repositorySubjects } from './subjects.ts'
import { topicOf, topics, topicTemplates } from './topics.ts'

const all = repositorySubjects(['testshire', 'national'])
const under = (subject: string) => all.filter((one) => one.subject === subject)

describe('the subjects of a registry', () => {
  it('are every schema’s full name, with every version that was released', () => {
    const [released] = under('throughline.custody.v1.ReleasedFromPrison')
    expect(released).toMatchObject({ version: 1, id: 9, schema: 'ReleasedFromPrison' })
    expect(parseSchema(JSON.parse(released?.text ?? ''))).toMatchObject({
      type: { name: 'throughline.custody.v1.ReleasedFromPrison' },
    })
  })

  it('are every topic too, with what lies there in clear: a consumer knows no more than its topic', () => {
    expect(under('person.events.v1-value')).toMatchObject([{ schema: 'Sealed', id: 101 }])
    expect(under('outcomes.measures.national.v1-value')).toMatchObject([
      { schema: 'MeasureFigure' },
    ])
    for (const { name } of topics) expect(under(`${name}-value`)).not.toEqual([])
  })

  it('hold one schema each, so that versions of one follow each other', () => {
    const feeds = topicTemplates.map(({ name }) => topicOf(name.replace('<feed>', 'national')))
    for (const { schemas } of [...topics, ...feeds]) expect(schemas).toHaveLength(1)
    const places = all.map(({ subject, version }) => `${subject} ${version}`)
    expect(new Set(places).size).toBe(places.length)
  })
})
