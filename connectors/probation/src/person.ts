import { type Identifier, identifier, londonDate } from '@throughline/domain'

/** A number as it was written, and where. */
export interface WrittenNumber {
  readonly type: 'CRN' | 'NOMS' | 'PNC' | 'CRO'
  readonly value: string | undefined
  readonly path: string
}

export type Person =
  | { readonly ok: true; readonly identifiers: readonly Identifier[] }
  | { readonly ok: false; readonly reason: string; readonly at: readonly string[] }

/**
 * The numbers that name one person, each once, in the order of `identifierOrder`. A number that fails
 * its check is kept as it was written and matches nobody: bad police numbers are normal
 * (formats/justice.md, section 2, fact 12). Two numbers of one type are two people.
 *
 * @param year in which the numbers were read: an old police number has two digits of its year.
 */
export function personOf(written: readonly WrittenNumber[], year: number): Person {
  const verified = new Map<string, { readonly one: Identifier; readonly path: string }>()
  const odd = new Map<string, Identifier>()
  for (const { type, value = '', path } of written) {
    if (value.trim() === '') continue
    const options = { allowTestNhsNumbers: false, referenceYear: year }
    const checked = identifier({ type, value }, options)
    if (!checked.ok) {
      odd.set(type, { type, value: value.slice(0, writtenMax), issuer: null, verified: false })
      continue
    }
    const one = { ...checked.identifier, verified: true }
    const known = verified.get(type)
    if (known === undefined) verified.set(type, { one, path })
    else if (known.one.value !== one.value) {
      return { ok: false, reason: 'identifiers-differ', at: [known.path, path] }
    }
  }
  const found = [...[...verified.values()].map(({ one }) => one), ...odd.values()]
  const place = ({ type }: Identifier) => identifierOrder.indexOf(type)
  return { ok: true, identifiers: found.toSorted((a, b) => place(a) - place(b)) }
}

/** The first names the record's place on the log, so that one source's events about one person stay in order. */
const identifierOrder: readonly Identifier['type'][] = ['CRN', 'NOMS', 'PNC', 'CRO']
const writtenMax = 40

/** The London year of an instant. */
export const yearOf = (at: number): number => Number(londonDate(at).slice(0, 4))
