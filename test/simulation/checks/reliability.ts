import type { History, InboundRecord, NoticeRecord, OutcomeRow, Post } from '../history.ts'
import {
  claimsOf,
  consentsOf,
  dayMs,
  forwardedTo,
  live,
  looksBack,
  ownerOf,
  postsNaming,
  postsOfEvent,
  type Say,
  soleOwner,
  steady,
} from './lookups.ts'

/** R1 to R10, but for what sources tell whole again. */
export function reliable(history: History, say: Say): void {
  nothingLost(history, say)
  oneOutcome(history, say)
  noDoubleEffect(history, say)
  nothingFromNowhere(history, say)
  caughtUp(history, say)
  forgetsNobody(history, say)
  waitsForTheBacklog(history, say)
  nothingNewFromOldRecords(history, say)
  addsUp(history, say)
}

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
  post.identifiers.some((id) =>
    claimsOf(history, id).some(
      ({ acceptedAt, endedAt }) => acceptedAt < sentAt && (endedAt === null || endedAt > at),
    ),
  )

/** How long a repeat is known to be one, in ms; after that it is answered like a new record, without effect. */
const receiptMs = 7 * dayMs

/**
 * R1, C8: a record has one outcome, and it is the record's alone: what can be read is published, whoever
 * has agreed. Answers to repeats may say `duplicate`. A trust's message may wait in quarantine before.
 */
function oneOutcome(history: History, say: Say): void {
  for (const post of history.posts) {
    const { name, sentAt, answers: all, agency, type, line, occurredAt, identifiers } = post
    const answers = all.filter(({ at }) => at - sentAt < receiptMs)
    // Two records of one instant may contradict each other: the second waits for people.
    const mayWait =
      agency === 'hospital' ||
      identifiers
        .flatMap((id) => postsNaming(history, id))
        .some((other) => other.name !== name && other.occurredAt === occurredAt)
    const waits = (outcome: string) => outcome === 'quarantined' && mayWait
    const said = answers.map(({ outcome }) => outcome).filter((one) => !waits(one))
    const kinds = new Set(said.filter((one) => one !== 'duplicate'))
    const isGood = (one: string) => one === 'published' || (line !== null && one === 'ignored')
    if ([...kinds].some((one) => isGood(one) !== (type !== 'none')))
      say('C8', `${name} was answered with ${[...kinds].join(' and ')}`)
    if (kinds.size > 1) say('R1', `${name} has two outcomes: ${[...kinds].join(' and ')}`)
    if (line !== null) continue
    const published = said.filter((one) => one === 'published').length
    if (published > 1) say('R1', `${name} was published ${published} times`)
    const ids = answers.flatMap(({ eventIds }) => (eventIds.length > 0 ? [String(eventIds)] : []))
    if (new Set(ids).size > 1) say('R2', `${name} was given other ids the second time`)
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

const team = 'testshire-recovery'
const lead = { purpose: 'care-coordination', organisation: team, role: 'lead-practitioner' }

/**
 * R1 to the end: what came about somebody who had agreed before and never changed their mind reaches them;
 * a release home, an arrest and a reception tell whoever is their lead.
 */
function forgetsNobody(history: History, say: Say): void {
  const inWords = ({ personId, rule, because }: NoticeRecord) =>
    because.map((eventId) => `${personId} ${rule} ${eventId}`)
  const told = new Set(history.notices.flatMap(inWords))
  const reached = new Set(
    history.forwarded.map((one) => `${one.personId} ${one.eventId} ${one.version}`),
  )
  for (const record of history.inbound) {
    const { eventId, version } = record
    const personId = soleOwner(history, record)
    if (personId === null || !steady(history, personId, record, lead)) continue
    if (!isKnownAlready(history, record) && !reached.has(`${personId} ${eventId} ${version}`))
      say('R1', `a ${record.type} of ${record.agency} never reached the one person it is about`)
    const [post] = postsOfEvent(history, eventId)
    const rule = post === undefined ? undefined : expectedRule(post)
    if (post === undefined || rule === undefined || !hasLead(history, personId, record)) continue
    if (isOvertaken(history, post, personId)) continue
    if (!told.has(`${personId} ${rule} ${eventId}`))
      say('R1', `${post.name} told nobody: no ${rule} notice`)
  }
}

/** That numbers are one person's says nothing to somebody who has given them all. */
const isKnownAlready = (history: History, { type, identifiers }: InboundRecord): boolean =>
  /^Identifiers(Linked|Merged)$/.test(type) &&
  identifiers.every((id) => ownerOf(history, id).size > 0)

const hasLead = (history: History, personId: string, { receivedAt }: { receivedAt: number }) =>
  history.assignments.some(
    (row) =>
      row.personId === personId &&
      row.relation === 'lead' &&
      row.until === null &&
      row.from < receivedAt,
  )

/**
 * What else is known of the person may change what a movement means: a death, a return that came after
 * it, or another movement so near that the two reports are one.
 */
const isOvertaken = (history: History, post: Post, personId: string): boolean =>
  post.corrected ||
  consentsOf(history, personId)
    .filter(({ state }) => state === 'given')
    .flatMap(({ identifiers }) => identifiers.flatMap((id) => postsNaming(history, id)))
    .some(
      (other) =>
        other !== post &&
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

/** R9: a watch that knew of a return before it was over does not say that nobody came back. */
function waitsForTheBacklog(history: History, say: Say): void {
  for (const notice of history.notices.filter(({ version }) => version === 1)) {
    const watches = notice.rule === 'three-weeks' || notice.rule === 'court-no-return'
    if (!watches || notice.timer === null || notice.incomplete || !live.has(notice.state)) continue
    const theirs = forwardedTo(history, notice.personId)
    const tookUp = consentsOf(history, notice.personId).some(({ grants }) => grants.some(looksBack))
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

/** R4: reading the log again tells nobody anything; at most it notices what is no longer allowed. */
function nothingNewFromOldRecords(history: History, say: Say): void {
  const { notices, forwarded, stories, outcomes, countedBefore } = history
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
    if (lines.some(({ id }) => !before?.lines.some((line) => line.id === id)))
      say('R4', 'a story grew when the log was read again')
  }
  if (countedBefore === null) return
  const inWords = ({ personId, facts }: OutcomeRow) =>
    facts.map(({ eventId, version }) => `${personId} ${eventId} ${version}`)
  const counted = new Set(countedBefore.flatMap(inWords))
  if (!outcomes.flatMap(inWords).every((fact) => counted.has(fact)))
    say('R4', 'more was counted when the log was read again')
}

/** What may yet be answered, come about or come back: what came of it is not known before. */
const waits = new Set(['LeftForCourt', 'ReleaseDateSet', 'ReferralMade'])

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
  const outcomes =
    /^(noticed|no-rule|repeat|unclaimed|waiting-withdrawal|forwarded|suppressed\/.+)$/
  const counted = sum([...counters].map(([name, count]) => (outcomes.test(name) ? count : 0)))
  const read = inbound.length + forwarded.length
  const pending = forwarded.filter(({ type }) => waits.has(type)).length
  // What names an object alone is counted for each person who had the object, and once while it waits.
  const named = new Set(
    inbound.flatMap((one) =>
      one.withdraws !== null && one.identifiers.length === 0 ? [one.eventId] : [],
    ),
  )
  const routed = forwarded.filter(({ eventId }) => named.has(eventId)).length
  if (counted > read + routed) say('R10', 'a record was counted twice')
  if (counted < read - pending) say('R10', 'a record was not counted')
}
