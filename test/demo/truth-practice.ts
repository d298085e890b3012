import { agreedSince, dutyReaders, refusal, roleWith, type Tier, tierFor } from './agreed.ts'
import type { Act } from './plan.ts'
import type { Desk, Someone } from './truth-desk.ts'
import { endOf, type State, stateOf, type TrueNotice } from './truth-notices.ts'

/** A notice as one practitioner may read it. `optional`: from before a withdrawal, or taken back by one; shown or not, it asks for nothing. */
export type ReadableNotice = TrueNotice & {
  readonly state: State
  readonly tier: Tier
  readonly optional: boolean
}

export function readableBy(desk: Desk, practitioner: string): readonly ReadableNotice[] {
  const duty = dutyReaders[practitioner]
  return [...desk.people.values()].flatMap((person) => {
    const role = duty?.role ?? roleWith(person, practitioner)
    if (role === null) return []
    const current = person.versions.at(-1)
    return [...person.episodes.values()]
      .flatMap(({ copies }) => copies)
      .filter(({ recipient }) => recipient === (duty?.id ?? practitioner))
      .flatMap((copy) => {
        const notice = { ...copy, state: stateOf(person, copy) }
        if (notice.sources.length === 0)
          return [{ ...notice, tier: 'detail' as const, optional: false }]
        if (current === undefined || refusal(person, desk.now, notice, role) !== null) return []
        const gone = endOf(copy)?.because === 'withdrawn'
        const optional = gone || notice.toldAt < agreedSince(person)
        return [{ ...notice, tier: tierFor(current.terms, desk.now, notice, role), optional }]
      })
  })
}

export function actOn(desk: Desk, person: Someone, by: string, act: Act) {
  for (const { person: ref, episode: name, thread, recipient, state } of readableBy(desk, by)) {
    const episode = person.episodes.get(name)
    if (ref !== person.ref || state !== 'open' || episode === undefined) continue
    if (act === 'seen' || act === 'spoken') contact(person, thread)
    if (act !== 'acknowledge') continue
    episode.taken = true
    for (const copy of episode.copies) copy.acknowledged ||= copy.recipient === recipient
  }
}

/** It is of the thread, whichever of its notices it was recorded with. */
function contact(person: Someone, thread: string) {
  person.contacts.add(thread)
  for (const { about, copies } of person.episodes.values())
    if (about?.byContact && about.thread === thread)
      for (const copy of copies) copy.closed ??= 'contact-recorded'
}
