import type { Accept, Inbound, RecordResult } from '@throughline/intake'
import { describe, expect, it } from 'vitest'
import { groupedBy } from './group.ts'

const message = (naturalKey: string): Inbound => ({
  translation: {
    format: 'hl7v2',
    system: 'hospital-rzz',
    naturalKey,
    version: 1,
    contentHash: '',
    resolves: [],
    unknownMembers: 0,
    outcome: 'published',
    events: [],
  },
  message: () => '',
  unclaimed: 'drop',
})

/** Keeps what it is given, unless told to fail; remembers each attempt and everything kept. */
function desk(fails: (keys: readonly string[], attempt: number) => boolean) {
  const attempts: (readonly string[])[] = []
  const kept: string[] = []
  const accept: Accept = async (inbound) => {
    const keys = inbound.map(({ translation }) =>
      translation.outcome === 'quarantined'
        ? `${translation.naturalKey} aside`
        : translation.naturalKey,
    )
    attempts.push(keys)
    await Promise.resolve()
    if (fails(keys, attempts.length)) throw new Error('not now')
    kept.push(...keys)
    return keys.map((key): RecordResult => ({ outcome: 'ignored', reason: key }))
  }
  const submit = groupedBy(accept, () => 'id')
  const send = async (...keys: readonly string[]) => {
    const results = await Promise.all(keys.map((key) => submit(message(key))))
    return results.map((result) => (result && 'reason' in result ? result.reason : undefined))
  }
  return { attempts, kept, send }
}

describe('messages that arrive together', () => {
  it('are kept in one transaction, in order, and those after them in the next', async () => {
    const { attempts, send } = desk(() => false)
    const first = send('1', '2', '3')
    await new Promise((resolve) => setImmediate(resolve))
    expect(await Promise.all([first, send('4', '5')])).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ])
    expect(attempts).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ])
  })

  it('are kept at most five hundred at once', async () => {
    const { attempts, send } = desk(() => false)
    await send(...Array.from({ length: 1200 }, (_, at) => `${at}`))
    expect(attempts.map((keys) => keys.length)).toEqual([500, 500, 200])
  })

  it('are each told that nothing could be kept while nothing can be', async () => {
    const { kept, send } = desk(() => true)
    expect(await send('1', '2')).toEqual([undefined, undefined])
    expect(kept).toEqual([])
  })

  it('do not overtake one that could not be kept, though the fault passes meanwhile', async () => {
    // The group, then 1 alone; then 2 and 2 in quarantine fail, and after that all would be well.
    const { kept, send } = desk((_, attempt) => attempt === 1 || attempt === 3 || attempt === 4)
    expect(await send('1', '2', '3')).toEqual(['1', undefined, undefined])
    expect(kept).toEqual(['1'])
    expect(await send('2', '3')).toEqual(['2', '3'])
  })

  it('do not suffer from one that can never be kept as it is: that one waits for people', async () => {
    const { kept, send } = desk((keys) => keys.includes('2'))
    expect(await send('1', '2', '3')).toEqual(['1', '2 aside', '3'])
    expect(kept).toEqual(['1', '2 aside', '3'])
  })

  it('leave quarantine at once when the fault was ours and has passed', async () => {
    const { kept, send } = desk((_, attempt) => attempt <= 2)
    expect(await send('1')).toEqual(['1'])
    expect(kept).toEqual(['1 aside', '1'])
  })
})
