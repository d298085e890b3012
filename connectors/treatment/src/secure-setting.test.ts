import { afterEach, describe, expect, it } from 'vitest'
import { example, type TreatmentDesk, told, treatmentDesk, withCells } from './testing/desk.ts'

const open: TreatmentDesk[] = []
const desk = async (): Promise<TreatmentDesk> => {
  const opened = await treatmentDesk()
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const exits = example('secure-setting-extract.csv')
const starts = example('community-starts-after-release.csv')

describe('the extract of prison exits', () => {
  it('ends treatment in prison for each, with how they left, where for and of what', async () => {
    const treatment = await desk()
    const { status, answer } = await treatment.upload('secure-setting', exits)
    expect([status, answer.rows, answer.accepted, answer.warnings]).toEqual([200, 7, 7, 0])
    const sent = await treatment.sent()
    expect(
      sent.map(({ value }) => {
        const [person] = value['identifiers'] as { type: string; value: string }[]
        const { reason, prisonExit, area, substances } = value
        return [person?.type, person?.value, reason, prisonExit, area, substances]
      }),
    ).toEqual([
      ['NOMS', 'Z9001AA', 'TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'X91B', ['1011', '3201']],
      ['NOMS', 'Z9002AA', 'TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'X91B', ['1011']],
      ['NOMS', 'Z9003AA', 'TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'X91B', ['7000']],
      ['NOMS', 'Z9004AA', 'TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'Z00B', ['1011']],
      ['NOMS', 'Z9005AA', 'TRANSFERRED_IN_CUSTODY', 'TRANSFERRED', null, ['3201']],
      ['NOMS', 'Z9006AA', 'COMPLETED', 'RELEASED', 'X91B', ['5000']],
      ['NOMS', 'Z9007AA', 'TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'X91B', ['1011']],
    ])
    expect(sent.every(({ schema }) => schema === 'TreatmentEnded')).toBe(true)
    expect(sent.map(({ value }) => value['setting'])).toEqual(sent.map(() => 'PRISON'))
    expect(sent[0]?.value['occurredAt']).toBe(Date.UTC(2026, 3, 30, 23))
  })

  it('carries no name, and no number but among the identifiers', async () => {
    const treatment = await desk()
    await treatment.upload('secure-setting', exits)
    const rest = (await treatment.sent()).map(({ value }) => ({ ...value, identifiers: [] }))
    expect(JSON.stringify(rest)).not.toMatch(/Z900|Jonas|Kestrel|1984/)
  })

  it('tells nothing again but what has changed', async () => {
    const treatment = await desk()
    await treatment.upload('secure-setting', exits)
    expect((await treatment.upload('secure-setting', exits)).answer.unchanged).toBe(7)
    const stays = withCells(exits, { 'client reference': 'Z9006AA' }, { 'prison exit date': '' })
    expect((await treatment.upload('secure-setting', stays)).answer.accepted).toBe(1)
    expect((await told(treatment, 7)).map((line) => line.split(' ')[0])).toEqual(['EventWithdrawn'])
  })

  it('names what is wrong by line, column and rule', async () => {
    const treatment = await desk()
    const faulty = (number: string, changes: Record<string, string>) => (file: string) =>
      withCells(file, { 'client reference': number }, changes)
    const file = [
      faulty('Z9001AA', { 'prison exit date': '2025-10-01' }),
      faulty('Z9002AA', { 'initial reception date': 'March' }),
      faulty('Z9003AA', { 'drug 1': 'Spice', 'prison exit destination': 'Leeds' }),
      faulty('Z9004AA', { 'client reference': 'Z9004' }),
      faulty('Z9005AA', { 'discharge reason': 'Something else' }),
      faulty('Z9006AA', { 'prison exit date': '2031-01-01' }),
    ].reduce((text, change) => change(text), exits)
    const { answer, rejected, warned } = await treatment.upload('secure-setting', file)
    expect(answer).toMatchObject({ accepted: 3, rejectedRows: 4, warnings: 3 })
    expect(rejected).toEqual([
      '2 prison exit date exit-before-reception',
      '3 initial reception date date-not-readable',
      '5 client reference noms-shape',
      '7 prison exit date in-future',
    ])
    expect(warned).toEqual([
      '4 prison exit destination area-shape',
      '4 drug 1 code-unknown',
      '6 discharge reason code-unknown',
    ])
  })

  it('takes the establishment from the address', async () => {
    const treatment = await desk()
    await treatment.upload('secure-setting', exits, { query: 'agency=ZZX' })
    expect((await treatment.sent())[0]?.value['provider']).toBe('ZZX')
    const { status } = await treatment.upload('secure-setting', exits, { query: 'agency=<b>' })
    expect(status).toBe(422)
  })
})

it('takes the list of community starts through the same door, by its first line', async () => {
  const treatment = await desk()
  const { status, answer } = await treatment.upload('secure-setting', starts)
  expect([status, answer.accepted, answer.warnings]).toEqual([200, 4, 0])
  const sent = await treatment.sent()
  expect(sent.map(({ schema, value }) => [schema, value['setting']])).toEqual(
    sent.map(() => ['TreatmentStarted', 'COMMUNITY']),
  )
  expect((await treatment.upload('secure-setting', starts)).answer.unchanged).toBe(4)
})

it('refuses a file that is neither', async () => {
  const treatment = await desk()
  const { status, text } = await treatment.upload(
    'secure-setting',
    '"client reference"\n"Z9001AA"\n',
  )
  expect(status).toBe(422)
  expect(text).toContain('initial reception date')
})
