import type { Case, Line, Policy } from './case.ts'
import {
  continuity,
  continuityOpen,
  ordersStarted,
  prisonExitsOf,
  releasesOf,
} from './continuity.ts'
import { type PersonJourney, substanceGroups } from './journeys.ts'
import type { Frame } from './periods.ts'
import { completed, completedNoReturn, housingResolved, inTreatment } from './treatment.ts'

/**
 * The measures (definitions: processors/outcomes/README.md; sources: formats, treatment-housing 3 and
 * 4). Each is a version of a pure definition: which cases of a person count, and of these which say yes.
 */

export interface Measure {
  readonly code: MeasureCode
  readonly version: number
  /** A share has a denominator; a count has none. */
  readonly counts: 'share' | 'count'
  readonly lines: readonly Line[]
  readonly basis: 'RESIDENCE' | 'UNKNOWN'
  /** How long after a quarter's end the last case may still change from no to yes, or back. */
  readonly waits: { readonly days: number } | { readonly months: number }
  /** False for what rests on a source that does not name who should be counted. */
  readonly canBeFinal: boolean
  /** Shares people with this measure: what is hidden there is hidden here. */
  readonly hiddenWith: MeasureCode | null
  readonly cases: (person: PersonJourney, frame: Frame, policy: Policy) => readonly Case[]
}

export const measureCodes = [
  'continuity',
  'continuity-open',
  'continuity-releases',
  'continuity-releases-open',
  'in-treatment',
  'completed',
  'completed-no-return',
  'housing-resolved',
  'orders-started',
] as const
export type MeasureCode = (typeof measureCodes)[number]

const common = {
  version: 1,
  counts: 'share',
  lines: ['area', 'substance'],
  basis: 'RESIDENCE',
  waits: { days: 0 },
  canBeFinal: true,
  hiddenWith: null,
} as const

const threeWeeks = { days: 21 } as const

/** In the order of the codes: what another measure is hidden with comes before it. */
export const measures: readonly Measure[] = [
  {
    ...common,
    code: 'continuity',
    lines: ['area', 'substance', 'quarter', 'establishment'],
    waits: threeWeeks,
    cases: continuity(prisonExitsOf),
  },
  {
    ...common,
    code: 'continuity-open',
    lines: [],
    waits: threeWeeks,
    hiddenWith: 'continuity',
    cases: continuityOpen(prisonExitsOf),
  },
  {
    ...common,
    code: 'continuity-releases',
    lines: ['area', 'substance', 'quarter', 'establishment'],
    waits: threeWeeks,
    canBeFinal: false,
    cases: continuity(releasesOf),
  },
  {
    ...common,
    code: 'continuity-releases-open',
    lines: [],
    waits: threeWeeks,
    canBeFinal: false,
    hiddenWith: 'continuity-releases',
    cases: continuityOpen(releasesOf),
  },
  { ...common, code: 'in-treatment', counts: 'count', cases: inTreatment },
  { ...common, code: 'completed', hiddenWith: 'in-treatment', cases: completed },
  {
    ...common,
    code: 'completed-no-return',
    waits: { months: 6 },
    hiddenWith: 'completed',
    cases: completedNoReturn,
  },
  { ...common, code: 'housing-resolved', cases: housingResolved },
  {
    ...common,
    code: 'orders-started',
    lines: ['requirement', 'quarter'],
    basis: 'UNKNOWN',
    waits: threeWeeks,
    cases: ordersStarted,
  },
]

/** The groups that are shown even when nobody is in them. */
export function groupsAlways(line: Line, frame: Frame): readonly string[] {
  switch (line) {
    case 'substance':
      return substanceGroups.filter((group) => group !== 'not-known')
    case 'requirement':
      return ['DRR', 'ATR', 'MHTR']
    case 'quarter':
      return frame.quarters
    case 'area':
    case 'establishment':
      return []
  }
}
