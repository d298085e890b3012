import type { DutyRow } from '../agencies/housing.ts'
import type { NdtmsRow } from '../agencies/treatment.ts'
import type { Random } from '../simulation/random.ts'
import { authority, type DutyStory } from './life-housing.ts'
import { type EpisodeStory, providers, type StayStory } from './life-treatment.ts'
import { dayAfter } from './living.ts'
import type { AgencyFile, Entry, Plan } from './plan.ts'
import { day, hour, minute } from './slots.ts'

export interface Stories {
  readonly episodes: readonly EpisodeStory[]
  readonly stays: readonly StayStory[]
  readonly duties: readonly DutyStory[]
}

/**
 * The files that agencies upload, each with everything they have to say by then. They come before dawn, when
 * nobody else is heard from, and never two at one instant: a person may be in both.
 */
export function filesOf(random: Random, stories: Stories, period: Pick<Plan, 'start' | 'end'>) {
  const entries: Entry[] = []
  const nights = new Map<number, number>()
  const send = (dayNumber: number, sender: string, fileAt: (at: number) => AgencyFile) => {
    const minutes = nights.get(dayNumber) ?? 0
    nights.set(dayNumber, minutes + 4)
    const at = period.start + dayNumber * day + 4 * hour + minutes * minute + 17_000
    if (at >= period.end) return
    const file = fileAt(at)
    if (file.rows.length > 0) entries.push({ at, person: sender, kind: 'file', file })
  }
  const days = Math.floor((period.end - period.start) / day)
  const last = days - 2
  for (const onDay of [...every(30, 8, last), last]) {
    for (const provider of providers)
      send(onDay, provider, (at) => ndtmsAt(random, stories, provider, at))
    for (const prison of prisonsIn(stories))
      send(onDay, prison, (at) => secureAt(stories, prison, at))
  }
  for (const onDay of [...every(7, 5, last), last])
    send(onDay, authority, (at) => homelessnessAt(stories, at))
  return entries
}

const every = (step: number, from: number, until: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.ceil((until - from) / step)) }, (_, i) => from + i * step)

const prisonsIn = ({ stays }: Stories): readonly string[] =>
  [...new Set(stays.map(({ prison }) => prison))].toSorted().slice(0, 2)

function ndtmsAt(
  random: Random,
  { episodes }: Stories,
  provider: (typeof providers)[number],
  at: number,
): AgencyFile {
  const rows = episodes.filter((one) => one.provider === provider).flatMap((one) => one.rowsAt(at))
  return {
    what: 'ndtms',
    provider,
    from: dayAfter(at, -365),
    to: dayAfter(at, -1),
    dataSet: 'P',
    rows: rows.length === 0 ? [] : [...rows, ...badRows(random, rows[0] as NdtmsRow)],
  }
}

const mistakes = ['triage-before-referral', 'no-substance', 'date-not-readable'] as const

/** In every file: somebody who does not agree to be reported, and a row or two that cannot be right. */
function badRows(random: Random, like: NdtmsRow): readonly NdtmsRow[] {
  const refusal = { is: 'refusal', client: 'C-900001' } as const
  if (like.is !== 'episode') return [refusal]
  return [
    refusal,
    ...mistakes
      .filter(() => random.chance(0.5))
      .map((mistake, i) => ({
        ...like,
        client: `C-90001${i}`,
        episode: `59900${i}`,
        mistake,
      })),
  ]
}

function secureAt({ stays }: Stories, prison: string, at: number): AgencyFile {
  const rows = stays.filter((one) => one.prison === prison).flatMap((one) => one.rowAt(at) ?? [])
  const [first] = rows
  const bad = first === undefined ? [] : [{ ...first, isBad: true }]
  return { what: 'secure-setting', prison, rows: [...rows, ...bad] }
}

function homelessnessAt({ duties }: Stories, at: number): AgencyFile {
  const rows = duties.flatMap((one) => one.rowAt(at) ?? [])
  const [first] = rows
  const bad: readonly DutyRow[] =
    first === undefined ? [] : [{ ...first, caseId: 'SYN-H-BAD', personId: 'HP-BAD', isBad: true }]
  return { what: 'homelessness', authority, rows: [...rows, ...bad] }
}
