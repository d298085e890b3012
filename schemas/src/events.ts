import { readCurrent, schemaNames } from './files.ts'

// An event is a record with consent categories; everything else is the hub's own.
const categoriesByType = schemaNames.flatMap((name) => {
  const { categories } = readCurrent(name)
  return categories === undefined ? [] : [[name, categories] as const]
})

/** Every canonical event type. */
export const eventTypes: readonly string[] = categoriesByType.map(([type]) => type)

/**
 * The consent categories each event needs; all must be granted. An empty list asks for none beyond a
 * grant being in force. `@throughline/domain` exports the same table with literal types.
 */
export const eventCategories: Readonly<Record<string, readonly string[]>> =
  Object.fromEntries(categoriesByType)
