import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openHospital } from './testing/trust.ts'

const examples = new URL('../examples/', import.meta.url)
const names = readdirSync(examples).filter((name) => name.endsWith('.hl7'))
const bytesOf = (name: string): Buffer => readFileSync(new URL(name, examples))

/** MSH-10 by the message's own separator, byte for byte. */
const idOf = (bytes: Buffer): string => {
  const text = bytes.toString('latin1')
  return text.split(text.charAt(3))[9] ?? ''
}

describe('each example is acknowledged over MLLP, with its own id', () => {
  it.each(names)('%s', async (name) => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    const bytes = bytesOf(name)
    trust.send(bytes)
    const [answer = ''] = await trust.answers(1)
    const separator = bytes.toString('latin1', 3, 4)
    const [, msa = ''] = answer.split('\r')
    // Epic asks for an accept-level answer and gets one, unless its profile says that it expects AA.
    const code = name.includes('epic') ? 'CA' : 'AA'
    expect(msa.split(separator).slice(0, 3)).toEqual(['MSA', code, idOf(bytes)])
  })

  it('all in one packet, in order, and each with one outcome', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(...names.map(bytesOf))
    const answers = await trust.answers(names.length)
    expect(answers.map((answer) => answer.split('\r')[1]?.split(/[|#]/)[2])).toEqual(
      names.map((name) => idOf(bytesOf(name))),
    )
    const ledger = await hospital.desk.register.ledger()
    const total = (received: boolean) =>
      ledger
        .filter(({ outcome }) => (outcome === 'received') === received)
        .reduce((sum, { count }) => sum + count, 0)
    expect([total(true), total(false)]).toEqual([names.length, names.length])
  })
})
