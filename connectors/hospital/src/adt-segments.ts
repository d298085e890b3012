import type { Hl7Message, Hl7Segment } from './hl7/message.ts'

/** The segments of a message that are read here: the first of each name, and the lists of what repeats. */
export interface AdtSegments {
  readonly all: readonly Hl7Segment[]
  readonly MSH?: Hl7Segment
  readonly EVN?: Hl7Segment
  readonly PID?: Hl7Segment
  readonly PV1?: Hl7Segment
  readonly PV2?: Hl7Segment
  readonly MRG?: Hl7Segment
  readonly ZU1?: Hl7Segment
  readonly ZU8?: Hl7Segment
  readonly DG1: readonly Hl7Segment[]
  readonly OBX: readonly Hl7Segment[]
  /** Segments nobody knows, which are normal. */
  readonly unknown: number
}

const single = new Set(['MSH', 'EVN', 'PID', 'PV1', 'PV2', 'MRG', 'ZU1', 'ZU8'] as const)
type Single = typeof single extends Set<infer N> ? N : never

/** Segments of one name that are read; a message that has more is not about one visit. */
const repeatsMax = 200

/** Every segment once, in one pass: half a million of them arrive in a second. */
export function segmentsIn({ segments }: Hl7Message): AdtSegments {
  const found: { [N in Single]?: Hl7Segment } = {}
  const DG1: Hl7Segment[] = []
  const OBX: Hl7Segment[] = []
  let unknown = 0
  for (const segment of segments) {
    const { name } = segment
    if (name === 'DG1') {
      if (DG1.length < repeatsMax) DG1.push(segment)
    } else if (name === 'OBX') {
      if (OBX.length < repeatsMax) OBX.push(segment)
    } else if (single.has(name as Single)) found[name as Single] ??= segment
    else if (name.startsWith('Z') && !name.startsWith('ZU')) unknown += 1
  }
  return { ...found, all: segments, DG1, OBX, unknown }
}

/** The first component of a field, trimmed; '' for none and for an explicit delete. */
export function textOf(segment: Hl7Segment | undefined, n: number): string {
  const text = segment?.text(n).trim() ?? ''
  return text === '""' ? '' : text
}
