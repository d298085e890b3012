import { describe, expect, it } from 'vitest'
import { packNotify, unpackNotify } from './notify-pack.ts'
import type { Copy, Episode, NotifyState } from './notify-state.ts'
import { nothingNotified } from './notify-state.ts'
import type { Fact } from './rules/fact.ts'

const kept = (state: NotifyState): string => JSON.stringify(packNotify(state))

const plainFact: Fact = {
  id: 'release of ann',
  eventId: 'release',
  version: 0,
  type: 'ReleasedFromPrison',
  agency: 'custody',
  occurredAt: 1,
  receivedAt: 2,
  about: {},
}
const fullFact: Required<Fact> = {
  ...plainFact,
  latestAt: 3,
  heldUntil: 4,
  sameSince: 5,
  object: 'custody/prison B1',
  about: { kind: 'TO_COMMUNITY', confirmed: false },
  restricted: true,
  covered: 0,
  ended: 'withdrawn',
  fired: [{ day: 1, at: 6, incomplete: true }],
  passed: 0,
}
const plainCopy: Copy = {
  noticeId: 'n1',
  version: 1,
  state: 'open',
  part: 'lead',
  organisation: 'testshire-recovery',
  print: '',
}
const fullCopy: Required<Copy> = {
  ...plainCopy,
  because: 'returned',
  final: 'permission',
  role: 'prescriber',
  escalatedAt: 7,
  incomplete: true,
}
const plainEpisode: Episode = {
  ask: 'release',
  rule: 'release',
  ruleVersion: 1,
  eventIds: ['release'],
  occurredAt: 1,
  learnedAt: 2,
  urgency: 'safety',
  dueAt: null,
  sources: ['custody'],
  categories: ['whereabouts', 'justice'],
  copies: {},
}
const fullEpisode: Required<Episode> = {
  ...plainEpisode,
  factIds: ['release of ann'],
  dueAt: 8,
  thread: 'release:ann',
  level: 2,
  seeking: true,
  copies: { 'lp-1': plainCopy, 'prescriber:testshire-recovery': fullCopy },
}
const fullState: NotifyState = {
  used: [['contact', 3]],
  withdrawn: [['event arrest', 100]],
  held: [{ fact: fullFact, withdraws: ['object custody/prison B1'] }],
  facts: [plainFact, fullFact],
  episodes: [
    ['release:1', plainEpisode],
    ['release:2', fullEpisode],
  ],
  corrections: [],
  acts: [['acknowledged n1', 9]],
  attended: [{ id: 'visit', at: 10, made: true }],
  warned: { version: 1, at: 11, incomplete: false },
  reviewed: { version: 1, at: 12, incomplete: true },
  dead: true,
  restoredAt: 13,
  timers: [['ends', 14]],
}

describe('what notify keeps of a person', () => {
  it('is nothing of somebody of whom nothing is known', () => {
    expect(kept(nothingNotified)).toBe('[]')
    expect(unpackNotify([])).toStrictEqual(nothingNotified)
  })

  it('comes back as it was, with every field or with none that may be left out', () => {
    expect(unpackNotify(JSON.parse(kept(fullState)))).toStrictEqual(fullState)
    const plain: NotifyState = { ...nothingNotified, facts: [plainFact], dead: true }
    expect(unpackNotify(JSON.parse(kept(plain)))).toStrictEqual(plain)
  })

  it('takes two thirds of the room of its own JSON, or less', () => {
    expect(kept(fullState).length * 3).toBeLessThan(JSON.stringify(fullState).length * 2)
  })
})
