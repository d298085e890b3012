import {
  type Agreement,
  canonicalText,
  eventCategories,
  flows,
  type Grant,
  identifierHash,
  type PersonRegister,
  type Purpose,
} from '@throughline/domain'
import { expect, it } from 'vitest'
import { ids, now, openDesk } from './testing/desk.ts'
import { changed, example } from './testing/examples.ts'
import { translateDutyToRefer } from './translate-duty-to-refer.ts'

const name = 'duty-to-refer-accepted.json'
const leads = { organisation: 'testshire-recovery', role: 'lead-practitioner' }
const dayMs = 86_400_000

const grant = (purpose: Purpose): Grant => ({
  purpose,
  sources: ['housing'],
  recipients: [leads],
  categories: ['housing'],
  tier: 'detail',
  from: now - dayMs,
  until: now + dayMs,
  lookBackDays: 0,
})
const personWith = (grants: readonly Grant[]): PersonRegister => ({
  personId: 'jonas',
  status: 'active',
  versions: [
    { version: 1, state: 'given', acceptedAt: now - dayMs, endedAt: null, identifiers: [], grants },
  ],
  assignments: [],
})
const agreements = (['care-coordination', 'duty-to-refer'] as const).map(
  (purpose): Agreement => ({
    agreementId: purpose,
    source: 'housing',
    purpose,
    recipientOrganisation: leads.organisation,
    from: now - dayMs,
    until: now + dayMs,
  }),
)

/** Whether a referral of the example reaches the person's lead, as link asks it. */
function reaches(person: PersonRegister): boolean {
  const rules = { partnership: 'testshire', allowTestNhsNumbers: true, nhsNumbersTraced: true, now }
  const [translation] = translateDutyToRefer([example(name)], ids, rules)
  if (translation?.outcome !== 'published') throw new Error('not published')
  const event = translation.events[0]?.event
  if (event === undefined) throw new Error('no event')
  return flows(person, agreements, {
    source: `${event.source.agency}/${event.source.system}`,
    categories: eventCategories[event.type],
    purpose: 'care-coordination',
    receivedAt: now,
    now,
  }).ok
}

it('G2: agreeing to be referred for housing lets nobody else be told, and the other way round', () => {
  expect(reaches(personWith([grant('duty-to-refer')]))).toBe(false)
  expect(reaches(personWith([grant('care-coordination')]))).toBe(true)
})

it('G5: nothing more is told once care coordination is withdrawn, though the referral stands', () => {
  expect(reaches(personWith([grant('duty-to-refer'), grant('outcomes')]))).toBe(false)
})

it('G6: a referral is withdrawn when the person confirms it to the referrer, once, and by nothing else', async () => {
  await using housing = await openDesk()
  const number = { type: 'HOUSING_APPLICATION', issuer: 'E99000001', value: 'SYN-DTR-0001' }
  const jonas = `person-of-${identifierHash(ids, canonicalText(number))}`
  await housing.claim(number)
  await housing.post('/intake/housing/duty-to-refer', example(name))
  for (const purposes of [['care-coordination'], ['duty-to-refer']] as const) {
    const answer = await housing.register.change({
      kind: 'withdraw',
      personId: jonas,
      purposes,
      by: 'person',
      reason: null,
    })
    expect(answer).toMatchObject({ state: expect.any(String) })
  }
  // What is withdrawn in the register ends sharing; the referral to the authority is not the hub's to end.
  expect(await housing.sent()).toHaveLength(1)
  const taken = {
    'lifecycle.status': 'WITHDRAWN',
    'lifecycle.withdrawalReason': 'NO_CONSENT',
    'consent.toReferral': false,
  }
  const confirmed = changed(name, { ...taken, 'consent.withdrawnAt': '2026-05-01T10:00:00Z' })
  const outcomes = []
  for (let time = 0; time < 2; time++) {
    const { results } = await housing.post('/intake/housing/duty-to-refer', confirmed)
    outcomes.push(results[0]?.outcome)
  }
  expect(outcomes).toEqual(['published', 'duplicate'])
  expect((await housing.sent()).map(({ value }) => value['decision'])).toEqual([
    'ACCEPTED',
    'WITHDRAWN',
  ])
  const unconfirmed = changed(name, { ...taken, referralId: 'R-2' })
  const { results } = await housing.post('/intake/housing/duty-to-refer', unconfirmed)
  expect(results).toMatchObject([
    {
      outcome: 'published',
      warnings: [{ path: 'consent.withdrawnAt', rule: 'agreement-withdrawn-when' }],
    },
  ])
})
