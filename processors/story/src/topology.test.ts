import type { Story } from '@throughline/domain'
import { drive } from '@throughline/stream/testing'
import { describe, expect, it } from 'vitest'
import { story } from './topology.ts'

const start = Date.parse('2025-11-18T10:00:00Z')
const hour = 3_600_000
const released = {
  type: 'ReleasedFromPrison',
  eventId: 'r',
  kind: 'TO_COMMUNITY',
  confirmed: true,
  prison: 'MDI',
  reasonCode: null,
  homeArea: null,
} as const
const received = {
  type: 'ReceivedIntoPrison',
  eventId: 'i',
  prison: 'MDI',
  legalBasis: 'OTHER',
  reasonCode: null,
  confirmed: true,
} as const
const started = {
  type: 'TreatmentStarted',
  eventId: 't',
  provider: 'X',
  episodeRef: '1',
  setting: 'COMMUNITY',
  substances: ['x'],
  referralSource: null,
  source: { partnership: 'testshire', agency: 'treatment', system: 'driven' },
} as const

function ann() {
  const hub = drive(story, { start })
  hub.register.agree('ann', { lead: 'lp-1' })
  let last: Story | undefined
  const tell = (): Story | undefined => {
    for (const { value } of hub.read()) last = value as Story
    return last
  }
  const now = () => {
    const told = tell()
    const texts = new Map(told?.lines.map(({ id, text }) => [id, text]))
    return told?.current.map((id) => texts.get(id)) ?? []
  }
  return { hub, tell, now }
}

describe('a story', () => {
  it('says where things stand now, and each line says who said it and when', () => {
    const { hub, tell, now } = ann()
    hub.pipe('ann', received)
    hub.passTo(start + hour)
    hub.pipe('ann', released)
    hub.passTo(start + 2 * hour)
    hub.pipe('ann', started)
    expect(now()).toEqual([
      'Released from prison.',
      'Treatment started, in the community.',
      'A treatment service works with them.',
    ])
    expect(tell()).toMatchObject({
      personId: 'ann',
      version: 3,
      updatedAt: start + 2 * hour,
      lines: [
        {
          section: 'custody',
          text: 'Received into prison.',
          sources: ['custody'],
          eventId: 'i',
          occurredAt: start,
          learnedAt: start,
        },
        {
          section: 'custody',
          text: 'Released from prison.',
          categories: ['whereabouts', 'justice'],
        },
        {
          section: 'treatment',
          text: 'Treatment started, in the community.',
          headline: 'Treatment started',
          place: 'X',
          sources: ['treatment'],
        },
        { section: 'people', text: 'A treatment service works with them.' },
      ],
    })
  })

  it('takes what is learned late where it belongs', () => {
    const { hub, now } = ann()
    hub.passTo(start + hour)
    hub.pipe('ann', released)
    hub.pipe('ann', { ...received, occurredAt: start })
    expect(now()).toEqual(['Released from prison.'])
  })

  it('amends its line with a higher version, and keeps it against a lower one', () => {
    const { hub, tell } = ann()
    hub.pipe('ann', { ...released, version: 200, kind: 'TEMPORARY' })
    hub.pipe('ann', { ...released, version: 100 })
    expect(tell()?.lines.map(({ text }) => text)).toEqual(['Left prison for a time, on licence.'])
    expect(tell()?.version).toBe(1)
  })

  it('drops a line that its source takes back', () => {
    const { hub, tell } = ann()
    hub.pipe('ann', released)
    hub.pipe('ann', { type: 'EventWithdrawn', eventId: 'w', withdrawnEventId: 'r', reason: null })
    expect(tell()).toMatchObject({ version: 2, lines: [], current: [] })
  })

  it('is empty once consent is withdrawn, and stays so when it is given again', () => {
    const { hub, tell } = ann()
    hub.pipe('ann', released)
    hub.passTo(start + hour)
    hub.register.withdraw('ann')
    expect(tell()).toMatchObject({ version: 2, lines: [], current: [] })
    hub.register.agree('ann')
    hub.pipe('ann', released)
    expect(tell()).toMatchObject({ version: 2 })
    expect(JSON.stringify(hub.stateOf('ann'))).not.toContain('Released')
  })

  it('leaves what came only to be counted, and takes it when care looks back', () => {
    const { hub, tell, now } = ann()
    hub.register.agree('ann', { grants: [{ purpose: 'outcomes' }] })
    hub.pipe('ann', { ...released, receivedAt: start }, ['outcomes'])
    hub.passTo(start + hour)
    hub.register.agree('ann', { grants: [{ purpose: 'care-coordination', lookBackDays: 1 }] })
    expect(tell()).toBeUndefined()
    hub.pipe('ann', { ...released, receivedAt: start }, ['care-coordination', 'outcomes'])
    expect(now()).toEqual(['Released from prison.'])
  })

  it('leaves what came only to be counted when the log is read again, whatever was agreed to since', () => {
    const { hub, tell } = ann()
    hub.register.agree('ann', { grants: [{ purpose: 'outcomes' }] })
    hub.pipe('ann', { ...released, receivedAt: start }, ['outcomes'])
    hub.passTo(start + hour)
    hub.register.agree('ann', { grants: [{ purpose: 'care-coordination', lookBackDays: 1 }] })
    hub.pipe('ann', { ...released, receivedAt: start }, ['outcomes'])
    expect(tell()).toBeUndefined()
  })

  it('leaves what it read while the institutions did not agree, when the log is read again and they do', () => {
    const { hub, tell } = ann()
    const { agreements } = hub.register.read([])
    hub.register.agreements([])
    hub.pipe('ann', released, ['care-coordination'])
    hub.register.agreements(agreements)
    hub.pipe('ann', released, ['care-coordination'])
    expect(tell()).toBeUndefined()
  })

  it('knows what was taken back while nobody could be told, when it comes late', () => {
    const { hub, tell } = ann()
    const { agreements } = hub.register.read([])
    hub.register.agreements([])
    const identifiers = [{ type: 'NOMS', value: 'Z0000ZZ', issuer: null, verified: true }]
    const back = { withdrawnEventId: 'r', reason: null, identifiers }
    hub.pipe('ann', { type: 'EventWithdrawn', eventId: 'w', ...back })
    hub.register.agreements(agreements)
    hub.pipe('ann', released)
    expect(tell()).toBeUndefined()
  })

  it('waits for the end of a hold, and never tells what is restricted', () => {
    const { hub, tell } = ann()
    hub.pipe('ann', { ...released, handling: { holdUntil: start + hour, restricted: false } })
    hub.pipe('ann', { ...received, handling: { holdUntil: null, restricted: true } })
    expect(tell()).toBeUndefined()
    hub.passTo(start + hour)
    expect(tell()?.lines).toMatchObject([{ eventId: 'r', learnedAt: start + hour }])
  })

  it('says nothing of concerns that only safeguarding roles may read', () => {
    const { hub, tell } = ann()
    hub.pipe('ann', { type: 'SafeguardingConcernRaised', concernRef: '1', kind: null })
    expect(tell()).toBeUndefined()
  })

  it('is the same however often it is told', () => {
    const { hub, tell } = ann()
    for (const event of [received, released, received, released]) hub.pipe('ann', event)
    expect(tell()?.version).toBe(2)
  })
})
