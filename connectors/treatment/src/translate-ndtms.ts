import {
  type EventType,
  type Identifier,
  type Ids,
  identifier,
  type TreatmentSetting,
} from '@throughline/domain'
import type { Fact, Said } from '@throughline/intake'
import { dayIn } from './days.ts'
import { endReasons, reviewStages } from './ndtms-codes.ts'
import type { NdtmsRow } from './ndtms-rules.ts'
import { type About, factOf, type ToldOn } from './told-on.ts'

export const ndtmsSystem = 'ndtms'

export interface NdtmsOptions {
  readonly partnership: string
  /** MODSET's codes, as this area uses them: no published list is certain. */
  readonly settings: Readonly<Record<string, TreatmentSetting>>
  /** NALOXISS's codes that mean "issued", with the form each stands for. */
  readonly naloxone: Readonly<Record<string, string | null>>
}

/** Rows of one episode, in NDTMS's words and in ours. */
export type Episode = readonly NdtmsRow[]

/** What makes it the same episode in each file. */
export const episodeKeyOf = (ids: Ids, row: NdtmsRow): string =>
  ids.hmac('restated', ndtmsSystem, row.value('AGNCY') ?? '', row.value('EPISODID') ?? '')

/**
 * Everything on which the rows of an episode have a say. A blank discharge date says that it is open; a blank end
 * says that an intervention goes on; of an intervention or review that is not in these rows nothing is said.
 */
export function episodeSays(rows: Episode, ids: Ids, options: NdtmsOptions): Said {
  const last = rows.at(-1)
  if (last === undefined) throw new Error('an episode has a row')
  const about = telling(last, ids, options)
  // Where rows differ in whether it has ended, the one that says so was written last.
  const ended = rows.findLast(({ value }) => value('DISD') !== null) ?? last
  return {
    identifiers: about.identifiers,
    objectRef: about.objectRef,
    rowKeys: rows.map((row) => rowKeyOf(ids, row)),
    facts: [
      about.fact('TreatmentStarted', ['start'], startOf(last, about)),
      about.fact('TreatmentEnded', ['end'], endOf(ended, about)),
      ...naloxoneOf(last, about, options),
      ...rows.flatMap((row) => interventionOf(row, about, options)),
      ...rows.flatMap((row) => reviewOf(row, about)),
    ],
  }
}

/** A row is an episode with at most one of each kind of child beside it: the children make it the same row. */
const rowKeyOf = (ids: Ids, { value }: NdtmsRow): string =>
  ids.hmac('restated-row', ...children.map((column) => value(column) ?? ''))

const children = ['AGNCY', 'EPISODID', 'MODID', 'SUBMID', 'TITID', 'TOPID', 'CIRID']

type Telling = ReturnType<typeof telling>

function telling(row: NdtmsRow, ids: Ids, { partnership }: NdtmsOptions) {
  const provider = row.value('AGNCY') ?? ''
  const episodeRef = row.value('EPISODID') ?? ''
  const objectRef = `${provider}/${episodeRef}`
  const identifiers = identifiersOf(row, provider)
  const about: About = { partnership, system: ndtmsSystem, identifiers, objectRef }
  return {
    identifiers,
    objectRef,
    episode: { provider, episodeRef },
    fact: (type: EventType, key: readonly string[], told: ToldOn | null): Fact =>
      factOf(ids, type, [provider, episodeRef, ...key], about, told),
  }
}

/** The client reference is unique within one agency only. Initials, birth date and sex join nobody to anything. */
function identifiersOf({ value }: NdtmsRow, issuer: string): Identifier[] {
  const client = value('CLIENT')
  if (client === null) return []
  const checked = identifier(
    { type: 'NDTMS', value: client, issuer },
    { allowTestNhsNumbers: false },
  )
  return checked.ok ? [{ ...checked.identifier, verified: true }] : []
}

const dayOf = ({ value }: NdtmsRow, column: string): number => dayIn(value(column) ?? '')

/** 9996 and 9997 say that there is no second and no third. */
const substancesOf = ({ value }: NdtmsRow): string[] =>
  ['DRUG1', 'DRUG2', 'DRUG3'].flatMap((column) => {
    const code = value(column)
    return code === null || code === '9996' || code === '9997' ? [] : [code]
  })

const areaOf = ({ value }: NdtmsRow): string | null => {
  const area = value('DAT')
  return area !== null && /^[A-Z]\d{2}[A-Z]$/.test(area) ? area : null
}

const startOf = (row: NdtmsRow, { episode }: Telling): ToldOn => ({
  day: dayOf(row, 'TRIAGED'),
  event: (of) => ({
    type: 'TreatmentStarted',
    ...of,
    ...episode,
    setting: 'COMMUNITY',
    substances: substancesOf(row),
    referralSource: row.value('RFLS'),
    area: areaOf(row),
  }),
})

function endOf(row: NdtmsRow, { episode }: Telling): ToldOn | null {
  const day = dayOf(row, 'DISD')
  if (day === 0) return null
  return {
    day,
    event: (of) => ({
      type: 'TreatmentEnded',
      ...of,
      ...episode,
      reason: endReasons.get(row.value('DISRSN') ?? '') ?? 'UNKNOWN',
      setting: 'COMMUNITY',
      destination: codeOnly(row.value('DISDEST')),
      area: areaOf(row),
      prisonExit: null,
      substances: null,
    }),
  }
}

/** Text that somebody typed is not carried; a code is. */
const codeOnly = (text: string | null): string | null =>
  text !== null && /^[A-Z0-9]{3,10}$/.test(text) ? text : null

function naloxoneOf(row: NdtmsRow, about: Telling, { naloxone }: NdtmsOptions): readonly Fact[] {
  const code = row.value('NALOXISS')
  const form = code === null ? undefined : naloxone[code]
  const said: ToldOn | null =
    form === undefined
      ? null
      : {
          day: dayOf(row, 'TRIAGED'),
          event: (of) => ({
            type: 'NaloxoneSupplied',
            ...of,
            provider: about.episode.provider,
            form,
          }),
        }
  return [about.fact('NaloxoneSupplied', ['naloxone'], said)]
}

function interventionOf(
  row: NdtmsRow,
  about: Telling,
  { settings }: NdtmsOptions,
): readonly Fact[] {
  const interventionRef = row.value('MODID')
  if (interventionRef === null) return []
  const intervention = row.value('MODAL') ?? 'unknown'
  const setting = settings[row.value('MODSET') ?? ''] ?? 'UNKNOWN'
  const exitReason = row.value('MODEXIT')
  const which = { ...about.episode, interventionRef, intervention }
  const on = (column: string, event: ToldOn['event']): ToldOn | null => {
    const day = dayOf(row, column)
    return day === 0 ? null : { day, event }
  }
  const started = on('MODST', (of) => ({ type: 'InterventionStarted', ...of, ...which, setting }))
  const ended = on('MODEND', (of) => ({ type: 'InterventionEnded', ...of, ...which, exitReason }))
  return [
    about.fact('InterventionStarted', ['intervention', interventionRef, 'start'], started),
    about.fact('InterventionEnded', ['intervention', interventionRef, 'end'], ended),
  ]
}

function reviewOf(row: NdtmsRow, about: Telling): readonly Fact[] {
  const review = row.value('TOPID')
  if (review === null) return []
  const day = dayOf(row, 'TOPDATE')
  const housing = row.value('ACUTHPBM')
  const work = row.value('PWORK')
  const said: ToldOn | null =
    day === 0
      ? null
      : {
          day,
          event: (of) => ({
            type: 'TreatmentReviewed',
            ...of,
            ...about.episode,
            stage: reviewStages.get(row.value('TRSTAGE') ?? '') ?? 'UNKNOWN',
            housingProblem: housing === null ? null : housing === 'Y',
            daysInWork: work === null ? null : Number(work),
            // A scale of how people feel is not a need that somebody found.
            mentalHealthTreatmentNeed: null,
          }),
        }
  return [about.fact('TreatmentReviewed', ['review', review], said)]
}
