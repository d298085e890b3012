import type { ConsentRow, ForwardedRecord, GrantRow, History, Seen } from '../history.ts'
import {
  care,
  claimsOf,
  consentsOf,
  currentConsent,
  dayMs,
  finalNotices,
  forwardedTo,
  live,
  looksBack,
  ownerOf,
  type Say,
} from './lookups.ts'

/** C1 to C9, but for masks, withdrawn facts and figures. */
export function consented(history: History, say: Say): void {
  lawfulReads(history, say)
  withdrawalHolds(history, say)
  audited(history, say)
  minimal(history, say)
  identity(history, say)
  consentedFlow(history, say)
  failsClosed(history, say)
  takenBack(history, say)
}

/** C1, C6: at the instant of the check behind every read, consent, agreement and assignment all hold. */
function lawfulReads(history: History, say: Say): void {
  const checkedAt = new Map(history.attempts.map(({ attemptId, at }) => [attemptId, at]))
  for (const read of history.reads) {
    const because = unlawful(history, read, checkedAt.get(read.attemptId) ?? read.startedAt)
    if (because !== null) say('C1', `${read.reader} read a notice: ${because}`)
  }
  for (const attempt of history.attempts) {
    if (!attempt.allowed || attempt.purpose !== care || !told.has(attempt.kind)) continue
    const because = unlawful(history, { ...attempt, reader: attempt.recipient }, attempt.at)
    if (because !== null) say('C1', `${attempt.recipient} was let through: ${because}`)
  }
}

const told = new Set(['notice', 'story'])

type Shown = Pick<Seen, 'personId' | 'reader' | 'organisation' | 'sources' | 'categories'>

function unlawful(history: History, read: Shown, at: number): string | null {
  const role = assignedRole(history, read.personId, read.reader, at)
  if (role === null) return 'no assignment at that instant'
  for (const source of read.sources) {
    for (const category of read.categories) {
      const granted = grantsAt(history, read.personId, at).some(
        (grant) =>
          grant.purpose === care &&
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
        agreement.purpose === care &&
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
  consentsOf(history, personId)
    .filter((row) => row.state === 'given')
    .filter((row) => row.acceptedAt <= at && (row.endedAt === null || at <= row.endedAt))
    .flatMap(({ grants }) => grants)

/** C2: once a withdrawal has been answered, nothing of the person is read until they agree again. */
function withdrawalHolds(history: History, say: Say): void {
  for (const withdrawal of history.withdrawals.filter(({ purposes }) => purposes.includes(care))) {
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
  for (const attempt of history.readsAreAll ? history.attempts : []) {
    if (attempt.outcome === 'delivered' && !read.has(attempt.attemptId))
      say('C4', 'an entry says delivered and nobody read')
  }
}

const shown = new Set(
  (
    'noticeId thread rule ruleVersion class urgency state personId displayName headline occurredAt learnedAt dueAt sources ' +
    'safeContact section text place precision until current id corrects lines recipient closedBecause incomplete because attemptId tier version episode'
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
  const inbound = new Map(history.inbound.map((one) => [`${one.eventId} ${one.version}`, one]))
  for (const record of history.forwarded) {
    const origin = inbound.get(`${record.eventId} ${record.version}`)
    if (origin === undefined) continue
    if (namesObjectAlone(origin)) {
      const theirs = ({ object }: ForwardedRecord) => object === origin.object
      const all = forwardedTo(history, record.personId)
      if (!all.some((one) => theirs(one) && one.type !== 'EventWithdrawn'))
        say('C7', 'a withdrawal reached somebody who had nothing of its object')
      continue
    }
    const theirs = origin.identifiers.filter((id) => ownerOf(history, id).has(record.personId))
    if (theirs.length === 0)
      say('C7', `a ${record.type} reached somebody who claims none of its identifiers`)
    for (const id of origin.identifiers) {
      const other = claimsOf(history, id).find(
        (row) =>
          row.personId !== record.personId &&
          row.acceptedAt <= record.receivedAt &&
          row.endedAt === null,
      )
      if (other !== undefined) say('C7', `a ${record.type} reached one of two people it names`)
    }
  }
  for (const row of history.consents.filter(({ state }) => state === 'given')) {
    for (const id of row.identifiers) {
      for (const other of claimsOf(history, id)) {
        if (other.personId !== row.personId && overlaps(row, other))
          say('C7', 'two people claim one identifier at once')
      }
    }
  }
}

const overlaps = (a: ConsentRow, b: ConsentRow) =>
  a.acceptedAt < (b.endedAt ?? Number.POSITIVE_INFINITY) &&
  b.acceptedAt < (a.endedAt ?? Number.POSITIVE_INFINITY)

const namesObjectAlone = (record: { type: string; identifiers: readonly string[] }) =>
  record.type === 'EventWithdrawn' && record.identifiers.length === 0

/** C9: what is forwarded was received while each of its categories was agreed to, for care or to be counted, or within a look-back. */
function consentedFlow(history: History, say: Say): void {
  const alone = new Set(history.inbound.filter(namesObjectAlone).map(({ eventId }) => eventId))
  for (const record of history.forwarded) {
    // It takes something back, and says nothing.
    if (alone.has(record.eventId)) continue
    const rows = consentsOf(history, record.personId).filter(({ state }) => state === 'given')
    const categories = history.categoriesOf.get(record.type) ?? ['unknown-event-type']
    const covered = [care, 'outcomes'].some((purpose) =>
      categories.every((category) =>
        rows.some((row) =>
          row.grants.some((grant) => covers(row, grant, record, { purpose, category })),
        ),
      ),
    )
    if (!covered) say('C9', `a ${record.type} was forwarded that no consent covers`)
  }
}

function covers(
  row: ConsentRow,
  grant: GrantRow,
  { agency, receivedAt }: ForwardedRecord,
  { purpose, category }: { readonly purpose: string; readonly category: string },
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

/** C3: while the keys or the gate cannot be reached nothing is read, but under a permit that still lives. */
function failsClosed({ outages, reads }: History, say: Say): void {
  for (const { what, from, until } of outages) {
    if (!['keys', 'register', 'register.gate'].includes(what)) continue
    if (reads.some(({ startedAt }) => startedAt > from + 3_000 && startedAt < until))
      say('C3', `somebody read a notice while ${what} could not be reached`)
  }
}

/** C2: nothing stands that rests on a consent that is over, nor on one before it was given again. */
function takenBack(history: History, say: Say): void {
  for (const notice of finalNotices(history.notices).values()) {
    if (!live.has(notice.state) || notice.sources.length === 0) continue
    const rows = consentsOf(history, notice.personId)
    if (currentConsent(history, notice.personId) === undefined)
      say('C2', `a ${notice.rule} notice outlived the consent`)
    const withdrawn = rows.findLast(({ state }) => state === 'withdrawn')
    if (withdrawn === undefined || withdrawn.acceptedAt <= notice.learnedAt) continue
    // A look-back may take up again what came before it.
    const takenUp = rows.some(
      ({ version, grants }) => version > withdrawn.version && grants.some(looksBack),
    )
    if (!takenUp) say('C2', `a ${notice.rule} notice from before a withdrawal came back`)
  }
  for (const { personId, lines } of new Map(
    history.stories.map((one) => [one.personId, one]),
  ).values()) {
    const grants =
      currentConsent(history, personId)?.grants.filter(({ purpose }) => purpose === care) ?? []
    const isGranted = (source: string, category: string) =>
      grants.some((one) => one.sources.includes(source) && one.categories.includes(category))
    for (const { sources, categories } of lines)
      if (!sources.every((source) => categories.every((one) => isGranted(source, one))))
        say('C2', 'a story line stands that nobody may be told any more')
  }
}
