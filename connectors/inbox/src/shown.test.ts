import type { Ids, Notice } from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import { shownNotice } from './shown.ts'
import { inboxProjection } from './topology.ts'

const ids: Ids = {
  hmac: (label, ...parts) => `hmac(${[label, ...parts].length})`,
  hash: (label) => `hash-of-${label}`,
}
const corwin = { displayName: 'Corwin F.', safeContact: { ok: [], never: [], reviewBy: null } }
const arrested: Notice = {
  noticeId: 'n-1',
  version: 1,
  personId: 'p-1',
  thread: 'arrest:e-1',
  episode: 'arrest:e-1',
  rule: 'arrest',
  ruleVersion: 1,
  class: 'action',
  urgency: 'safety',
  state: 'open',
  recipient: {
    practitionerId: 'lp-1',
    organisation: 'testshire-recovery',
    role: 'lead-practitioner',
  },
  headline: 'Arrested, with a prescription open',
  lines: ['Ask for the prescription to go on in custody.'],
  occurredAt: Date.parse('2025-11-18T09:12:44Z'),
  learnedAt: Date.parse('2025-11-18T09:13:00.250Z'),
  dueAt: Date.parse('2025-11-18T11:13:00.250Z'),
  sources: ['custody'],
  categories: ['justice', 'substance-use'],
  corrects: null,
  closedBecause: null,
  incomplete: false,
  because: { eventIds: ['e-1'], timer: null },
  push: true,
}

describe('a notice', () => {
  it('is shown whole to a reader who may have the details', () => {
    expect(shownNotice(arrested, corwin, 'detail', ids)).toMatchObject({
      headline: 'Arrested, with a prescription open',
      lines: ['Ask for the prescription to go on in custody.'],
      occurredAt: '2025-11-18T09:12:44Z',
      learnedAt: '2025-11-18T09:13:00.250Z',
    })
  })
  it('keeps its lines back from a reader who may have headlines', () => {
    const shown = shownNotice(arrested, corwin, 'headline', ids)
    expect(shown).toMatchObject({ headline: 'Arrested, with a prescription open', lines: [] })
  })
  it('says only that a service is in touch to a reader who may know no more', () => {
    const shown = shownNotice(arrested, corwin, 'involvement', ids)
    expect(shown.headline).toBe('Custody has been in touch about Corwin F.')
    expect(JSON.stringify(shown)).not.toMatch(/arrest|prescription/i)
  })
  it('keeps its words when it rests on no agency', () => {
    const stopped: Notice = { ...arrested, rule: 'consent', sources: [], categories: [] }
    expect(shownNotice(stopped, corwin, 'involvement', ids).lines).toEqual(arrested.lines)
  })
})

describe('the row a notice leaves', () => {
  const stepped = inboxProjection.step(
    null,
    {
      now: 0,
      agreements: [],
      claim: () => undefined,
      person: () => undefined,
      index: () => [],
      past: () => [],
    },
    { kind: 'notice', notice: arrested },
    null,
    ids,
  )
  const [row] = stepped.views ?? []

  it('is listed by its reader, under its own version and state', () => {
    expect(row).toMatchObject({
      view: 'notices',
      id: 'n-1',
      version: 1,
      reader: 'lp-1',
      state: 'open',
    })
  })
  it('says in clear nothing of what happened to whom but what the gate needs', () => {
    const clear = JSON.stringify(row?.facts)
    expect(clear).not.toContain(arrested.headline)
    expect(clear).not.toContain(arrested.lines[0])
  })
})
