import { fullName, namespaceOf } from './parse-schema.ts'

/**
 * One text for all spellings of one schema: full names, primitives as plain names, attributes in order.
 * Words, defaults and metadata count: two schemas that differ in these are two schemas, as in every
 * Confluent-compatible registry. Takes JSON that `parseSchema` has accepted.
 */
export const canonicalText = (json: unknown): string => JSON.stringify(canonical(json, ''))

type Json = Readonly<Record<string, unknown>>

function canonical(json: unknown, namespace: string): unknown {
  if (typeof json === 'string') return fullName(json, namespace)
  if (Array.isArray(json)) return json.map((branch) => canonical(branch, namespace))
  const { name, namespace: own, aliases, ...more } = json as Json
  const { type } = more
  if (Object.keys(json as Json).length === 1) return canonical(type, namespace)
  const full = fullName(String(name), typeof own === 'string' ? own : namespace)
  switch (type) {
    case 'record': {
      const inside = namespaceOf(full)
      const fields = (more['fields'] as readonly Json[]).map((field) => fieldOf(field, inside))
      return ordered({ ...more, name: full, ...aliasesOf(aliases, inside), fields })
    }
    case 'enum':
    case 'fixed':
      return ordered({ ...more, name: full, ...aliasesOf(aliases, namespaceOf(full)) })
    case 'array':
      return ordered({ ...(json as Json), items: canonical(more['items'], namespace) })
    case 'map':
      return ordered({ ...(json as Json), values: canonical(more['values'], namespace) })
    default:
      return ordered({ ...(json as Json), type: canonical(type, namespace) })
  }
}

function fieldOf({ type, aliases, order, ...more }: Json, namespace: string): unknown {
  return ordered({
    ...more,
    type: canonical(type, namespace),
    ...aliasesOf(aliases, ''),
    ...(order !== undefined && order !== 'ascending' && { order }),
  })
}

const aliasesOf = (aliases: unknown, namespace: string): Json =>
  Array.isArray(aliases) && aliases.length > 0
    ? { aliases: aliases.map((alias: string) => fullName(alias, namespace)) }
    : {}

function ordered(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(ordered)
  if (typeof json !== 'object' || json === null) return json
  const entries = Object.entries(json).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, value]) => [name, ordered(value)]))
}
