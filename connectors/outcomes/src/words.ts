import type { Figure, MeasureCode } from '@throughline/domain'

/** How measures and groups are said to people. The definitions are in processors/outcomes/README.md. */
export interface MeasureWords {
  readonly title: string
  /** Who or what is counted, as a sentence. */
  readonly counted: string
  /** What the numerator and denominator are called in the table. */
  readonly yes: string
  readonly all: string | null
  /** What a reader might take it for, and should not. */
  readonly caution?: string
}

export const measureWords: Readonly<Record<MeasureCode, MeasureWords>> = {
  continuity: {
    title: 'In treatment within three weeks of leaving prison',
    counted:
      'People who were in treatment in prison and were released to an area in England, by the secure setting’s extract. Counted: those whose community treatment started on the day of release or in the 21 days after.',
    yes: 'Started',
    all: 'Released',
  },
  'continuity-open': {
    title: 'Already in community treatment when they left prison',
    counted:
      'Of those released whose treatment did not start in the 21 days after: those who had a community episode from before that was still open.',
    yes: 'Already open',
    all: 'Not started',
  },
  'continuity-releases': {
    title: 'In treatment within three weeks of any release',
    counted:
      'Every release from prison to the community that custody told the hub of. Counted: those after which community treatment started on the day or in the 21 days after.',
    yes: 'Started',
    all: 'Releases',
    caution:
      'Provisional as long as it counts the hub’s releases: not everybody released needs treatment. Where the secure setting’s extract is there, read that measure.',
  },
  'continuity-releases-open': {
    title: 'Already in community treatment at any release',
    counted:
      'Of the releases after which treatment did not start in 21 days: those of people who had a community episode from before that was still open.',
    yes: 'Already open',
    all: 'Not started',
  },
  'in-treatment': {
    title: 'Numbers in treatment',
    counted: 'People with a community treatment episode open on any day of the year shown.',
    yes: 'People',
    all: null,
  },
  completed: {
    title: 'Successful completion',
    counted:
      'Of the people in treatment: those whose latest course of treatment that ended in the year was completed.',
    yes: 'Completed',
    all: 'In treatment',
  },
  'completed-no-return': {
    title: 'Successful completion without return',
    counted:
      'Of the people in treatment: those who completed it and did not start again, in any area, in the six calendar months after.',
    yes: 'Completed, no return',
    all: 'In treatment',
  },
  'housing-resolved': {
    title: 'Acute housing problem resolved',
    counted:
      'People who had an acute housing problem when treatment started, and were asked again at least 28 days later. Counted: those who then had none.',
    yes: 'Resolved',
    all: 'Asked again',
  },
  'orders-started': {
    title: 'Treatment orders started',
    counted:
      'Court orders with a treatment requirement. Counted: those where community treatment was open already, or started within 21 days.',
    yes: 'Started',
    all: 'Orders',
    caution: 'Mental health treatment is seldom told by the sources here; read that row with care.',
  },
}

const groupWords: Readonly<Record<string, string>> = {
  opiate: 'Opiates',
  'non-opiate': 'Non-opiates only',
  'non-opiate-and-alcohol': 'Non-opiates and alcohol',
  alcohol: 'Alcohol only',
  'not-known': 'Not known',
  DRR: 'Drug rehabilitation',
  ATR: 'Alcohol treatment',
  MHTR: 'Mental health treatment',
  UNKNOWN: 'Not known',
}

const quarterMonths = [
  'January to March',
  'April to June',
  'July to September',
  'October to December',
] as const

export const quarterWords = (quarter: string): string =>
  `${quarterMonths[Number(quarter.slice(6)) - 1] ?? ''} ${quarter.slice(0, 4)}`

/** What a figure's line is called above its rows. */
export const lineWords = ({ area, breakdown }: Figure): string =>
  area !== 'all'
    ? 'By area'
    : {
        all: '',
        substance: 'By substance',
        quarter: 'By quarter',
        establishment: 'By prison',
        requirement: 'By requirement',
      }[breakdown]

export function groupOf({ area, breakdown, group }: Figure): string {
  if (area !== 'all') return groupWords[area] ?? area
  if (breakdown === 'all') return 'Total'
  return breakdown === 'quarter' ? quarterWords(group) : (groupWords[group] ?? group)
}

export const basisWords: Readonly<Record<Figure['geographyBasis'], string>> = {
  RESIDENCE: 'where people live',
  ESTABLISHMENT: 'the prison they left',
  UNKNOWN: 'no geography',
}
