import { idsByName, type SchemaIds, versions } from './files.ts'
import { headerBytes } from './reader.ts'

/** Ids that a registry of somebody else's gave to our schemas: framed records in its numbers and in ours. */
export interface WireIds {
  /** A framed record of ours as others are to see it. A copy. */
  outward(framed: Uint8Array): Uint8Array
  /** A framed record of that registry's as we read it. What is no schema of ours stays unknown. A copy. */
  inward(framed: Uint8Array): Uint8Array
}

// No registry gives it: it is not a positive 32-bit integer.
const idUnknown = 0xffff_ffff

/** How ids are told apart on the wire; null where the registry's are the repository's own. */
export function wireIds(ids: SchemaIds): WireIds | null {
  const pairs = versions.map(({ name, version, id }) => [id, ids[name]?.[version] ?? id] as const)
  if (pairs.every(([ours, theirs]) => ours === theirs)) return null
  const theirs = new Map(pairs)
  const ours = new Map(pairs.map(([one, other]) => [other, one]))
  return {
    outward: (framed) => renumbered(framed, theirs),
    inward: (framed) => renumbered(framed, ours),
  }
}

/** What is wrong with a file of ids in the shape of `ids.json`: names and rules, empty when it can be used. */
export function faultsInIds(json: unknown): readonly string[] {
  if (typeof json !== 'object' || json === null) return ['is not an object']
  const given = json as Partial<Record<string, Partial<Record<string, unknown>>>>
  const found = versions.map((it) => ({ ...it, given: given[it.name]?.[it.version] }))
  const missing = found.filter(({ given: id }) => !isId(id))
  const ids = found.map(({ given: id }) => id)
  return [
    ...missing.map(({ name, version }) => `${name} version ${version}: no id`),
    ...(missing.length === 0 && new Set(ids).size < ids.length ? ['two schemas have one id'] : []),
  ]
}

/** The ids of the repository's own registry. */
export const repositoryIds: SchemaIds = idsByName

const isId = (id: unknown): id is number =>
  Number.isInteger(id) && Number(id) > 0 && Number(id) < 2 ** 31

function renumbered(framed: Uint8Array, to: ReadonlyMap<number, number>): Uint8Array {
  const copy = Buffer.from(framed)
  // Whatever is not framed is refused by whoever decodes it.
  if (copy.length < headerBytes || copy[0] !== 0) return copy
  copy.writeUInt32BE(to.get(copy.readUInt32BE(1)) ?? idUnknown, 1)
  return copy
}
