import type { Notice } from '@throughline/domain'
import { drive } from '@throughline/stream/testing'
import { describe, expect, it } from 'vitest'
import { notify } from './topology.ts'

const start = Date.parse('2025-11-18T10:00:00Z')
const days = (n: number) => n * 24 * 3_600_000
const released = {
  type: 'ReleasedFromPrison',
  kind: 'TO_COMMUNITY',
  confirmed: true,
  prison: 'MDI',
  reasonCode: null,
  homeArea: null,
} as const

const received = {
  type: 'ReceivedIntoPrison',
  prison: 'MDI',
  legalBasis: 'OTHER',
  reasonCode: null,
  confirmed: true,
} as const

const told = (values: readonly { readonly key: string; readonly value: unknown }[]) =>
  values.map(({ key, value }) => {
    const { rule, recipient } = value as Notice
    return `${key} ${rule} ${recipient.practitionerId}`
  })

describe('notify, as it runs', () => {
  it('tells only the practitioner of the person who was released', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    hub.register.agree('bob', { lead: 'lp-2' })
    hub.pipe('ann', released)
    hub.passTo(start + days(22))
    const lines = told(hub.read()).filter((line) => !line.includes('duty:'))
    expect(lines).toEqual([
      'ann release lp-1',
      ...Array.from({ length: 4 }, () => 'ann three-weeks lp-1'),
    ])
  })

  it('gives each version of a notice its own record, under the person’s key and schema', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    hub.pipe('ann', { ...released, eventId: 'r', version: 100, confirmed: false })
    hub.pipe('ann', { ...released, eventId: 'r', version: 200 })
    const records = hub.emitted()
    expect(records.map(({ key, schema, topic }) => [key, schema, topic])).toEqual(
      Array.from({ length: 2 }, () => ['ann', 'PractitionerNotice', 'practitioner.notices.v1']),
    )
    expect(new Set(records.map(({ id }) => id)).size).toBe(2)
    expect(records.map(({ value }) => (value as Notice).version)).toEqual([1, 2])
  })

  it('leaves what came only to be counted, and takes it when care looks back', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1', grants: [{ purpose: 'outcomes' }] })
    const out = { ...released, eventId: 'r', receivedAt: start }
    hub.pipe('ann', out, ['outcomes'])
    expect(Object.fromEntries(hub.counts())).toEqual({ 'suppressed/not-for-care': 1 })
    hub.passTo(start + 1000)
    hub.register.agree('ann', { grants: [{ purpose: 'care-coordination', lookBackDays: 1 }] })
    expect(told(hub.read())).toEqual([])
    hub.pipe('ann', out, ['care-coordination', 'outcomes'])
    expect(told(hub.read())).toEqual(['ann release lp-1'])
  })

  it('leaves what came only to be counted when the log is read again, whatever was agreed to since', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1', grants: [{ purpose: 'outcomes' }] })
    const out = { ...released, receivedAt: start }
    hub.pipe('ann', out, ['outcomes'])
    hub.passTo(start + 1000)
    hub.register.agree('ann', { grants: [{ purpose: 'care-coordination', lookBackDays: 1 }] })
    hub.pipe('ann', out, ['outcomes'])
    expect(told(hub.read())).toEqual([])
  })

  it('leaves what it read while the institutions did not agree, when the log is read again and they do', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    const { agreements } = hub.register.read([])
    const out = { ...released, eventId: 'r' }
    hub.register.agreements([])
    hub.pipe('ann', out, ['care-coordination'])
    hub.register.agreements(agreements)
    hub.pipe('ann', out, ['care-coordination'])
    expect(told(hub.read())).toEqual([])
    expect(Object.fromEntries(hub.counts())).toEqual({ 'suppressed/no-agreement': 1, repeat: 1 })
  })

  it('knows what was taken back while nobody could be told, when it comes late', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    const { agreements } = hub.register.read([])
    hub.register.agreements([])
    const identifiers = [{ type: 'NOMS', value: 'Z0000ZZ', issuer: null, verified: true }]
    const back = { withdrawnEventId: 'r', reason: null, identifiers }
    hub.pipe('ann', { type: 'EventWithdrawn', eventId: 'w', ...back })
    hub.register.agreements(agreements)
    hub.pipe('ann', { ...released, eventId: 'r' })
    expect(told(hub.read())).toEqual([])
  })

  it('says nothing after consent is withdrawn, even when it is given again', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    hub.pipe('ann', released)
    hub.read()
    hub.passTo(start + days(3))
    hub.register.withdraw('ann')
    hub.register.agree('ann')
    hub.read()
    hub.passTo(start + days(30))
    expect(told(hub.read()).filter((line) => !line.includes('consent'))).toEqual([])
  })

  it('gives nothing more when the whole log is read again', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    const events = [
      { ...released, eventId: 'r' },
      {
        type: 'ReturnedToPrison',
        eventId: 's',
        prison: null,
        from: 'UNKNOWN',
        reasonCode: null,
        confirmed: true,
      },
    ] as const
    for (const event of events) hub.pipe('ann', event)
    hub.passTo(start + days(30))
    hub.read()
    for (const event of [...events, ...events]) hub.pipe('ann', event)
    hub.passTo(start + days(60))
    expect(hub.read()).toEqual([])
    expect(hub.counts().get('repeat')).toBe(4)
  })

  it('remembers little of a person who goes in and out of prison for years, and tells nothing twice', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1', until: start + days(2000) })
    const out = (n: number, version = 1) => ({ ...released, eventId: `r${n}`, version })
    for (let n = 0; n < 36; n++) {
      hub.pipe('ann', out(n))
      hub.passTo(start + days(30 * n + 10))
      hub.pipe('ann', { ...received, eventId: `i${n}` })
      const notice = hub.read().findLast(({ value }) => (value as Notice).rule === 'into-prison')
      if (notice === undefined) throw new Error('no notice of the reception')
      const { noticeId, thread } = notice.value as Notice
      const action = {
        actionId: `a${n}`,
        noticeId,
        thread,
        personId: 'ann',
        by: 'lp-1',
        at: hub.now(),
      }
      const kind = 'prescription-confirmed' as const
      hub.pipe('ann', {
        kind: 'action',
        action: { ...action, kind, receivedAt: hub.now(), contact: null },
      })
      hub.passTo(start + days(30 * n + 29))
    }
    expect(JSON.stringify(hub.stateOf('ann')).length).toBeLessThan(32_000)
    hub.read()
    for (let n = 0; n < 20; n++) hub.pipe('ann', out(n, 2))
    expect(hub.read()).toEqual([])
  })

  it('keeps nothing of somebody who was erased', () => {
    const hub = drive(notify, { start })
    hub.register.agree('ann', { lead: 'lp-1' })
    hub.pipe('ann', released)
    hub.register.erase('ann')
    expect(hub.stateOf('ann')).toEqual(notify.initial)
    expect(hub.timersOf('ann')).toEqual([])
  })
})
