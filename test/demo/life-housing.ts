import type { DutyRow, HousingReport, SharedNumber, TenancyNews } from '../agencies/housing.ts'
import {
  type DeedAt,
  dayAfter,
  happen,
  isExpected,
  isOutside,
  type Living,
  matter,
  momentIn,
} from './living.ts'
import { day, hour } from './slots.ts'

export const authority = 'E99000001'
export const landlord = 'SYN-HOMES'
const outreach = 'OUTREACH-1'

/** A row of the council's extract, and how it stands at each moment. */
export interface DutyStory {
  /** From when the extract has it; null where it has been taken out. */
  rowAt(at: number): DutyRow | null
}

/** Losing and finding a home: most of it around a release. Gives what the council's extract will say. */
export function housing(living: Living): readonly DutyStory[] {
  const { random, custody, outside } = living
  const duties: DutyStory[] = []
  if (random.chance(0.3)) tenancyLost(living)
  for (const { what, at } of custody.moments)
    if (what === 'released' && random.chance(0.3)) {
      if (random.chance(0.6)) referral(living, at - (3 + random.below(18)) * day)
      if (random.chance(0.6)) duties.push(...dutiesOwed(living, at))
    }
  for (const span of outside) {
    const from = random.chance(0.15) ? momentIn(random, span) : null
    if (from !== null) roughSleeping(living, from, span.until)
  }
  return duties
}

/** Numbers that they gave to housing, if any. */
const sharedBy = ({ random, person }: Living): readonly SharedNumber[] => {
  const numbers: SharedNumber[] = [
    { type: 'NHS', value: person.nhs },
    { type: 'NOMS', value: person.noms },
    { type: 'CRN', value: person.crn },
  ]
  return numbers.filter(() => random.chance(0.5))
}

const told =
  (make: (at: number) => HousingReport, expects = 'published'): DeedAt =>
  (at) => ({ kind: 'housing', report: make(at), ...isExpected(expects) })

/** A referral under the duty to refer, and what the council makes of it. */
function referral(living: Living, from: number) {
  const { random, person, entries } = living
  const agreed = !random.chance(0.05)
  let submittedOn = ''
  const about = {
    what: 'duty-to-refer',
    referralId: `DTR-${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`,
    recordVersion: 1,
    authority,
    reason: 'leaving_custody',
    agreed,
    numbers: sharedBy(living),
  } as const
  const submitted = happen(
    living,
    from,
    told(
      (at) => {
        submittedOn = dayAfter(at)
        return { ...about, status: 'SUBMITTED', submittedOn, decidedOn: null }
      },
      agreed ? 'published' : 'rejected',
    ),
    false,
  )
  if (submitted === null || !agreed || !random.chance(0.8)) return
  const decide = (
    status: 'ACCEPTED' | 'NOT_ACCEPTED' | 'WITHDRAWN',
    at: number,
    recordVersion: number,
  ) =>
    happen(
      living,
      at,
      told((now) => ({ ...about, recordVersion, status, submittedOn, decidedOn: dayAfter(now) })),
    )
  const status = random.pick(['ACCEPTED', 'ACCEPTED', 'NOT_ACCEPTED', 'WITHDRAWN'] as const)
  const decided = decide(status, submitted + (3 + random.below(20)) * day, 1)
  if (decided === null || !random.chance(0.15)) return
  const after = decided + (1 + random.below(5)) * day
  if (random.chance(0.5)) decide('WITHDRAWN', after, 2)
  else decide(status === 'ACCEPTED' ? 'NOT_ACCEPTED' : 'ACCEPTED', after, 2)
}

/** The duties of one homelessness case as the council's extract tells them, one after the other. */
function dutiesOwed(living: Living, releasedAt: number): readonly DutyStory[] {
  const { random, person, period, entries } = living
  const caseId = `SYN-H-${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
  const assessedAt = releasedAt + (2 + random.below(10)) * day
  if (assessedAt >= period.end) return []
  const first = random.pick(['relief', 'relief', 'prevention', 'none'] as const)
  const endsAt = random.chance(0.6) ? assessedAt + (10 + random.below(45)) * day : null
  const reason = random.pick([
    'accommodation_secured_6m',
    'accommodation_secured_6m',
    'contact_lost',
    'homeless_relief_started',
  ])
  const needs = ['drug_dependency', 'offending_history', 'rough_sleeping_history'].filter(() =>
    random.chance(0.6),
  )
  const common = { caseId, personId: person.housingPerson, needs }
  const stories = [
    dutyStory({ ...common, duty: first, assessedAt }, first === 'none' ? null : endsAt, reason),
  ]
  // An end that was a mistake is not in a later extract any more.
  if (random.chance(0.1) && endsAt !== null)
    return [dutyStory({ ...common, duty: first, assessedAt }, endsAt, reason, endsAt + 9 * day)]
  if (first === 'relief' && endsAt !== null && random.chance(0.3))
    stories.push(dutyStory({ ...common, duty: 'main', assessedAt: endsAt }, null, ''))
  return stories
}

interface Assessed extends Pick<DutyRow, 'caseId' | 'personId' | 'needs' | 'duty'> {
  readonly assessedAt: number
}

const dutyStory = (
  { assessedAt, ...row }: Assessed,
  endsAt: number | null,
  reason: string,
  undoneAt: number | null = null,
): DutyStory => ({
  rowAt(at) {
    if (dayAfter(assessedAt) > dayAfter(at, -1)) return null
    const isEnded = endsAt !== null && endsAt <= at && (undoneAt === null || at < undoneAt)
    const ended = isEnded && row.duty !== 'none' ? { on: dayAfter(endsAt), reason } : null
    return { ...row, assessedOn: dayAfter(assessedAt), ended }
  },
})

/** Arrears, a notice, the end of a tenancy; now and then a new home. */
function tenancyLost(living: Living) {
  const { random, person, period } = living
  const numbers = sharedBy(living)
  const tell = (
    from: number,
    tenancyId: string,
    news: (at: number) => TenancyNews,
    expects = 'published',
  ) =>
    matter(
      living,
      'tenancy',
      from,
      told(
        (at) => ({
          what: 'tenancy',
          landlord,
          tenancyId,
          tenantId: person.tenant,
          startedOn: '2025-01-06',
          writtenAt: at,
          recordVersion: 1,
          news: news(at),
          numbers,
        }),
        expects,
      ),
    )
  const { tenancy } = person
  const from = period.start + random.below(60 * day)
  if (random.chance(0.2))
    tell(from, tenancy, (at) => ({ is: 'asb', openedOn: dayAfter(at) }), 'ignored/restricted')
  if (random.chance(0.4)) {
    const low = (at: number): TenancyNews => ({ is: 'arrears', at, weeks: 4, asAt: dayAfter(at) })
    tell(from + day, tenancy, low, 'ignored/below-threshold')
  }
  const crossed = tell(from + 15 * day, tenancy, (at) => ({
    is: 'arrears',
    at,
    weeks: 8 + random.below(3),
    asAt: dayAfter(at),
  }))
  if (crossed === null || !random.chance(0.6)) return
  const served = tell(crossed + (7 + random.below(15)) * day, tenancy, (at) => ({
    is: 'notice',
    noticeId: `NT-${person.ref.slice(2)}`,
    at,
    servedOn: dayAfter(at),
    expiresOn: dayAfter(at, 28),
    section: random.pick(['section_8', 'ntq']),
  }))
  if (served === null || !random.chance(0.5)) return
  const ended = tell(served + (10 + random.below(20)) * day, tenancy, (at) => ({
    is: 'ended',
    on: dayAfter(at, -1),
    reason: random.pick(['abandoned', 'evicted_for_arrears']),
  }))
  if (ended !== null && random.chance(0.4))
    tell(ended + (10 + random.below(20)) * day, `${tenancy}-B`, (at) => ({ is: 'started', at }))
}

function roughSleeping(living: Living, from: number, until: number) {
  const { random, person, entries } = living
  const clientId = `OC-${person.ref.slice(2)}`
  let at: number | null = from
  for (let nights = 1 + random.below(3); nights > 0 && at !== null && at < until; nights--) {
    const beddedDown = !random.chance(0.2)
    const contactId = `RC-${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
    const numbers = sharedBy(living)
    const met: number | null = isOutside(living, at)
      ? matter(
          living,
          'rough-sleeping',
          at,
          told(
            (metAt) => ({
              what: 'rough-sleeping',
              service: outreach,
              contactId,
              clientId,
              metAt,
              beddedDown,
              numbers,
            }),
            beddedDown ? 'published' : 'ignored/not-sleeping-rough',
          ),
        )
      : null
    at = met === null ? null : met + (1 + random.below(35)) * day + hour
  }
}
