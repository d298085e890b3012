import type { Person } from '../people/people.ts'
import type { Random } from '../simulation/random.ts'
import type { Life } from './life.ts'
import type { Act, Entry, Grant, Terms } from './plan.ts'
import { type Diary, day, hour, minute } from './slots.ts'

export const organisation = 'testshire-recovery'

const leads = ['lp-1', 'lp-2', 'lp-3', 'lp-4', 'lp-5', 'lp-6', 'lp-7', 'lp-8'] as const
const everyCategory = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'housing',
  'safety',
] as const
const everySource = ['custody', 'probation', 'hospital', 'housing', 'treatment'] as const

interface Agreeing {
  readonly random: Random
  readonly person: Person
  readonly diary: Diary
  readonly life: Life
  readonly period: { readonly start: number; readonly end: number }
  readonly entries: Entry[]
}

/**
 * What one person agrees to over time, and what their practitioners do. `number` is the prison
 * number they give, which is somebody else's when a mistake is made.
 */
export function agreeingOf(
  random: Random,
  person: Person,
  diary: Diary,
  life: Life,
  period: { start: number; end: number },
  number = person.noms,
): readonly Entry[] {
  const agreeing: Agreeing = { random, person, diary, life, period, entries: [] }
  const at = firstAgreement(agreeing)
  if (at === null) return []
  let terms = firstTerms(random, person, number, at)
  agree(agreeing, at, terms)
  if (number !== person.noms) {
    const noticed = diary.take(at + (3 + random.below(20)) * day)
    if (noticed !== null) agree(agreeing, noticed, (terms = withNumber(terms, person.noms)))
  }
  const change = random.below(10)
  if (change < 6) changeMind(agreeing, at, terms, change)
  if (random.chance(0.1)) newLead(agreeing, at, terms)
  act(agreeing, at, terms)
  return agreeing.entries
}

/** Mostly early; sometimes a breath before or after a report arrives; sometimes late. */
function firstAgreement({ random, diary, life, period }: Agreeing): number | null {
  const releases = life.moments.filter(({ what }) => what === 'released')
  if (releases.length > 0 && random.chance(0.2)) {
    const { at } = random.pick(releases)
    return at + random.pick([-50, -50, 50])
  }
  const length = period.end - period.start
  const late = random.chance(0.2)
  return diary.take(
    period.start + (late ? length * 0.4 : 0) + random.below(length * (late ? 0.4 : 0.2)),
  )
}

function firstTerms(random: Random, person: Person, number: string, at: number): Terms {
  const lead = random.pick(leads)
  const others = leads.filter((one) => one !== lead)
  return {
    identifiers: [
      { type: 'NOMS', value: number },
      ...(random.chance(0.8) ? [{ type: 'PNC' as const, value: person.pnc }] : []),
      ...(random.chance(0.7) ? [{ type: 'NHS' as const, value: person.nhs }] : []),
      ...(random.chance(0.3) ? [{ type: 'CRO' as const, value: person.cro }] : []),
    ],
    lead,
    deputies: random.chance(0.6) ? [random.pick(others)] : [],
    team: random.chance(0.4) ? ['peer-4'] : [],
    grants: [firstGrant(random, at)],
  }
}

function firstGrant(random: Random, at: number): Grant {
  const roles = ['lead-practitioner', 'duty', 'prescriber', 'peer-supporter']
  const odds = [0.95, 0.7, 0.5, 0.4]
  const length = random.chance(0.4) ? 20 + random.below(70) : 365
  const recipients = roles.filter((_, i) => random.chance(odds[i] as number))
  return {
    purpose: random.chance(0.04) ? 'outcomes' : 'care-coordination',
    sources: random.chance(0.08) ? ['hospital', 'treatment'] : [...everySource],
    recipients: (recipients.length === 0 ? ['lead-practitioner'] : recipients).map((role) => ({
      organisation,
      role,
    })),
    categories: everyCategory.filter(
      (category) => !random.chance(category === 'substance-use' ? 0.2 : 0.04),
    ),
    tier: random.pick(['detail', 'detail', 'detail', 'headline', 'involvement'] as const),
    from: random.chance(0.06) ? midnight(at) + (1 + random.below(4)) * day : at,
    until: midnight(at) + length * day,
    lookBackDays: random.chance(0.15) ? 1 + random.below(7) : 0,
  }
}

function agree({ person, entries }: Agreeing, at: number, terms: Terms) {
  entries.push({ at, person: person.ref, kind: 'consent', terms })
}

function changeMind(agreeing: Agreeing, since: number, terms: Terms, change: number) {
  const { random, person, diary, entries } = agreeing
  const at = diary.take(momentOfChange(agreeing, since))
  if (at === null) return
  if (change < 3) {
    entries.push({ at, person: person.ref, kind: 'withdrawal' })
    const again = random.chance(0.5) ? diary.take(at + hour + random.below(30 * day)) : null
    if (again !== null) agree(agreeing, again, { ...terms, grants: [firstGrant(random, again)] })
    return
  }
  const changes: readonly ((grant: Grant) => Partial<Grant>)[] = [
    (grant) => ({ until: Math.max(grant.until, midnight(at)) + 180 * day }),
    (grant) => ({ sources: grant.sources.filter((source) => source !== 'custody') }),
    () => ({ categories: [...everyCategory], sources: [...everySource] }),
  ]
  const changed = changes[change - 3] as (grant: Grant) => Partial<Grant>
  const grants = terms.grants.map((grant) => ({ ...grant, ...changed(grant) }))
  // Nobody renews what has run out in the same breath as changing it: what has ended is left to end.
  const endedBefore = terms.grants.some(({ until }) => until <= at)
  if (!endedBefore) agree(agreeing, at, { ...terms, grants })
}

/** Anywhere, but often between a release and the first weeks after it, when notices are about. */
function momentOfChange({ random, life, period }: Agreeing, since: number): number {
  const releases = life.moments.filter(({ what, at }) => what === 'released' && at > since)
  if (releases.length > 0 && random.chance(0.6))
    return random.pick(releases).at + 5 * minute + random.below(random.pick([hour, day, 12 * day]))
  return since + day + random.below(Math.max(day, period.end - since - day))
}

function newLead(
  { random, person, diary, entries, period }: Agreeing,
  since: number,
  terms: Terms,
) {
  const at = diary.take(since + day + random.below(Math.max(day, period.end - since - day)))
  const taken = [terms.lead, ...terms.deputies]
  const practitionerId = random.pick(leads.filter((one) => !taken.includes(one)))
  if (at !== null)
    entries.push({ at, person: person.ref, kind: 'assignment', practitionerId, relation: 'lead' })
}

/** Practitioners act on about half of what they hear; the rest is left to escalate. */
function act({ random, person, diary, life, entries }: Agreeing, since: number, terms: Terms) {
  const delays = [20 * minute, 90 * minute, 5 * hour, 26 * hour, 4 * day, 9 * day]
  const acts: readonly Act[] = [
    'acknowledge',
    'acknowledge',
    'acknowledge',
    'seen',
    'spoken',
    'tried',
  ]
  for (const { at: moment } of life.moments) {
    if (moment < since || !random.chance(0.45)) continue
    const at = diary.take(moment + random.pick(delays))
    const by = random.chance(0.8)
      ? terms.lead
      : random.pick([...terms.deputies, ...terms.team, 'duty-1', 'rx-1'])
    if (at !== null)
      entries.push({ at, person: person.ref, kind: 'act', by, act: random.pick(acts) })
  }
}

const withNumber = (terms: Terms, noms: string): Terms => ({
  ...terms,
  identifiers: terms.identifiers.map((one) =>
    one.type === 'NOMS' ? { type: 'NOMS', value: noms } : one,
  ),
})

const midnight = (at: number): number => Math.floor(at / day) * day
