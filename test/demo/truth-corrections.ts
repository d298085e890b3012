import { dutyReaders } from './agreed.ts'
import { endOfDay, workingDaysAfter } from './london.ts'
import {
  askWith,
  type Desk,
  escalate,
  outcome,
  type Someone,
  type Told,
  tell,
  told,
  urgencyOf,
} from './truth-desk.ts'
import type { Happening } from './truth-events.ts'
import { isLive, pause, type TrueNotice, takeBack } from './truth-notices.ts'

/** Everybody who holds a wrong notice gets one that says so; for the days only who has none for the release. */
export function correct(desk: Desk, person: Someone, happening: Happening) {
  const watch = person.watches.get(`three-weeks:${happening.key}`)
  if (watch !== undefined) watch.over = true
  const wrong = [...person.episodes.values()]
    .filter(({ rule, name }) => rule !== 'correction' && name.endsWith(`:${happening.key}`))
    .flatMap(({ copies }) => copies)
    .filter(({ because }) => because !== 'withdrawn')
  const heldRelease = new Set(
    wrong.filter(({ rule }) => rule === 'release').map(({ recipient }) => recipient),
  )
  for (const notice of wrong) {
    takeBack(notice, 'corrected')
    // Somebody who handed the person over may no longer hear anything of them, not even that.
    if (!isStillTheirs(person, notice.recipient)) continue
    if (notice.rule !== 'release' && heldRelease.has(notice.recipient)) continue
    correctionOf(desk, person, notice, happening)
  }
}

const isStillTheirs = ({ lead, deputies, team }: Someone, id: string): boolean =>
  [lead, ...deputies, ...team].includes(id) || id in dutyReaders

function correctionOf(
  desk: Desk,
  person: Someone,
  wrong: TrueNotice,
  { receivedAt, version, kind }: Happening,
) {
  const { rule, recipient: id, role, occurredAt, categories, episode: about } = wrong
  const notice: Told = {
    rule: 'correction',
    episode: `correction:${id}:${version}:${about}`,
    thread: wrong.thread,
    urgency: rule === 'release' ? urgencyOf(receivedAt, occurredAt) : 'prompt',
    learnedAt: receivedAt,
    dueAt: rule === 'release' ? endOfDay(receivedAt) : workingDaysAfter(receivedAt, 1),
    categories,
    closesWhenAcknowledged: true,
    occurredAt,
    confirmed: true,
    aboutDeath: kind === 'died' || rule === 'death-reported',
  }
  const why = tell(desk, person, { id, role }, notice)
  if (why === null) desk.wake(notice.dueAt, () => escalate(desk, person, notice))
}

export function died(desk: Desk, person: Someone, happening: Happening): string {
  for (const { copies } of person.episodes.values())
    for (const notice of copies) if (isLive(notice) && !notice.aboutDeath) pause(notice)
  person.dead = happening.key
  const notice: Told = {
    ...told('death-reported', happening, workingDaysAfter(happening.receivedAt, 1)),
    urgency: 'prompt',
    aboutDeath: true,
  }
  const others = [
    ...person.deputies.map((id) => ({ id, role: 'lead-practitioner' })),
    ...person.team.map((id) => ({ id, role: 'peer-supporter' })),
  ]
  return outcome(askWith(desk, person, notice, others))
}
