import { describe, expect, it } from 'vitest'
import { type APerson, anEvent, aPerson, at, coded, days } from '../testing/a-person.ts'

const start = at('2025-01-07T10:00:00Z')
const visit = (n: number, day: number, more: object = {}) =>
  anEvent('EmergencyAttendanceStarted', {
    id: `v${n}`,
    visitRef: `V${n}`,
    received: start + days(day),
    ...coded('ALCOHOL_SPECIFIC'),
    ...more,
  })
const visits = (ann: APerson, from: number, to: number, apart = 10) => {
  for (let n = from; n <= to; n++) ann.happens(visit(n, n * apart))
}
const made = (ann: APerson) =>
  ann.of('frequent-attender').map(({ episode, state }) => `${episode.split('(')[1]} ${state}`)
const withdraw = (n: number, day: number) =>
  anEvent('EventWithdrawn', {
    id: `w${n}`,
    received: start + days(day),
    withdrawnEventId: `v${n}`,
  })
function aPersonFrom() {
  const ann = aPerson({ now: start, agreed: false })
  ann.agree({ until: at('2029-01-01T00:00:00Z') })
  return ann
}

describe('somebody who comes to hospital again and again', () => {
  it('is told of at the fifth time in a year, from when it was counted', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 4)
    expect(ann.of('frequent-attender')).toEqual([])
    visits(ann, 5, 5)
    expect(ann.one('frequent-attender')).toMatchObject({
      headline: '5 alcohol or drug visits to hospital in a year',
      urgency: 'routine',
      occurredAt: start + days(50),
      dueAt: at('2025-03-12T17:00:00Z'),
    })
    expect(ann.one('frequent-attender').lines[0]).toBe('Counted since 17 January.')
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('frequent-attender').noticeId })
    expect(ann.one('frequent-attender').state).toBe('closed')
  })

  it('is told of again only after five more', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 14)
    expect(made(ann)).toEqual(['v5 ann) open', 'v10 ann) open'])
    visits(ann, 15, 15)
    expect(made(ann)).toHaveLength(3)
    expect(ann.of('frequent-attender')[2]?.headline).toMatch(/^15 alcohol/)
  })

  it('is not told of when the five lie further apart than a year, or are other visits', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 5, 92)
    expect(ann.of('frequent-attender')).toEqual([])
    const ben = aPersonFrom()
    for (let n = 1; n <= 5; n++) ben.happens(visit(n, n, coded('POSSIBLE')))
    expect(ben.notices()).toEqual([])
    const cat = aPersonFrom()
    for (let n = 1; n <= 5; n++) {
      const planned = { visitRef: `V${n}`, method: '11', ...coded('ALCOHOL_SPECIFIC') }
      cat.happens(anEvent('Admitted', { id: `v${n}`, received: start + days(n), ...planned }))
    }
    expect(cat.of('frequent-attender')).toEqual([])
  })

  it('is counted once for an attendance and the admission that came of it', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 4)
    const more = { visitRef: 'S4', attendanceRef: 'V4', ...coded('ALCOHOL_SPECIFIC') }
    ann.happens(anEvent('Admitted', { received: start + days(41), ...more }))
    expect(ann.of('frequent-attender')).toEqual([])
  })

  it('is corrected when one of the five is withdrawn or reclassified, and told when another comes', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 5)
    ann.happens(withdraw(2, 51))
    expect(made(ann)).toEqual(['v5 ann) retracted'])
    expect(ann.of('correction').map(({ corrects }) => corrects)).toContain(
      ann.one('frequent-attender').noticeId,
    )
    visits(ann, 6, 6)
    expect(made(ann)).toEqual(['v5 ann) retracted', 'v6 ann) open'])
    const recoded = { id: 're', visitRef: 'V3', received: start + days(61) }
    ann.happens(anEvent('EncounterReclassified', recoded))
    expect(made(ann)).toEqual(['v5 ann) retracted', 'v6 ann) retracted'])
  })

  it('stays with the fifth when an older stay is coded anew', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 3)
    const more = { visitRef: 'S3', attendanceRef: 'V3', ...coded('DRUG_DISORDER') }
    ann.happens(anEvent('Admitted', { received: start + days(31), ...more }))
    visits(ann, 4, 5)
    const again = { visitRef: 'V3', ...coded('DRUG_DISORDER') }
    ann.happens(anEvent('EncounterReclassified', { received: start + days(60), ...again }))
    expect(made(ann)).toEqual(['v5 ann) open'])
  })

  it('is counted right though what is long over has been forgotten', () => {
    const ann = aPersonFrom()
    for (let n = 1; n <= 24; n++) {
      ann.happens(visit(n, n * 30))
      for (const { noticeId } of ann.live()) ann.acts({ kind: 'acknowledged', noticeId })
    }
    expect(Object.keys(ann.state().facts).length).toBeLessThan(16)
    expect(made(ann)).toEqual(['v5', 'v10', 'v15', 'v20'].map((id) => `${id} ann) closed`))
    expect(ann.of('correction')).toEqual([])
    // A withdrawal still counts of a visit whose particulars are forgotten.
    for (const n of [21, 20, 19, 18, 17, 16, 15, 14, 13]) ann.happens(withdraw(n, 721))
    visits(ann, 25, 25, 30)
    expect(made(ann).filter((one) => one.endsWith('open'))).toEqual([])
  })

  it('starts from nothing after consent was withdrawn and given again', () => {
    const ann = aPersonFrom()
    visits(ann, 1, 4)
    ann.withdraw()
    ann.agree({ until: at('2029-01-01T00:00:00Z') })
    visits(ann, 5, 8)
    expect(ann.of('frequent-attender')).toEqual([])
    visits(ann, 9, 9)
    expect(made(ann)).toEqual(['v9 ann) open'])
  })
})
