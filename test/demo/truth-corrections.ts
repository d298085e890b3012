import { dutyReaders } from './agreed.ts'
import { type Desk, escalateLater, type Someone, type Told, tell, urgencyOf } from './truth-desk.ts'
import { correctionsOf, type Episode, type TrueNotice, takeBack } from './truth-notices.ts'

/**
 * Everybody who holds a notice of these episodes gets one that says it was wrong: one for a thread, where
 * they hold its beginning. Copies that permission was lost for need no correction. `asOf`: when it was learned.
 */
export function correct(
  desk: Desk,
  person: Someone,
  wrong: readonly Episode[],
  asOf: number,
  isDeath: boolean,
): boolean {
  const copies = wrong
    .flatMap((episode) => episode.copies)
    .filter(({ ended }) => ended?.because !== 'withdrawn' && ended?.because !== 'corrected')
  const beginnings = new Set(
    copies
      .filter(({ episode, thread }) => episode === thread)
      .map(({ recipient, thread }) => `${recipient} ${thread}`),
  )
  for (const notice of copies) {
    takeBack(notice, 'corrected')
    for (const earlier of correctionsOf(person, notice)) earlier.closed = null
    // Somebody who handed the person over may no longer hear anything of them, not even that.
    if (!isStillTheirs(person, notice.recipient)) continue
    const { episode, thread, recipient } = notice
    if (episode !== thread && beginnings.has(`${recipient} ${thread}`)) continue
    correctionOf(desk, person, notice, asOf, isDeath)
  }
  return copies.length > 0
}

const dutyRoles = Object.values(dutyReaders).map(({ id }) => id)

const isStillTheirs = ({ lead, deputies, team }: Someone, id: string): boolean =>
  [lead, ...deputies, ...team, ...dutyRoles].includes(id)

function correctionOf(
  desk: Desk,
  person: Someone,
  wrong: TrueNotice,
  asOf: number,
  isDeath: boolean,
) {
  const { rule, recipient: id, role, occurredAt, sources, categories, episode: about } = wrong
  const asked = person.episodes.get(about)?.about ?? null
  const notice: Told = {
    rule: 'correction',
    episode: `correction:${id}:${asOf}:${about}`,
    thread: wrong.thread,
    urgency: urgencyOf(asked?.urgency ?? 'prompt', asOf, occurredAt),
    learnedAt: asOf,
    dueAt: asked?.due?.(asOf) ?? null,
    sources,
    categories,
    closesWhenAcknowledged: true,
    occurredAt,
    confirmed: true,
    headline: null,
    standsOn: [],
    aboutDeath: isDeath || rule === 'death-reported',
  }
  if (tell(desk, person, { id, role }, notice) === null)
    escalateLater(desk, person, notice.episode, notice.dueAt)
}
