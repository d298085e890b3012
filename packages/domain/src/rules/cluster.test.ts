import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, tuesday } from '../testing/a-person.ts'

const arrested = (n: number) =>
  anEvent('ArrestedIntoCustody', { id: `a${n}`, received: tuesday + days(n) })
const attended = (n: number) =>
  anEvent('EmergencyAttendanceStarted', { id: `e${n}`, received: tuesday + days(n) })
const lost = (n: number) =>
  anEvent('TreatmentEnded', { id: `t${n}`, received: tuesday + days(n), reason: 'DROPPED_OUT' })

describe('custody, an emergency and a loss of treatment', () => {
  it('within a week, in whatever order, are told as one', () => {
    for (const events of [
      [arrested(0), attended(3), lost(7)],
      [lost(0), attended(3), arrested(7)],
      [attended(0), lost(3), arrested(7)],
    ]) {
      const ann = aPerson()
      ann.happens(...events)
      expect(ann.one('cluster')).toMatchObject({
        headline: 'Several crises within a week',
        urgency: 'prompt',
        learnedAt: tuesday + days(7),
        dueAt: at('2025-11-26T17:00:00Z'),
      })
      expect(ann.one('cluster').sources.toSorted()).toEqual(['custody', 'hospital', 'treatment'])
      expect(ann.one('cluster').because.eventIds).toHaveLength(3)
    }
  })

  it('are not told as one when more than a week lies between, or one is missing', () => {
    for (const events of [
      [arrested(0), attended(3), lost(7.001)],
      [arrested(0), attended(1), attended(2)],
    ]) {
      const ann = aPerson()
      ann.happens(...events)
      expect(ann.of('cluster')).toEqual([])
    }
  })

  it('are told once while the week goes on, and again for another week', () => {
    const ann = aPerson()
    ann.happens(arrested(0), attended(1), lost(2), attended(3), arrested(4))
    expect(ann.of('cluster')).toHaveLength(1)
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('cluster').noticeId })
    expect(ann.one('cluster').state).toBe('closed')
    ann.happens(lost(30), attended(31), arrested(32))
    expect(ann.of('cluster').map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  it('are not told as one to a lead who may hear of two of them only, and those two still are', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.agree({ sources: ['custody', 'treatment'] })
    ann.happens(arrested(0), attended(3), lost(7))
    expect(ann.of('cluster')).toEqual([])
    expect(ann.live().map(({ rule }) => rule)).toEqual(['arrest', 'treatment-lost'])
    ann.agree()
    ann.passTo(tuesday + days(9))
    expect(ann.of('cluster')).toEqual([])
    expect(ann.live().map(({ rule }) => rule)).toEqual(['arrest', 'treatment-lost'])
  })

  it('are not told later to whoever could not be told when they came, and take nothing with them', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    const prescriber = { organisation: 'testshire-recovery', role: 'prescriber' }
    const ours = { sources: ['custody', 'treatment'] }
    ann.agree(ours, { sources: ['hospital'], recipients: [prescriber] })
    ann.happens(arrested(0), attended(3), lost(7))
    expect(ann.of('cluster')).toEqual([])
    ann.agree()
    ann.passTo(tuesday + days(9))
    expect(ann.of('cluster')).toEqual([])
    expect(ann.live().map(({ rule }) => rule)).toEqual(['arrest', 'treatment-lost'])
  })

  it('are corrected for whoever heard when one of them was wrong', () => {
    const ann = aPerson()
    const withdrawal = { received: tuesday + days(8), withdrawnEventId: 'e3' }
    ann.happens(arrested(0), attended(3), lost(7), anEvent('EventWithdrawn', withdrawal))
    expect(ann.one('cluster')).toMatchObject({ state: 'retracted', closedBecause: 'corrected' })
    expect(ann.one('correction')).toMatchObject({ corrects: ann.one('cluster').noticeId })
    expect(ann.one('correction').sources).toHaveLength(3)
  })

  it('are taken back without a correction when permission for one of them is gone', () => {
    const ann = aPerson()
    ann.happens(arrested(0), attended(3), lost(7))
    ann.agree({ sources: ['custody', 'treatment'] })
    expect(ann.one('cluster')).toMatchObject({
      state: 'retracted',
      closedBecause: 'source-not-granted',
    })
    expect(ann.of('correction')).toEqual([])
    expect(ann.one('arrest').state).toBe('open')
  })
})
