import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { avroCodec } from './codec.ts'
import type { OpenedKey } from './keys.ts'
import type { OutgoingRecord } from './ports.ts'
import {
  keyRefOf,
  openRecord,
  openState,
  openViewBody,
  sealEncoded,
  sealRecord,
  sealState,
  sealViewBody,
} from './sealed.ts'
import { seeded } from './testing/seeded.ts'

const random = seeded(1).bytes
const keyOf = (person: string, version = 1): OpenedKey => ({
  ref: `person:${person}`,
  version,
  key: createSecretKey(random(32)),
})
const annsKey = keyOf('ann')

const action = {
  actionId: 'a1',
  kind: 'acknowledged',
  noticeId: 'n1',
  thread: 't1',
  personId: 'ann',
  by: 'lp-7-who-must-not-be-seen',
  at: 1,
  receivedAt: 2,
  contact: null,
  item: null,
  answer: null,
}
const sealed = sealRecord({
  topic: 'practitioner.actions.v1',
  key: 'ann',
  id: 'a1',
  schema: 'PractitionerAction',
  value: action,
  sealUnder: annsKey,
  agency: 'hub',
  receivedAt: 2,
  identifierHashes: ['h1'],
  random,
})

/** The sealed record with one clear field changed. */
function with_(change: object): OutgoingRecord {
  const { value } = avroCodec.decode(sealed.value as Uint8Array)
  return { ...sealed, value: avroCodec.encode('Sealed', { ...value, ...change }) }
}

describe('a sealed record', () => {
  it('opens under the person’s key', () => {
    expect(keyRefOf(sealed)).toBe('person:ann')
    expect(openRecord(sealed, annsKey)).toEqual({
      schema: 'PractitionerAction',
      value: action,
      recordId: 'a1',
      agency: 'hub',
      receivedAt: 2,
      identifierHashes: ['h1'],
    })
  })

  it('keeps what alone it may be used for, where that was said', () => {
    const purposes = ['outcomes'] as const
    const value = avroCodec.encode('PractitionerAction', action)
    const place = { topic: sealed.topic, key: 'ann', id: 'a1', agency: 'hub', receivedAt: 2 }
    const rest = { sealUnder: annsKey, identifierHashes: [], random }
    const limited = sealEncoded({ ...place, ...rest, purposes }, value)
    expect(openRecord(limited, annsKey)).toMatchObject({ purposes })
  })

  it('shows nobody what it says', () => {
    expect(Buffer.from(sealed.value as Uint8Array).toString('latin1')).not.toContain('lp-7')
  })

  it.each([
    ['another topic', { ...sealed, topic: 'practitioner.notices.v1' }],
    ['another id', { ...sealed, id: 'a2' }],
    ['another sealed id', { ...with_({ recordId: 'a2' }), id: 'a2' }],
    ['another agency', with_({ agency: 'custody' })],
    ['another time', with_({ receivedAt: 3 })],
    ['another identifier', with_({ identifierHashes: ['h2'] })],
    ['another purpose', with_({ purposes: ['outcomes'] })],
    ['another key', with_({ keyRef: 'person:bob' })],
    ['another version of the key', with_({ keyVersion: 2 })],
    ['another nonce', with_({ nonce: Buffer.alloc(12) })],
    ['no tag', with_({ ciphertext: Buffer.alloc(3) })],
  ])('does not open with %s', (_what, record) => {
    expect(() => openRecord(record, annsKey)).toThrow(
      expect.objectContaining({ code: 'HUB_LOG_ENTRY_DAMAGED' }),
    )
  })

  it('does not open under somebody else’s key of the same name', () => {
    expect(() => openRecord(sealed, keyOf('ann'))).toThrow('does not open')
  })

  it('says of a plain record that no key is needed', () => {
    const value = avroCodec.encode('ConsentChanged', { personId: 'ann', version: 1, changedAt: 1 })
    expect(keyRefOf({ ...sealed, value })).toBeNull()
  })
})

describe('a sealed state', () => {
  const place = { processor: 'notify', key: 'ann', stateVersion: 1 }
  const state = sealState(place, Buffer.from('{"open":1}'), annsKey, random)

  it('opens where it was sealed', () => {
    expect(Buffer.from(openState(place, state, annsKey)).toString()).toBe('{"open":1}')
  })

  it.each([{ processor: 'story' }, { key: 'bob' }, { stateVersion: 2 }])(
    'does not open as that of %o',
    (elsewhere) => {
      expect(() => openState({ ...place, ...elsewhere }, state, annsKey)).toThrow('does not open')
    },
  )

  it('never uses one nonce for two states', () => {
    const again = sealState(place, Buffer.from('{"open":1}'), annsKey, random)
    expect(Buffer.from(again)).not.toEqual(Buffer.from(state))
  })
})

it('gives back what a page’s row shows, and not as another row’s', () => {
  const row = { view: 'notices', id: 'n1', version: 2 }
  const body = sealViewBody(row, { headline: 'Released from prison' }, annsKey, random)
  expect(openViewBody({ ...row, body }, annsKey)).toEqual({ headline: 'Released from prison' })
  expect(() => openViewBody({ ...row, version: 3, body }, annsKey)).toThrow('does not open')
})
