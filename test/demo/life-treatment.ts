import type { ContactReport, NdtmsReview, NdtmsRow, SecureRow } from '../agencies/treatment.ts'
import {
  type DeedAt,
  dayAfter,
  happen,
  isPublished,
  type Living,
  matter,
  type Span,
} from './living.ts'
import { day } from './slots.ts'

/** Three services; the third sends monthly files and no contacts. */
export const providers = ['N9901', 'N9902', 'N9903'] as const
export type Provider = (typeof providers)[number]
const sendsContacts: readonly Provider[] = ['N9901', 'N9902']
const areas = ['X91B', 'X92B'] as const

/** One episode, as its service's file tells it at each moment. */
export interface EpisodeStory {
  readonly provider: Provider
  /** Its rows once triage is written up, with whatever is known by then. */
  rowsAt(at: number): readonly NdtmsRow[]
}

/** Treatment in prison, as the prison's extract tells it once the person has left. */
export interface StayStory {
  readonly prison: string
  rowAt(at: number): SecureRow | null
}

export interface TreatmentStory {
  readonly episodes: readonly EpisodeStory[]
  readonly stays: readonly StayStory[]
}

/** Services that know this person. */
export const servicesOf = ({ random }: Living): readonly Provider[] => {
  const usual = random.pick(providers)
  return random.chance(0.2)
    ? [usual, random.pick(providers.filter((one) => one !== usual))]
    : [usual]
}

/** Starts after releases and between them, contacts, reviews, and every way in which an episode ends. */
export function treatment(living: Living, services: readonly Provider[]): TreatmentStory {
  const { random, outside, period } = living
  const needs = random.chance(0.75)
  const episodes: EpisodeStory[] = []
  const area = random.pick(areas)
  for (const span of outside) {
    const early = span.from === period.start
    if (!needs || !random.chance(early ? 0.5 : 0.65)) continue
    const triagedAt = early
      ? span.from - 60 * day + random.below(90 * day)
      : span.from + day + random.below(28 * day)
    let at: number | null = triagedAt
    // Some come back after they have left.
    for (let i = 0; i < 2 && at !== null && at < span.until - 3 * day; i++) {
      const provider = random.pick(services)
      const made = episode(living, { provider, area, span, triagedAt: at })
      episodes.push(made)
      const back: number = (made.endedAt ?? span.until) + (5 + random.below(40)) * day
      at = random.chance(0.3) ? back : null
    }
  }
  return { episodes, stays: needs ? staysOf(living, area) : [] }
}

interface Beginning {
  readonly provider: Provider
  readonly area: string
  readonly span: Span
  readonly triagedAt: number
}

interface Ending {
  readonly at: number
  /** 80 to 82 completed, 85 dropped out, 87 kept in custody. */
  readonly reason: string
  /** The file that said so was wrong: from then on the episode is open again. */
  readonly undoneAt: number | null
}

function episode(living: Living, beginning: Beginning): EpisodeStory & { endedAt: number | null } {
  const { random, person, entries } = living
  const { provider, area, triagedAt } = beginning
  const ref = `5${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
  const ending = endingOf(living, beginning)
  const until = ending?.at ?? beginning.span.until
  const reviews = reviewsOf(living, ref, triagedAt, ending)
  contacts(living, beginning, ref, until, ending?.reason === '85')
  const secondDrug = random.chance(0.4)
  const common = {
    is: 'episode',
    client: person.client,
    episode: ref,
    person: { initials: person.initials, born: person.born, sex: person.sex },
    referredOn: dayAfter(triagedAt, -5),
    triagedOn: dayAfter(triagedAt),
    area,
    substances: [
      random.pick(['1011', '1011', '7000', '5000', '3200']),
      ...(secondDrug ? ['3201'] : []),
    ],
    referralSource: random.pick(['1', '6', '13']),
  } as const
  const intervention = {
    ref: `9${ref}`,
    kind: random.pick(['94', '95'] as const),
    startedOn: dayAfter(triagedAt, 3),
  }
  return {
    provider,
    endedAt: ending?.at ?? null,
    rowsAt(at) {
      // A service writes things up the next day.
      const known = at - day
      if (triagedAt + 3 * day > known) return []
      const isEnded =
        ending !== null && ending.at <= known && (ending.undoneAt === null || at < ending.undoneAt)
      const ended = isEnded ? { on: dayAfter(ending.at), reason: ending.reason } : null
      const held = reviews.filter((one) => one.at <= known).map(({ review }) => review)
      const endedOn = ended?.on ?? null
      return [held[0] ?? null, ...held.slice(1)].map((review, i) => ({
        ...common,
        ended,
        intervention: i === 0 ? { ...intervention, endedOn } : null,
        review,
      }))
    },
  }
}

function endingOf({ random }: Living, { span, triagedAt }: Beginning): Ending | null {
  const at = triagedAt + (20 + random.below(70)) * day
  const undoneAt = random.chance(0.05) ? at + 20 * day : null
  if (at >= span.until)
    return random.chance(0.7)
      ? { at: span.until + (2 + random.below(10)) * day, reason: '87', undoneAt: null }
      : null
  const reason = random.pick(['80', '81', '85', '85', ''])
  return reason === '' ? null : { at, reason, undoneAt }
}

/** At the start, some weeks later, and at the end: whether there is an acute housing problem, and work. */
function reviewsOf({ random }: Living, ref: string, triagedAt: number, ending: Ending | null) {
  const problem = random.chance(0.5)
  const answer = (stage: NdtmsReview['stage'], at: number, housingProblem: boolean, n: number) => ({
    at,
    review: {
      ref: `8${ref}${n}`,
      on: dayAfter(at),
      stage,
      housingProblem: random.chance(0.05) ? null : housingProblem,
      daysInWork: random.chance(0.2) ? null : random.below(29),
    },
  })
  const reviews = random.chance(0.85) ? [answer('S', triagedAt, problem, 1)] : []
  const later = triagedAt + (26 + random.below(20)) * day
  const lasts = ending === null || ending.at > later
  if (lasts && random.chance(0.8))
    reviews.push(answer('R', later, problem && random.chance(0.4), 2))
  if (ending !== null && ending.reason.startsWith('8') && random.chance(0.5))
    reviews.push(answer('E', ending.at, problem && random.chance(0.3), 3))
  return reviews
}

/** Appointments about once a week, kept and missed; whoever drops out misses the last ones. */
function contacts(
  living: Living,
  { provider, triagedAt }: Beginning,
  episodeRef: string,
  until: number,
  dropsOut: boolean,
) {
  const { random, person, entries, period } = living
  if (!sendsContacts.includes(provider)) return
  const report = (news: ContactReport['news'], recordVersion = 1): DeedAt => {
    const recordReference = `TR-${person.ref.slice(2)}${String(entries.length).padStart(4, '0')}`
    const hasNhs = random.chance(0.5)
    return (at) => ({
      kind: 'treatment',
      report: {
        provider,
        recordReference,
        recordVersion,
        episode: random.chance(0.9) ? episodeRef : null,
        at,
        numbers: [
          { type: 'NDTMS', value: person.client },
          ...(hasNhs ? [{ type: 'NHS' as const, value: person.nhs }] : []),
        ],
        restricted: false,
        news,
      },
      ...isPublished,
    })
  }
  let at: number | null = Math.max(triagedAt, period.start) + (3 + random.below(6)) * day
  for (let n = 0; n < 7 && at !== null && at < until; n++) {
    const isLast: boolean = dropsOut && at > until - 20 * day
    const attended: boolean = isLast ? random.chance(0.1) : random.chance(0.78)
    const met: number | null = attended
      ? happen(living, at, report({ is: 'contact', attended }))
      : matter(living, 'missed', at, report({ is: 'contact', attended }))
    if (met !== null && random.chance(0.04)) correctLast(living, met)
    if (met !== null && random.chance(0.05))
      matter(
        living,
        'doses',
        met + day,
        report({ is: 'doses-missed', days: 1 + random.below(5), pharmacy: random.chance(0.6) }),
      )
    if (met !== null && random.chance(0.04))
      happen(living, met, report({ is: 'naloxone', form: random.pick(['NASAL', 'INJECTABLE']) }))
    at = met === null ? null : met + (6 + random.below(9)) * day
  }
}

/** They had come after all, or had not: the same record in a higher version. */
function correctLast(living: Living, met: number) {
  const last = living.entries.findLast((entry) => entry.kind === 'treatment')
  if (last?.kind !== 'treatment' || last.report.news.is !== 'contact') return
  const { report } = last
  const news = { is: 'contact', attended: !last.report.news.attended } as const
  happen(living, met + day, () => ({
    kind: 'treatment',
    report: { ...report, recordVersion: 2, news },
    ...isPublished,
  }))
}

/** Somebody treated in prison is in that prison's extract once they have left it. */
function staysOf({ random, person, custody, period }: Living, area: string): readonly StayStory[] {
  const stays: StayStory[] = []
  let receivedAt = period.start - (30 + random.below(100)) * day
  const movements = custody.entries.flatMap((entry) =>
    entry.kind === 'movement' ? [entry.report] : [],
  )
  // In the order in which they happened: a late report of a release may come after the next reception.
  for (const report of movements.toSorted((a, b) => a.movedAt - b.movedAt)) {
    const { movement, movedAt, prison, code, family } = report
    if (movement === 'admission') receivedAt = movedAt
    if (movement !== 'released' || code !== 'CR' || family !== 'coded') continue
    if (!random.chance(0.6)) continue
    const [onDay, leftOn] = [dayAfter(receivedAt), dayAfter(movedAt)]
    const row: SecureRow = {
      noms: person.noms,
      receivedOn: onDay,
      drugs: [random.pick(['1011', '7000', '5000'])],
      reason: random.pick([
        'not-in-custody',
        'not-in-custody',
        'not-in-custody',
        'completed',
        'dropped-out',
      ]),
      left: { on: leftOn, how: 'Released', area: random.chance(0.9) ? area : 'Z00B' },
    }
    stays.push({ prison, rowAt: (at) => (movedAt + 2 * day < at ? row : null) })
  }
  return stays
}
