import { describe, expect, it } from 'vitest'
import { aCounty, began, day, finished } from './testing/a-county.ts'

const days = (county: ReturnType<typeof aCounty>, personId = 'ann') =>
  county
    .rows()
    .get(personId)
    ?.facts.map((fact) => `${fact.about.kind} ${fact.day}`)

describe('what is kept for the measures', () => {
  it('is nothing of somebody who agreed to care alone', () => {
    const county = aCounty()
    county.register.agree('ann')
    county.pipe('ann', began('2025-06-01'))
    expect(county.rows().size).toBe(0)
    expect(JSON.stringify(county.stateOf('ann'))).not.toContain('X91B')
  })

  it('is the facts of somebody who agreed to be counted, by London day', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', { ...began('2025-06-01'), occurredAt: Date.parse('2025-05-31T23:30:00Z') })
    expect(days(county)).toEqual(['start 2025-06-01'])
  })

  it('has a row for somebody whose agreement begins another day, so that they are counted from then', () => {
    const county = aCounty()
    const from = day('2025-06-20')
    county.register.agree('ann', { grants: [{ purpose: 'outcomes' }], from })
    expect(county.rows().get('ann')).toEqual({ facts: [] })
  })

  it('takes the highest version, in whatever order versions come', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', { ...began('2025-06-03'), version: 3 })
    county.pipe('ann', { ...began('2025-06-02'), version: 2 })
    expect(days(county)).toEqual(['start 2025-06-03'])
  })

  it('loses what its source takes back, early or late, by event or by object', () => {
    const county = aCounty()
    const withdrawn = { type: 'EventWithdrawn', reason: null, withdrawnEventId: null } as const
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    county.pipe('ann', { ...withdrawn, withdrawnEventId: 'start N9901 1' })
    expect(days(county)).toEqual([])
    const { source } = began('2025-06-01')
    county.pipe('ann', { ...withdrawn, source, objectRef: 'episode 2', eventId: 'w2' })
    const object = { objectRef: 'episode 2', episodeRef: '2' }
    county.pipe('ann', began('2025-06-02', object))
    expect(days(county)).toEqual([])
    county.pipe('ann', { ...began('2025-06-02', object), version: 2 })
    expect(days(county)).toEqual(['start 2025-06-02'])
  })

  it('holds nothing that its source restricts, and takes back what it restricts later', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    const handling = { holdUntil: null, restricted: true }
    county.pipe('ann', { ...began('2025-06-01'), version: 2, handling })
    expect(days(county)).toEqual([])
  })

  it('counts what is held back only once the hold is over', () => {
    const county = aCounty()
    county.counted('ann')
    const handling = { holdUntil: day('2025-06-20'), restricted: false }
    county.pipe('ann', { ...began('2025-06-01'), handling })
    expect(county.people()).toEqual([[]])
    county.passTo(day('2025-06-20'))
    expect(county.people()[0]).toHaveLength(1)
  })
})

describe('somebody who no longer agrees to be counted', () => {
  it('is forgotten at once, though care goes on', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    county.register.agree('ann', { grants: [{ purpose: 'care-coordination' }] })
    expect(days(county)).toEqual([])
    expect(county.people()).toEqual([[]])
  })

  it('does not come back with their past when they agree again', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    county.register.withdraw('ann')
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    expect(days(county)).toEqual([])
    county.pipe('ann', finished('2025-06-05'))
    expect(days(county)).toEqual(['end 2025-06-05'])
  })

  it('is out of a release when the agreement has run out, though nobody told the processor', () => {
    const county = aCounty()
    county.register.agree('ann', { grants: [{ purpose: 'outcomes' }], until: day('2025-07-01') })
    county.pipe('ann', began('2025-06-01'))
    expect(county.people()[0]).toHaveLength(1)
    county.passTo(day('2025-07-01'))
    expect(county.people()).toEqual([[]])
  })

  it('keeps what was counted when they renew without a gap', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    county.passTo(day('2025-09-01'))
    county.counted('ann')
    expect(county.people()[0]).toHaveLength(1)
  })

  it('keeps nothing in the state once they are erased', () => {
    const county = aCounty()
    county.counted('ann')
    county.pipe('ann', began('2025-06-01'))
    county.register.erase('ann')
    expect(JSON.stringify(county.stateOf('ann'))).not.toContain('X91B')
  })
})

it('takes up what a look-back brings to somebody who agrees to be counted a few days later', () => {
  const county = aCounty()
  const known = { ...began('2025-06-01'), receivedAt: day('2025-06-01') }
  county.register.agree('ann')
  county.pipe('ann', known, ['care-coordination'])
  county.passTo(day('2025-06-04'))
  county.register.agree('ann', { grants: [{ purpose: 'outcomes' }], lookBackDays: 7 })
  county.pipe('ann', known, ['care-coordination'])
  expect(days(county)).toEqual([])
  county.pipe('ann', known, ['care-coordination', 'outcomes'])
  expect(days(county)).toEqual(['start 2025-06-01'])
})

it('counts no more than before when the log is read again after the institutions agree again', () => {
  const county = aCounty()
  county.counted('ann')
  const { agreements } = county.register.read([])
  county.register.agreements([])
  county.pipe('ann', began('2025-06-01'), ['outcomes'])
  county.register.agreements(agreements)
  county.pipe('ann', began('2025-06-01'), ['outcomes'])
  expect(days(county)).toEqual([])
})

it('gives the same row whatever the order of events, and no new row for a repetition', () => {
  const events = [
    began('2025-05-01'),
    finished('2025-05-20'),
    began('2025-05-25', { episodeRef: '2' }),
  ]
  const rowsOf = (order: readonly (typeof events)[number][]) => {
    const county = aCounty()
    county.counted('ann')
    for (const event of order) county.pipe('ann', event)
    return county.rows().get('ann')
  }
  expect(rowsOf(events.toReversed())).toEqual(rowsOf(events))
  const county = aCounty()
  county.counted('ann')
  for (const event of events) county.pipe('ann', event)
  county.rows()
  for (const event of events) county.pipe('ann', event)
  expect(county.views()).toEqual([])
})
