import type { History } from './history.ts'

/** A run as lines of text, for whoever has to find out why a seed failed. Times are seconds from its start. */
export function tell(history: History): readonly string[] {
  const start = Math.min(...history.posts.map(({ sentAt }) => sentAt), Number.POSITIVE_INFINITY)
  const at = (time: number | null) => (time === null ? '-' : ((time - start) / 1000).toFixed(3))
  const short = (id: string) => id.slice(0, 6)
  return [
    ...history.consents.map(
      (row) =>
        `consent ${row.personId} v${row.version} ${row.state} [${at(row.acceptedAt)}, ${at(row.endedAt)}) ${row.identifiers.join(' ')} ${row.grants
          .map(
            (grant) =>
              `${grant.sources.join()} [${at(grant.from)}, ${at(grant.until)}) ${grant.lookBackDays} days back, ${grant.categories.length} categories`,
          )
          .join('; ')}`,
    ),
    ...history.assignments.map(
      (row) =>
        `${row.relation} of ${row.personId}: ${row.practitionerId} [${at(row.from)}, ${at(row.until)})`,
    ),
    ...history.withdrawals.map((row) => `withdrawn ${row.personId} answered ${at(row.answeredAt)}`),
    ...history.posts.map(
      (post) =>
        `post ${post.name} at ${at(post.sentAt)} (${post.type} ${post.kind ?? ''} occurred ${at(post.occurredAt)}): ${post.answers
          .map(
            ({ at: when, outcome, eventIds }) =>
              `${outcome} ${eventIds.map(short).join()} ${at(when)}`,
          )
          .join(', ')}`,
    ),
    ...history.inbound.map(
      (row) =>
        `inbound ${short(row.eventId)} v${row.version} ${row.type} ${at(row.receivedAt)} ${row.identifiers.join(' ')}`,
    ),
    ...history.forwarded.map(
      (row) =>
        `forwarded ${short(row.eventId)} v${row.version} ${row.type} ${at(row.receivedAt)} to ${row.personId}`,
    ),
    ...history.notices.map(
      (row) =>
        `notice ${short(row.noticeId)} v${row.version} ${row.rule} ${row.state} ${row.personId} to ${row.recipient} because ${row.because.map(short).join()} learned ${at(row.learnedAt)}`,
    ),
    ...history.reads.map(
      (row) => `read ${short(row.noticeId)} v${row.version} by ${row.reader} ${at(row.startedAt)}`,
    ),
    `drain ${JSON.stringify(history.drain)}`,
  ]
}
