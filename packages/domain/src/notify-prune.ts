import { type Draft, type Episode, isLive } from './notify-state.ts'
import { type Fact, learnedAt } from './rules/fact.ts'
import { attendedKept } from './rules/frequent-attender.ts'
import { episodesIn } from './rules/treatment.ts'
import type { Scene, Wanted } from './rules/wanted.ts'

/**
 * Cases that are over are forgotten after this time, but only of somebody who has had many: a
 * correction can then no longer reach who was told. Ids and withdrawals are remembered for ever.
 */
const overForMs = 90 * 24 * 3_600_000
const factsBeforePruning = 12
/** No version is higher: nothing that comes of a forgotten event starts it again. */
const spent = Number.MAX_SAFE_INTEGER

/** Lets go of what is over; `scene` and `wanted` are what this step saw, by the clock of `scene`. */
export function prune(draft: Draft, scene: Scene, wanted: readonly Wanted[]): void {
  if (draft.facts.size <= factsBeforePruning) return
  const old = [...draft.facts.values()].filter(
    (fact) => Math.max(learnedAt(fact), fact.occurredAt) + overForMs < scene.now,
  )
  if (old.length === 0) return
  const kept = keptFacts(draft, tiesIn(scene, wanted))
  const gone = new Set(old.flatMap(({ id }) => (kept.has(id) ? [] : id)))
  if (gone.size === 0) return
  for (const id of gone) {
    draft.used.set(id, spent)
    draft.facts.delete(id)
  }
  const answered = new Set<string>()
  for (const [name, { factIds, thread, copies }] of draft.episodes) {
    if (!factIds?.some((id) => gone.has(id))) continue
    draft.episodes.delete(name)
    answered.add(thread ?? name)
    for (const { noticeId } of Object.values(copies)) answered.add(noticeId)
  }
  // `<kind> <notice or thread>`, and for an arrangement its item.
  for (const name of draft.acts.keys()) {
    if (answered.has(name.split(' ')[1] ?? '')) draft.acts.delete(name)
  }
  draft.attended = attendedKept(draft.attended, (id) => !draft.facts.has(id), scene.now)
}

/** Of which, where any is kept, what else would be missed. */
interface Tie {
  readonly any: readonly Fact[]
  readonly also: readonly Fact[]
}

/**
 * What is kept must go on to mean what it meant: a stay is not torn, a case does not lose what it was
 * seen by, and what was closed keeps what closed it, or it would be asked again.
 */
const tiesIn = (scene: Scene, wanted: readonly Wanted[]): readonly Tie[] => [
  ...scene.stays.map(({ facts }) => ({ any: facts, also: facts })),
  ...episodesIn(scene).map((facts) => ({ any: facts, also: facts })),
  ...wanted.map(({ facts, besides, closed }) => ({
    any: facts.slice(0, 1),
    also: [...facts, ...besides, ...(closed?.by ? [closed.by] : [])],
  })),
]

/** What still matters: open cases, watches, what a correction is about, and the latest of each kind. */
function keptFacts(draft: Draft, ties: readonly Tie[]): ReadonlySet<string> {
  const kept = new Set<string>()
  const newest = new Map<string, Fact>()
  for (const fact of draft.facts.values()) {
    const known = newest.get(fact.type)
    if (known === undefined || fact.occurredAt > known.occurredAt) newest.set(fact.type, fact)
  }
  for (const { id } of newest.values()) kept.add(id)
  const keep = (episode: Episode | undefined): void => {
    for (const id of episode?.factIds ?? []) kept.add(id)
  }
  for (const episode of draft.episodes.values()) {
    if (Object.values(episode.copies).some((copy) => isLive(copy.state))) keep(episode)
  }
  for (const { of } of draft.corrections.values()) keep(draft.episodes.get(of))
  for (const name of draft.timers.keys()) kept.add(name.slice(name.indexOf(':') + 1))
  for (let before = -1; before < kept.size; ) {
    before = kept.size
    for (const { any, also } of ties) {
      if (any.some(({ id }) => kept.has(id))) for (const { id } of also) kept.add(id)
    }
  }
  return kept
}
