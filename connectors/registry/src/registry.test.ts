import { codecFor, repositorySubjects } from '@throughline/schemas'
import { describe, expect, it } from 'vitest'
import { openRegistry } from './testing/registry.ts'

const ours = 'throughline.custody.v1.ReleasedFromPrison'
const schemaOf = (subject: string): string =>
  repositorySubjects(['partnership']).find((one) => one.subject === subject)?.text ?? ''

const person = (...fields: readonly object[]) => ({ type: 'record', name: 'Person', fields })
const id = { name: 'id', type: 'string' }
const needed = { name: 'age', type: 'int' }
const optional = { name: 'age', type: ['null', 'int'], default: null }

describe('somebody who has found a record on a topic', () => {
  it('reads its schema by the id in its frame, and nothing else is needed', async () => {
    await using registry = await openRegistry()
    const framed = codecFor('ConsentChanged').encode({ personId: 'ann', version: 3, changedAt: 5 })
    const found = await registry.ask(
      'analyst',
      'GET',
      `/schemas/ids/${Buffer.from(framed).readUInt32BE(1)}`,
    )
    expect(found.status).toBe(200)
    expect(found.type).toContain('application/vnd.schemaregistry.v1+json')
    expect(Object.keys(found.body as object)).toEqual(['schema'])
    const { schema } = found.body as { schema: string }
    expect(JSON.parse(schema)).toMatchObject({ name: 'ConsentChanged', type: 'record' })
  })

  it('finds every released schema by its id, under its own name and under its topic’s', async () => {
    await using registry = await openRegistry()
    for (const { id: number, subject, version, text } of repositorySubjects(['partnership'])) {
      expect(await registry.read(`/schemas/ids/${number}`)).toEqual({ schema: text })
      const shown = { subject, version, id: number, schema: text }
      expect(await registry.read(`/subjects/${subject}/versions/${version}`)).toEqual(shown)
    }
    expect(await registry.read('/subjects/person.events.v1-value/versions/latest')).toMatchObject({
      id: 101,
    })
  })

  it('can look around: types, subjects, versions, where an id is used', async () => {
    await using registry = await openRegistry()
    expect(await registry.read('/')).toEqual({})
    expect(await registry.read('/schemas/types')).toEqual(['AVRO'])
    const subjects = (await registry.read('/subjects')) as string[]
    expect(subjects).toEqual(subjects.toSorted())
    expect(subjects).toContain(ours)
    expect(await registry.read('/subjects?subjectPrefix=outcomes.')).toEqual([
      'outcomes.journeys.partnership.v1-value',
      'outcomes.measures.partnership.v1-value',
    ])
    expect(await registry.read(`/subjects/${ours}/versions`)).toEqual([1])
    expect(await registry.read(`/subjects/${ours}/versions/-1/schema`)).toEqual(
      JSON.parse(schemaOf(ours)),
    )
    expect(await registry.read('/schemas/ids/107/subjects')).toEqual([
      'throughline.hub.v1.AuditCheckpoint',
      'audit.v1-value',
    ])
    expect(await registry.read('/schemas/ids/107/versions')).toContainEqual({
      subject: 'audit.v1-value',
      version: 1,
    })
    expect(await registry.read('/schemas/ids/107/schema')).toMatchObject({
      name: 'AuditCheckpoint',
    })
    expect(await registry.read('/schemas?subjectPrefix=audit&latestOnly=true')).toMatchObject([
      { id: 107 },
    ])
    expect(await registry.read('/config')).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
    expect(await registry.read('/mode')).toEqual({ mode: 'READONLY' })
    expect(await registry.read(`/config/${ours}?defaultToGlobal=true`)).toEqual({
      compatibilityLevel: 'FULL_TRANSITIVE',
    })
    expect(await registry.read(`/mode/${ours}?defaultToGlobal=true`)).toEqual({ mode: 'READONLY' })
  })

  it('learns the version and id of a schema that they hold, however they spell it', async () => {
    await using registry = await openRegistry()
    const { name, namespace, ...rest } = JSON.parse(schemaOf(ours))
    const respelled = { schema: JSON.stringify({ ...rest, name: `${namespace}.${name}` }) }
    const found = await registry.ask(
      'custody',
      'POST',
      `/subjects/${ours}?normalize=true`,
      respelled,
    )
    expect(found.body).toEqual({ subject: ours, version: 1, id: 9, schema: schemaOf(ours) })
    const again = await registry.ask('custody', 'POST', `/subjects/${ours}/versions`, respelled)
    expect(again.body).toEqual({ id: 9 })
  })

  it('can ask whether a change of theirs would be compatible, and why not', async () => {
    await using registry = await openRegistry()
    const { fields, ...rest } = JSON.parse(schemaOf(ours))
    const ask = async (more: object, where: string) => {
      const schema = JSON.stringify({ ...rest, fields: [...fields, more] })
      const path = `/compatibility/subjects/${ours}/versions${where}`
      return (await registry.ask('analyst', 'POST', path, { schema })).body
    }
    expect(await ask({ ...optional, name: 'escort' }, '/latest')).toEqual({ is_compatible: true })
    expect(await ask({ ...optional, name: 'escort' }, '')).toEqual({ is_compatible: true })
    expect(await ask({ ...needed, name: 'escort' }, '/1')).toEqual({ is_compatible: false })
    expect(await ask({ ...needed, name: 'escort' }, '?verbose=true')).toEqual({
      is_compatible: false,
      messages: ['backward, ReleasedFromPrison.escort: is not written, and has no default'],
    })
    const anything = { schema: '"string"' }
    const first = await registry.ask(
      'analyst',
      'POST',
      '/compatibility/subjects/new/versions/latest',
      anything,
    )
    expect(first.body).toEqual({ is_compatible: true })
  })
})

describe('who may ask', () => {
  it('takes an agency’s, an analyst’s or an operator’s token, as bearer or as anybody’s password', async () => {
    await using registry = await openRegistry()
    for (const who of ['custody', 'analyst', 'operator']) {
      expect((await registry.ask(who, 'GET', '/subjects')).status).toBe(200)
      const bearer = { authorization: `Bearer token-of-${who}` }
      expect((await registry.ask(who, 'GET', '/subjects', undefined, bearer)).status).toBe(200)
    }
    expect(await registry.ask('practitioner', 'GET', '/subjects')).toMatchObject({
      status: 403,
      code: 403,
    })
    expect(await registry.ask('nobody', 'GET', '/schemas/ids/1')).toMatchObject({
      status: 401,
      code: 401,
    })
  })

  it('lets nobody but an operator change anything', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    const tried = [
      ['POST', '/subjects/tried/versions', { schema: '"string"' }],
      ['PUT', '/mode', { mode: 'READONLY' }],
      ['PUT', '/config', { compatibility: 'NONE' }],
      ['PUT', '/config/tried', { compatibility: 'NONE' }],
      ['DELETE', '/config', undefined],
      ['DELETE', '/mode', undefined],
      ['DELETE', `/subjects/${ours}`, undefined],
      ['DELETE', `/subjects/${ours}/versions/1`, undefined],
    ] as const
    for (const [method, path, body] of tried) {
      expect(await registry.ask('custody', method, path, body)).toMatchObject({
        status: 403,
        code: 403,
      })
    }
    expect(await registry.read('/mode')).toEqual({ mode: 'READWRITE' })
    expect(await registry.read('/config')).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
  })
})

describe('a registry in use', () => {
  it('cannot be changed: schemas come from the repository', async () => {
    await using registry = await openRegistry()
    const refused = { status: 422, code: 42205 }
    expect(await registry.register('tried', '"string"')).toMatchObject(refused)
    const set = { compatibility: 'NONE' }
    expect(await registry.ask('operator', 'PUT', '/config', set)).toMatchObject(refused)
    expect(await registry.ask('operator', 'PUT', `/config/${ours}`, set)).toMatchObject(refused)
    expect(await registry.ask('operator', 'DELETE', `/subjects/${ours}`)).toMatchObject(refused)
  })

  it('keeps what the repository brought even when an operator opens it', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    const refused = { status: 422, code: 42205 }
    const { fields, ...rest } = JSON.parse(schemaOf(ours))
    const grown = { ...rest, fields: [...fields, { ...optional, name: 'escort' }] }
    expect(await registry.register(ours, grown)).toMatchObject(refused)
    expect(
      await registry.ask('operator', 'PUT', `/mode/${ours}`, { mode: 'readwrite' }),
    ).toMatchObject(refused)
    expect(await registry.ask('operator', 'DELETE', `/subjects/${ours}`)).toMatchObject(refused)
    expect(await registry.ask('operator', 'DELETE', `/subjects/${ours}/versions/1`)).toMatchObject(
      refused,
    )
    expect(await registry.register(ours, schemaOf(ours))).toMatchObject({
      status: 200,
      body: { id: 9 },
    })
  })
})

describe('a registry that is open for trying things out', () => {
  it('gives a new schema an id that no release will ever have, and the same one everywhere', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    const first = await registry.register('tried-value', person(id))
    expect(first).toMatchObject({ status: 200, body: { id: 1_000_001 } })
    expect(await registry.register('tried-value', person(id))).toMatchObject({
      body: { id: 1_000_001 },
    })
    expect(await registry.register('elsewhere', { ...person(id), aliases: [] })).toMatchObject({
      body: { id: 1_000_001 },
    })
    expect(await registry.register('tried-value', person(id, optional))).toMatchObject({
      body: { id: 1_000_002 },
    })
    expect(await registry.register('mirror', schemaOf(ours))).toMatchObject({ body: { id: 9 } })
    expect(await registry.read('/subjects/tried-value/versions')).toEqual([1, 2])
    expect(await registry.read('/schemas/ids/1000001/subjects')).toEqual([
      'tried-value',
      'elsewhere',
    ])
  })

  it('remembers what was registered and set, over a restart', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    await registry.register('tried', person(id))
    await registry.ask('operator', 'PUT', '/config/tried', { compatibility: 'backward' })
    await registry.startAgain()
    expect(await registry.read('/mode')).toEqual({ mode: 'READWRITE' })
    expect(await registry.read('/config/tried')).toEqual({ compatibilityLevel: 'BACKWARD' })
    expect(await registry.register('tried', person(id, optional))).toMatchObject({
      body: { id: 1_000_002 },
    })
    expect(await registry.read('/subjects/tried/versions')).toEqual([1, 2])
  })

  it('says nothing is registered when it could not be kept, and can be asked again', async () => {
    let dies = false
    const schedule = {
      at: (point: string) => {
        if (dies && point === 'store.commit.before') throw new Error('gone')
      },
    }
    await using registry = await openRegistry({ schedule })
    await registry.readWrite()
    dies = true
    expect(await registry.register('tried', '"string"')).toMatchObject({ status: 500, code: 500 })
    dies = false
    expect(await registry.ask('analyst', 'GET', '/subjects/tried/versions')).toMatchObject({
      code: 40401,
    })
    expect(await registry.register('tried', '"string"')).toMatchObject({ status: 200 })
  })

  it.each([
    ['FULL_TRANSITIVE', 409],
    ['FULL', 409],
    ['FORWARD', undefined],
    ['BACKWARD', 409],
    ['NONE', undefined],
  ] as const)('under %s it holds a next version to what that level asks', async (level, code) => {
    await using registry = await openRegistry()
    await registry.readWrite()
    await registry.register('tried', person(id))
    await registry.ask('operator', 'PUT', '/config/tried', { compatibility: level })
    expect(await registry.register('tried', person(id, needed))).toMatchObject({ code })
  })

  it('takes a level and a mode back, and falls back to everybody’s', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    const as = (method: string, path: string, body?: object) =>
      registry.ask('operator', method, path, body)
    expect((await as('PUT', '/config', { compatibility: 'FORWARD' })).body).toEqual({
      compatibility: 'FORWARD',
    })
    await as('PUT', '/config/tried', { compatibility: 'NONE' })
    expect((await as('DELETE', '/config/tried')).body).toEqual({ compatibilityLevel: 'NONE' })
    expect(await registry.ask('analyst', 'GET', '/config/tried')).toMatchObject({
      status: 404,
      code: 40408,
    })
    expect(await registry.read('/config/tried?defaultToGlobal=true')).toEqual({
      compatibilityLevel: 'FORWARD',
    })
    expect((await as('DELETE', '/config')).body).toEqual({ compatibilityLevel: 'FORWARD' })
    await as('PUT', '/mode/tried', { mode: 'READONLY' })
    expect(await registry.register('tried', '"string"')).toMatchObject({ code: 42205 })
    expect((await as('DELETE', '/mode/tried')).body).toEqual({ mode: 'READONLY' })
    expect(await registry.register('tried', '"string"')).toMatchObject({ status: 200 })
  })

  it('deletes softly, then for good; what bears the id can be read until then', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    const remove = async (path: string) => registry.ask('operator', 'DELETE', path)
    await registry.register('tried', person(id))
    await registry.register('tried', person(id, optional))
    expect((await remove('/subjects/tried/versions/latest')).body).toBe(2)
    expect(await registry.read('/subjects/tried/versions')).toEqual([1])
    expect(await registry.read('/subjects/tried/versions?deleted=true')).toEqual([1, 2])
    expect(await registry.read('/schemas/ids/1000002')).toHaveProperty('schema')
    expect((await remove('/subjects/tried/versions/2?permanent=true')).body).toBe(2)
    expect(await registry.ask('analyst', 'GET', '/schemas/ids/1000002')).toMatchObject({
      code: 40403,
    })
    expect((await remove('/subjects/tried')).body).toEqual([1])
    expect(await registry.read('/subjects?subjectPrefix=tried')).toEqual([])
    expect(await registry.read('/subjects?subjectPrefix=tried&deleted=true')).toEqual(['tried'])
    expect((await registry.register('tried', person(id))).body).toEqual({ id: 1_000_001 })
    expect(await registry.read('/subjects/tried/versions')).toEqual([2])
    expect((await remove('/subjects/tried')).body).toEqual([2])
    expect((await remove('/subjects/tried?permanent=true')).body).toEqual([1, 2])
  })

  it('lets one schema use the types of another, which then cannot be deleted', async () => {
    await using registry = await openRegistry()
    await registry.readWrite()
    await registry.register('address', { type: 'fixed', name: 'Address', size: 4 })
    const schema = person({ name: 'home', type: 'Address' })
    const references = [{ name: 'Address', subject: 'address', version: 1 }]
    expect(await registry.register('person', schema)).toMatchObject({ code: 42201 })
    expect(await registry.register('person', schema, { references })).toMatchObject({
      body: { id: 1_000_002 },
    })
    expect(await registry.read('/schemas/ids/1000002')).toEqual({
      schema: JSON.stringify(schema),
      references,
    })
    expect(await registry.read('/subjects/address/versions/1/referencedby')).toEqual([1_000_002])
    expect(await registry.ask('operator', 'DELETE', '/subjects/address')).toMatchObject({
      status: 422,
      code: 42206,
    })
    const missing = [{ name: 'Address', subject: 'address', version: 7 }]
    expect(await registry.register('other', schema, { references: missing })).toMatchObject({
      code: 42201,
    })
  })
})

describe('what it refuses, and with which code', () => {
  const tried = { schema: '"string"' }
  it.each<[code: number, says: string, method: string, path: string, body?: unknown]>([
    [40401, 'a subject that is not there', 'GET', '/subjects/none/versions'],
    [40401, 'a version of no subject', 'GET', '/subjects/none/versions/1'],
    [40401, 'the latest of no subject', 'GET', '/subjects/none/versions/latest'],
    [40401, 'a schema under no subject', 'POST', '/subjects/none', tried],
    [40401, 'to delete no subject', 'DELETE', '/subjects/none'],
    [40401, 'to take back a level that is not there', 'DELETE', '/config/none'],
    [40401, 'to take back a mode that is not there', 'DELETE', '/mode/none'],
    [40402, 'a version that is not there', 'GET', `/subjects/${ours}/versions/9`],
    [
      40402,
      'to be compared with a version that is not there',
      'POST',
      `/compatibility/subjects/${ours}/versions/9`,
      tried,
    ],
    [40403, 'an id that is not there', 'GET', '/schemas/ids/999'],
    [40403, 'an id that is none', 'GET', '/schemas/ids/Sealed'],
    [40403, 'a schema that the subject does not have', 'POST', `/subjects/${ours}`, tried],
    [40404, 'to delete what is deleted', 'DELETE', '/subjects/gone'],
    [40405, 'to delete at once for good', 'DELETE', '/subjects/kept?permanent=true'],
    [40406, 'to delete a version that is deleted', 'DELETE', '/subjects/gone/versions/1'],
    [
      40407,
      'to delete a version at once for good',
      'DELETE',
      '/subjects/kept/versions/1?permanent=true',
    ],
    [40408, 'a level that a subject does not have', 'GET', '/config/none'],
    [40409, 'a mode that a subject does not have', 'GET', '/mode/none'],
    [
      409,
      'what cannot be read as an earlier version',
      'POST',
      '/subjects/kept/versions',
      { schema: '"int"' },
    ],
    [42201, 'what is not JSON', 'POST', '/subjects/new/versions', { schema: '{' }],
    [42201, 'what is no schema', 'POST', '/subjects/new/versions', { schema: '{"type":"canary"}' }],
    [42201, 'no schema', 'POST', '/subjects/new/versions', { schema: '' }],
    [
      42201,
      'another kind of schema',
      'POST',
      '/subjects/new/versions',
      { ...tried, schemaType: 'JSON' },
    ],
    [
      42201,
      'what is no schema, compared',
      'POST',
      `/compatibility/subjects/${ours}/versions/1`,
      { schema: '{}' },
    ],
    [42202, 'version 0', 'GET', `/subjects/${ours}/versions/0`],
    [42202, 'a version that is a word', 'GET', `/subjects/${ours}/versions/canary`],
    [42202, 'a version beyond any', 'GET', `/subjects/${ours}/versions/2147483648`],
    [42203, 'a level that is none', 'PUT', '/config', { compatibility: 'canary' }],
    [42203, 'no level', 'PUT', '/config/kept', {}],
    [42204, 'a mode that is none', 'PUT', '/mode', { mode: 'canary' }],
    [42204, 'to import', 'PUT', '/mode/kept', { mode: 'IMPORT' }],
    [
      42205,
      'a version of what the repository brought',
      'POST',
      `/subjects/${ours}/versions`,
      tried,
    ],
    [42208, 'a subject with a line break', 'POST', '/subjects/a%0Ab/versions', tried],
    [400, 'a body that is no object', 'PUT', '/mode', '[]'],
    [400, 'a body that is not JSON', 'PUT', '/mode', '{'],
    [404, 'a route that is not there', 'GET', '/contexts'],
  ])('%i for %s', async (code, _says, method, path, body) => {
    await using registry = await openRegistry()
    await registry.readWrite()
    await registry.register('kept', '"string"')
    await registry.register('gone', '"string"')
    await registry.ask('operator', 'DELETE', '/subjects/gone')
    const answer = await registry.ask('operator', method, path, body)
    expect(answer).toMatchObject({ status: Number(String(code).slice(0, 3)), code })
    expect(answer.type).toContain('application/vnd.schemaregistry.v1+json')
    expect((answer.body as { message: string }).message).toMatch(/^[A-Z]/)
    expect(answer.text).not.toContain('canary')
  })

  it('415 for a body of another kind, 413 for one that is too long', async () => {
    await using registry = await openRegistry()
    const type = { 'content-type': 'text/plain' }
    expect(await registry.ask('operator', 'PUT', '/mode', {}, type)).toMatchObject({ code: 415 })
    const long = { schema: `"${'x'.repeat(1_100_000)}"` }
    expect(await registry.ask('operator', 'POST', '/subjects/x/versions', long)).toMatchObject({
      code: 413,
    })
  })

  it('takes a body under each of the registry’s content types', async () => {
    await using registry = await openRegistry()
    for (const type of ['application/json', 'application/vnd.schemaregistry+json; charset=utf-8']) {
      const set = await registry.ask(
        'operator',
        'PUT',
        '/mode',
        { mode: 'READONLY' },
        { 'content-type': type },
      )
      expect(set.status).toBe(200)
    }
  })
})
