import { describe, expect, it } from 'vitest'
import { bothTimes, groupsOf } from './page-view.ts'
import { shownNotice } from './shown.ts'
import { directory, morning, released } from './testing/office.ts'

const hour = 3_600_000
const person = {
  displayName: 'Corwin F.',
  safeContact: { ok: [], never: ['voicemail'], reviewBy: null },
}
const ids = { hmac: () => '', hash: () => '' }
const shown = (change: Parameters<typeof released>[0]) =>
  shownNotice(released(change), person, 'detail', ids)
const groups = (...notices: readonly ReturnType<typeof shown>[]) =>
  groupsOf(notices, ['open'], morning, directory)

describe('the list of a lead practitioner', () => {
  const release = shown({ noticeId: 'r', learnedAt: morning - 8 * hour })
  const day7 = shown({ noticeId: 'd7', rule: 'three-weeks', urgency: 'prompt' })
  const day1 = shown({ noticeId: 'd1', rule: 'three-weeks', state: 'closed', urgency: 'prompt' })

  it('has one card for a thread: the most urgent first, then what else it asks, then what was told before', () => {
    const [safety, ...others] = groups(release, day7, day1)
    expect(others).toEqual([])
    expect(safety).toMatchObject({
      urgency: 'safety',
      count: 1,
      people: [
        {
          name: 'Corwin F.',
          never: ['voicemail'],
          threads: [
            { head: { id: 'r' }, also: [{ id: 'd7' }], before: [{ id: 'd1' }], isOpen: true },
          ],
        },
      ],
    })
  })

  it('shows a correction above what it corrects', () => {
    const wrong = shown({ noticeId: 'w', state: 'retracted' })
    const correction = shown({ noticeId: 'c', rule: 'correction', corrects: 'w' })
    const [thread] = groups(correction, wrong)[0]?.people[0]?.threads ?? []
    expect(thread?.head.notes).toEqual(['This corrects something you were told before.'])
    expect(thread?.before).toMatchObject([{ id: 'w', stateWords: 'Taken back' }])
  })

  it('names a person once, however many threads are as urgent', () => {
    const arrest = shown({ noticeId: 'a', rule: 'arrest', thread: 'arrest:e-2' })
    const [safety] = groups(release, arrest)
    expect(safety?.people).toHaveLength(1)
    expect(safety?.people[0]?.threads.map(({ head }) => head.id)).toEqual(['r', 'a'])
    expect(safety?.count).toBe(2)
  })

  it('does not list a thread of which nothing is open', () => {
    expect(groups(day1)).toEqual([])
  })
})

describe('both times of a line', () => {
  const at = (
    occurred: number,
    learned: number,
    precision = 'INSTANT',
    place: string | null = null,
  ) =>
    bothTimes(
      {
        occurredAt: new Date(occurred).toISOString(),
        learnedAt: new Date(learned).toISOString(),
        sources: ['custody'],
        precision,
        place,
      },
      morning,
    )

  it.each([
    [
      at(morning - 3 * hour, morning - hour),
      'Happened today at 07:05; we learned at 09:05, from custody.',
    ],
    [
      at(morning, morning + 1),
      'Happened today at 10:05; we learned the same minute, from custody.',
    ],
    [
      at(morning - 48 * hour, morning, 'INSTANT', 'MDI'),
      'Happened Sunday 16 November at 10:05; we learned today at 10:05, from custody (MDI).',
    ],
    [
      at(Date.parse('2025-11-17T00:00:00Z'), morning, 'DAY'),
      'Happened yesterday; we learned today at 10:05, from custody.',
    ],
    [
      at(Date.parse('2025-09-30T23:00:00Z'), morning, 'MONTH'),
      'Happened in October 2025; we learned today at 10:05, from custody.',
    ],
    [
      at(Date.parse('2025-01-01T00:00:00Z'), morning, 'YEAR'),
      'Happened in 2025; we learned today at 10:05, from custody.',
    ],
    [
      at(Date.parse('2026-01-05T00:00:00Z'), morning),
      'Falls on Monday 5 January 2026; raised today at 10:05.',
    ],
  ])('%s', (words, expected) => expect(words).toBe(expected))
})
