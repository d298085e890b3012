import { writeFileSync } from 'node:fs'
import { eventTypes } from './events.ts'
import { readCurrent } from './files.ts'
import { writeTypes } from './write-types.ts'

/** Where the generated events live: the one file of ours that another workspace holds. */
export const generatedFile = new URL(
  '../../packages/domain/src/events.generated.ts',
  import.meta.url,
)

/** What that file should say. */
export const generatedText = (): string => writeTypes(eventTypes.map(readCurrent))

if (import.meta.main) writeFileSync(generatedFile, generatedText())
