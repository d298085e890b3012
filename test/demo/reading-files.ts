import type { DutyRow, HomelessnessFile } from '../agencies/housing.ts'
import type { NdtmsFile, NdtmsRow, SecureFile, SecureRow } from '../agencies/treatment.ts'
import {
  type Happening,
  happeningOf,
  notTold,
  numberText,
  type Read,
  type Telling,
} from './happening.ts'
import { startOfDay } from './london.ts'
import type { AgencyFile } from './plan.ts'

/** One thing of a file, such as an episode, as its rows tell it now. */
interface Thing {
  readonly key: string
  readonly rows: readonly Row[]
  /** Who it is about. */
  readonly numbers: readonly string[]
  readonly object: readonly [system: string, ref: string]
  readonly agency: 'housing' | 'treatment'
  readonly facts: readonly Fact[]
}

interface Row {
  /** What makes it the same row next time, and all that is read of it. */
  readonly key: string
  readonly text: string
}

interface Fact {
  readonly key: string
  /** Null: the rows say that it is not so. */
  readonly told: { readonly on: string; readonly facts: Telling['facts'] } | null
}

interface Known {
  /** How often somebody had claimed it when it was last told: whoever claims it since is told anew. */
  readonly claimed: number
  readonly rows: ReadonlyMap<string, string>
  /** What was last said of each fact, null where it was not so, and its version. */
  readonly facts: ReadonlyMap<string, { readonly text: string | null; readonly version: number }>
}

/**
 * Files tell everything again: only what differs from the last telling is a happening, in a version above
 * it, and what is no longer so is taken back. Row by row, in the order of the file.
 */
export function fileReading() {
  const known = new Map<string, Known>()
  return (
    file: AgencyFile,
    receivedAt: number,
    timesClaimed: (number: string) => number,
  ): readonly Read[] =>
    thingsIn(file).flatMap((one) => {
      if ('outcome' in one) return [one]
      const claimed = timesClaimed(one.numbers[0] ?? '')
      return compare(known, one, claimed, receivedAt)
    })
}

function compare(
  known: Map<string, Known>,
  thing: Thing,
  claimed: number,
  receivedAt: number,
): readonly Read[] {
  const kept = known.get(thing.key)
  const last = kept === undefined || kept.claimed === claimed ? kept : forgotten(kept)
  const said = new Set(last?.rows.values())
  const changed = thing.rows.map(({ text }) => !said.has(text))
  if (!changed.includes(true)) return thing.rows.map(() => notTold('unchanged'))
  const facts = new Map(last?.facts)
  const happenings: Happening[] = []
  let corrects = false
  for (const fact of thing.facts) {
    const { text: before, version } = facts.get(fact.key) ?? { text: null, version: 0 }
    const text = fact.told === null ? null : JSON.stringify([thing.numbers, fact.told])
    if (text === before) continue
    corrects ||= version > 0
    const now = fact.told === null ? version : version + 1
    facts.set(fact.key, { text, version: now })
    happenings.push(happeningIn(thing, fact, now, receivedAt))
  }
  const others = corrects ? [] : (last?.rows ?? [])
  const rows = new Map([...others, ...thing.rows.map(({ key, text }) => [key, text] as const)])
  known.set(thing.key, { claimed, rows, facts })
  const outcome = happenings.length === 0 ? 'ignored/not-needed' : 'published'
  // The whole thing is told with the first row that is new.
  let left: readonly Happening[] = happenings
  return changed.map((isNew) => {
    if (!isNew) return notTold('unchanged')
    const read = { outcome, happenings: left }
    left = []
    return read
  })
}

/** Everything that was told is told again, for it was told before anybody claimed the number. */
const forgotten = ({ facts, claimed }: Known): Known => ({
  claimed,
  rows: new Map(),
  facts: new Map(
    [...facts].map(([key, { text, version }]) => [
      key,
      { text: text === null ? null : '', version },
    ]),
  ),
})

function happeningIn(
  { agency, numbers, object }: Thing,
  { key, told }: Fact,
  version: number,
  receivedAt: number,
): Happening {
  const shared = { agency, version, receivedAt, identifiers: numbers }
  if (told === null)
    return happeningOf({
      ...shared,
      key: `withdrawn ${key}`,
      occurredAt: receivedAt,
      precision: 'INSTANT',
      facts: { type: 'EventWithdrawn', withdrawnEventId: key, reason: 'no-longer-stated' },
    })
  return happeningOf({
    ...shared,
    key,
    object,
    occurredAt: startOfDay(told.on),
    precision: 'DAY',
    facts: told.facts,
  })
}

function thingsIn(file: AgencyFile): readonly (Thing | Read)[] {
  switch (file.what) {
    case 'ndtms':
      return episodesIn(file)
    case 'secure-setting':
      return file.rows.map((row) => (row.isBad ? notTold('rejected') : stay(file, row)))
    case 'homelessness':
      return file.rows.map((row) => (row.isBad ? notTold('rejected') : duty(file, row)))
  }
}

type EpisodeRow = Extract<NdtmsRow, { is: 'episode' }>

/** Rows of one episode that follow each other are read as one; a row that is refused says nothing. */
function episodesIn(file: NdtmsFile): readonly (Thing | Read)[] {
  const found: (EpisodeRow[] | Read)[] = []
  for (const row of file.rows) {
    if (row.is === 'refusal') found.push(notTold('counted-only'))
    else if (row.mistake !== undefined) found.push(notTold('rejected'))
    else {
      const last = found.findLast((one) => Array.isArray(one))
      if (Array.isArray(last) && last[0]?.episode === row.episode) last.push(row)
      else found.push([row])
    }
  }
  return found.map((one) => (Array.isArray(one) ? episode(file, one) : one))
}

const endReasons: Readonly<Record<string, 'COMPLETED' | 'DROPPED_OUT' | 'PRISON' | 'DIED'>> = {
  '80': 'COMPLETED',
  '81': 'COMPLETED',
  '82': 'COMPLETED',
  '85': 'DROPPED_OUT',
  '87': 'PRISON',
  '89': 'DIED',
}
const stages = { S: 'START', R: 'REVIEW', E: 'EXIT' } as const

function episode({ provider }: NdtmsFile, rows: readonly EpisodeRow[]): Thing {
  const last = rows.at(-1) as EpisodeRow
  const { client, area } = last
  const which = { provider, episodeRef: last.episode }
  const ref = `${provider}/${last.episode}`
  const ended = rows.findLast((row) => row.ended !== null)?.ended ?? null
  return {
    key: `ndtms ${ref}`,
    rows: rows.map((row) => ({
      key: JSON.stringify([row.intervention?.ref, row.review?.ref]),
      text: JSON.stringify([ref, row]),
    })),
    numbers: [numberText('NDTMS', client, provider)],
    object: ['ndtms', ref],
    agency: 'treatment',
    facts: [
      {
        key: `ndtms ${ref} start`,
        told: {
          on: last.triagedOn,
          facts: {
            type: 'TreatmentStarted',
            ...which,
            setting: 'COMMUNITY',
            substances: [...last.substances],
            referralSource: last.referralSource,
            area,
          },
        },
      },
      {
        key: `ndtms ${ref} end`,
        told: ended && {
          on: ended.on,
          facts: {
            type: 'TreatmentEnded',
            ...which,
            reason: endReasons[ended.reason] ?? 'UNKNOWN',
            setting: 'COMMUNITY',
            destination: null,
            area,
            prisonExit: null,
            substances: null,
          },
        },
      },
      ...rows.flatMap((row) => interventionFacts(row, which, ref)),
      ...rows.flatMap((row) => reviewFacts(row, which, ref)),
    ],
  }
}

interface Which {
  readonly provider: string
  readonly episodeRef: string
}

function interventionFacts(
  { intervention }: EpisodeRow,
  which: Which,
  ref: string,
): readonly Fact[] {
  if (intervention === null) return []
  const { ref: interventionRef, kind, startedOn, endedOn } = intervention
  const about = { ...which, interventionRef, intervention: kind }
  const key = `ndtms ${ref} intervention ${interventionRef}`
  return [
    {
      key: `${key} start`,
      told: {
        on: startedOn,
        facts: { type: 'InterventionStarted', ...about, setting: 'UNKNOWN' },
      },
    },
    {
      key: `${key} end`,
      told:
        endedOn === null
          ? null
          : { on: endedOn, facts: { type: 'InterventionEnded', ...about, exitReason: 'A' } },
    },
  ]
}

function reviewFacts({ review }: EpisodeRow, which: Which, ref: string): readonly Fact[] {
  if (review === null) return []
  const { on, stage, housingProblem, daysInWork } = review
  return [
    {
      key: `ndtms ${ref} review ${review.ref}`,
      told: {
        on,
        facts: {
          type: 'TreatmentReviewed',
          ...which,
          stage: stages[stage],
          housingProblem,
          daysInWork,
          mentalHealthTreatmentNeed: null,
        },
      },
    },
  ]
}

const secureReasons = {
  'not-in-custody': 'TRANSFERRED_NOT_IN_CUSTODY',
  'in-custody': 'TRANSFERRED_IN_CUSTODY',
  completed: 'COMPLETED',
  'dropped-out': 'DROPPED_OUT',
} as const

/** The extract has no number for a stay: person and day of reception are what it is known by. */
function stay({ prison }: SecureFile, row: SecureRow): Thing {
  const ref = `${row.noms} ${row.receivedOn}`
  const { on, how, area } = row.left
  return {
    key: `secure ${ref}`,
    rows: [{ key: ref, text: JSON.stringify(row) }],
    numbers: [numberText('NOMS', row.noms)],
    object: ['secure-setting', ref],
    agency: 'treatment',
    facts: [
      {
        key: `secure ${ref}`,
        told: {
          on,
          facts: {
            type: 'TreatmentEnded',
            provider: prison,
            episodeRef: ref,
            reason: secureReasons[row.reason],
            setting: 'PRISON',
            destination: null,
            area,
            prisonExit: how === 'Released' ? 'RELEASED' : 'TRANSFERRED',
            substances: [...row.drugs],
          },
        },
      },
    ],
  }
}

const duties = { prevention: 'PREVENTION', relief: 'RELIEF', main: 'MAIN' } as const
const needNames: Readonly<Record<string, string>> = {
  drug_dependency: 'drug dependency needs',
  alcohol_dependency: 'alcohol dependency needs',
  offending_history: 'offending history',
  rough_sleeping_history: 'history of rough sleeping',
  mental_health_history: 'history of mental health problems',
}
const housedBy: Readonly<Record<string, boolean>> = {
  accommodation_secured_6m: true,
  part_6_offer_accepted: true,
  homeless_relief_started: false,
  part_6_offer_refused: false,
}

function duty({ authority }: HomelessnessFile, row: DutyRow): Thing {
  const { caseId, personId, assessedOn, needs, ended } = row
  const ref = `${authority}/${caseId}/${row.duty}`
  const about = row.duty === 'none' ? null : { authority, caseRef: caseId, duty: duties[row.duty] }
  return {
    key: `homelessness ${ref}`,
    rows: [{ key: ref, text: JSON.stringify([ref, row]) }],
    numbers: [personId, caseId].map((one) => numberText('HOUSING_APPLICATION', one, authority)),
    object: ['homelessness', ref],
    agency: 'housing',
    facts: about === null ? [] : dutyFacts(ref, about),
  }

  function dutyFacts(key: string, which: NonNullable<typeof about>): readonly Fact[] {
    return [
      {
        key: `homelessness ${key} owed`,
        told: {
          on: assessedOn,
          facts: {
            type: 'HomelessnessDutyOwed',
            ...which,
            supportNeeds: needs.map((need) => needNames[need] ?? need),
          },
        },
      },
      {
        key: `homelessness ${key} ended`,
        told: ended && {
          on: ended.on,
          facts: {
            type: 'HomelessnessDutyEnded',
            ...which,
            reason: ended.reason,
            housed: housedBy[ended.reason] ?? null,
          },
        },
      },
    ]
  }
}
