import { csvOf } from './csv.ts'
import { wireTime } from './wire-time.ts'

/** A contact, missed doses or naloxone as a treatment service reports it. Times are milliseconds. */
export interface ContactReport {
  readonly provider: string
  /** The service's own number of the record; a higher version corrects it. */
  readonly recordReference: string
  readonly recordVersion: number
  readonly episode: string | null
  readonly at: number
  readonly numbers: readonly {
    readonly type: 'NHS' | 'NDTMS' | 'NOMS'
    readonly value: string
  }[]
  readonly restricted: boolean
  readonly news:
    | { readonly is: 'contact'; readonly attended: boolean }
    | { readonly is: 'doses-missed'; readonly days: number; readonly pharmacy: boolean }
    | { readonly is: 'naloxone'; readonly form: 'NASAL' | 'INJECTABLE' }
}

/** A service's monthly NDTMS file: everything it has to say, told again each time. Days are London days. */
export interface NdtmsFile {
  readonly what: 'ndtms'
  readonly provider: string
  /** The first and last day it covers, and the letter of its data set. */
  readonly from: string
  readonly to: string
  readonly dataSet: 'P'
  readonly rows: readonly NdtmsRow[]
}

/** One episode, with at most one intervention and one review beside it; or somebody who refused to be reported. */
export type NdtmsRow =
  | {
      readonly is: 'episode'
      readonly client: string
      readonly episode: string
      readonly person: { readonly initials: string; readonly born: string; readonly sex: 'M' | 'F' }
      readonly referredOn: string
      readonly triagedOn: string
      readonly area: string
      readonly substances: readonly string[]
      readonly referralSource: string
      readonly ended: { readonly on: string; readonly reason: string } | null
      readonly intervention: NdtmsIntervention | null
      readonly review: NdtmsReview | null
      /** What is wrong with the row, so that it must be refused. */
      readonly mistake?: 'triage-before-referral' | 'no-substance' | 'date-not-readable'
    }
  | { readonly is: 'refusal'; readonly client: string }

export interface NdtmsIntervention {
  readonly ref: string
  /** 94 psychosocial, 95 pharmacological, 96 recovery support. */
  readonly kind: '94' | '95' | '96'
  readonly startedOn: string
  readonly endedOn: string | null
}

export interface NdtmsReview {
  readonly ref: string
  readonly on: string
  readonly stage: 'S' | 'R' | 'E'
  readonly housingProblem: boolean | null
  readonly daysInWork: number | null
}

/** The secure-setting extract: who left treatment in one prison, told again each time. */
export interface SecureFile {
  readonly what: 'secure-setting'
  /** The establishment that the file is of. */
  readonly prison: string
  readonly rows: readonly SecureRow[]
}

export interface SecureRow {
  readonly noms: string
  readonly receivedOn: string
  readonly drugs: readonly string[]
  readonly reason: 'not-in-custody' | 'in-custody' | 'completed' | 'dropped-out'
  readonly left: {
    readonly on: string
    readonly how: 'Released' | 'Transferred to another prison'
    readonly area: string
  }
  /** A prison number that cannot be one: the row must be refused. */
  readonly isBad?: boolean
}

/** The record in the house format of treatment contacts. */
export function contactRecord(report: ContactReport): object {
  const { provider, recordReference, recordVersion, episode, at, numbers, restricted } = report
  return {
    formatVersion: 1,
    provider,
    recordReference,
    recordVersion,
    ...(episode === null ? {} : { episodeReference: episode }),
    occurredAt: wireTime(at, 0),
    restricted,
    person: { identifiers: numbers },
    ...contactNews(report),
  }
}

function contactNews({ news }: ContactReport): object {
  switch (news.is) {
    case 'contact':
      return {
        recordType: 'contact',
        contact: { attendance: news.attended ? 'ATTENDED' : 'MISSED' },
      }
    case 'doses-missed': {
      const reportedBy = news.pharmacy ? 'PHARMACY' : 'SERVICE'
      return { recordType: 'doses-missed', dosesMissed: { days: news.days, reportedBy } }
    }
    case 'naloxone':
      return { recordType: 'naloxone-supplied', naloxone: { form: news.form } }
  }
}

/** Columns of data set P that this service fills. */
const ndtmsColumns = [
  'FINITIAL',
  'SINITIAL',
  'DOB',
  'SEX',
  'ETHNIC',
  'REFLD',
  'AGNCY',
  'CLIENT',
  'CLIENTID',
  'EPISODID',
  'CONSENT',
  'DAT',
  'DRUG1',
  'DRUG2',
  'DRUG3',
  'RFLS',
  'TRIAGED',
  'DISD',
  'DISRSN',
  'MODAL',
  'MODID',
  'MODST',
  'MODEND',
  'MODEXIT',
  'TOPDATE',
  'TOPID',
  'TRSTAGE',
  'PWORK',
  'ACUTHPBM',
  'VETERAN',
] as const

/** The monthly file as it is uploaded, and its name, which tells the data set. */
export function ndtmsCsv(file: NdtmsFile): { readonly name: string; readonly csv: string } {
  const { provider, from, to, dataSet, rows } = file
  const days = [from, to].map((day) => day.replaceAll('-', '')).join('-')
  const cells = rows.map((row) => {
    const values = row.is === 'refusal' ? refusalCells(provider, row) : episodeCells(provider, row)
    return ndtmsColumns.map((column) => values[column] ?? '')
  })
  return {
    name: `${provider}-${days}-TREAT-IN-${dataSet}.csv`,
    csv: csvOf(ndtmsColumns, cells),
  }
}

type Cells = Partial<Record<(typeof ndtmsColumns)[number], string>>

/** Of somebody who refused, nothing but that. */
const refusalCells = (
  provider: string,
  { client }: Extract<NdtmsRow, { is: 'refusal' }>,
): Cells => ({ AGNCY: provider, CLIENTID: digitsOf(client), CONSENT: 'N' })

function episodeCells(provider: string, row: Extract<NdtmsRow, { is: 'episode' }>): Cells {
  const { person, mistake, substances, ended, intervention, review } = row
  const [first = '', second = '9996', third = '9997'] = substances
  return {
    FINITIAL: person.initials.slice(0, 1),
    SINITIAL: person.initials.slice(1),
    DOB: person.born,
    SEX: person.sex,
    ETHNIC: 'Z',
    REFLD: row.referredOn,
    AGNCY: provider,
    CLIENT: row.client,
    CLIENTID: digitsOf(row.client),
    EPISODID: row.episode,
    CONSENT: 'Y',
    DAT: row.area,
    DRUG1: mistake === 'no-substance' ? '' : first,
    DRUG2: second,
    DRUG3: third,
    RFLS: row.referralSource,
    TRIAGED:
      mistake === 'triage-before-referral'
        ? '2020-01-01'
        : mistake === 'date-not-readable'
          ? row.triagedOn.slice(2)
          : row.triagedOn,
    DISD: ended?.on ?? '',
    DISRSN: ended?.reason ?? '',
    ...(intervention === null ? {} : interventionCells(intervention)),
    ...(review === null ? {} : reviewCells(review)),
    VETERAN: 'N',
  }
}

const interventionCells = ({ ref, kind, startedOn, endedOn }: NdtmsIntervention): Cells => ({
  MODAL: kind,
  MODID: ref,
  MODST: startedOn,
  MODEND: endedOn ?? '',
  MODEXIT: endedOn === null ? '' : 'A',
})

const reviewCells = ({ ref, on, stage, housingProblem, daysInWork }: NdtmsReview): Cells => ({
  TOPDATE: on,
  TOPID: ref,
  TRSTAGE: stage,
  PWORK: daysInWork === null ? '' : String(daysInWork),
  ACUTHPBM: housingProblem === null ? '' : housingProblem ? 'Y' : 'N',
})

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

const secureColumns = [
  'first name',
  'surname',
  'date of birth',
  'sex',
  'client reference',
  'initial reception date',
  'drug 1',
  'drug 2',
  'drug 3',
  'discharge reason',
  'prison exit date',
  'prison exit reason',
  'prison exit destination',
]
const drugLabels: Readonly<Record<string, string>> = {
  '1011': 'Heroin',
  '3201': 'Crack',
  '5000': 'Cannabis',
  '7000': 'Alcohol',
}
const reasonLabels = {
  'not-in-custody': 'Transferred - not in custody',
  'in-custody': 'Transferred - in custody',
  completed: 'Treatment completed - drug-free',
  'dropped-out': 'Incomplete - dropped out',
} as const

/** The extract as CSV, in labels where NDTMS has codes. */
export const secureCsv = ({ rows }: SecureFile): string =>
  csvOf(
    secureColumns,
    rows.map(({ noms, receivedOn, drugs, reason, left, isBad }) => [
      'Sample',
      'Specimen',
      '1980-01-01',
      'M',
      isBad === true ? noms.toLowerCase().slice(1) : noms,
      receivedOn,
      ...[0, 1, 2].map((i) => drugLabels[drugs[i] ?? ''] ?? ''),
      reasonLabels[reason],
      left.on,
      left.how,
      left.area,
    ]),
  )
