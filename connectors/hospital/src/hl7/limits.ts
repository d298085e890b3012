import type { Delimiters } from './message.ts'

const segmentsMax = 5000
const repetitionsMax = 5000

/** A message with thousands of parts is kept for people to look at, not read. Undefined if it is within reason. */
export function overLimit(
  text: string,
  { repetition }: Delimiters,
): 'too-many-segments' | 'too-many-repetitions' | undefined {
  if (hasMore(text, '\r', segmentsMax) || hasMore(text, '\n', segmentsMax)) {
    return 'too-many-segments'
  }
  return hasMore(text, repetition, repetitionsMax) ? 'too-many-repetitions' : undefined
}

function hasMore(text: string, part: string, max: number): boolean {
  if (text.length <= max) return false
  let at = -1
  for (let count = 0; count <= max; count += 1) {
    at = text.indexOf(part, at + 1)
    if (at === -1) return false
  }
  return true
}
