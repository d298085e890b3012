import { agreedSince, dutyReaders, refusal, roleWith, type Tier, tierFor } from './agreed.ts'
import type { Act } from './plan.ts'
import type { Desk, Someone } from './truth-desk.ts'
import { type Episode, end, type TrueNotice } from './truth-notices.ts'

/** A notice as one practitioner may read it. `optional`: from before a withdrawal, or taken back by one; shown or not, it asks for nothing. */
export type ReadableNotice = TrueNotice & { readonly tier: Tier; readonly optional: boolean }

export function readableBy(desk: Desk, practitioner: string): readonly ReadableNotice[] {
  const duty = dutyReaders[practitioner]
  return [...desk.people.values()].flatMap((person) => {
    const role = duty?.role ?? roleWith(person, practitioner)
    if (role === null) return []
    const current = person.versions.at(-1)
    return [...person.episodes.values()]
      .flatMap(({ copies }) => copies)
      .filter(({ recipient }) => recipient === (duty?.id ?? practitioner))
      .flatMap((notice) => {
        if (notice.categories.length === 0)
          return [{ ...notice, tier: 'detail' as const, optional: false }]
        if (current === undefined || refusal(person, desk.now, notice.categories, role) !== null)
          return []
        const gone = notice.state === 'retracted' && notice.because === 'withdrawn'
        const optional = gone || notice.toldAt < agreedSince(person)
        return [{ ...notice, tier: tierFor(current.terms, role), optional }]
      })
  })
}

export function actOn(desk: Desk, person: Someone, by: string, act: Act) {
  const found = readableBy(desk, by).flatMap(({ person: ref, episode, recipient, state }) =>
    ref === person.ref && state === 'open' ? copyOf(person, episode, recipient) : [],
  )
  for (const notice of found) {
    if (act === 'acknowledge') acknowledge(person, notice)
    else if (act !== 'tried') contact(person, notice)
  }
}

const copyOf = (person: Someone, episode: string, to: string): readonly TrueNotice[] =>
  person.episodes.get(episode)?.copies.filter(({ recipient }) => recipient === to) ?? []

export function acknowledge(person: Someone, notice: TrueNotice) {
  const episode = person.episodes.get(notice.episode) as Episode
  episode.taken = true
  if (notice.closesWhenAcknowledged) end(notice, 'closed', 'acknowledged')
  else notice.state = 'acknowledged'
}

export function contact(person: Someone, notice: TrueNotice) {
  for (const episode of person.episodes.values())
    if (episode.rule === 'release' || episode.rule === 'court-no-return')
      for (const copy of episode.copies)
        if (copy.thread === notice.thread) end(copy, 'closed', 'contact-recorded')
}
