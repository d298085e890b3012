import type { Hl7Message, Hl7Segment } from './hl7/message.ts'

/** The segments of a message that are read here: the first of each name, and the lists of what repeats. */
export interface AdtSegments {
  readonly all: readonly Hl7Segment[]
  readonly MSH: Hl7Segment | undefined
  readonly EVN: Hl7Segment | undefined
  readonly PID: Hl7Segment | undefined
  readonly PV1: Hl7Segment | undefined
  readonly PV2: Hl7Segment | undefined
  readonly MRG: Hl7Segment | undefined
  readonly ZU1: Hl7Segment | undefined
  readonly ZU8: Hl7Segment | undefined
  readonly DG1: readonly Hl7Segment[]
  readonly OBX: readonly Hl7Segment[]
  /** Segments nobody knows, which are normal. */
  readonly unknown: number
}

/** Segments of one name that are read; a message that has more is not about one visit. */
const repeatsMax = 200

type Found = { -readonly [N in keyof AdtSegments]: AdtSegments[N] } & {
  DG1: Hl7Segment[]
  OBX: Hl7Segment[]
}

/** Every segment once, in one pass: half a million of them arrive in a second. */
export function segmentsIn({ segments }: Hl7Message): AdtSegments {
  const found: Found = {
    all: segments,
    MSH: undefined,
    EVN: undefined,
    PID: undefined,
    PV1: undefined,
    PV2: undefined,
    MRG: undefined,
    ZU1: undefined,
    ZU8: undefined,
    DG1: [],
    OBX: [],
    unknown: 0,
  }
  for (const segment of segments) {
    const { name } = segment
    switch (name) {
      case 'MSH':
      case 'EVN':
      case 'PID':
      case 'PV1':
      case 'PV2':
      case 'MRG':
      case 'ZU1':
      case 'ZU8':
        found[name] ??= segment
        break
      case 'DG1':
      case 'OBX':
        if (found[name].length < repeatsMax) found[name].push(segment)
        break
      default:
        if (name.startsWith('Z') && !name.startsWith('ZU')) found.unknown += 1
    }
  }
  return found
}

/** The first component of a field, trimmed; '' for none and for an explicit delete. */
export function textOf(segment: Hl7Segment | undefined, n: number): string {
  if (segment === undefined) return ''
  const text = segment.text(n)
  return text === '' || text === '""' ? '' : text.trim()
}
