import { canaries, spoiltJson, spoiltText, tenThousand } from '@throughline/intake/testing'
import { JsonFault, parseJson } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFramer } from './hl7/framer.ts'
import { parseMessage } from './hl7/message.ts'
import { expectWritable } from './testing/events.ts'
import {
  bytesOf,
  fhirExample,
  fhirNames,
  hl7Names,
  textOf,
  translated,
  translatedFhir,
} from './testing/examples.ts'
import { framed } from './testing/trust.ts'

it('10,000 connections of noise and frames are cut into the same messages however they come', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(
      ...['\x0b', '\x1c', '\r', '\x1c\r', '\x0b\x0b'].map((text) => Buffer.from(text)),
    ),
    fc.constantFrom(...hl7Names.map((name) => framed(bytesOf(name)))),
  )
  const limits = { frameBytesMax: 1500, noiseBytesMax: 200 }
  const wires = fc.tuple(
    fc.array(piece, { maxLength: 12 }),
    fc.array(fc.nat(6000), { maxLength: 8 }),
  )
  tenThousand(wires, ([pieces, cuts]) => {
    const bytes = Buffer.concat(pieces)
    const whole = createFramer(limits).push(bytes)
    const framer = createFramer(limits)
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
    const sorted = places.toSorted((a, b) => a - b)
    const parts = sorted.flatMap((from, at) =>
      framer.push(bytes.subarray(from, sorted[at + 1] ?? from)),
    )
    expect(parts).toEqual(whole)
  })
})

it('10,000 spoilt messages are no message, or are translated and can be written', () => {
  tenThousand(spoiltText(hl7Names.map(textOf)), (spoilt) => {
    // What is decoded from bytes never holds half a character.
    const text = spoilt.toWellFormed()
    if (!parseMessage(text).ok) return
    const translation = translated(text)
    expect(translation.outcome).not.toBe('rejected')
    if (translation.outcome === 'published')
      for (const one of translation.events) expectWritable(one)
  })
})

it('10,000 spoilt FHIR resources have an outcome each, and no answer repeats one', () => {
  tenThousand(spoiltJson(fhirNames.map(fhirExample)), (resource) => {
    const translation = translatedFhir(resource)
    if (translation.outcome === 'published') {
      for (const one of translation.events) expectWritable(one)
      return
    }
    const answer = JSON.stringify(
      translation.outcome === 'rejected' ? translation.errors : translation.reason,
    )
    for (const canary of canaries) expect(answer).not.toContain(canary)
  })
})

it('10,000 spoilt texts of FHIR are read, or refused by rule and place', () => {
  tenThousand(spoiltText(fhirNames.map((name) => bytesOf(name).toString('utf8'))), (text) => {
    try {
      translatedFhir(parseJson(text))
    } catch (error) {
      expect(error).toBeInstanceOf(JsonFault)
    }
  })
})
