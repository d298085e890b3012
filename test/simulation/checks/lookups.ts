import type {
  ConsentRow,
  ForwardedRecord,
  GrantRow,
  History,
  InboundRecord,
  NoticeRecord,
  Post,
} from '../history.ts'

/** What every check asks of a history. Nothing of the product is imported here, nor in any check. */
export type Say = (invariant: string, what: string) => void

export const care = 'care-coordination'
export const dayMs = 86_400_000

export const live = new Set(['open', 'acknowledged', 'paused'])

export const looksBack = ({ lookBackDays }: GrantRow): boolean => lookBackDays > 0

/** The last version of each notice. */
export function finalNotices(notices: readonly NoticeRecord[]): ReadonlyMap<string, NoticeRecord> {
  const last = new Map<string, NoticeRecord>()
  for (const notice of notices) {
    const known = last.get(notice.noticeId)
    if (known === undefined || known.version < notice.version) last.set(notice.noticeId, notice)
  }
  return last
}

/** Made once of each history: a real one is long, and what is asked again and again is looked up. */
const once = <T>(make: (history: History) => T): ((history: History) => T) => {
  const made = new WeakMap<History, { readonly of: T }>()
  return (history) => {
    const found = made.get(history) ?? { of: make(history) }
    made.set(history, found)
    return found.of
  }
}

/** Rows by each of several names. */
function byEach<R>(
  rows: readonly R[],
  namesOf: (row: R) => readonly string[],
): ReadonlyMap<string, readonly R[]> {
  const found = new Map<string, R[]>()
  for (const row of rows) {
    for (const name of new Set(namesOf(row))) {
      const known = found.get(name)
      if (known) known.push(row)
      else found.set(name, [row])
    }
  }
  return found
}

const of =
  <R>(make: (history: History) => ReadonlyMap<string, readonly R[]>) =>
  (history: History, name: string): readonly R[] =>
    make(history).get(name) ?? []

/** What was agreed to, by person; and what was, by each identifier that it claims. */
export const consentsOf = of<ConsentRow>(
  once(({ consents }) => byEach(consents, ({ personId }) => [personId])),
)
export const claimsOf = of<ConsentRow>(
  once(({ consents }) =>
    byEach(
      consents.filter(({ state }) => state === 'given'),
      ({ identifiers }) => identifiers,
    ),
  ),
)
/** What somebody was told of, all of it and by event. */
export const forwardedTo = of<ForwardedRecord>(
  once(({ forwarded }) => byEach(forwarded, ({ personId }) => [personId])),
)
export const forwardedOf = of<ForwardedRecord>(
  once(({ forwarded }) => byEach(forwarded, (one) => [`${one.personId} ${one.eventId}`])),
)
/** What sources sent, by the events it gave and by the identifiers it names. */
export const postsOfEvent = of<Post>(
  once(({ posts }) => byEach(posts, ({ answers }) => answers.flatMap(({ eventIds }) => eventIds))),
)
export const postsNaming = of<Post>(
  once(({ posts }) => byEach(posts, ({ identifiers }) => identifiers)),
)

/** Whoever has ever claimed the identifier. */
export const ownerOf = (history: History, identifier: string): Set<string> =>
  new Set(claimsOf(history, identifier).map(({ personId }) => personId))

/** The one person whose numbers these have ever been; null where nobody's, or several people's. */
export function soleOwner(
  history: History,
  record: Pick<InboundRecord, 'identifiers'>,
): string | null {
  const [owner, ...others] = new Set(record.identifiers.flatMap((id) => [...ownerOf(history, id)]))
  return others.length === 0 ? (owner ?? null) : null
}

/** The consent that is in force when all is over. */
export const currentConsent = (history: History, personId: string): ConsentRow | undefined =>
  consentsOf(history, personId).find(({ state, endedAt }) => state === 'given' && endedAt === null)

/** Who hears, and why: a lead of what concerns the person, an analyst of what is counted. */
export interface Side {
  readonly purpose: string
  readonly organisation: string
  readonly role: string
}

/** One consent version from before the event to the end, wide enough for this side, and an agreement. */
export function steady(
  history: History,
  personId: string,
  record: InboundRecord,
  { purpose, organisation, role }: Side,
): boolean {
  const row = currentConsent(history, personId)
  const heard = forwardedOf(history, `${personId} ${record.eventId}`).map((one) => one.receivedAt)
  const since = Math.min(record.receivedAt, ...heard)
  if (row === undefined || row.acceptedAt >= since) return false
  if (!record.identifiers.some((id) => row.identifiers.includes(id))) return false
  const needed = history.categoriesOf.get(record.type) ?? []
  const isWide = (grant: GrantRow): boolean =>
    grant.purpose === purpose &&
    grant.sources.includes(record.agency) &&
    grant.from < since &&
    grant.until > record.receivedAt + 90 * dayMs &&
    grant.recipients.some((to) => to.organisation === organisation && to.role === role)
  const wide = row.grants.filter(isWide)
  const agreed = history.agreements.some(
    (agreement) =>
      agreement.source === record.agency &&
      agreement.purpose === purpose &&
      agreement.recipientOrganisation === organisation &&
      agreement.from < since &&
      agreement.until > record.receivedAt + 90 * dayMs,
  )
  const covers = (category: string) => wide.some(({ categories }) => categories.includes(category))
  return agreed && wide.length > 0 && needed.every(covers)
}

/** What takes a version of an event back, by its own id or by the object it belongs to. */
export const takenBackBy = (
  withdrawals: readonly InboundRecord[],
  { eventId, object, version }: Pick<InboundRecord, 'eventId' | 'object' | 'version'>,
): InboundRecord | undefined =>
  withdrawals.find(
    ({ withdraws, version: upTo }) =>
      upTo >= version && withdraws !== null && (withdraws === eventId || withdraws === object),
  )

/** The highest version of each event, in the order in which they first came. */
export function latest<R extends { readonly eventId: string; readonly version: number }>(
  records: readonly R[],
): readonly R[] {
  const last = new Map<string, R>()
  for (const record of records) {
    const known = last.get(record.eventId)
    if (known === undefined || known.version <= record.version) last.set(record.eventId, record)
  }
  return [...last.values()]
}
