import { madeUpPeople, type Person } from '../people/people.ts'
import { type Random, seededRandom } from '../simulation/random.ts'
import { agreeingOf } from './agreeing.ts'
import { filesOf } from './files.ts'
import { type Life, lifeOf } from './life.ts'
import { hospital } from './life-hospital.ts'
import { housing } from './life-housing.ts'
import { justice } from './life-justice.ts'
import { servicesOf, treatment } from './life-treatment.ts'
import { type Living, outsideOf } from './living.ts'
import type { Entry, Plan } from './plan.ts'
import { type Diary, day, diaryOver, hour, minute, slotsOf } from './slots.ts'
import type { WholeLife } from './whole-life.ts'

/** A Monday in early spring: the period holds the change to summer time and three bank holidays. */
const start = Date.UTC(2026, 2, 2)

export interface CountyOptions {
  readonly people: number
  readonly days: number
  readonly seed: number
  /** Police and prisons alone, for looking at what rests on nobody else. */
  readonly custodyOnly?: boolean
}

/** A made-up county over some days: the same arguments give the same plan, to the millisecond. */
export function countyOf(options: CountyOptions): Plan {
  const random = seededRandom(options.seed, 'county')
  const people = madeUpPeople(options.seed, options.people)
  const slots = slotsOf(random.fork('slots'), start, options.days)
  const end = start + options.days * day
  const period = { start, end: end - day }
  const numbers = people.map((person, i) =>
    numberGiven(random.fork(`${person.ref}/number`), people, i),
  )
  const diaries = diariesOf(people, numbers, slots)
  const lives = people.map((person, i) => {
    const diary = diaries[i] as Diary
    const own = random.fork(person.ref)
    const custody = lifeOf(own.fork('life'), person, diary, period)
    const lived =
      options.custodyOnly === true
        ? nothingElse(custody)
        : everythingElse(own.fork('everything else'), { person, diary, period, custody })
    const agreeing = own.chance(0.75)
      ? agreeingOf(own.fork('agreeing'), { person, diary, life: lived, period, number: numbers[i] })
      : []
    const mixedUp = mixUp(own.fork('mix-up'), people, i, diaries, custody)
    return { ...lived, entries: [...lived.entries, ...agreeing, ...mixedUp] }
  })
  const stories = {
    episodes: lives.flatMap(({ treated }) => treated.episodes),
    stays: lives.flatMap(({ treated }) => treated.stays),
    duties: lives.flatMap(({ duties }) => duties),
  }
  const files = filesOf(random.fork('files'), stories, { start, end })
  const entries = [...lives.flatMap((one) => one.entries), ...files]
  return {
    people,
    start,
    end,
    entries: entries.filter(({ at }) => at < end).toSorted((a, b) => a.at - b.at),
    checks: [0.25, 0.5, 0.75, 1].map((part) => start + Math.floor(options.days * part) * day),
  }
}

const nothingElse = (custody: Life): WholeLife => ({
  ...custody,
  services: [],
  treated: { episodes: [], stays: [] },
  duties: [],
})

function everythingElse(
  random: Random,
  given: Pick<Living, 'person' | 'diary' | 'period' | 'custody'>,
): WholeLife {
  const { custody, period } = given
  const living: Living = {
    ...given,
    random,
    entries: [...custody.entries],
    moments: [...custody.moments],
    outside: outsideOf(custody, period),
  }
  const { entries, moments } = living
  const services = servicesOf(living)
  justice(living)
  hospital(living)
  const duties = housing(living)
  const treated = treatment(living, services)
  return { entries, moments, services, treated, duties }
}

/** Now and then somebody gives the prison number of the person before them, by mistake. */
const numberGiven = (random: Random, people: readonly Person[], i: number): string => {
  const before = people[i - 1]
  const own = people[i] as Person
  return before !== undefined && random.chance(0.06) ? before.noms : own.noms
}

/** People who share a number share a diary, so that nothing about either happens at one instant. */
function diariesOf(
  people: readonly Person[],
  numbers: readonly string[],
  slots: readonly number[],
): readonly Diary[] {
  const diaries: Diary[] = []
  for (const [i, person] of people.entries())
    diaries.push(numbers[i] === person.noms ? diaryOver(slots) : (diaries[i - 1] as Diary))
  return diaries
}

/** A custody record that names two people at once: the police number of one, the prison number of another. */
function mixUp(
  random: Random,
  people: readonly Person[],
  i: number,
  diaries: readonly Diary[],
  life: Life,
): readonly Entry[] {
  const [person, other] = [people[i], people[i + 1]]
  const first = life.moments[0]
  if (person === undefined || other === undefined || first === undefined) return []
  const at = random.chance(0.05) ? takeTogether(diaries, i, first.at + 20 * day) : null
  if (at === null) return []
  const record = {
    what: 'arrest',
    force: '91',
    custodyReference: `91/CU/X${person.ref.slice(2)}`,
    occurredAt: Math.floor((at - hour) / minute) * minute,
    openPrescription: 'YES',
    identifiers: [
      { type: 'PNC', value: person.pnc },
      { type: 'NOMS', value: other.noms },
    ],
  } as const
  return [{ at, person: person.ref, kind: 'police', record }]
}

function takeTogether(diaries: readonly Diary[], i: number, from: number): number | null {
  const [one, two] = [diaries[i] as Diary, diaries[i + 1] as Diary]
  let at = one.take(from)
  while (at !== null && one !== two) {
    const shared = two.take(at)
    if (shared === null || shared === at) return shared
    at = one.take(shared)
  }
  return at
}
