import { describe, expect, it } from 'vitest'
import {
  anEvent,
  aPerson,
  assignment,
  hours,
  noticeId,
  personEvent,
  tuesday,
  wholeGrant,
} from './testing/a-person.ts'

const arrested = anEvent('ArrestedIntoCustody', { received: tuesday })
const due = tuesday + hours(2)
const withDuty = {
  recipients: [...wholeGrant.recipients, { organisation: 'testshire-recovery', role: 'duty' }],
}

function annWith(...deputies: string[]) {
  const ann = aPerson({ agreed: false })
  ann.standAt(tuesday - hours(1))
  ann.assign(assignment('lp-1'), ...deputies.map((id) => assignment(id, 'deputy')))
  ann.agree(withDuty)
  ann.happens(arrested)
  return ann
}
const to = (ann: ReturnType<typeof aPerson>) =>
  ann.of('arrest').map(({ recipient }) => recipient.practitionerId)

describe('what nobody acknowledges', () => {
  it('goes to every deputy when it is due, and to the duty team as long again after', () => {
    const ann = annWith('lp-2', 'lp-3')
    ann.passTo(due - 1)
    expect(to(ann)).toEqual(['lp-1'])
    ann.passTo(due)
    expect(to(ann)).toEqual(['lp-1', 'lp-2', 'lp-3'])
    expect(ann.one('arrest', 'lp-2')).toMatchObject({
      learnedAt: due,
      dueAt: due + hours(2),
      urgency: 'safety',
    })
    ann.passTo(due + hours(2))
    expect(to(ann)).toEqual(['lp-1', 'lp-2', 'lp-3', 'duty:testshire-recovery'])
    expect(ann.one('arrest', 'duty:testshire-recovery')).toMatchObject({
      learnedAt: due + hours(2),
      dueAt: due + hours(4),
    })
    ann.passTo(due + hours(100))
    expect(to(ann)).toHaveLength(4)
  })

  it('goes straight to the duty team when there is no deputy', () => {
    const ann = annWith()
    ann.passTo(due)
    expect(to(ann)).toEqual(['lp-1', 'duty:testshire-recovery'])
  })

  it('says so when not every source had reported: somebody may have seen to it already', () => {
    const ann = annWith('lp-2')
    ann.passTo(due, false)
    expect(ann.one('arrest', 'lp-2').incomplete).toBe(true)
    expect(ann.one('arrest', 'lp-1').incomplete).toBe(false)
    const ben = annWith('lp-2')
    ben.passTo(due)
    expect(ben.one('arrest', 'lp-2').incomplete).toBe(false)
  })

  it('stays where it is once any copy is acknowledged, or it is closed', () => {
    const ann = annWith('lp-2')
    ann.passTo(due)
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('arrest', 'lp-2').noticeId })
    ann.passTo(due + hours(10))
    expect(to(ann)).toEqual(['lp-1', 'lp-2'])
    const ben = annWith('lp-2')
    ben.acts({ kind: 'prescription-confirmed', noticeId: ben.one('arrest').noticeId })
    ben.passTo(due + hours(10))
    expect(to(ben)).toEqual(['lp-1'])
  })

  it('goes to nobody whom the person did not agree to, and that is counted', () => {
    const ann = aPerson()
    ann.happens(arrested)
    ann.passTo(due + hours(10))
    expect(to(ann)).toEqual(['lp-1'])
    expect(ann.counts()).toEqual({ noticed: 1, 'escalation/suppressed/recipient-not-granted': 1 })
  })

  it('is taken back from the deputies too when consent is withdrawn', () => {
    const ann = annWith('lp-2')
    ann.passTo(due)
    ann.withdraw()
    expect(ann.of('arrest').map(({ state }) => state)).toEqual(['retracted', 'retracted'])
  })

  it('becomes the deputy’s own when the deputy becomes the lead', () => {
    const ann = annWith('lp-2')
    ann.passTo(due)
    ann.assign(assignment('lp-2', 'lead', { from: due }))
    expect(ann.one('arrest')).toMatchObject({ state: 'closed', closedBecause: 'handed-over' })
    expect(ann.one('arrest', 'lp-2').state).toBe('open')
    expect(to(ann)).toEqual(['lp-1', 'lp-2'])
  })
})

describe('a case of several events that nobody could be told of', () => {
  const discharged = (version: number, received: number) =>
    anEvent('Discharged', { version, received })
  const refused = () => {
    const ann = aPerson()
    ann.agree({ recipients: [{ organisation: 'testshire-recovery', role: 'peer-supporter' }] })
    ann.happens(anEvent('AlcoholScoreRecorded', { received: tuesday }), discharged(1, tuesday + 1))
    expect(ann.counts()).toEqual({ 'no-rule': 1, 'suppressed/recipient-not-granted': 1 })
    return ann
  }

  it('is judged anew when its source says more', () => {
    const ann = refused()
    ann.happens(discharged(2, tuesday + 2))
    expect(ann.counts()).toMatchObject({ 'suppressed/recipient-not-granted': 2 })
    ann.agree()
    ann.happens(discharged(3, tuesday + 3))
    expect(ann.one('hospital').state).toBe('open')
  })

  it('is not told to whoever may be told later', () => {
    const ann = refused()
    ann.agree()
    expect(ann.of('hospital')).toEqual([])
  })
})

describe('an acknowledgement that arrives before its notice, in a replay', () => {
  it('counts when the notice is there', () => {
    const ann = aPerson()
    const id = noticeId('arrest', `arrest:${personEvent('ArrestedIntoCustody-1')}`)
    ann.acts({ kind: 'acknowledged', noticeId: id })
    ann.happens(arrested)
    expect(ann.one('arrest').state).toBe('acknowledged')
  })
})

describe('a notice made again from a replay', () => {
  it('does not push', () => {
    const ann = aPerson()
    ann.standAt(tuesday + hours(25))
    ann.happens(arrested)
    expect(ann.one('arrest').push).toBe(false)
  })
})
