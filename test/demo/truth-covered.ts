import { readFileSync } from 'node:fs'
import type { Version } from './agreed.ts'
import type { Facts } from './happening.ts'
import type { Grant } from './plan.ts'

const schemas = new URL('../../schemas/avro/', import.meta.url)
const known = new Map<string, readonly string[]>()

/** What a person must have agreed to for an event of this type, as its published schema says. */
export function categoriesNeeded(type: Facts['type']): readonly string[] {
  const kept = known.get(type)
  if (kept !== undefined) return kept
  const text = readFileSync(new URL(`${type}.avsc`, schemas), 'utf8')
  const { categories } = JSON.parse(text) as { readonly categories: readonly string[] }
  known.set(type, categories)
  return categories
}

/** Something that asks for an agreement: which source said it, and what it is about. */
export interface Needs {
  readonly purpose: Grant['purpose']
  readonly source: string
  readonly categories: readonly string[]
}

/** Do they agree to that at that instant? A category may come from any grant that names the source. */
export function covers(versions: readonly Version[], at: number, needs: Needs): boolean {
  const grants = coveringGrants(versions, at, needs)
  return (
    grants.length > 0 &&
    needs.categories.every((one) => grants.some(({ categories }) => categories.includes(one)))
  )
}

/** The same, at every instant from `since` to `at`, both included. */
export function coversThroughout(
  versions: readonly Version[],
  since: number,
  at: number,
  needs: Needs,
): boolean {
  const turns = versions.flatMap((version) => [
    version.at,
    ...version.terms.grants.flatMap(({ from, until }) => [from, until]),
  ])
  return [since, ...turns.filter((turn) => since < turn && turn <= at)].every((turn) =>
    covers(versions, turn, needs),
  )
}

/** Grants in force that have to do with it. */
export function coveringGrants(
  versions: readonly Version[],
  at: number,
  needs: Needs,
): readonly Grant[] {
  return grantsOf(versions, at).filter(
    ({ purpose, sources }) => purpose === needs.purpose && sources.includes(needs.source),
  )
}

/** Grants in force, [from, until), of the version that holds. */
export function grantsOf(versions: readonly Version[], at: number): readonly Grant[] {
  const version = versions.findLast((one) => one.at <= at)
  if (version === undefined || version.state === 'withdrawn') return []
  return version.terms.grants.filter(({ from, until }) => from <= at && at < until)
}
