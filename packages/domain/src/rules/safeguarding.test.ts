import { describe, expect, it } from 'vitest'
import {
  anEvent,
  aPerson,
  assignment,
  days,
  hours,
  tuesday,
  wholeGrant,
} from '../testing/a-person.ts'

const concern = anEvent('SafeguardingConcernRaised', { received: tuesday })
const withRole = {
  recipients: [
    ...wholeGrant.recipients,
    { organisation: 'testshire-recovery', role: 'safeguarding' },
    { organisation: 'testshire-recovery', role: 'duty' },
  ],
}

function annWith() {
  const ann = aPerson({ agreed: false })
  ann.standAt(tuesday - days(1))
  ann.assign(
    assignment('lp-1'),
    assignment('lp-2', 'deputy'),
    assignment('peer-4', 'team'),
    assignment('sg-1', 'team', { role: 'safeguarding' }),
  )
  ann.agree(withRole)
  return ann
}

describe('a safeguarding concern', () => {
  it('goes to safeguarding roles, in hours, and to nobody else however long it waits', () => {
    const ann = annWith()
    ann.happens(concern)
    ann.passTo(tuesday + days(3))
    expect(ann.notices().map(({ recipient }) => recipient.practitionerId)).toEqual([
      'safeguarding:testshire-recovery',
      'sg-1',
    ])
    expect(ann.one('safeguarding', 'sg-1')).toMatchObject({
      urgency: 'safety',
      dueAt: tuesday + hours(4),
      headline: 'A safeguarding concern was raised',
      categories: ['safety'],
    })
  })

  it('is over for whoever acknowledges it, and says nothing of what it is', () => {
    const ann = annWith()
    ann.happens(anEvent('ExploitationConcernRaised', { received: tuesday, kind: 'cuckooing' }))
    const { noticeId, lines } = ann.one('safeguarding', 'sg-1')
    expect(lines.join()).not.toContain('cuckooing')
    ann.acts({ kind: 'acknowledged', noticeId })
    expect(ann.one('safeguarding', 'sg-1').state).toBe('closed')
  })

  it('is told to nobody where no such role was agreed to', () => {
    const ann = aPerson()
    ann.happens(concern)
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/recipient-not-granted': 1 })
  })

  it('is told to nobody where the source restricts it', () => {
    const ann = annWith()
    ann.happens({ ...concern, handling: { holdUntil: null, restricted: true } })
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/recipient-not-granted': 1 })
  })
})
