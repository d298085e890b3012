import type { Settled } from './calm.ts'
import type {
  ConsentRow,
  ForwardedRecord,
  GrantRow,
  History,
  InboundRecord,
  NoticeRecord,
  Post,
  ReadFact,
  Violation,
} from './history.ts'

/**
 * A second implementation of what must hold (assurance, section 5). It imports nothing of the
 * product and reads only histories; it may be slow, and it must be right.
 */
export function check(history: History): readonly Violation[] {
  const found: Violation[] = []
  const say = (invariant: string, what: string) => found.push({ invariant, what })
  nothingLost(history, say)
  oneOutcome(history, say)
  noDoubleEffect(history, say)
  nothingFromNowhere(history, say)
  caughtUp(history, say)
  lawfulReads(history, say)
  withdrawalHolds(history, say)
  audited(history, say)
  minimal(history, say)
  identity(history, say)
  consentedFlow(history, say)
  forgetsNobody(history, say)
  failsClosed(history, say)
  takenBack(history, say)
  waitsForTheBacklog(history, say)
  inItsRightWords(history, say)
  nothingNewFromOldRecords(history, say)
  addsUp(history, say)
  return found
}

type Say = (invariant: string, what: string) => void

const purpose = 'care-coordination'
const dayMs = 86_400_000

/** R1: what was acknowledged is in the log, or was rightly dropped; R2's first half: once for each version. */
function nothingLost(history: History, say: Say): void {
  const inLog = new Set(history.inbound.map(({ eventId }) => eventId))
  for (const post of history.posts) {
    for (const answer of post.answers.filter(({ outcome }) => outcome === 'published')) {
      for (const eventId of answer.eventIds) {
        if (inLog.has(eventId)) continue
        if (post.unclaimed === 'drop' && !claimedAround(history, post, answer)) continue
        say('R1', `${post.name} was acknowledged and is not in the log`)
      }
    }
  }
}

/** Claimed from before it was sent until after it was answered. */
const claimedAround = (
  history: History,
  post: Post,
  { sentAt, at }: { sentAt: number; at: number },
) =>
  history.consents.some(
    (row) =>
      row.state === 'given' &&
      row.acceptedAt < sentAt &&
      (row.endedAt === null || row.endedAt > at) &&
      post.identifiers.some((id) => row.identifiers.includes(id)),
  )

/** How long a repeat is known to be one, in ms; after that it is answered like a new record, without effect. */
const receiptMs = 7 * dayMs

/** R1: a record has one outcome. Answers to repeats may say `duplicate`, never something else. */
function oneOutcome(history: History, say: Say): void {
  for (const post of history.posts) {
    const answers = post.answers.filter(({ at }) => at - post.sentAt < receiptMs)
    const kinds = new Set(
      answers.map(({ outcome }) => outcome).filter((one) => one !== 'duplicate'),
    )
    if (kinds.size > 1) say('R1', `${post.name} has two outcomes: ${[...kinds].join(' and ')}`)
    const published = answers.filter(({ outcome }) => outcome === 'published').length
    if (published > 1) say('R1', `${post.name} was published ${published} times`)
    const ids = new Set(answers.flatMap(({ eventIds }) => eventIds))
    if (ids.size > 1) say('R2', `${post.name} was given ${ids.size} ids`)
  }
}

/** R2: one notice for each episode, rule and recipient; copies of one version are the same to the letter. */
function noDoubleEffect(history: History, say: Say): void {
  const byIntent = new Map<string, string>()
  const byVersion = new Map<string, string>()
  for (const notice of history.notices) {
    const intent = `${notice.personId} ${notice.rule} ${notice.episode} ${notice.recipient}`
    const known = byIntent.get(intent)
    if (known !== undefined && known !== notice.noticeId)
      say('R2', `two notices for one intent of rule ${notice.rule}`)
    byIntent.set(intent, notice.noticeId)
    const version = `${notice.noticeId} ${notice.version}`
    const text = byVersion.get(version)
    if (text !== undefined && text !== notice.text)
      say('R2', `version ${notice.version} of a ${notice.rule} notice says two things`)
    byVersion.set(version, notice.text)
  }
  const versions = new Map<string, Set<number>>()
  for (const { noticeId, version } of history.notices) {
    versions.set(noticeId, (versions.get(noticeId) ?? new Set()).add(version))
  }
  for (const seen of versions.values()) {
    for (let version = 1; version <= seen.size; version++) {
      if (!seen.has(version)) say('R2', `a notice skips version ${version}`)
    }
  }
}

/** R5: everything derived rests on something that was accepted. */
function nothingFromNowhere(history: History, say: Say): void {
  const inLog = new Set(history.inbound.map(({ eventId, version }) => `${eventId} ${version}`))
  for (const record of history.forwarded) {
    if (!inLog.has(`${record.eventId} ${record.version}`))
      say('R5', `a forwarded ${record.type} rests on nothing in the log`)
  }
  const forwarded = new Set(
    history.forwarded.map(({ personId, eventId }) => `${personId} ${eventId}`),
  )
  for (const notice of history.notices) {
    for (const eventId of notice.because) {
      if (!forwarded.has(`${notice.personId} ${eventId}`))
        say('R5', `a ${notice.rule} notice rests on an event that nobody forwarded`)
    }
  }
}

/** R6, R7: after the last fault everything is worked off, within a minute, and no task has stopped. */
function caughtUp({ drain, parked, poisons }: History, say: Say): void {
  if (drain.tookMs === null) say('R7', 'the backlog never came to an end')
  else if (drain.tookMs > 60_000) say('R7', `working off the backlog took ${drain.tookMs} ms`)
  if (drain.outboxLeft > 0) say('R7', `${drain.outboxLeft} rows were left in the outbox`)
  if (drain.behind > 0) say('R6', `${drain.behind} records were never read`)
  const bad = new Set(poisons.map(({ id }) => id))
  if (parked.some((id) => !bad.has(id))) say('R7', 'a good record was set aside')
  for (const { id, readers } of poisons) {
    if (parked.filter((one) => one === id).length !== readers)
      say('R1', 'a record that nobody can read was dropped without a word')
  }
  for (const fault of drain.faults) say('R6', `a task stopped: ${fault}`)
}

/** C1, C6: at the instant of the check behind every read, consent, agreement and assignment all hold. */
function lawfulReads(history: History, say: Say): void {
  const checkedAt = new Map(history.attempts.map(({ attemptId, at }) => [attemptId, at]))
  for (const read of history.reads) {
    const because = unlawful(history, read, checkedAt.get(read.attemptId) ?? read.startedAt)
    if (because !== null) say('C1', `${read.reader} read a notice: ${because}`)
  }
}

function unlawful(history: History, read: ReadFact, at: number): string | null {
  const role = assignedRole(history, read.personId, read.reader, at)
  if (role === null) return 'no assignment at that instant'
  for (const source of read.sources) {
    for (const category of read.categories) {
      const granted = grantsAt(history, read.personId, at).some(
        (grant) =>
          grant.purpose === purpose &&
          grant.sources.includes(source) &&
          grant.categories.includes(category) &&
          grant.from <= at &&
          at < grant.until &&
          grant.recipients.some((to) => to.organisation === read.organisation && to.role === role),
      )
      if (!granted) return `no grant of ${category} from ${source}`
    }
    const agreed = history.agreements.some(
      (agreement) =>
        agreement.source === source &&
        agreement.purpose === purpose &&
        agreement.recipientOrganisation === read.organisation &&
        agreement.from <= at &&
        at < agreement.until,
    )
    if (!agreed) return `no agreement with ${source}`
  }
  return null
}

function assignedRole(
  history: History,
  personId: string,
  practitioner: string,
  at: number,
): string | null {
  for (const row of history.assignments) {
    if (row.personId !== personId || row.practitionerId !== practitioner) continue
    // What changes in a millisecond was before or after a check in the same one: either is right.
    if (row.from <= at && (row.until === null || at <= row.until)) {
      return row.relation === 'team' ? row.role : 'lead-practitioner'
    }
  }
  return null
}

const grantsAt = (history: History, personId: string, at: number): readonly GrantRow[] =>
  history.consents
    .filter((row) => row.personId === personId && row.state === 'given')
    .filter((row) => row.acceptedAt <= at && (row.endedAt === null || at <= row.endedAt))
    .flatMap(({ grants }) => grants)

/** C2: once a withdrawal has been answered, nothing of the person is read until they agree again. */
function withdrawalHolds(history: History, say: Say): void {
  for (const withdrawal of history.withdrawals.filter(({ purposes }) =>
    purposes.includes(purpose),
  )) {
    const again = history.consents
      .filter(({ personId, state }) => personId === withdrawal.personId && state === 'given')
      .filter(({ version }) => version > withdrawal.version)
      .map(({ acceptedAt }) => acceptedAt)
    const until = Math.min(Number.POSITIVE_INFINITY, ...again)
    for (const read of history.reads) {
      if (read.personId !== withdrawal.personId || read.sources.length === 0) continue
      if (read.startedAt > withdrawal.answeredAt && read.startedAt < until) {
        say('C2', `${read.reader} read a notice after the withdrawal was answered`)
      }
    }
  }
}

/** C4: reads and audit entries are one to one. */
function audited(history: History, say: Say): void {
  const attempts = new Map(history.attempts.map((row) => [row.attemptId, row]))
  for (const read of history.reads) {
    const attempt = attempts.get(read.attemptId)
    if (attempt === undefined) say('C4', `${read.reader} read a notice that no audit entry names`)
    else if (!attempt.allowed) say('C4', `${read.reader} read a notice that the gate refused`)
    else if (attempt.at > read.startedAt) say('C4', 'the audit entry is younger than the read')
    else if (read.startedAt - attempt.at > 3_000)
      say('C3', 'a permit was used after it had run out')
    if (
      attempt !== undefined &&
      (attempt.personId !== read.personId || attempt.recipient !== read.reader)
    ) {
      say('C4', 'an audit entry names somebody else')
    }
  }
  if (new Set(history.reads.map(({ attemptId }) => attemptId)).size !== history.reads.length) {
    say('C4', 'two reads share one audit entry')
  }
  const read = new Set(history.reads.map(({ attemptId }) => attemptId))
  for (const attempt of history.attempts) {
    if (attempt.outcome === 'delivered' && !read.has(attempt.attemptId))
      say('C4', 'an entry says delivered and nobody read')
  }
}

const shown = new Set(
  (
    'noticeId thread rule ruleVersion class urgency state personId displayName headline occurredAt learnedAt dueAt sources ' +
    'safeContact corrects lines recipient closedBecause incomplete because attemptId tier version episode'
  ).split(' '),
)

/** C5: nothing but the fields that the shape allows. */
function minimal(history: History, say: Say): void {
  for (const read of history.reads) {
    for (const field of read.fields)
      if (!shown.has(field)) say('C5', `a notice shows the field ${field}`)
  }
}

/** C7: an event reaches a person only by identifiers that this person, and nobody else, claims. */
function identity(history: History, say: Say): void {
  const inbound = byEvent(history.inbound)
  for (const record of history.forwarded) {
    const origin = inbound.get(`${record.eventId} ${record.version}`)
    if (origin === undefined) continue
    const theirs = origin.identifiers.filter((id) => ownerOf(history, id).has(record.personId))
    if (theirs.length === 0)
      say('C7', `a ${record.type} reached somebody who claims none of its identifiers`)
    for (const id of origin.identifiers) {
      const other = history.consents.find(
        (row) =>
          row.personId !== record.personId &&
          row.state === 'given' &&
          row.identifiers.includes(id) &&
          row.acceptedAt <= record.receivedAt &&
          row.endedAt === null,
      )
      if (other !== undefined) say('C7', `a ${record.type} reached one of two people it names`)
    }
  }
  for (const row of history.consents.filter(({ state }) => state === 'given')) {
    for (const id of row.identifiers) {
      for (const other of history.consents) {
        if (other.personId === row.personId || other.state !== 'given') continue
        if (other.identifiers.includes(id) && overlaps(row, other))
          say('C7', 'two people claim one identifier at once')
      }
    }
  }
}

const overlaps = (a: ConsentRow, b: ConsentRow) =>
  a.acceptedAt < (b.endedAt ?? Number.POSITIVE_INFINITY) &&
  b.acceptedAt < (a.endedAt ?? Number.POSITIVE_INFINITY)

const ownerOf = (history: History, identifier: string): Set<string> =>
  new Set(
    history.consents
      .filter(({ state, identifiers }) => state === 'given' && identifiers.includes(identifier))
      .map(({ personId }) => personId),
  )

const byEvent = (records: readonly InboundRecord[]) =>
  new Map(records.map((record) => [`${record.eventId} ${record.version}`, record]))

/** C9: what is forwarded was received while each of its categories was agreed to, or within a look-back. */
function consentedFlow(history: History, say: Say): void {
  for (const record of history.forwarded) {
    const rows = history.consents.filter(
      ({ personId, state }) => personId === record.personId && state === 'given',
    )
    const categories = history.categoriesOf.get(record.type) ?? ['unknown-event-type']
    const covered = categories.every((category) =>
      rows.some((row) => row.grants.some((grant) => covers(row, grant, record, category))),
    )
    if (!covered) say('C9', `a ${record.type} was forwarded that no consent covers`)
  }
}

function covers(
  row: ConsentRow,
  grant: GrantRow,
  { agency, receivedAt }: ForwardedRecord,
  category: string,
): boolean {
  const begins = Math.max(row.acceptedAt, grant.from) - Math.min(7, grant.lookBackDays) * dayMs
  return (
    grant.purpose === purpose &&
    grant.sources.includes(agency) &&
    grant.categories.includes(category) &&
    receivedAt >= begins &&
    receivedAt < grant.until &&
    receivedAt <= (row.endedAt ?? Number.POSITIVE_INFINITY)
  )
}

/**
 * R1 to the end: a release home of somebody who agreed before it came, and never changed their mind,
 * has told whoever is their lead.
 */
function forgetsNobody(history: History, say: Say): void {
  const inWords = ({ personId, rule, because }: NoticeRecord) =>
    `${personId} ${rule} ${because.join(',')}`
  const told = new Set(history.notices.map(inWords))
  for (const record of history.inbound) {
    const post = history.posts.find(({ answers }) =>
      answers.some(({ eventIds }) => eventIds.includes(record.eventId)),
    )
    const rule = post === undefined ? undefined : expectedRule(post)
    if (post === undefined || rule === undefined) continue
    const personId = soleOwner(history, record)
    if (personId === null || !steady(history, personId, record)) continue
    if (isOvertaken(history, post, personId)) continue
    const about = (text: string) =>
      text.startsWith(`${personId} ${rule} `) && text.includes(record.eventId)
    if (![...told].some(about)) say('R1', `${post.name} told nobody: no ${rule} notice`)
  }
}

/**
 * What else is known of the person may change what a movement means: a death, a return that came after
 * it, or another movement so near that the two reports are one.
 */
const isOvertaken = (history: History, post: Post, personId: string): boolean =>
  post.corrected ||
  history.posts.some(
    (other) =>
      other !== post &&
      other.identifiers.some((id) => ownerOf(history, id).has(personId)) &&
      (other.corrected ||
        (/IntoPrison|ToPrison/.test(other.type) && other.occurredAt >= post.occurredAt) ||
        (other.occurredAt !== post.occurredAt &&
          Math.abs(other.occurredAt - post.occurredAt) < 61 * 60_000)),
  )

function expectedRule(post: Post): string | undefined {
  if (post.type === 'ReleasedFromPrison' && post.kind === 'TO_COMMUNITY') return 'release'
  if (post.type === 'ArrestedIntoCustody') return 'arrest'
  if (post.type === 'ReceivedIntoPrison') return 'into-prison'
  return undefined
}

function soleOwner(history: History, record: InboundRecord): string | null {
  const [owner, ...others] = new Set(record.identifiers.flatMap((id) => [...ownerOf(history, id)]))
  return others.length === 0 ? (owner ?? null) : null
}

/** One consent version from before the event to the end, wide enough, with one lead and an agreement. */
function steady(history: History, personId: string, record: InboundRecord): boolean {
  const rows = history.consents.filter((row) => row.personId === personId)
  const row = rows.find(({ state, endedAt }) => state === 'given' && endedAt === null)
  const heard = history.forwarded
    .filter((other) => other.personId === personId && other.eventId === record.eventId)
    .map(({ receivedAt }) => receivedAt)
  if (row === undefined || row.acceptedAt >= Math.min(record.receivedAt, ...heard)) return false
  if (!record.identifiers.some((id) => row.identifiers.includes(id))) return false
  const lead = history.assignments.find(
    ({ personId: whose, relation, from, until }) =>
      whose === personId && relation === 'lead' && until === null && from < record.receivedAt,
  )
  if (lead === undefined) return false
  const needed = history.categoriesOf.get(record.type) ?? []
  const granted = needed.every((category) =>
    row.grants.some(
      (grant) =>
        grant.purpose === purpose &&
        grant.sources.includes(record.agency) &&
        grant.categories.includes(category) &&
        grant.from < record.receivedAt &&
        grant.until > record.receivedAt + 90 * dayMs &&
        grant.recipients.some(
          (to) => to.organisation === lead.organisation && to.role === 'lead-practitioner',
        ),
    ),
  )
  const agreed = history.agreements.some(
    (agreement) =>
      agreement.source === record.agency &&
      agreement.purpose === purpose &&
      agreement.recipientOrganisation === lead.organisation &&
      agreement.from < record.receivedAt &&
      agreement.until > record.receivedAt + 90 * dayMs,
  )
  return granted && agreed
}

/** C3: while the keys or the gate cannot be reached nothing is read, but under a permit that still lives. */
function failsClosed({ outages, reads }: History, say: Say): void {
  for (const { what, from, until } of outages) {
    if (!['keys', 'register', 'register.gate'].includes(what)) continue
    if (reads.some(({ startedAt }) => startedAt > from + 3_000 && startedAt < until))
      say('C3', `somebody read a notice while ${what} could not be reached`)
  }
}

const looksBack = ({ lookBackDays }: GrantRow) => lookBackDays > 0
const live = new Set(['open', 'acknowledged', 'paused'])

/** C2: nothing stands that rests on a consent that is over, nor on one before it was given again. */
function takenBack(history: History, say: Say): void {
  for (const notice of finalNotices(history.notices).values()) {
    if (!live.has(notice.state) || notice.sources.length === 0) continue
    const rows = history.consents.filter(({ personId }) => personId === notice.personId)
    const current = rows.find(({ state, endedAt }) => state === 'given' && endedAt === null)
    if (current === undefined) say('C2', `a ${notice.rule} notice outlived the consent`)
    const withdrawn = rows.findLast(({ state }) => state === 'withdrawn')
    if (withdrawn === undefined || withdrawn.acceptedAt <= notice.learnedAt) continue
    // A look-back may take up again what came before it.
    const takenUp = rows.some(
      ({ version, grants }) => version > withdrawn.version && grants.some(looksBack),
    )
    if (!takenUp) say('C2', `a ${notice.rule} notice from before a withdrawal came back`)
  }
}

/** R9: a watch that knew of a return before it was over does not say that nobody came back. */
function waitsForTheBacklog(history: History, say: Say): void {
  for (const notice of history.notices.filter(({ version }) => version === 1)) {
    if (notice.timer === null || notice.incomplete || !live.has(notice.state)) continue
    const theirs = history.forwarded.filter(({ personId }) => personId === notice.personId)
    const tookUp = history.consents.some(
      ({ personId, grants }) => personId === notice.personId && grants.some(looksBack),
    )
    if (tookUp || theirs.some(({ kind }) => kind === 'DIED')) continue
    const own = theirs.filter(({ eventId }) => notice.because.includes(eventId))
    // What was learned too late to wait for anything is asked at once.
    if (own.some(({ receivedAt }) => receivedAt >= notice.learnedAt)) continue
    const known = theirs.filter(({ receivedAt }) => receivedAt < notice.learnedAt)
    const back = known.find(
      (other) =>
        !own.some(({ eventId }) => eventId === other.eventId) &&
        /IntoPrison|ToPrison/.test(other.type) &&
        other.occurredAt > notice.occurredAt &&
        // What has since been said otherwise may have been known by the time the hub was up again.
        !theirs.some(
          ({ eventId, version }) => eventId === other.eventId && version > other.version,
        ),
    )
    if (back !== undefined)
      say('R9', `a ${notice.rule} notice was made though a ${back.type} had been received`)
  }
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
    const said = history.posts.filter(({ answers }) =>
      answers.some(({ eventIds }) => eventIds.some((id) => notice.because.includes(id))),
    )
    if (confirmed && live.has(notice.state) && !said.some(({ confirms }) => confirms))
      say('D8', 'a release is told as confirmed that only a search has told')
  }
}

/** R4: reading the log again tells nobody anything; at most it notices what is no longer allowed. */
function nothingNewFromOldRecords({ notices, forwarded, stories }: History, say: Say): void {
  const told = new Set(notices.filter(({ again }) => !again).map(({ noticeId }) => noticeId))
  const said = new Set(
    notices.filter(({ again }) => !again).map(({ noticeId, version }) => `${noticeId} ${version}`),
  )
  for (const { noticeId, version, state, rule } of notices.filter(({ again }) => again)) {
    if (said.has(`${noticeId} ${version}`)) continue
    if (!told.has(noticeId)) say('R4', `a ${rule} notice was made of what had been read before`)
    else if (state !== 'retracted')
      say('R4', `a ${rule} notice changed when the log was read again`)
  }
  if (forwarded.some(({ again }) => again)) say('R4', 'an event was forwarded again')
  for (const { personId, lines } of stories.filter(({ again }) => again)) {
    const before = stories.findLast((one) => one.personId === personId && !one.again)
    if (lines.some((id) => !before?.lines.includes(id)))
      say('R4', 'a story grew when the log was read again')
  }
}

/** R10: every record received has one outcome in the ledger; each that link or notify reads is counted once. */
function addsUp(
  { ledger, counters, inbound, forwarded, consents, drain }: History,
  say: Say,
): void {
  const sum = (rows: readonly number[]) => rows.reduce((total, one) => total + one, 0)
  const received = ledger.filter(({ outcome }) => outcome === 'received')
  const counts = (rows: History['ledger']) => sum(rows.map(({ count }) => count))
  if (counts(received) * 2 !== counts(ledger)) say('R10', 'the ledger of records does not add up')
  // What is read again, or taken up by a look-back, is counted again.
  if (drain.readAgain || consents.some(({ grants }) => grants.some(looksBack))) return
  const outcomes = /^(noticed|no-rule|repeat|unclaimed|forwarded|suppressed\/.+)$/
  const counted = sum([...counters].map(([name, count]) => (outcomes.test(name) ? count : 0)))
  const read = inbound.length + forwarded.length
  const pending = forwarded.filter(({ type }) => type === 'LeftForCourt').length
  if (counted > read) say('R10', 'a record was counted twice')
  if (counted < read - pending) say('R10', 'a record was not counted')
}

/** What the last version of each notice says, for comparing two runs. */
export function finalNotices(notices: readonly NoticeRecord[]): ReadonlyMap<string, NoticeRecord> {
  const last = new Map<string, NoticeRecord>()
  for (const notice of notices) {
    const known = last.get(notice.noticeId)
    if (known === undefined || known.version < notice.version) last.set(notice.noticeId, notice)
  }
  return last
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
    ['R4', 'of a fresh start', standing(before.notices, id), standing(anew.notices, id)],
    ['R3', 'in any order', standing(before.notices, words), standing(otherwise.notices, words)],
  ]
  return compared.flatMap(([invariant, when, one, other]) =>
    [...new Set(one).symmetricDifference(new Set(other))].map((what) => ({
      invariant,
      what: `not the same ${when}: ${what}`,
    })),
  )
}

const forwardedName = ({ personId, eventId, version, type }: ForwardedRecord) =>
  `${type} ${personId} ${eventId} ${version}`
const version = ({ rule, noticeId, version: its }: NoticeRecord) => `${rule} ${noticeId} ${its}`
const id = ({ rule, noticeId, state }: NoticeRecord) => `${rule} ${noticeId} ${state}`
/** Ids tell which report of a movement came first; what a notice says does not. */
const words = ({ personId, rule, recipient, state, occurredAt, headline }: NoticeRecord) =>
  `${rule} ${personId} ${recipient} ${state} ${occurredAt} ${headline}`
