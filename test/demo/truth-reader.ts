import type { Version } from './agreed.ts'
import { organisation } from './agreeing.ts'
import type { Grant } from './plan.ts'
import { coveringGrants } from './truth-covered.ts'
import type { Recorded } from './truth-record.ts'
import { storyAt, type TrueLine } from './truth-story.ts'

type Tier = Grant['tier']
const tiers: readonly Tier[] = ['involvement', 'headline', 'detail']

/** A line as somebody who works with the person must be able to read it. */
export interface ReadableLine {
  readonly line: TrueLine
  readonly section: string
  readonly text: string
  readonly place: string | null
  readonly until: number | null
  readonly current: boolean
}

/** In the order to show them: the situation now first, then the rest, newest first. */
export function readableStory(
  person: Recorded,
  practitioner: string,
  at: number,
  tie?: (one: string, other: string) => number,
): readonly ReadableLine[] {
  const role = roleOf(person, practitioner)
  if (role === null) return []
  const { lines, current } = storyAt(person, at, tie)
  const now = current.filter(({ until }) => until === null || at < until)
  const rest = lines.filter((line) => !now.includes(line)).toReversed()
  return [...now, ...rest].flatMap((line) => {
    const granted = tierOf(person.versions, line, role, at)
    if (granted === null) return []
    const tier = role === 'peer-supporter' ? 'involvement' : granted
    return tier === 'involvement' && line.second !== ''
      ? []
      : [{ line, ...wordsAt(line, tier), current: now.includes(line) }]
  })
}

function roleOf({ lead, deputies, team }: Recorded, practitioner: string): string | null {
  if ([lead, ...deputies].includes(practitioner)) return 'lead-practitioner'
  return team.includes(practitioner) ? 'peer-supporter' : null
}

/** The least that any of its sources and categories is granted at; null where one is not. */
function tierOf(
  versions: readonly Version[],
  { sources, categories }: TrueLine,
  role: string,
  at: number,
): Tier | null {
  const parts = sources.flatMap((source) => {
    const needs = { purpose: 'care-coordination', source, categories } as const
    const grants = coveringGrants(versions, at, needs).filter(({ recipients }) =>
      recipients.some((to) => to.organisation === organisation && to.role === role),
    )
    // Some things ask for no category.
    if (categories.length === 0) return [highest(grants)]
    return categories.map((one) =>
      highest(grants.filter((grant) => grant.categories.includes(one))),
    )
  })
  const least = Math.min(...parts)
  return tiers[least] ?? null
}

const highest = (grants: readonly Grant[]): number =>
  Math.max(-1, ...grants.map(({ tier }) => tiers.indexOf(tier)))

const agencies: Readonly<Record<string, string>> = {
  custody: 'Custody',
  probation: 'Probation',
  hospital: 'Hospital',
  housing: 'Housing',
  treatment: 'Treatment',
}

function wordsAt(
  { section, text, headline, place, until, sources }: TrueLine,
  tier: Tier,
): Pick<ReadableLine, 'section' | 'text' | 'place' | 'until'> {
  switch (tier) {
    case 'detail':
      return { section, text, place, until }
    case 'headline':
      return { section, text: headline, place: null, until: null }
    case 'involvement': {
      const names = sources.map((source) => agencies[source]).join(' and ')
      const words = `${names} ${sources.length === 1 ? 'has' : 'have'} been in touch`
      return { section: 'services', text: words, place: null, until: null }
    }
  }
}
