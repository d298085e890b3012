import type { Settled } from './calm.ts'
import { consented } from './checks/consent.ts'
import { dayMs, finalNotices, live, postsOfEvent, type Say } from './checks/lookups.ts'
import { corrected } from './checks/objects.ts'
import { reliable } from './checks/reliability.ts'
import type { ForwardedRecord, History, NoticeRecord, Violation } from './history.ts'

/**
 * A second implementation of what must hold (assurance, section 5), in `checks` by promise. It imports
 * nothing of the product and reads only histories; it may be slow, and it must be right.
 */
export function check(history: History): readonly Violation[] {
  const found: Violation[] = []
  const say: Say = (invariant, what) => found.push({ invariant, what })
  reliable(history, say)
  consented(history, say)
  corrected(history, say)
  inItsRightWords(history, say)
  return found
}

/** Design, section 8: safety is for three days, and a search alone confirms no release. */
function inItsRightWords(history: History, say: Say): void {
  const learned = new Map<string, number>()
  const caseOf = ({ personId, episode }: NoticeRecord) => `${personId} ${episode}`
  for (const notice of history.notices) {
    const known = learned.get(caseOf(notice)) ?? Number.POSITIVE_INFINITY
    learned.set(caseOf(notice), Math.min(known, notice.learnedAt))
  }
  for (const notice of history.notices) {
    // Whoever is told later, because nobody answered, is told of the same urgency.
    const since = learned.get(caseOf(notice)) ?? notice.learnedAt
    if (notice.urgency === 'safety' && since - notice.occurredAt > 3 * dayMs)
      say('D8', `a ${notice.rule} notice is urgent and more than three days old`)
    const confirmed = /^Released from prison(?! \(not yet confirmed\))/.test(notice.headline)
    const said = notice.because.flatMap((id) => postsOfEvent(history, id))
    if (confirmed && live.has(notice.state) && !said.some(({ confirms }) => confirms))
      say('D8', 'a release is told as confirmed that only a search has told')
  }
}

/** R3, R4: one calm story comes to the same in any order, under any fault, read again and made anew. */
export function checkSettled({ told, otherwise, anew }: Settled): readonly Violation[] {
  const before = {
    forwarded: told.forwarded.filter(({ again }) => !again),
    notices: told.notices.filter(({ again }) => !again),
  }
  const standing = (notices: readonly NoticeRecord[], name: (notice: NoticeRecord) => string) =>
    [...finalNotices(notices).values()].filter(({ state }) => live.has(state)).map(name)
  const first = before.forwarded.map(forwardedName)
  const compared: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ['R4', 'forwarded when read again', first, told.forwarded.map(forwardedName)],
    ['R4', 'noticed when read again', before.notices.map(version), told.notices.map(version)],
    ['R4', 'forwarded of a fresh start', first, anew.forwarded.map(forwardedName)],
    ['R4', 'of a fresh start', standing(asking(before), id), standing(asking(anew), id)],
    ['R4', 'told of a fresh start', lines(told), lines(anew)],
    ['R4', 'counted of a fresh start', counted(told), counted(anew)],
    ['R3', 'in any order', standing(asking(before), words), standing(asking(otherwise), words)],
  ]
  return compared.flatMap(([invariant, when, one, other]) =>
    [...new Set(one).symmetricDifference(new Set(other))].map((what) => ({
      invariant,
      what: `not the same ${when}: ${what}`,
    })),
  )
}

/** Whether somebody has to hear that a notice was wrong depends on whether they had got it by then. */
const asking = ({ notices }: { readonly notices: readonly NoticeRecord[] }) =>
  notices.filter(({ rule }) => rule !== 'correction')
/** What stands in each story in the end. */
const lines = ({ stories }: Settled['told']) =>
  [...new Map(stories.map((one) => [one.personId, one])).values()].flatMap((one) =>
    one.lines.map(({ id }) => `${one.personId} ${id}`),
  )
const counted = ({ outcomes }: Settled['told']) =>
  outcomes.flatMap((one) => one.facts.map((fact) => `${fact.type} ${one.personId} ${fact.version}`))
const forwardedName = ({ personId, eventId, version, type }: ForwardedRecord) =>
  `${type} ${personId} ${eventId} ${version}`
const version = ({ rule, noticeId, version: its }: NoticeRecord) => `${rule} ${noticeId} ${its}`
const id = ({ rule, noticeId, state }: NoticeRecord) => `${rule} ${noticeId} ${state}`
/** Ids tell which report of a movement came first; what a notice says does not. */
const words = ({ personId, rule, recipient, state, occurredAt, headline }: NoticeRecord) =>
  `${rule} ${personId} ${recipient} ${state} ${oneMatter.has(rule) ? '' : occurredAt} ${headline}`

/** One matter may be told by two offices, or made of several crises: whichever was heard first stands for it. */
const oneMatter = new Set(['order-made', 'breach-recall', 'cluster'])
