import { describe, expect, it } from 'vitest'
import { countyOf } from './county.ts'
import type { Entry } from './plan.ts'
import { reading } from './truth-events.ts'

const county = { people: 120, days: 60, seed: 3 }
const plan = countyOf(county)
const ofKind = <K extends Entry['kind']>(kind: K) =>
  plan.entries.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind)

describe('a made-up county', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(countyOf(county)).toEqual(plan)
    expect(countyOf({ ...county, seed: 4 }).entries).not.toEqual(plan.entries)
  })

  it('never hears two things about one person at one instant, so that order is never in doubt', () => {
    const seen = new Set<string>()
    for (const { at, person } of plan.entries) {
      expect(seen).not.toContain(`${person} ${at}`)
      seen.add(`${person} ${at}`)
    }
  })

  it('uploads each file at an instant of its own', () => {
    for (const file of ofKind('file'))
      expect(plan.entries.filter(({ at }) => at === file.at)).toEqual([file])
  })

  it('lets nobody leave prison before they came, though a report of it may be late', () => {
    const files = countyOf({ people: 40, days: 60, seed: 21 }).entries.flatMap((entry) =>
      entry.kind === 'file' && entry.file.what === 'secure-setting' ? [entry.file] : [],
    )
    const rows = files.flatMap((file) => file.rows)
    expect(rows.length).toBeGreaterThan(0)
    for (const { receivedOn, left } of rows) expect(left.on >= receivedOn).toBe(true)
  })

  it('hears from every agency, in every way that it has', () => {
    const said = new Set(ofKind('hospital').map(({ over }) => over))
    expect(said).toEqual(new Set(['mllp', 'http']))
    expect(new Set(ofKind('file').map(({ file }) => file.what))).toEqual(
      new Set(['ndtms', 'secure-setting', 'homelessness']),
    )
    for (const kind of [
      'movement',
      'police',
      'probation',
      'court',
      'housing',
      'treatment',
    ] as const)
      expect(ofKind(kind).length).toBeGreaterThan(20)
  })

  it('has reports that are refused, ignored and quarantined among those that are used', () => {
    const expected = new Set(
      plan.entries.flatMap((entry) => ('expects' in entry ? [entry.expects.split('/')[0]] : [])),
    )
    expect(expected).toEqual(new Set(['published', 'ignored', 'quarantined', 'rejected']))
  })

  it('is read by the truth as its senders expect', () => {
    const truth = reading()
    for (const entry of plan.entries) {
      const read =
        entry.kind === 'probation'
          ? truth.probation(entry.report, entry.at)
          : entry.kind === 'court'
            ? truth.court(entry.report, entry.at)
            : entry.kind === 'hospital'
              ? truth.hospital(entry.report, entry.at)
              : entry.kind === 'housing'
                ? truth.housing(entry.report, entry.at)
                : entry.kind === 'treatment'
                  ? truth.treatment(entry.report, entry.at)
                  : null
      if (read !== null && 'expects' in entry) expect(read.outcome).toBe(entry.expects)
      // Nobody reports what has not happened yet.
      for (const { occurredAt } of read?.happenings ?? [])
        expect(occurredAt).toBeLessThanOrEqual(entry.at)
    }
  })

  it('can be police and prisons alone, with the same people', () => {
    const custody = countyOf({ ...county, custodyOnly: true })
    expect(custody.people).toEqual(plan.people)
    expect(new Set(custody.entries.map(({ kind }) => kind))).not.toContain('hospital')
  })
})
