import { releaseDifferences } from './compare-measures.ts'
import type { County } from './county-at-work.ts'
import { dateIn } from './london.ts'
import { quarterOf, quartersAfter } from './truth-days.ts'
import { peopleShown, type Question, releaseAt } from './truth-measures.ts'
import type { Records } from './truth-record.ts'

export interface FiguresRead {
  readonly figures: number
  readonly hidden: number
  readonly differences: readonly string[]
}

/** Has figures released, and reads them twice. It remembers who was counted, for who leaves is counted too. */
export function startReleases({ people }: Records, { analyst }: County) {
  let members: ReadonlySet<string> = new Set()

  async function one(question: Question, at: number): Promise<FiguresRead> {
    const made = await analyst.release(question)
    const [once, again] = [await analyst.read(made.release), await analyst.read(made.release)]
    const expected = releaseAt(people.values(), at, question)
    const left = [...members].filter((ref) => !expected.members.has(ref)).length
    members = expected.members
    const same = [once, again].every((read) => JSON.stringify(read) === JSON.stringify(made))
    return {
      figures: once.figures.length,
      hidden: once.figures.filter(({ status }) => status === 'SUPPRESSED').length,
      differences: [
        ...releaseDifferences(expected, peopleShown(left), once),
        ...(same ? [] : [`release ${made.release} reads differently the second time`]),
      ],
    }
  }

  /** The running quarter as a county has it by default, and otherwise: an earlier quarter, another policy. */
  return async (at: number): Promise<FiguresRead> => {
    const quarter = quarterOf(dateIn(at))
    const reads = [
      await one({ quarter, earlierOpenEpisode: 'apart' }, at),
      await one({ quarter: quartersAfter(quarter, -1), earlierOpenEpisode: 'apart' }, at),
      await one({ quarter, earlierOpenEpisode: 'counts' }, at),
    ]
    return {
      figures: reads.reduce((sum, { figures }) => sum + figures, 0),
      hidden: reads.reduce((sum, { hidden }) => sum + hidden, 0),
      differences: reads.flatMap(({ differences }) => differences),
    }
  }
}
