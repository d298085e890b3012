import { agreedSince, type Refusal, refusal } from './agreed.ts'
import { clockTime, dateIn, endOfDay, nextEightInTheEvening, workingDaysAfter } from './london.ts'
import { day, hour } from './slots.ts'
import { correct, died } from './truth-corrections.ts'
import {
  arrestCategories,
  ask,
  askWith,
  asPrescriber,
  type Desk,
  outcome,
  prisonCategories,
  type Someone,
  type Told,
  told,
  urgencyOf,
  type Watch,
} from './truth-desk.ts'
import type { Happening } from './truth-events.ts'
import { end } from './truth-notices.ts'

const weekDays = [1, 7, 14, 21] as const

export function reach(desk: Desk, person: Someone, happening: Happening) {
  const known = person.happenings.get(happening.key)
  if (known !== undefined && known.version >= happening.version) return desk.count('repeat')
  person.happenings.set(happening.key, happening)
  // What nobody could be told of is judged anew when its source says more.
  const before = person.refused.delete(happening.key) ? undefined : known
  const what = settle(desk, person, happening, before)
  if (what?.startsWith('suppressed/')) person.refused.add(happening.key)
  if (what !== null) desk.count(what)
}

/** What came of it; null while it waits for the evening. */
function settle(
  desk: Desk,
  person: Someone,
  happening: Happening,
  before?: Happening,
): string | null {
  if (happening.type === 'release') return release(desk, person, happening, before?.kind ?? null)
  if (before !== undefined) return amend(person, happening)
  switch (happening.type) {
    case 'arrest':
      return arrest(desk, person, happening)
    case 'reception':
      comeBack(person, happening)
      return reception(desk, person, happening)
    case 'return':
    case 'transfer-in':
      comeBack(person, happening)
      return 'no-rule'
    case 'court':
      return court(desk, person, happening)
    case 'transfer-out':
    case 'test':
    case 'police-release':
      return 'no-rule'
    default:
      return 'no-rule'
  }
}

/** A higher version of something known brings its own facts to what it opened. */
function amend(person: Someone, happening: Happening): string {
  let noticed = false
  for (const episode of person.episodes.values()) {
    if (!episode.name.endsWith(`:${happening.key}`)) continue
    for (const notice of episode.copies) {
      notice.occurredAt = happening.occurredAt
      notice.confirmed = happening.confirmed
      noticed = true
    }
  }
  return noticed ? 'noticed' : 'no-rule'
}

export function arrest(desk: Desk, person: Someone, happening: Happening): string {
  const open = happening.openPrescription !== 'NO'
  const notice: Told = {
    ...told('arrest', happening, happening.receivedAt + (open ? 2 : 4) * hour),
    categories: arrestCategories,
    closesWhenAcknowledged: !open,
    ...(open ? {} : { urgency: 'prompt' as const }),
  }
  return outcome(askOfPrescription(desk, person, notice, open))
}

/** The lead hears of every arrest and reception; the prescriber where a prescription may be open. */
function askOfPrescription(
  desk: Desk,
  person: Someone,
  notice: Told,
  open: boolean,
): Refusal | null {
  const categories = [...notice.categories, 'substance-use']
  return askWith(desk, person, notice, open ? [asPrescriber] : [], categories)
}

function reception(desk: Desk, person: Someone, happening: Happening): string {
  const last = lastArrestBefore(desk, person, happening)
  const open = last?.openPrescription !== 'NO'
  const dueAt = open ? happening.receivedAt + 2 * hour : workingDaysAfter(happening.receivedAt, 1)
  const notice: Told = {
    ...told('into-prison', happening, dueAt),
    // That there is no prescription is the custody record's word, and about health.
    categories: open ? prisonCategories : arrestCategories,
    closesWhenAcknowledged: !open,
    ...(open ? {} : { urgency: 'prompt' as const }),
  }
  return outcome(askOfPrescription(desk, person, notice, open))
}

/** Of the week before; only where the lead may hear of it, and since the agreement began without a gap. */
function lastArrestBefore(
  desk: Desk,
  person: Someone,
  reception: Happening,
): Happening | undefined {
  if (refusal(person, desk.now, arrestCategories, 'lead-practitioner') !== null) return undefined
  return [...person.happenings.values()]
    .filter(
      ({ type, occurredAt, receivedAt }) =>
        type === 'arrest' &&
        occurredAt <= reception.occurredAt &&
        reception.occurredAt - occurredAt <= 7 * day &&
        receivedAt >= agreedSince(person),
    )
    .toSorted((a, b) => a.occurredAt - b.occurredAt)
    .at(-1)
}

/** Back inside: nobody is waiting at the court any more, and the release is over. */
function comeBack(person: Someone, back: Happening) {
  for (const watch of person.watches.values()) {
    const since = person.happenings.get(watch.key)?.occurredAt ?? 0
    if (back.occurredAt < since) continue
    if (watch.what === 'court' || back.type !== 'transfer-in') overAt(person, watch, 'returned')
  }
}

function overAt(person: Someone, watch: Watch, because: string) {
  watch.over = true
  for (const { rule, copies } of person.episodes.values())
    for (const notice of copies)
      if (rule !== 'correction' && notice.thread === threadOf(watch)) end(notice, 'closed', because)
}

const threadOf = ({ what, key }: Watch): string =>
  what === 'court' ? `court-no-return:${key}` : `release:${key}`

export function court(desk: Desk, person: Someone, left: Happening): string | null {
  const watch: Watch = { what: 'court', key: left.key, over: false }
  person.watches.set(`court:${left.key}`, watch)
  const settled = [...person.happenings.values()].some(
    ({ type, occurredAt }) =>
      ['return', 'reception', 'transfer-in', 'release'].includes(type) &&
      occurredAt >= left.occurredAt,
  )
  if (settled) watch.over = true
  const at = Math.max(nextEightInTheEvening(left.occurredAt), left.receivedAt)
  const evening = () => {
    if (watch.over || person.dead !== null) return 'no-rule'
    const latest = person.happenings.get(left.key) as Happening
    const why = ask(desk, person, {
      ...told('court-no-return', latest, at + 2 * hour),
      learnedAt: at,
      urgency: urgencyOf(at, latest.occurredAt),
    })
    return outcome(why)
  }
  if (at === left.receivedAt) return evening()
  desk.wake(at, () => desk.count(evening()))
  return null
}

export function release(
  desk: Desk,
  person: Someone,
  happening: Happening,
  before: Happening['kind'],
): string {
  for (const watch of person.watches.values()) {
    const left = person.happenings.get(watch.key)
    if (watch.what !== 'court' || left === undefined) continue
    if (happening.occurredAt >= left.occurredAt) overAt(person, watch, 'released')
  }
  if (before === 'community' && happening.kind === 'community') return amend(person, happening)
  if (before === 'community') correct(desk, person, happening)
  if (happening.kind === 'died') return died(desk, person, happening)
  if (happening.kind !== 'community') return before === 'community' ? 'noticed' : 'no-rule'
  return released(desk, person, happening)
}

export function released(desk: Desk, person: Someone, happening: Happening): string {
  const others = [...person.happenings.values()].filter(({ key }) => key !== happening.key)
  const after = others.filter(({ occurredAt }) => occurredAt > happening.occurredAt)
  if (after.some(({ type }) => type === 'reception' || type === 'return')) return 'no-rule'
  const why = ask(desk, person, told('release', happening, endOfDay(happening.receivedAt)))
  if (why !== null) return outcome(why)
  const newer = after.some(({ type, kind }) => type === 'release' && kind === 'community')
  watchThreeWeeks(desk, person, happening, newer)
  return 'noticed'
}

function watchThreeWeeks(desk: Desk, person: Someone, released: Happening, superseded: boolean) {
  const watch: Watch = { what: 'three-weeks', key: released.key, over: superseded }
  if (!superseded) supersede(person)
  person.watches.set(`three-weeks:${released.key}`, watch)
  const morning = (n: number) => clockTime(dateIn(released.occurredAt), '09:00', n)
  const past = weekDays.filter((n) => morning(n) <= released.receivedAt)
  for (const n of weekDays) {
    if (past.includes(n) && n !== past.at(-1)) continue
    const at = Math.max(morning(n), released.receivedAt)
    desk.wake(at, () => {
      if (watch.over || person.dead !== null) return
      const latest = person.happenings.get(released.key) as Happening
      ask(desk, person, {
        ...told('three-weeks', latest, workingDaysAfter(at, 1)),
        episode: `three-weeks:${n}:${released.key}`,
        thread: `release:${released.key}`,
        urgency: 'prompt',
        learnedAt: at,
      })
    })
  }
}

/** A newer release asks its own questions; the older ones are over. */
function supersede(person: Someone) {
  for (const watch of person.watches.values()) {
    if (watch.what !== 'three-weeks' || watch.over) continue
    watch.over = true
    for (const { rule, copies } of person.episodes.values())
      for (const notice of copies)
        if (rule === 'three-weeks' && notice.thread === threadOf(watch))
          end(notice, 'closed', 'superseded')
  }
}
