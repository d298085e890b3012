import type { HearingReport } from '../agencies/court.ts'
import type { ProbationReport, Requirement } from '../agencies/probation.ts'
import {
  type DeedAt,
  dayAfter,
  happen,
  isExpected,
  isPublished,
  type Living,
  matter,
} from './living.ts'
import type { Entry } from './plan.ts'
import { day, hour } from './slots.ts'

type About<R> = R extends unknown ? Omit<R, 'crn' | 'at'> : never

/** What courts order, and how probation supervises: after a hearing, and after a release on licence. */
export function justice(living: Living) {
  const { random, custody } = living
  for (const { what, at } of firstReports(custody.moments)) {
    if (what === 'court-out' && random.chance(0.3)) sentenced(living, at)
    else if (what === 'arrest' && random.chance(0.3))
      sentenced(living, at + (8 + random.below(12)) * day)
    else if (what === 'released' && random.chance(0.75)) supervised(living, at)
  }
  for (const at of recallsIn(custody.entries)) if (random.chance(0.8)) recalled(living, at)
  if (random.chance(0.15)) signals(living)
}

/** One of the families' reports is enough to know that it happened. */
function firstReports(moments: Living['custody']['moments']) {
  return moments.filter(
    (one, i) =>
      !moments
        .slice(0, i)
        .some((earlier) => earlier.what === one.what && one.at - earlier.at < day),
  )
}

const recallsIn = (entries: readonly Entry[]): readonly number[] => [
  ...new Set(
    entries.flatMap((entry) =>
      entry.kind === 'movement' &&
      entry.report.movement === 'admission' &&
      entry.report.code === 'L'
        ? [entry.report.movedAt]
        : [],
    ),
  ),
]

const probation =
  (
    { random, person: { crn } }: Living,
    facts: About<ProbationReport>,
    expects = 'published',
  ): DeedAt =>
  (at) => ({
    kind: 'probation',
    report: { crn, at, ...facts } as ProbationReport,
    wrapped: random.chance(0.3),
    ...isExpected(expects),
  })

/** A hearing in the day of `from`, its results when the court has typed them, and then the order at Delius. */
function sentenced(living: Living, from: number) {
  const { random, person, entries } = living
  const requirement = random.pick(['DRR', 'DRR', 'ATR', 'MHTR'] as const)
  const sittingAt = Date.parse(`${dayAfter(from)}T${random.pick(['10:00', '11:30', '14:00'])}:00Z`)
  const hearingId = `00000000-0000-4000-8000-${person.ref.slice(2).padStart(6, '0')}${String(entries.length).padStart(6, '0')}`
  const ordered = [{ requirement, months: random.pick([6, 9, 12]) }]
  const hearing: HearingReport = {
    what: 'resulted',
    hearingId,
    sittingAt,
    court: random.pick(['B99ZZ', 'B98ZZ']),
    pnc: person.pnc,
    ordered,
    offences: random.pick([1, 2]),
  }
  // Court messages come through one ordered lane: each is the whole hearing, and the last one holds.
  const tell = (at: number, report: HearingReport) =>
    happen(living, at, () => ({ kind: 'court', report, ...isPublished }), false)
  const told = tell(sittingAt + (2 + random.below(20)) * hour, hearing)
  if (told === null) return
  const change = random.below(12)
  const later = told + hour + random.below(2 * day)
  if (change === 0) tell(later, { ...hearing, ordered: ordered.map(longer) })
  else if (change === 1) tell(later, { ...hearing, ordered: [{ requirement: 'ATR', months: 6 }] })
  else if (change === 2) tell(later, { ...hearing, ordered: [] })
  else if (change === 3) tell(later, { what: 'deleted', hearingId })
  if (random.chance(0.7)) registered(living, told + (1 + random.below(5)) * day, requirement)
}

const longer = <T extends { readonly months: number }>(one: T): T => ({ ...one, months: 18 })

/** Delius has the requirement under its own number; it may end, live again or be deleted. */
function registered(living: Living, from: number, requirement: Requirement) {
  const { random, person, entries } = living
  const requirementId = `25${person.crn.slice(1)}${String(entries.length).padStart(3, '0')}`
  const about = { requirementId, requirement }
  const made = happen(living, from, probation(living, { what: 'requirement-made', ...about }))
  if (made === null) return
  if (random.chance(0.2))
    happen(
      living,
      made + hour,
      probation(
        living,
        { what: 'requirement-made', requirementId: `${requirementId}9`, requirement: null },
        'ignored/not-needed',
      ),
    )
  if (random.chance(0.08)) {
    const from = made + (1 + random.below(20)) * day
    happen(living, from, probation(living, { what: 'requirement-deleted', ...about }))
    return
  }
  if (!random.chance(0.35)) return
  const ended = happen(
    living,
    made + (20 + random.below(50)) * day,
    probation(living, { what: 'requirement-ended', ...about }),
  )
  if (ended !== null && random.chance(0.25))
    happen(
      living,
      ended + (1 + random.below(4)) * day,
      probation(living, { what: 'requirement-restored', ...about }),
    )
}

/** On licence after a release: who supervises, what must be kept to, and what happens when it is not. */
function supervised(living: Living, releasedAt: number) {
  const { random, person, entries } = living
  const number = `${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
  const { noms, crn } = person
  const licence = { what: 'licence-activated', licenceId: `9${number}`, noms } as const
  if (random.chance(0.7)) happen(living, releasedAt + hour, probation(living, licence))
  if (random.chance(0.7))
    happen(living, releasedAt + day, probation(living, { what: 'supervision-started' }))
  const allocated = { what: 'manager-allocated', allocationId: `allocation-${number}` } as const
  if (random.chance(0.5)) happen(living, releasedAt + 2 * day, probation(living, allocated))
  if (random.chance(0.15)) {
    const breach = { what: 'breach-raised', enforcementId: `7${number}`, outcome: 'BRE01' } as const
    matter(living, 'breach', releasedAt + (8 + random.below(25)) * day, probation(living, breach))
  }
  if (random.chance(0.12)) registration(living, releasedAt + (2 + random.below(10)) * day, number)
  if (random.chance(0.08))
    happen(living, releasedAt + 3 * day, probation(living, { what: 'prison-number-added', noms }))
  if (random.chance(0.03)) {
    const from = `R${crn.slice(1)}`
    happen(living, releasedAt + 5 * day, probation(living, { what: 'merged', from }))
  }
}

function registration(living: Living, from: number, number: string) {
  const { random } = living
  const needed = random.chance(0.7)
  const about = { registrationId: `5${number}`, register: needed ? 'RHRH' : 'WEAP' }
  const expects = needed ? 'published' : 'ignored/not-needed'
  const added = happen(
    living,
    from,
    probation(living, { what: 'registration-added', ...about }, expects),
  )
  if (added === null) return
  const what = random.pick([
    'registration-updated',
    'registration-ended',
    'registration-deleted',
  ] as const)
  const registrationId = what === 'registration-ended' ? `6${number}` : about.registrationId
  if (random.chance(0.5))
    happen(
      living,
      added + (1 + random.below(20)) * day,
      probation(living, { ...about, what, registrationId }, expects),
    )
}

/** Raised some days before the reception; probation may let the lead know sooner, with the same event. */
function recalled(living: Living, receivedAt: number) {
  const { random, person, entries } = living
  const recall = {
    what: 'recall-raised',
    enforcementId: `8${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`,
    outcome: 'REC01',
  } as const
  const { crn } = person
  let raisedAt = 0
  const raised = happen(living, receivedAt - (1 + random.below(4)) * day, (at) => {
    raisedAt = at
    return probation(living, { ...recall, releasedToLead: false })(at)
  })
  if (raised === null || !random.chance(0.3)) return
  happen(living, raised + hour + random.below(2 * day), () => ({
    kind: 'probation',
    report: { crn, at: raisedAt, ...recall, releasedToLead: true },
    wrapped: false,
    ...isPublished,
  }))
}

/** What says nothing until it is fetched, or that nobody needs. */
function signals(living: Living) {
  const { random, period } = living
  const from = period.start + random.below(period.end - period.start)
  happen(living, from, probation(living, { what: 'engagement-created' }, 'ignored/signal'))
  happen(
    living,
    from + 5 * day,
    probation(living, { what: 'tier-calculated' }, 'ignored/not-needed'),
  )
}
