import { type CanonicalEvent, eventCategories } from './events.generated.ts'
import {
  type Agreement,
  type Assignment,
  type Category,
  type ConsentVersion,
  type Grant,
  type PersonRegister,
  type Purpose,
  type RecipientRole,
  type Tier,
  tiers,
} from './register.ts'

/**
 * The consent evaluator (design, section 7): may this flow, may this be shown? Pure decisions over
 * the register's rows, made again at every use. All times are milliseconds on the register's clock,
 * and every interval is half-open. Two things must hold for every contributing source: the person's
 * grant, and the institutions' agreement for source × purpose × recipient organisation.
 *
 * A source is an agency (`custody`) or one system of it (`custody/police`). A grant or an agreement
 * that names an agency covers all its systems; one that names a system covers no other, and not a
 * question about the agency as a whole.
 */
export type Refusal =
  | 'no-consent'
  | 'source-not-granted'
  | 'category-not-granted'
  | 'recipient-not-granted'
  | 'no-agreement'
  | 'not-yet'
  | 'expired'
  | 'withdrawn'
  | 'no-assignment'
  | 'erased'
  | 'tier'
  | 'not-declared'
  | 'review-overdue'

export interface FlowQuestion {
  readonly source: string
  /** The event type's categories: all of them must be granted. None asks for any grant for the source. */
  readonly categories: readonly Category[]
  readonly purpose: Purpose
  /** When the hub accepted the event. */
  readonly receivedAt: number
  readonly now: number
}

export type Flow =
  | { readonly ok: true; readonly consentVersion: number }
  | { readonly ok: false; readonly reason: Refusal }

export interface DisclosureQuestion {
  readonly purpose: Purpose
  /** Every agency that the fact rests on: permission is the intersection. */
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly recipient: RecipientRole & { readonly practitionerId: string }
  /** The least with which the disclosure makes sense; the answer says the most that may be shown. */
  readonly tier: Tier
  readonly now: number
  /** `required` for people: they must hold an assignment now. `not-required` matches the recipient by organisation and role alone. */
  readonly assignment: 'required' | 'not-required'
}

export type Allowance =
  | {
      readonly ok: true
      /** The most that may be shown: the least over the grants used, and never above the assignment's. */
      readonly tier: Tier
      readonly consentVersion: number
      readonly agreementIds: readonly string[]
      /** When the first of the grants, agreements and assignments used ends; Infinity where none does. A permit must not outlive it. */
      readonly until: number
    }
  | { readonly ok: false; readonly reason: Refusal }

/** Look-back is bounded by what inbound topics keep (design, decision 6). */
export const lookBackDaysMax = 7

/** Lead and deputies receive in this role whatever their profession; team members in their own. */
export const leadRole = 'lead-practitioner'

/** Roles that whoever is on duty holds, as recipient `<role>:<organisation>`. */
export const dutyRoles = ['duty', 'prescriber', 'custody-healthcare', 'safeguarding'] as const

/** The role in which an agency itself, by its own name as the organisation, may be granted who leads. */
export const agencyRole = 'agency'

/**
 * The consent in force at `at`, or undefined: given, and accepted at or before it, and not ended.
 * `superseded` is a version that was given until a later one took its place; a version that was only
 * proposed stays `proposed`, and neither begins nor ends anything.
 */
export function inForce(person: PersonRegister, at: number): ConsentVersion | undefined {
  if (person.status === 'erased') return undefined
  return person.versions.findLast(
    (version) => wasGiven(version) && isWithin(version.acceptedAt, version.endedAt, at),
  )
}

/**
 * May this event be joined to this person (link)? Somebody must be allowed to hear of it now: one
 * recipient whom the grants in force name for the source and all the categories, under an agreement
 * in force now. And the person must have agreed to it in time: to each category without a gap from
 * `receivedAt` until now, through versions that follow each other, or within the look-back of a
 * grant in force now, which reaches back at most 7 × 24 h from where the grant began to count.
 */
export function flows(
  person: PersonRegister,
  agreements: readonly Agreement[],
  question: FlowQuestion,
): Flow {
  if (person.status === 'erased') return refused('erased')
  const { source, purpose, now } = question
  const current = inForce(person, now)
  if (current === undefined) return refused(whyNotInForce(person, now))
  const categories = orAny(question.categories)
  const open = current.grants.filter(
    (grant) => isFor(grant, purpose, source) && isWithin(grant.from, grant.until, now),
  )
  let refusal: Refusal | undefined
  for (const { recipients } of open) {
    for (const reader of recipients) {
      const heard = open.length === 1 ? open : open.filter((grant) => names(grant, reader))
      if (!includeAll(heard, categories)) continue
      if (agreementFor(agreements, question, source, reader.organisation) === undefined) {
        refusal ??= 'no-agreement'
        continue
      }
      const late = firstDefined(categories, (category) =>
        whyTooEarly(person, current, heard, category, question),
      )
      if (late === undefined) return { ok: true, consentVersion: current.version }
      refusal = late
    }
  }
  return refused(
    refusal ??
      firstDefined(categories, (category) =>
        whyNoGrant(current.grants, { purpose, source, category, now, isRecipient: anybody }),
      ) ??
      'recipient-not-granted',
  )
}

/** The same of one event, by its source and what its type is about. */
export function eventFlows(
  person: PersonRegister | undefined,
  { agreements, now }: { readonly agreements: readonly Agreement[]; readonly now: number },
  { source, type, receivedAt }: CanonicalEvent,
  purpose: Purpose,
): Flow {
  if (person === undefined) return refused('no-consent')
  const categories = eventCategories[type]
  return flows(person, agreements, {
    source: sourceOf(source),
    categories,
    purpose,
    receivedAt,
    now,
  })
}

/**
 * Whether a forwarded event came for this purpose, perhaps among others. That was decided when it was forwarded,
 * and is never decided again: whoever asked today's rows would take up, when the log is read again, what was left.
 */
export const isMeantFor = (
  purpose: Purpose,
  { purposes }: { readonly purposes?: readonly Purpose[] },
): boolean => purposes?.includes(purpose) ?? true

/**
 * May this be shown or sent to this recipient now (notify, story, the gate)? Each source × category
 * needs a grant that names the recipient's role; different grants may cover different categories.
 *
 * Roles: lead and deputies count as `lead-practitioner`, team members in the role of their
 * assignment; what the credential says does not matter. A duty role (`duty:<organisation>`,
 * `prescriber:<organisation>`, `custody-healthcare:<organisation>`) holds a standing assignment for
 * everybody who has an assignment in that organisation now, at the highest tier among those, but
 * still needs a grant that names its organisation and role.
 *
 * What rests on no source and no category (a withdrawal, a handover) needs the assignment alone, and
 * no consent. Categories without a source, or sources without anybody's grant, are refused.
 */
export function allows(
  person: PersonRegister,
  agreements: readonly Agreement[],
  question: DisclosureQuestion,
): Allowance {
  if (person.status === 'erased') return refused('erased')
  const { purpose, sources, recipient, now } = question
  const holdings = holdingsOf(person, question)
  const current = inForce(person, now)
  if (sources.length === 0 && question.categories.length === 0) {
    const version = (current ?? person.versions.at(-1))?.version ?? 0
    return concluded(question, strongest(holdings), [], { version, endedAt: null })
  }
  if (current === undefined) return refused(whyNotInForce(person, now))
  if (holdings.length === 0) return refused('no-assignment')
  if (sources.length === 0) return refused('source-not-granted')

  let least: Holding | undefined
  const used: Agreement[] = []
  for (const source of sources) {
    for (const category of orAny(question.categories)) {
      const best = strongest(
        current.grants
          .filter((grant) => isFor(grant, purpose, source) && includes(grant, category))
          .filter((grant) => isWithin(grant.from, grant.until, now))
          .flatMap((grant) => heldUnder(grant, recipient.organisation, holdings)),
      )
      if (best === undefined) {
        const isRecipient = (grant: Grant) =>
          heldUnder(grant, recipient.organisation, holdings).length > 0
        const need = { purpose, source, category, now, isRecipient }
        return refused(whyNoGrant(current.grants, need) ?? 'no-consent')
      }
      least = least === undefined ? best : lesser(least, best)
    }
    const agreement = agreementFor(agreements, question, source, recipient.organisation)
    if (agreement === undefined) return refused('no-agreement')
    if (!used.includes(agreement)) used.push(agreement)
  }
  return concluded(question, least, used, current)
}

/**
 * May this agency be told who leads, and how to ring them (the gate)? The answer says that the person
 * works with somebody, so nothing less than their own word opens it: a grant in force, at whatever
 * tier, that names the agency, under an agreement in force that names it for one of the grant's
 * sources. No assignment is asked for, and never more than `involvement` is given.
 */
export function allowsLeadLookup(
  person: PersonRegister,
  agreements: readonly Agreement[],
  { recipient, now }: { readonly recipient: RecipientRole; readonly now: number },
): Allowance {
  if (person.status === 'erased') return refused('erased')
  const current = inForce(person, now)
  if (current === undefined) return refused(whyNotInForce(person, now))
  const purpose = 'care-coordination'
  const granted = current.grants.filter(
    (grant) =>
      grant.purpose === purpose &&
      names(grant, recipient) &&
      isWithin(grant.from, grant.until, now),
  )
  if (granted.length === 0) return refused('recipient-not-granted')
  const used = firstDefined(granted, ({ sources, until }) =>
    firstDefined(sources, (source) => {
      const agreement = agreementFor(agreements, { purpose, now }, source, recipient.organisation)
      return agreement && { agreement, until }
    }),
  )
  if (used === undefined) return refused('no-agreement')
  return {
    ok: true,
    tier: 'involvement',
    consentVersion: current.version,
    agreementIds: [used.agreement.agreementId],
    until: Math.min(used.until, used.agreement.until, current.endedAt ?? Infinity),
  }
}

/** What tells who works with a person. */
type Supported = Pick<PersonRegister, 'status' | 'assignments'>

/** Who works with the person at `at`, in the register's order; nobody once they are erased. */
export const assignedAt = (person: Supported, at: number): readonly Assignment[] =>
  person.status === 'erased'
    ? []
    : person.assignments.filter(({ from, until }) => isWithin(from, until, at))

/** The lead at `at`; of two that overlap, the one who began last. */
export function leadOf(person: Supported, at: number): Assignment | undefined {
  const leads = assignedAt(person, at).filter(({ relation }) => relation === 'lead')
  return leads.reduce<Assignment | undefined>(
    (latest, lead) => (latest === undefined || lead.from >= latest.from ? lead : latest),
    undefined,
  )
}

/** The deputies at `at`, in the register's order. */
export const deputiesOf = (person: Supported, at: number): readonly Assignment[] =>
  assignedAt(person, at).filter(({ relation }) => relation === 'deputy')

/** The team at `at`, without lead and deputies, in the register's order. */
export const teamOf = (person: Supported, at: number): readonly Assignment[] =>
  assignedAt(person, at).filter(({ relation }) => relation === 'team')

/** Whether the practitioner is the lead or a deputy at `at`: more than one of the team. */
export const leadsOrDeputises = (person: Supported, practitionerId: string, at: number): boolean =>
  assignedAt(person, at).some(
    (one) => one.practitionerId === practitionerId && one.relation !== 'team',
  )

/** Every organisation and role that grants in force at `at` name for the purpose, each once. */
export function grantRecipients(
  person: PersonRegister,
  purpose: Purpose,
  at: number,
): readonly RecipientRole[] {
  const found = new Map<string, RecipientRole>()
  for (const grant of inForce(person, at)?.grants ?? []) {
    if (grant.purpose !== purpose || !isWithin(grant.from, grant.until, at)) continue
    for (const { organisation, role } of grant.recipients) {
      found.set(JSON.stringify([organisation, role]), { organisation, role })
    }
  }
  return [...found.values()]
}

/** The exact source of an event, for a question: `custody/police`. */
export const sourceOf = (source: { readonly agency: string; readonly system: string }): string =>
  `${source.agency}/${source.system}`

/** A way in which the recipient may be told: in a role, up to a tier, until it ends. */
interface Holding {
  readonly role: string
  readonly tier: Tier
  readonly until: number
}

interface GrantNeed {
  readonly purpose: Purpose
  readonly source: string
  readonly category: Category | null
  readonly now: number
  readonly isRecipient: (grant: Grant) => boolean
}

const dayMs = 24 * 60 * 60 * 1000

const refused = (reason: Refusal) => ({ ok: false, reason }) as const

const isWithin = (from: number, until: number | null, at: number): boolean =>
  from <= at && (until === null || at < until)

const wasGiven = ({ state, endedAt }: ConsentVersion): boolean =>
  state === 'given' || (state === 'superseded' && endedAt !== null)

/** An event type without categories still needs a grant, of whatever category. */
const orAny = (categories: readonly Category[]): readonly (Category | null)[] =>
  categories.length === 0 ? [null] : categories

const includes = (grant: Grant, category: Category | null): boolean =>
  category === null || grant.categories.includes(category)

/** Whether each of the categories is in one of the grants. A loop: it is asked several times an event. */
function includeAll(grants: readonly Grant[], categories: readonly (Category | null)[]): boolean {
  for (const category of categories) {
    let found = false
    for (const grant of grants) found ||= includes(grant, category)
    if (!found) return false
  }
  return true
}

const covers = (named: string, source: string): boolean =>
  named === source || (source.startsWith(named) && source.charAt(named.length) === '/')

const isFor = (grant: Grant, purpose: Purpose, source: string): boolean =>
  grant.purpose === purpose && grant.sources.some((named) => covers(named, source))

const names = (grant: Grant, { organisation, role }: RecipientRole): boolean =>
  grant.recipients.some((named) => named.organisation === organisation && named.role === role)

const anybody = (grant: Grant): boolean => grant.recipients.length > 0

/** Why no grant answers the need, the widest reason first; undefined when one does. */
function whyNoGrant(grants: readonly Grant[], need: GrantNeed): Refusal | undefined {
  const forPurpose = grants.filter(({ purpose }) => purpose === need.purpose)
  if (forPurpose.length === 0) return 'no-consent'
  const forSource = forPurpose.filter((grant) => isFor(grant, need.purpose, need.source))
  if (forSource.length === 0) return 'source-not-granted'
  const forCategory = forSource.filter((grant) => includes(grant, need.category))
  if (forCategory.length === 0) return 'category-not-granted'
  const forRecipient = forCategory.filter(need.isRecipient)
  if (forRecipient.length === 0) return 'recipient-not-granted'
  if (forRecipient.some(({ from, until }) => isWithin(from, until, need.now))) return undefined
  return forRecipient.some(({ from }) => from > need.now) ? 'not-yet' : 'expired'
}

/** Why nothing was agreed at `at`, from the last thing the person said before it. */
function whyNotInForce(person: PersonRegister, at: number): Refusal {
  if (person.status === 'erased') return 'erased'
  const said = person.versions.filter(({ state }) => state !== 'proposed')
  const last = said.findLast(({ acceptedAt }) => acceptedAt <= at)
  if (last === undefined) return said.some(wasGiven) ? 'not-yet' : 'no-consent'
  if (last.state === 'expired') return 'expired'
  return last.state === 'declined' ? 'no-consent' : 'withdrawn'
}

/** Why the event came before the person agreed to hear of it, or undefined when it came in time. */
function whyTooEarly(
  person: PersonRegister,
  current: ConsentVersion,
  open: readonly Grant[],
  category: Category | null,
  question: FlowQuestion,
): Refusal | undefined {
  for (const grant of open) {
    const from = Math.max(current.acceptedAt, grant.from) - lookBackMs(grant)
    if (question.receivedAt >= from && includes(grant, category)) return undefined
  }
  return whyNotContinuous(person, current, category, question)
}

const lookBackMs = ({ lookBackDays }: Grant): number =>
  lookBackDays > 0 ? Math.min(lookBackDays, lookBackDaysMax) * dayMs : 0

/** Walks back from the version in force, row by row, so that even an instant's withdrawal between two versions counts. */
function whyNotContinuous(
  person: PersonRegister,
  current: ConsentVersion,
  category: Category | null,
  question: FlowQuestion,
): Refusal | undefined {
  const { receivedAt, now } = question
  const said = person.versions.filter(({ state }) => state !== 'proposed')
  let end = now
  for (let place = said.indexOf(current); place >= 0; place--) {
    const version = said[place] as ConsentVersion
    const start = Math.max(version.acceptedAt, Math.min(receivedAt, now))
    const lapse = whyLapsed(version, start, end, category, question)
    if (lapse !== undefined) return lapse
    if (version.acceptedAt <= receivedAt) return undefined
    const earlier = said[place - 1]
    if (earlier === undefined) return 'not-yet'
    if (!wasGiven(earlier) || earlier.endedAt !== version.acceptedAt) {
      return whyNotInForce(person, version.acceptedAt - 1)
    }
    end = version.acceptedAt - 1
  }
  return 'not-yet'
}

/** Looks at the start and wherever a grant ends: cover is lost nowhere else. */
function whyLapsed(
  version: ConsentVersion,
  start: number,
  end: number,
  category: Category | null,
  { purpose, source }: FlowQuestion,
): Refusal | undefined {
  const ends = version.grants.map(({ until }) => until).filter((at) => at > start && at <= end)
  return firstDefined([start, ...ends], (now) =>
    whyNoGrant(version.grants, { purpose, source, category, now, isRecipient: anybody }),
  )
}

function agreementFor(
  agreements: readonly Agreement[],
  { purpose, now }: { readonly purpose: Purpose; readonly now: number },
  source: string,
  organisation: string,
): Agreement | undefined {
  for (const agreement of agreements) {
    if (
      agreement.purpose === purpose &&
      agreement.recipientOrganisation === organisation &&
      covers(agreement.source, source) &&
      isWithin(agreement.from, agreement.until, now)
    ) {
      return agreement
    }
  }
  return undefined
}

/** In which roles the recipient stands to the person now. */
function holdingsOf(
  person: PersonRegister,
  { recipient, now, assignment }: DisclosureQuestion,
): readonly Holding[] {
  const { practitionerId, organisation, role } = recipient
  if (assignment === 'not-required') return [{ role, tier: 'detail', until: Infinity }]
  const here = assignedAt(person, now).filter((held) => held.organisation === organisation)
  const own = here
    .filter((held) => held.practitionerId === practitionerId)
    .map((held) => ({
      role: held.relation === 'team' ? held.role : leadRole,
      tier: held.tier,
      until: held.until ?? Infinity,
    }))
  if (own.length > 0) return own
  const duty = dutyRoles.find((name) => practitionerId === `${name}:${organisation}`)
  if (duty === undefined) return []
  return here.map(({ tier, until }) => ({ role: duty, tier, until: until ?? Infinity }))
}

/** What a grant adds up to for this recipient: never above the grant, never above the assignment. */
const heldUnder = (
  grant: Grant,
  organisation: string,
  holdings: readonly Holding[],
): readonly Holding[] =>
  holdings
    .filter(({ role }) => names(grant, { organisation, role }))
    .map((holding) => lesser(holding, { ...holding, tier: grant.tier, until: grant.until }))

const rank = (tier: Tier): number => tiers.indexOf(tier)

const lesser = (one: Holding, other: Holding): Holding => ({
  role: one.role,
  tier: rank(other.tier) < rank(one.tier) ? other.tier : one.tier,
  until: Math.min(one.until, other.until),
})

/** The highest tier, and of equals the one that lasts longest. */
const strongest = (holdings: readonly Holding[]): Holding | undefined =>
  holdings.reduce<Holding | undefined>((best, next) => {
    if (best === undefined) return next
    const more = rank(next.tier) - rank(best.tier)
    return more > 0 || (more === 0 && next.until > best.until) ? next : best
  }, undefined)

function concluded(
  question: DisclosureQuestion,
  held: Holding | undefined,
  used: readonly Agreement[],
  { version, endedAt }: Pick<ConsentVersion, 'version' | 'endedAt'>,
): Allowance {
  if (held === undefined) return refused('no-assignment')
  if (rank(held.tier) < rank(question.tier)) return refused('tier')
  return {
    ok: true,
    tier: held.tier,
    consentVersion: version,
    agreementIds: used.map(({ agreementId }) => agreementId),
    until: Math.min(held.until, endedAt ?? Infinity, ...used.map(({ until }) => until)),
  }
}

function firstDefined<T, R>(items: readonly T[], of: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = of(item)
    if (found !== undefined) return found
  }
  return undefined
}
