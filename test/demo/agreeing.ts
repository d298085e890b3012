import type { Person } from '../people/people.ts'
import type { Random } from '../simulation/random.ts'
import { trust } from './life-hospital.ts'
import { authority, landlord } from './life-housing.ts'
import type { Act, Entry, Grant, Terms } from './plan.ts'
import { type Diary, day, hour, minute } from './slots.ts'
import type { WholeLife } from './whole-life.ts'

export const organisation = 'testshire-recovery'

const leads = ['lp-1', 'lp-2', 'lp-3', 'lp-4', 'lp-5', 'lp-6', 'lp-7', 'lp-8'] as const
const everyCategory = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'mental-health',
  'housing',
  'safety',
] as const
const everySource = ['custody', 'probation', 'hospital', 'housing', 'treatment'] as const

interface Agreeing {
  readonly random: Random
  readonly person: Person
  readonly diary: Diary
  readonly life: WholeLife
  readonly period: { readonly start: number; readonly end: number }
  readonly entries: Entry[]
}

/**
 * What one person agrees to over time, and what their practitioners do. `number` is the prison
 * number they give, which is somebody else's when a mistake is made.
 */
export function agreeingOf(
  random: Random,
  given: Omit<Agreeing, 'random' | 'entries'> & { readonly number: string | undefined },
): readonly Entry[] {
  const { person, diary, number = person.noms } = given
  const agreeing: Agreeing = { ...given, random, entries: [] }
  const at = firstAgreement(agreeing)
  if (at === null) return []
  let terms = firstTerms(agreeing, number, at)
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

function firstTerms({ random, person, life }: Agreeing, number: string, at: number): Terms {
  const lead = random.pick(leads)
  const others = leads.filter((one) => one !== lead)
  const { pnc, nhs, cro } = person
  const custody: Terms['identifiers'] = [
    { type: 'NOMS', value: number },
    ...(random.chance(0.8) ? [{ type: 'PNC' as const, value: pnc }] : []),
    ...(random.chance(0.8) ? [{ type: 'NHS' as const, value: nhs }] : []),
    ...(random.chance(0.3) ? [{ type: 'CRO' as const, value: cro }] : []),
  ]
  return {
    identifiers: [...custody, ...localNumbers(random, person, life)],
    lead,
    deputies: random.chance(0.6) ? [random.pick(others)] : [],
    team: random.chance(0.4) ? ['peer-4'] : [],
    grants: firstGrants(random, at),
  }
}

/** Numbers of single organisations: not everybody knows, or gives, all of them. */
function localNumbers(
  random: Random,
  person: Person,
  { services }: WholeLife,
): Terms['identifiers'] {
  const numbers: readonly (readonly [Terms['identifiers'][number], odds: number])[] = [
    [{ type: 'CRN', value: person.crn }, 0.75],
    [{ type: 'MRN', value: person.mrn, issuer: trust }, 0.4],
    ...services.map((issuer) => [{ type: 'NDTMS', value: person.client, issuer }, 0.85] as const),
    [{ type: 'TENANCY', value: person.tenancy, issuer: landlord }, 0.35],
    [{ type: 'HOUSING_APPLICATION', value: person.housingPerson, issuer: authority }, 0.5],
  ]
  return numbers.filter(([, odds]) => random.chance(odds)).map(([number]) => number)
}

/**
 * For the care that is coordinated: mostly one grant, sometimes a narrower one for what only some agencies
 * say. And to be counted, where they agree to that.
 */
function firstGrants(random: Random, at: number): readonly Grant[] {
  const first = firstGrant(random, at)
  const apart = random.pick([['hospital'], ['treatment', 'housing']] as const)
  const isApart = random.chance(0.2) && first.sources.length === everySource.length
  const counted: Grant = {
    ...first,
    purpose: 'outcomes',
    sources: [...everySource],
    categories: [...everyCategory],
    from: at,
    until: midnight(at) + 365 * day,
    lookBackDays: 0,
  }
  return [
    isApart ? { ...first, sources: everySource.filter((one) => !includes(apart, one)) } : first,
    ...(isApart ? [{ ...first, sources: apart, tier: 'headline' as const }] : []),
    ...(random.chance(0.9) && first.purpose !== 'outcomes' ? [counted] : []),
  ]
}

const includes = (list: readonly string[], one: string): boolean => list.includes(one)

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
      (category) => !random.chance(category === 'substance-use' ? 0.15 : 0.04),
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
    if (again !== null) agree(agreeing, again, { ...terms, grants: firstGrants(random, again) })
    return
  }
  const changes: readonly ((grant: Grant, i: number) => Partial<Grant>)[] = [
    (grant) => ({ until: Math.max(grant.until, midnight(at)) + 180 * day }),
    (grant) => ({ sources: grant.sources.filter((source) => source !== 'custody') }),
    (_, i) => (i > 0 ? {} : { categories: [...everyCategory], sources: [...everySource] }),
  ]
  const changed = changes[change - 3] as (grant: Grant, i: number) => Partial<Grant>
  const grants = terms.grants.map((grant, i) => ({ ...grant, ...changed(grant, i) }))
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
  for (const { what, at: moment } of life.moments) {
    if (moment < since || !random.chance(isCustody(what) ? 0.4 : 0.2)) continue
    const due = moment + random.pick(delays)
    const at = random.chance(0.1) ? diary.take(due) : diary.takeInOffice(due)
    const by = random.chance(0.8)
      ? terms.lead
      : random.pick([...terms.deputies, ...terms.team, 'duty-1', 'rx-1'])
    if (at !== null)
      entries.push({ at, person: person.ref, kind: 'act', by, act: random.pick(acts) })
  }
}

/** Of what the other agencies say there is more, and it takes longer to get round to. */
const isCustody = (what: string): boolean =>
  ![
    'breach',
    'attendance',
    'discharge',
    'death',
    'tenancy',
    'rough-sleeping',
    'missed',
    'doses',
  ].includes(what)

const withNumber = (terms: Terms, noms: string): Terms => ({
  ...terms,
  identifiers: terms.identifiers.map((one) =>
    one.type === 'NOMS' ? { type: 'NOMS', value: noms } : one,
  ),
})

const midnight = (at: number): number => Math.floor(at / day) * day
