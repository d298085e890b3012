import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { contactsSchema } from './contacts.ts'
import { example, type TreatmentDesk, treatmentDesk } from './testing/desk.ts'

const open: TreatmentDesk[] = []
const desk = async (): Promise<TreatmentDesk> => {
  const opened = await treatmentDesk()
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const route = '/intake/treatment/contacts'
const record = (name: string, changes: object = {}) => ({
  ...JSON.parse(example(`${name}.json`)),
  ...changes,
})

describe('what a service tells at once', () => {
  it.each([
    ['contact-attended', 'TreatmentContact', { attendance: 'ATTENDED', episodeRef: '50001' }],
    ['contact-missed', 'TreatmentContact', { attendance: 'MISSED', provider: 'N9901' }],
    ['doses-missed', 'DosesMissed', { days: 3, pharmacy: true }],
    ['naloxone-supplied', 'NaloxoneSupplied', { form: 'NASAL' }],
  ])('%s is published as %s', async (name, schema, value) => {
    const treatment = await desk()
    const { status, results } = await treatment.post(route, example(`${name}.json`))
    expect([status, results[0]?.outcome]).toEqual([202, 'published'])
    expect(await treatment.sent()).toMatchObject([{ schema, value }])
  })

  it('knows the person by the service’s own number, the NHS number or the prison number', async () => {
    const treatment = await desk()
    await treatment.post(route, [record('contact-attended'), record('naloxone-supplied')])
    const sent = await treatment.sent()
    expect(sent.map(({ value }) => value['identifiers'])).toEqual([
      [
        { type: 'NDTMS', value: 'T-1001', issuer: 'N9901', verified: true },
        { type: 'NHS', value: '9990000115', issuer: null, verified: true },
      ],
      [{ type: 'NOMS', value: 'Z9001AA', issuer: null, verified: true }],
    ])
  })

  it('is told once, however often it is sent', async () => {
    const treatment = await desk()
    const send = async () =>
      (await treatment.post(route, example('contact-missed.json'))).results[0]?.outcome
    expect([await send(), await send()]).toEqual(['published', 'duplicate'])
    expect(await treatment.sent()).toHaveLength(1)
  })

  it('may be corrected: the person came after all', async () => {
    const treatment = await desk()
    await treatment.post(route, record('contact-missed'))
    await treatment.post(
      route,
      record('contact-missed', { recordVersion: 2, contact: { attendance: 'ATTENDED' } }),
    )
    const sent = await treatment.sent()
    expect(new Set(sent.map(({ value }) => value['eventId'])).size).toBe(1)
    expect(sent.map(({ value }) => [value['version'], value['attendance']])).toEqual([
      [1, 'MISSED'],
      [2, 'ATTENDED'],
    ])
  })

  it('goes to quarantine when the same record says something else', async () => {
    const treatment = await desk()
    await treatment.post(route, record('contact-missed'))
    const { results } = await treatment.post(
      route,
      record('contact-missed', { contact: { attendance: 'ATTENDED' } }),
    )
    expect(results).toEqual([{ outcome: 'quarantined', reason: 'conflict', at: [] }])
  })

  it('holds back what the service asks to be held or restricted', async () => {
    const treatment = await desk()
    await treatment.post(
      route,
      record('contact-missed', { restricted: true, holdUntil: '2026-06-01T09:00:00Z' }),
    )
    const [held] = await treatment.sent()
    expect(held?.value['handling']).toEqual({
      restricted: true,
      holdUntil: Date.UTC(2026, 5, 1, 9),
    })
  })
})

it('says what is wrong with each record by place and rule, and repeats no value', async () => {
  const treatment = await desk()
  const { status, text, results } = await treatment.post(route, example('contacts-faulty.json'))
  expect(status).toBe(422)
  const errors = results.map((one) =>
    'errors' in one ? one.errors.map(({ path, rule }) => `${path} ${rule}`) : [],
  )
  expect(errors).toEqual([
    ['occurredAt timestamp-needs-offset', 'contact.attendance not-in-list'],
    ['dosesMissed.days size', 'dosesMissed.reportedBy required', 'note unknown-member'],
    ['person.identifiers.0.value nhs-number-check-digit', 'occurredAt in-future'],
  ])
  expect(text).not.toMatch(/9990000116|LATE|T-1001/)
})

it('is drawn in treatment-contacts.schema.json', () => {
  const path = new URL('../treatment-contacts.schema.json', import.meta.url)
  const drawn = `${JSON.stringify(contactsSchema(), null, 2)}\n`
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(drawn))
})
