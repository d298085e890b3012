import type { NdtmsRow } from './ndtms-rules.ts'

/** How many are remembered while one file is read; beyond that nothing is warned of. */
const rememberedMax = 200_000

/**
 * Notices a second open episode of one agency under the same initials, birth date and sex: usually one that should
 * have been closed. It is only a warning in the answer to that agency, and joins nobody to anything.
 */
export function openEpisodes(): (row: NdtmsRow) => boolean {
  const open = new Map<string, string>()
  return ({ value, written }) => {
    // A reason without a date is no open episode, only one wrongly closed.
    if (value('DISD') !== null || written('DISRSN') !== null) return false
    const name = attributor.map((column) => value(column) ?? '').join(' ')
    const episode = value('EPISODID') ?? ''
    const known = open.get(name)
    if (known === undefined && open.size < rememberedMax) open.set(name, episode)
    return known !== undefined && known !== episode
  }
}

const attributor = ['AGNCY', 'FINITIAL', 'SINITIAL', 'DOB', 'SEX']
