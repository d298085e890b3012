import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkFile } from './check.ts'
import { madeUpEdges } from './dev.ts'

const example = (path: string) =>
  fileURLToPath(new URL(`../../../connectors/${path}`, import.meta.url))
const check = (format: string, path: string) => checkFile(format, example(path), madeUpEdges())

describe('a file that is checked before it is sent', () => {
  it('is read by the agency’s own door, whatever its format', async () => {
    expect(
      await check('custody/domain-events', 'custody/examples/prisoner-released-home.json'),
    ).toEqual({ lines: ['record 1: published ReleasedFromPrison'], ok: true })
    const hearing = 'probation/examples/court-hearing-alcohol-treatment.json'
    expect(await check('probation/hearings', hearing)).toEqual({
      lines: ['record 1: published TreatmentRequirementMade'],
      ok: true,
    })
    const discharge = 'hospital/examples/a03-discharge-to-police-or-prison.hl7'
    expect(await check('hospital/hl7v2', discharge)).toEqual({
      lines: ['record 1: published Discharged, AlcoholScoreRecorded, ReferralMade'],
      ok: true,
    })
  })

  it('names each fault by line, column and rule, and never by what stands there', async () => {
    const { lines, ok } = await check(
      'treatment/ndtms',
      'treatment/examples/ndtms-invalid-rows.csv',
    )
    expect(ok).toBe(false)
    expect(lines).toContain('line 2, TRIAGED: triage-before-referral')
    expect(lines).toContain('line 9, OPIUSE: out-of-range (warning)')
  })

  it('says so where nobody takes such a format, or there is no file', async () => {
    await expect(check('custody/nothing', '../package.json')).rejects.toThrow(/no such format/)
    await expect(check('custody/police', 'nowhere.json')).rejects.toThrow(/no such file/)
  })
})
