import { readFileSync } from 'node:fs'
import {
  actionKinds,
  arrangementAnswers,
  arrangements,
  categories,
  contactKinds,
  type Notice,
  noticeClasses,
  noticeRules,
  noticeStates,
  type PractitionerAction,
  urgencies,
} from '@throughline/domain'
import { codecFor } from '@throughline/schemas'
import { describe, expect, it } from 'vitest'

interface Field {
  readonly name: string
  readonly type: unknown
}

const fieldsOf = (schema: string): readonly Field[] =>
  JSON.parse(readFileSync(new URL(`../../schemas/avro/${schema}.avsc`, import.meta.url), 'utf8'))
    .fields

/** The list of values of a field, however deep in unions and arrays it stands. */
function valuesOf(schema: string, name: string): readonly string[] {
  const found = fieldsOf(schema).find((field) => field.name === name)
  return [found?.type].flat().flatMap(listed)
}

const listed = (type: unknown): readonly string[] => {
  if (typeof type !== 'object' || type === null) return []
  const { values, items } = type as { values?: readonly string[]; items?: unknown }
  return values ?? listed(items)
}

const notice: Notice = {
  noticeId: 'n',
  version: 1,
  personId: 'ann',
  thread: 't',
  episode: 'e',
  rule: 'moves',
  ruleVersion: 1,
  class: 'information',
  urgency: 'routine',
  state: 'open',
  recipient: { practitionerId: 'lp-1', organisation: 'o', role: 'lead-practitioner' },
  headline: 'Moved to another prison',
  lines: [],
  occurredAt: 1,
  learnedAt: 2,
  dueAt: null,
  sources: ['custody'],
  categories: ['justice'],
  corrects: null,
  closedBecause: null,
  incomplete: false,
  because: { eventIds: ['x'], timer: null },
  push: true,
}

const action: Required<PractitionerAction> = {
  actionId: 'a',
  kind: 'arranged',
  noticeId: 'n',
  thread: 't',
  personId: 'ann',
  by: 'lp-1',
  at: 1,
  receivedAt: 2,
  contact: null,
  item: 'home',
  answer: 'made',
}

describe('a notice and an action, as rules make them and as readers find them described', () => {
  it.each([
    ['PractitionerNotice', 'rule', noticeRules],
    ['PractitionerNotice', 'class', noticeClasses],
    ['PractitionerNotice', 'urgency', urgencies],
    ['PractitionerNotice', 'state', noticeStates],
    ['PractitionerNotice', 'categories', categories],
    ['PractitionerAction', 'kind', actionKinds],
    ['PractitionerAction', 'contact', contactKinds],
    ['PractitionerAction', 'item', arrangements],
    ['PractitionerAction', 'answer', arrangementAnswers],
  ])('%s says the same of %s', (schema, field, values) => {
    expect(valuesOf(schema, field)).toEqual(values)
  })

  it.each([
    ['PractitionerNotice', notice],
    ['PractitionerAction', action],
  ])('%s has the same fields, and comes back as it was written', (schema, value) => {
    expect(Object.keys(value).toSorted()).toEqual(
      fieldsOf(schema)
        .map(({ name }) => name)
        .toSorted(),
    )
    const codec = codecFor(schema)
    expect(codec.decode(codec.encode(value))).toEqual(value)
  })
})
