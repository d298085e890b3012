import type { TranslatedEvent } from '@throughline/intake'
import { avroCodec } from '@throughline/stream'
import { expect } from 'vitest'

/** An event can be written as its schema promises, comes back as it was, and belongs to somebody. */
export function expectWritable({ event, identifierHashes }: TranslatedEvent): void {
  const written = avroCodec.encode(event.type, event as never)
  expect(avroCodec.decode(written)).toEqual({ schema: event.type, value: event })
  expect(event.version).toBeGreaterThan(0)
  expect(identifierHashes.length).toBeGreaterThan(0)
}
