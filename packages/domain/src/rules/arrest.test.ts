import { describe, expect, it } from 'vitest'
import { allAgreements, anEvent, aPerson, hours, tuesday, wholeGrant } from '../testing/a-person.ts'

const arrested = (more: object = {}) =>
  anEvent('ArrestedIntoCustody', { received: tuesday, ...more })
const to = (ann: ReturnType<typeof aPerson>) =>
  ann.of('arrest').map(({ recipient }) => recipient.practitionerId)

describe('an arrest', () => {
  it('with an open or unknown prescription is for the lead within two hours', () => {
    for (const openPrescription of ['YES', 'UNKNOWN'] as const) {
      const ann = aPerson()
      ann.happens(arrested({ openPrescription }))
      expect(ann.one('arrest')).toMatchObject({
        class: 'action',
        urgency: 'safety',
        dueAt: tuesday + hours(2),
        episode: 'arrest:person-event(ArrestedIntoCustody-1 ann)',
        thread: 'arrest:person-event(ArrestedIntoCustody-1 ann)',
      })
    }
  })

  it('without one is prompt, within four hours, and closes when acknowledged', () => {
    const ann = aPerson()
    ann.happens(arrested({ openPrescription: 'NO' }))
    expect(ann.one('arrest')).toMatchObject({ urgency: 'prompt', dueAt: tuesday + hours(4) })
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('arrest').noticeId })
    expect(ann.one('arrest')).toMatchObject({ state: 'closed', closedBecause: 'acknowledged' })
  })

  it('with an open one closes for everybody when the prescription is confirmed, not when acknowledged', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    ann.agree({ recipients: everybody })
    ann.happens(arrested())
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('arrest').noticeId })
    expect(ann.one('arrest').state).toBe('acknowledged')
    ann.acts({ kind: 'prescription-confirmed', noticeId: ann.one('arrest').noticeId })
    expect(ann.of('arrest').map(({ state }) => state)).toEqual(['closed', 'closed', 'closed'])
  })

  it('is for the prescriber and custody healthcare too, where granted with what people take', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    ann.agree({ recipients: everybody })
    ann.happens(arrested())
    expect(to(ann)).toEqual([
      'lp-1',
      'prescriber:testshire-recovery',
      'custody-healthcare:north-force',
    ])
    expect(ann.one('arrest', 'prescriber:testshire-recovery').categories).toContain('substance-use')

    const ben = aPerson({ agreed: false })
    ben.standAt(tuesday - hours(1))
    ben.agree({ recipients: everybody, categories: ['whereabouts', 'justice', 'health'] })
    ben.happens(arrested())
    expect(to(ben)).toEqual(['lp-1'])

    const cal = aPerson()
    cal.happens(arrested())
    expect(to(cal)).toEqual(['lp-1'])
  })

  it('is amended, not told again, when custody finds that there is no prescription', () => {
    const ann = aPerson()
    ann.happens(
      arrested(),
      arrested({
        version: 2,
        received: tuesday + hours(1),
        occurredAt: tuesday,
        openPrescription: 'NO',
      }),
    )
    expect(ann.of('arrest')).toHaveLength(1)
    expect(ann.one('arrest')).toMatchObject({
      version: 2,
      urgency: 'prompt',
      dueAt: tuesday + hours(5),
    })
  })

  it('goes to the duty team of the lead, though only the prescriber was told', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    const others = everybody.filter(({ role }) => role !== 'lead-practitioner')
    const duty = { organisation: 'testshire-recovery', role: 'duty' }
    ann.agree({ recipients: [...others, duty] })
    ann.happens(arrested())
    expect(to(ann)).not.toContain('lp-1')
    ann.passTo(tuesday + hours(5))
    expect(to(ann)).toContain('duty:testshire-recovery')
  })

  it('is taken back from the prescriber as what it was: about what people take', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    ann.agree({ recipients: everybody })
    ann.happens(arrested())
    ann.withdraw()
    expect(ann.one('arrest', 'prescriber:testshire-recovery')).toMatchObject({
      state: 'retracted',
      categories: expect.arrayContaining(['substance-use']) as unknown,
    })
  })

  it('reaches the prescriber when a later version finds a prescription', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    ann.agree({ recipients: everybody })
    ann.happens(arrested({ openPrescription: 'NO' }))
    expect(to(ann)).toEqual(['lp-1'])
    ann.happens(
      arrested({
        version: 2,
        received: tuesday + hours(1),
        occurredAt: tuesday,
        openPrescription: 'YES',
      }),
    )
    expect(to(ann)).toHaveLength(3)
    expect(ann.one('arrest')).toMatchObject({ urgency: 'safety', dueAt: tuesday + hours(3) })
  })

  it('says no more than the tier of the grant', () => {
    for (const [tier, headline, lines] of [
      ['detail', 'Arrested and in police custody', 2],
      ['headline', 'Arrested and in police custody', 0],
      ['involvement', 'Custody has been in touch', 0],
    ] as const) {
      const ann = aPerson({ agreed: false })
      ann.standAt(tuesday - hours(1))
      ann.agree({ tier })
      ann.happens(arrested())
      expect(ann.one('arrest').headline).toBe(headline)
      expect(ann.one('arrest').lines).toHaveLength(lines)
    }
  })

  it('is told to nobody, and counted, where consent or agreement does not cover it', () => {
    const grants = { sources: ['housing'] }
    for (const [change, reason] of [
      [grants, 'source-not-granted'],
      [{ categories: ['whereabouts', 'justice'] }, 'category-not-granted'],
      [
        { recipients: [{ organisation: 'elsewhere', role: 'lead-practitioner' }] },
        'recipient-not-granted',
      ],
      [{ until: tuesday }, 'expired'],
      [{ from: tuesday + 1 }, 'not-yet'],
      [{ purpose: 'outcomes' }, 'no-consent'],
    ] as const) {
      const ann = aPerson({ agreed: false })
      ann.standAt(tuesday - hours(1))
      ann.agree(change as object)
      ann.happens(arrested())
      expect(ann.of('arrest'), reason).toEqual([])
      expect(ann.counts()).toEqual({ [`suppressed/${reason}`]: 1 })
      expect(ann.index()).toEqual([`suppressed person-event(ArrestedIntoCustody-1 ann) ${reason}`])
    }
    const ann = aPerson()
    ann.agreements(allAgreements.filter(({ source }) => source !== 'custody'))
    ann.happens(arrested())
    expect(ann.counts()).toEqual({ 'suppressed/no-agreement': 1 })
  })

  it('stays untold when the recipient is granted afterwards', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - hours(1))
    ann.agree({ recipients: [{ organisation: 'elsewhere', role: 'lead-practitioner' }] })
    ann.happens(arrested())
    ann.agree()
    expect(ann.notices()).toEqual([])
  })

  it('goes to the duty team when there is no lead, and is counted so', () => {
    const ann = aPerson({ agreed: false, lead: null })
    ann.standAt(tuesday - hours(1))
    ann.agree({
      recipients: [...wholeGrant.recipients, { organisation: 'testshire-recovery', role: 'duty' }],
    })
    ann.happens(arrested())
    expect(to(ann)).toEqual(['duty:testshire-recovery'])
    expect(ann.counts()).toEqual({ 'no-lead': 1, noticed: 1 })
  })
})

const everybody = [
  ...wholeGrant.recipients,
  { organisation: 'testshire-recovery', role: 'prescriber' },
  { organisation: 'north-force', role: 'custody-healthcare' },
]
