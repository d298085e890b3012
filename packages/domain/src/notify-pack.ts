import { type Copy, type Episode, type NotifyState, nothingNotified } from './notify-state.ts'
import type { Fact } from './rules/fact.ts'

/**
 * How a person's state lies in the store: rows of cells in place of objects, for the names of their
 * fields are half of what would be sealed, written and read at every event. A field at its usual value
 * is an empty cell, and empty cells at the end are left out. A new field goes to the end of its list;
 * anything else is a new version of the state.
 */
type Cells = readonly unknown[]

const inOrder = <T>(all: Readonly<Record<keyof T, true>>): readonly (keyof T)[] =>
  Object.keys(all) as (keyof T)[]

const stateColumns = inOrder<NotifyState>({
  facts: true,
  episodes: true,
  timers: true,
  acts: true,
  used: true,
  withdrawn: true,
  held: true,
  corrections: true,
  attended: true,
  warned: true,
  reviewed: true,
  dead: true,
  restoredAt: true,
})

const factColumns = inOrder<Fact>({
  id: true,
  eventId: true,
  version: true,
  type: true,
  agency: true,
  occurredAt: true,
  receivedAt: true,
  about: true,
  covered: true,
  passed: true,
  fired: true,
  object: true,
  latestAt: true,
  heldUntil: true,
  sameSince: true,
  restricted: true,
  ended: true,
})

const episodeColumns = inOrder<Episode>({
  ask: true,
  rule: true,
  ruleVersion: true,
  factIds: true,
  eventIds: true,
  occurredAt: true,
  learnedAt: true,
  urgency: true,
  dueAt: true,
  sources: true,
  categories: true,
  copies: true,
  thread: true,
  level: true,
  seeking: true,
})

const copyColumns = inOrder<Copy>({
  noticeId: true,
  version: true,
  state: true,
  part: true,
  organisation: true,
  print: true,
  because: true,
  final: true,
  role: true,
  escalatedAt: true,
  incomplete: true,
})

export const packNotify = (state: NotifyState): Cells =>
  packed<NotifyState>(stateColumns, nothingNotified, {
    ...state,
    facts: state.facts.map((fact) => packed(factColumns, nothing, fact)),
    episodes: state.episodes.map(([name, episode]) => [name, packEpisode(episode)]),
  })

export function unpackNotify(stored: unknown): NotifyState {
  const state = unpacked<NotifyState>(stateColumns, nothingNotified, stored)
  const facts: readonly unknown[] = state.facts
  const episodes: readonly (readonly [string, unknown])[] = state.episodes
  return {
    ...state,
    facts: facts.map((cells) => unpacked<Fact>(factColumns, nothing, cells)),
    episodes: episodes.map(([name, cells]) => [name, unpackEpisode(cells)]),
  }
}

const packEpisode = (episode: Episode): Cells =>
  packed<Episode>(episodeColumns, noDueTime, {
    ...episode,
    copies: Object.entries(episode.copies).map(([to, copy]) => [
      to,
      packed(copyColumns, nothing, copy),
    ]),
  })

function unpackEpisode(cells: unknown): Episode {
  const episode = unpacked<Episode>(episodeColumns, noDueTime, cells)
  const copies = episode.copies as unknown as readonly (readonly [string, unknown])[]
  return {
    ...episode,
    copies: Object.fromEntries(
      copies.map(([to, copy]) => [to, unpacked<Copy>(copyColumns, nothing, copy)]),
    ),
  }
}

const nothing = {}
const noDueTime = { dueAt: null }

function packed<T>(
  columns: readonly (keyof T)[],
  usual: Partial<T>,
  row: { readonly [K in keyof T]?: unknown },
): Cells {
  const cells: unknown[] = []
  let empty = 0
  for (const column of columns) {
    const cell = row[column]
    if (cell === undefined || isUsual(cell, usual[column])) {
      empty += 1
      continue
    }
    for (; empty > 0; empty -= 1) cells.push(null)
    cells.push(cell)
  }
  return cells
}

const isUsual = (cell: unknown, usual: unknown): boolean =>
  cell === usual || (Array.isArray(usual) && Array.isArray(cell) && cell.length === 0)

function unpacked<T>(columns: readonly (keyof T)[], usual: Partial<T>, stored: unknown): T {
  const row: Partial<T> = { ...usual }
  const cells = stored as readonly T[keyof T][]
  for (const [at, column] of columns.entries()) {
    const cell = cells[at]
    if (cell !== undefined && cell !== null) row[column] = cell
  }
  return row as T
}
