import type { Hl7Message } from './message.ts'

const segmentsMax = 5000
const repetitionsMax = 5000

/** A message with thousands of parts is kept for people to look at, not read. Undefined if it is within reason. */
export function overLimit(
  text: string,
  { segments, delimiters }: Hl7Message,
): 'too-many-segments' | 'too-many-repetitions' | undefined {
  if (segments.length > segmentsMax) return 'too-many-segments'
  const { repetition } = delimiters
  if (text.length <= repetitionsMax || repetition === '') return undefined
  let count = 0
  for (let at = text.indexOf(repetition); at !== -1; at = text.indexOf(repetition, at + 1)) {
    count += 1
    if (count > repetitionsMax) return 'too-many-repetitions'
  }
  return undefined
}
