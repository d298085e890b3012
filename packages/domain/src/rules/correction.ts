import { dayInWords } from '../date-words.ts'
import type { NoticeRecipient } from '../notice.ts'
import type { Category } from '../register.ts'
import { type AskName, askOf, dueAt, urgencyAt } from './table.ts'
import type { Closing, Wanted } from './wanted.ts'

/** Somebody holds a notice that turned out to be wrong. Kept, because it follows from what was sent. */
export interface Correction {
  readonly noticeId: string
  /** The version of the event, or the id of the withdrawal, that made it wrong. */
  readonly cause: string
  readonly ask: AskName
  /** The episode that was wrong, and the event behind it. */
  readonly of: string
  readonly thread: string
  readonly eventIds: readonly string[]
  readonly to: NoticeRecipient
  readonly occurredAt: number
  /** When it was learned that it was wrong; permission is asked as of then. */
  readonly at: number
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly aboutDeath: boolean
  readonly ended: string | null
}

export const correctionEpisode = ({ noticeId, cause }: Correction): string =>
  `correction:${noticeId}:${cause}`

/** Tells whoever got a copy that it was wrong, as urgently as it was told. `closed`: it holds again. */
export function correction(made: Correction, closed: Closing | null): Wanted {
  const { urgency, due } = askOf(made.ask)
  return {
    ask: made.ask,
    rule: 'correction',
    episode: correctionEpisode(made),
    thread: made.thread,
    facts: [],
    besides: [],
    occurredAt: made.occurredAt,
    learnedAt: made.at,
    urgency: urgencyAt(urgency, made.occurredAt, made.at),
    dueAt: dueAt(due, made.at),
    headline: 'An earlier notice was wrong',
    lines: [
      `What was reported for ${dayInWords(made.occurredAt)} has been corrected by its source. Do not act on the earlier notice, and undo what was done because of it.`,
    ],
    sources: made.sources,
    categories: made.categories,
    eventIds: made.eventIds,
    timer: null,
    incomplete: false,
    to: { lead: false, roles: [], team: false, named: made.to },
    closed,
    aboutDeath: made.aboutDeath,
    timed: false,
    corrects: made.noticeId,
  }
}
