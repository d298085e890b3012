import { storyDifferences } from './compare-story.ts'
import type { County } from './county-at-work.ts'
import { readableStory } from './truth-reader.ts'
import type { Records } from './truth-record.ts'

export interface StoriesRead {
  readonly lines: number
  readonly differences: readonly string[]
}

/** Everybody's story as their lead reads it at `at`, and one other: of the team, or a deputy. */
export async function checkStories(
  { people }: Records,
  county: County,
  at: number,
): Promise<StoriesRead> {
  const readings = await Promise.all(
    [...people.values()].flatMap((person) =>
      [person.lead, ...[...person.team, ...person.deputies].slice(0, 1)].map(async (by) => {
        const practitioner = county.practitioners.find(({ id }) => id === by)
        const personId = county.personIdOf(person.ref)
        if (practitioner === undefined || personId === undefined) return { read: 0, found: [] }
        const seen = await practitioner.story(personId)
        const found = storyDifferences(readableStory(person, by, at), seen).map(
          (what) => `story of ${person.ref} for ${by}: ${what}`,
        )
        return { read: seen.length, found }
      }),
    ),
  )
  return {
    lines: readings.reduce((sum, { read }) => sum + read, 0),
    differences: readings.flatMap(({ found }) => found),
  }
}
