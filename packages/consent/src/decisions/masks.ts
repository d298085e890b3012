import type { Arrival } from '../port.ts'
import type { ClaimRow, MaskState, Write } from '../rows.ts'

/** Masks that sources put on people, kept with the claims: of people nobody claims nothing is kept. */
export interface Masks {
  /** Takes in what an arrival says of masks, before its own events go on. */
  learn(arrival: Arrival): void
  /** The masks of one agency that hold for whoever claims any of these identifiers. */
  of(agency: string, identifiers: readonly string[]): readonly string[]
  writes(): readonly Write[]
}

export function masksOver(given: ReadonlyMap<string, ClaimRow>): Masks {
  const claims = new Map(given)
  const changed = new Set<string>()
  return {
    learn({ agency, masks }) {
      for (const identifier of masks?.identifiers ?? []) {
        const claim = claims.get(identifier)
        if (masks === undefined || claim === undefined || claim.personId === null) continue
        const after = changedBy(claim.masks ?? {}, agency, masks)
        if (after === undefined) continue
        claims.set(identifier, { ...claim, masks: after })
        changed.add(identifier)
      }
    },
    of(agency, identifiers) {
      const on = new Set<string>()
      for (const identifier of identifiers) {
        const claim = claims.get(identifier)
        if (claim?.masks === undefined || claim.personId === null) continue
        for (const [name, state] of Object.entries(claim.masks)) {
          const [whose, mask] = name.split(' ')
          if (state.on && whose === agency && mask !== undefined) on.add(mask)
        }
      }
      return [...on]
    },
    writes: () =>
      [...changed].map((key) => ({ table: 'claims', key, row: claims.get(key) ?? null })),
  }
}

/** The states after a change, or undefined where it changes nothing or is older than what is known. */
function changedBy(
  before: Readonly<Record<string, MaskState>>,
  agency: string,
  { changes, at }: NonNullable<Arrival['masks']>,
): Readonly<Record<string, MaskState>> | undefined {
  const after = { ...before }
  let differs = false
  for (const { mask, on } of changes) {
    const name = `${agency} ${mask}`
    const known = after[name]
    // A message that was overtaken says what used to be. Of two at one time the cautious one holds.
    if (known !== undefined && (known.at > at || (known.at === at && known.on))) continue
    // Most messages say that nothing is masked; only an end is worth keeping.
    if (known === undefined && !on) continue
    after[name] = { on, at }
    differs ||= known?.on !== on || known.at !== at
  }
  return differs ? after : undefined
}
