import type { ReviewStage, TreatmentEndReason } from '@throughline/domain'

/**
 * NDTMS code lists by data set letter (formats/treatment-housing.md, section 1.4). Where a list changed, the one
 * that took over is named by the letter from which it holds; letters newer than any list use the last one.
 */

/** In the order in which they came; the later ones are known by name only. */
export const dataSets = ['H', 'J', 'K', 'M', 'N', 'O', 'P', 'Q', 'R', 'S'] as const
export type DataSet = (typeof dataSets)[number]

export const isDataSet = (letter: string): letter is DataSet =>
  (dataSets as readonly string[]).includes(letter)

interface CodeList {
  readonly from: DataSet
  readonly codes: readonly string[]
}

const always = (codes: readonly string[]): readonly CodeList[] => [{ from: 'H', codes }]
const range = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at))
const numbers = (...codes: readonly (number | readonly string[])[]): readonly string[] =>
  codes.flatMap((code) => (typeof code === 'number' ? [String(code)] : code))

const substances = numbers(
  [1000, 1011, 1105, 2100, 2200, 3100, 3200, 3201, 3406, 3409].map(String),
  [4000, 5000, 6000, 7000, 8200, 8300, 8799, 9005].map(String),
)
const yesNo = always(['Y', 'N'])

/** Groups of discharge reasons in the department's own routine; 90, 91 and 92 count as 80, 82 and 81. */
const dischargeGroups: readonly (readonly [TreatmentEndReason, readonly string[]])[] = [
  ['COMPLETED', numbers(1, 2, range(15, 28), 80, 81, 82, 90, 91, 92)],
  ['TRANSFERRED_NOT_IN_CUSTODY', numbers(74, 83, range(93, 97))],
  ['TRANSFERRED_IN_CUSTODY', ['84']],
  ['DROPPED_OUT', numbers(6, range(43, 46), 48, 49, 85)],
  ['PRISON', numbers(8, 14, 87)],
  ['DECLINED', numbers(12, 71, 88)],
  ['DIED', numbers(9, 89)],
  // Withdrawn by the provider; no appropriate treatment; referred on; moved away; other.
  ['OTHER', numbers(3, range(29, 32), 34, 35, 86)],
  ['OTHER', numbers(4, 13, range(36, 39), 41, 42)],
  ['OTHER', numbers(5, 33, 40, 47, 54, 61, 68)],
  ['OTHER', numbers(7, range(50, 53), 55, 56)],
  ['OTHER', numbers(10, range(57, 60), 62, 63)],
  ['UNKNOWN', numbers(0, 11, range(64, 67), 69, 70)],
]

/** 999 and 500 are computed from conflicting reasons and never come in. */
export const endReasons: ReadonlyMap<string, TreatmentEndReason> = new Map(
  dischargeGroups.flatMap(([reason, codes]) => codes.map((code) => [code, reason] as const)),
)

/** Start, review, exit, after exit [inferred]. */
export const reviewStages: ReadonlyMap<string, ReviewStage> = new Map([
  ['S', 'START'],
  ['R', 'REVIEW'],
  ['E', 'EXIT'],
  ['P', 'POST_EXIT'],
])

const lists: Readonly<Record<string, readonly CodeList[]>> = {
  SEX: always(['M', 'F']),
  ETHNIC: always('ABCDEFGHJKLMNPRSZ'.split('')),
  PREVTR: yesNo,
  ACCMNEED: always(range(1, 3)),
  PRNTSTAT: always(range(11, 15)),
  EMPSTAT: always(numbers(1, 2, 5, 6, range(9, 10), range(12, 15), 99)),
  DRUG1: always(substances),
  DRUG2: always([...substances, '9996']),
  DRUG3: always([...substances, '9997']),
  ROUTE: always(range(1, 5)),
  INJSTAT: always('PCNZ'.split('')),
  RFLS: [
    { from: 'H', codes: numbers(range(1, 6), range(8, 25)) },
    // Arrest referral and probation were taken out; what came later is not known.
    { from: 'N', codes: numbers(range(1, 4), 6, range(9, 25)) },
  ],
  DISRSN: always([...endReasons.keys()]),
  MODAL: always(range(94, 96)),
  MODEXIT: always('ABC'.split('')),
  TRSTAGE: always([...reviewStages.keys()]),
  RECHSE: yesNo,
  SHARING: yesNo,
  OTHTHEFT: yesNo,
  ASSAULT: yesNo,
  ACUTHPBM: yesNo,
  HRISK: yesNo,
}

/** Columns whose values come from a list. */
export const codedColumns: readonly string[] = Object.keys(lists)

/** The codes of one column in one data set, with what this deployment adds. */
export function codesOf(
  column: string,
  dataSet: DataSet,
  more: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> {
  const at = dataSets.indexOf(dataSet)
  const list = lists[column]?.findLast(({ from }) => dataSets.indexOf(from) <= at)
  return new Set([...(list?.codes ?? []), ...(more[column] ?? [])])
}

const days = 28

/** Whole numbers and their greatest value: days of the last 28, and scales. */
export const countedColumns: Readonly<Record<string, number>> = {
  ALCDDAYS: days,
  ALCUNITS: 200,
  ALCUSE: days,
  OPIUSE: days,
  CRAUSE: days,
  COCAUSE: days,
  AMPHUSE: days,
  CANNUSE: days,
  OTDRGUSE: days,
  IVDRGUSE: days,
  SHOTHEFT: days,
  DRGSELL: days,
  PWORK: days,
  EDUCAT: days,
  PSYHSTAT: 20,
  PHSTAT: 20,
  QUALLIFE: 20,
}
