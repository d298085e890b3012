import type { Version } from './agreed.ts'
import type { Happening } from './happening.ts'
import type { Grant } from './plan.ts'
import { day } from './slots.ts'
import { categoriesNeeded, coveringGrants, covers, coversThroughout } from './truth-covered.ts'

/** An event that came to be about this person: as it arrived, or later by a look-back. Milliseconds. */
export interface Heard {
  readonly happening: Happening
  readonly at: number
}

/** One person, as far as stories and measures ask. */
export interface Listener {
  readonly versions: readonly Version[]
  readonly heard: readonly Heard[]
}

/**
 * What holds about the person for one purpose at `at`: of each happening the highest version that came while
 * they agreed to it, where they have agreed ever since and nobody has taken it back.
 */
export function holding(
  { versions, heard }: Listener,
  purpose: Grant['purpose'],
  at: number,
): readonly Heard[] {
  const needsOf = ({ agency, facts }: Happening) => ({
    purpose,
    source: agency,
    categories: categoriesNeeded(facts.type),
  })
  const highest = new Map<string, Heard>()
  const takenBack = new Map<string, number>()
  for (const one of heard) {
    const { happening } = one
    const { key, version, facts, agency, objectRef } = happening
    if (one.at > at || !isFor(versions, one, needsOf(happening))) continue
    // What was heard before says nothing new, even where it has been forgotten since.
    if ((highest.get(key)?.happening.version ?? Number.NEGATIVE_INFINITY) >= version) continue
    highest.set(key, one)
    if (facts.type !== 'EventWithdrawn') continue
    const what = facts.withdrawnEventId ?? objectName(agency, objectRef)
    takenBack.set(what, Math.max(version, takenBack.get(what) ?? version))
  }
  return [...highest.values()].filter(({ happening, at: since }) => {
    const { key, version, agency, objectRef, facts, restricted } = happening
    const upTo = [key, objectName(agency, objectRef)].map((what) => takenBack.get(what) ?? -1)
    const isTold = facts.type !== 'EventWithdrawn' && !restricted && version > Math.max(...upTo)
    return isTold && coversThroughout(versions, since, at, needsOf(happening))
  })
}

const purposes = ['care-coordination', 'outcomes'] as const

/** What takes something back is for every purpose; where it names nobody, nobody's agreement is asked. */
function isFor(
  versions: readonly Version[],
  heard: Heard,
  needs: Parameters<typeof covers>[2],
): boolean {
  const { facts, identifiers } = heard.happening
  if (facts.type !== 'EventWithdrawn') return isLetIn(versions, heard, needs)
  return (
    identifiers.length === 0 ||
    purposes.some((purpose) => isLetIn(versions, heard, { ...needs, purpose }))
  )
}

/** Agreed to ever since it was received, or within the look-back of every grant that it needs. */
function isLetIn(
  versions: readonly Version[],
  { happening: { receivedAt }, at }: Heard,
  needs: Parameters<typeof covers>[2],
): boolean {
  if (coversThroughout(versions, receivedAt, at, needs)) return true
  const isWithin = ({ lookBackDays }: Grant) => receivedAt >= at - Math.min(7, lookBackDays) * day
  return covers(versions, at, needs) && coveringGrants(versions, at, needs).every(isWithin)
}

const objectName = (agency: string, ref: string | null): string => `${agency} object ${ref}`
