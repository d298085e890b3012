import type { CustodyRecord } from '../agencies/police.ts'
import type { Movement, MovementReport, Noise } from '../agencies/prison.ts'
import type { Person } from '../people/people.ts'
import type { Random } from '../simulation/random.ts'
import type { Entry } from './plan.ts'
import { type Diary, day, hour, minute } from './slots.ts'

/** What happened to one person, as agencies report it; consent and practice are laid over it. */
export interface Life {
  readonly entries: readonly Entry[]
  /** When something that somebody should act on was first reported. */
  readonly moments: readonly { readonly what: string; readonly at: number }[]
}

interface Living {
  readonly random: Random
  readonly person: Person
  readonly diary: Diary
  readonly end: number
  readonly entries: Entry[]
  readonly moments: { what: 'arrest' | Movement; at: number }[]
}

const prisons = ['QXI', 'QXK', 'QXM', 'QXT'] as const
const forces = ['91', '92'] as const
const noises: readonly Noise[] = [
  'updated',
  'updated',
  'convicted-status',
  'imprisonment-status',
  'alerts',
]

/** A plausible run of arrests, prison stays and releases between two instants, as police and prisons report it. */
export function lifeOf(
  random: Random,
  person: Person,
  diary: Diary,
  period: { start: number; end: number },
): Life {
  const living: Living = { random, person, diary, end: period.end, entries: [], moments: [] }
  let at = period.start + random.below(30 * day)
  // Many whom services know are seldom or never in custody.
  if (random.chance(0.35)) {
    if (random.chance(0.5)) arrest(living, at + random.below(80 * day))
    return living
  }
  let inside = random.chance(0.35)
  while (at < period.end) {
    if (inside) {
      const out = timeInside(living, at)
      if (out === null) break
      at = out + (random.chance(0.25) ? 1 + random.below(6) : 5 + random.below(50)) * day
    } else if (random.chance(0.45)) {
      at = arrest(living, at)
      // An arrest that leads straight to prison is the commonest way in.
      if (random.chance(0.4)) {
        inside = true
        at = admission(living, at + 6 * hour)
      } else at += (2 + random.below(40)) * day
      continue
    } else at = admission(living, at)
    inside = !inside
  }
  return living
}

function arrest({ random, person, diary, entries, moments }: Living, from: number): number {
  const at = diary.take(from)
  if (at === null) return from + day
  const force = random.pick(forces)
  const facts = {
    force,
    custodyReference: `${force}/CU/${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`,
    identifiers: policeIdentifiers(random, person),
  }
  const add = (record: CustodyRecord, when: number | null) => {
    if (when !== null) entries.push({ at: when, person: person.ref, kind: 'police', record })
  }
  const occurredAt = wholeMinute(at - random.below(3 * hour))
  const openPrescription = random.pick(['YES', 'NO', 'NO', 'UNKNOWN'] as const)
  add({ ...facts, what: 'arrest', occurredAt, openPrescription }, at)
  moments.push({ what: 'arrest', at })
  if (random.chance(0.4)) {
    const outcome = random.pick(['POSITIVE', 'NEGATIVE'] as const)
    add({ ...facts, what: 'test', occurredAt: wholeMinute(at), outcome }, diary.take(at + hour))
  }
  const releasedAt = wholeMinute(at + (4 + random.below(18)) * hour)
  if (random.chance(0.8))
    add({ ...facts, what: 'release', occurredAt: releasedAt }, diary.take(releasedAt + 5 * minute))
  return releasedAt
}

const policeIdentifiers = (random: Random, { pnc, noms }: Person): CustodyRecord['identifiers'] => [
  { type: 'PNC', value: pnc },
  ...(random.chance(0.4) ? [{ type: 'NOMS' as const, value: noms }] : []),
]

function admission(living: Living, from: number): number {
  const { random } = living
  const code = random.pick(['N', 'N', 'L', 'R', '24'])
  return move(living, from, 'admission', code, random.pick(prisons)).next
}

/** A stay from just after reception to release; null when nothing follows (the person died). */
function timeInside(living: Living, from: number): number | null {
  const { random, end } = living
  let prison: string = random.pick(prisons)
  let at = from + (1 + random.below(6)) * day
  for (let trips = random.below(4); trips > 0 && at < end; trips--) {
    const trip = random.pick([
      'court',
      'court',
      'court',
      'absence',
      'transfer',
      'hospital',
    ] as const)
    if (trip === 'court') {
      const gone = courtTrip(living, at, prison)
      if (gone.freed) return gone.at
      at = gone.at
    } else if (trip === 'transfer') {
      at = move(living, at, 'transfer-out', 'INT', prison).next + 2 * hour
      prison = random.pick(prisons.filter((other) => other !== prison))
      at = move(living, at, 'transfer-in', 'INT', prison).next
    } else if (trip === 'absence') {
      at = move(living, at, 'absence-out', 'R1', prison).next + (4 + random.below(60)) * hour
      at = move(living, at, 'absence-return', 'R1', prison).next
    } else {
      at = move(living, at, 'hospital-out', 'HP', prison).next + (2 + random.below(4)) * day
      at = move(living, at, 'absence-return', 'HP', prison).next
    }
    at += (1 + random.below(8)) * day
    if (random.chance(0.4)) noise(living, at)
  }
  return at < end ? release(living, morning(at) + random.below(6 * hour), prison) : at
}

function courtTrip(living: Living, from: number, prison: string): { at: number; freed: boolean } {
  const { random } = living
  const left = move(living, morning(from), 'court-out', 'CRT', prison).next
  const ending = random.below(10)
  // Freed by the court: the prison books the release when it hears of it, the next day or later.
  if (ending === 0) {
    const released = left + (3 + random.below(4)) * hour
    return { at: move(living, released, 'released', 'CR', prison, 16 * hour).next, freed: true }
  }
  if (ending === 1) return { at: left + 2 * day, freed: false }
  const back = left + (ending < 7 ? 3 + random.below(5) : ending === 7 ? 14 : 24) * hour
  return { at: move(living, back, 'court-return', 'CRT', prison).next, freed: false }
}

/** Most releases are releases. Some turn out, with the coded report or days later, to be something else. */
function release(living: Living, from: number, prison: string): number | null {
  const { random, person, diary, entries } = living
  const code = random.pick([
    'CR',
    'CR',
    'CR',
    'CR',
    'CR',
    'CR',
    'CR',
    'CR',
    'UAL',
    'MRG',
    'HO',
    'DEC',
  ])
  const gone = move(living, from, 'released', code, prison)
  if (code === 'CR' && gone.coded !== null && random.chance(0.06)) {
    const at = diary.take(gone.coded + (1 + random.below(10)) * day)
    const corrected = random.pick(['DEC', 'UAL', 'MRG'])
    if (at !== null) {
      // Whoever corrects the reason corrects the time with it; the same time again would be a conflict.
      const movedAt = gone.report.movedAt + 10 * minute
      const report: MovementReport = {
        ...gone.report,
        family: 'coded',
        code: corrected,
        movedAt,
      }
      entries.push({ at, person: person.ref, kind: 'movement', report, wrapped: false, copies: 1 })
    }
    return corrected === 'DEC' ? null : (at ?? gone.next)
  }
  return code === 'DEC' ? null : gone.next
}

interface Moved {
  readonly next: number
  readonly report: MovementReport
  /** When the coded family reported it, if it did. */
  readonly coded: number | null
}

/** One movement and its reports: both families or one, in either order, now and then late or repeated. */
function move(
  living: Living,
  from: number,
  movement: Movement,
  code: string,
  prison: string,
  heldBackMs = 0,
): Moved {
  const { random, person, diary, entries, moments } = living
  const slot = diary.take(from) ?? living.end
  const movedAt = Math.floor((slot - 6_000 - random.below(40_000)) / 1000) * 1000
  const report: MovementReport = {
    family: 'search',
    movement,
    noms: person.noms,
    prison,
    movedAt,
    code,
  }
  const late = heldBackMs + (random.chance(0.06) ? lateness(random) : 0)
  const families = random.pick(reportings)
  let coded: number | null = null
  for (const [family, after] of families) {
    const due = slot + late + after
    const at = late === 0 && after === 0 ? slot : diary.take(due)
    if (at === null || at >= living.end) continue
    if (family === 'coded') coded = at
    entries.push({
      at,
      person: person.ref,
      kind: 'movement',
      report: { ...report, family },
      wrapped: random.chance(0.3),
      copies: random.chance(0.08) ? 2 : 1,
    })
    if (random.chance(0.06)) repeat(living, { ...report, family }, at)
    moments.push({ what: movement, at })
  }
  if (random.chance(0.1)) noise(living, slot)
  return { next: slot + 3 * hour, report, coded }
}

const codedDelay = 45 * minute
const both = [
  ['search', 0],
  ['coded', codedDelay],
] as const
const reportings: readonly (readonly (readonly ['search' | 'coded', number])[])[] = [
  both,
  both,
  both,
  both,
  both,
  both,
  [['search', 0]],
  [['coded', codedDelay]],
  [
    ['coded', codedDelay],
    ['search', 2 * hour],
  ],
]

const lateness = (random: Random): number =>
  random.chance(0.7) ? (2 + random.below(28)) * hour : (2 + random.below(4)) * day

function repeat({ random, person, diary, entries }: Living, report: MovementReport, at: number) {
  const again = diary.take(at + hour + random.below(3 * day))
  if (again === null) return
  entries.push({
    at: again,
    person: person.ref,
    kind: 'movement',
    report,
    wrapped: true,
    copies: 1,
  })
}

function noise({ random, person, diary, entries }: Living, from: number) {
  const at = diary.take(from)
  if (at === null) return
  const { noms, ref } = person
  entries.push({
    at,
    person: ref,
    kind: 'noise',
    noise: random.pick(noises),
    noms,
    wrapped: random.chance(0.3),
  })
}

/** Half past seven in the morning, UTC, of the next day. */
const morning = (at: number): number => Math.ceil(at / day) * day + 7.5 * hour

const wholeMinute = (at: number): number => Math.floor(at / minute) * minute
