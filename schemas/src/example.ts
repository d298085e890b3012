import { readFileSync } from 'node:fs'
import { readCurrent } from './files.ts'

/** The made-up example of a schema, as `encode` takes it. In the file, bytes are written as base64. */
export function exampleOf(name: string): object {
  const file = new URL(`../examples/${name}.json`, import.meta.url)
  const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  for (const field of readCurrent(name).fields) {
    if (!JSON.stringify(field.type).includes('"bytes"')) continue
    const text = value[field.name]
    if (typeof text === 'string') value[field.name] = Buffer.from(text, 'base64')
  }
  return value
}
