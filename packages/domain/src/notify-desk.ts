import { type Allowance, allows, flows, inForce } from './consent.ts'
import { eventCategories } from './events.generated.ts'
import type { Ids } from './ids.ts'
import { noticeIdOf } from './ids.ts'
import type { Notice, NoticeRecipient } from './notice.ts'
import { type Draft, isEffective } from './notify-state.ts'
import type { Known } from './processor.ts'
import type { Category, PersonRegister } from './register.ts'
import { type Fact, isProposal } from './rules/fact.ts'

/** One step's working surface: the rows that were read, what changes, and what comes out. */
export interface Desk {
  readonly personId: string
  readonly known: Known
  readonly person: PersonRegister | undefined
  readonly ids: Ids
  /** The time of the input: when the hub learned it, or when the timer was due. */
  readonly at: number
  readonly draft: Draft
  readonly notices: Notice[]
  readonly counts: string[]
  /** Facts whose own case was told, amended or taken back in this step. */
  readonly told: Set<string>
  /** Why a fact's case could not be told to anybody. */
  readonly refusals: Map<string, string>
  /** What was asked already: the rows are the same for the whole step. */
  readonly answers: Map<string, Allowance>
  /** The timer that is firing, by name. */
  readonly timer: {
    readonly name: string
    readonly dueAt: number
    readonly complete: boolean
  } | null
  /** The authorities of the partnership; none: nobody has said which. */
  readonly homeAreas: readonly string[]
  /** What this step learned, which may have made earlier facts wrong. */
  cause: Cause | null
  /** The fact whose watch has just fired. */
  justFired: string | null
}

export interface Cause {
  readonly id: string
  readonly version: number
}

export const purpose = 'care-coordination'

/** Whether this recipient may be told, by sources and categories, at the register's time. */
export function permission(
  desk: Desk,
  recipient: NoticeRecipient,
  sources: readonly string[],
  categories: readonly Category[],
): Allowance {
  if (desk.person === undefined) return { ok: false, reason: 'no-consent' }
  const { practitionerId, organisation, role } = recipient
  const question = `${practitionerId} ${organisation} ${role} ${sources.join()} ${categories.join()}`
  const known = desk.answers.get(question)
  if (known !== undefined) return known
  const answer = allows(desk.person, desk.known.agreements, {
    purpose,
    sources,
    categories,
    recipient,
    tier: 'involvement',
    now: desk.known.now,
    // A duty role stands for whoever is on duty; reading it still needs the gate.
    assignment: isDutyRole(recipient) && sources.length > 0 ? 'not-required' : 'required',
  })
  desk.answers.set(question, answer)
  return answer
}

const isDutyRole = ({ practitionerId, organisation, role }: NoticeRecipient): boolean =>
  practitionerId === `${role}:${organisation}`

/** Why nothing may rest on this any more, or null: consent without a gap since it was received. */
export function whyEnded(
  desk: Desk,
  source: string,
  categories: readonly Category[],
  receivedAt: number,
): string | null {
  if (desk.person === undefined) return 'no-consent'
  const { agreements, now } = desk.known
  const answer = flows(desk.person, agreements, { source, categories, purpose, receivedAt, now })
  return answer.ok ? null : answer.reason
}

/**
 * Ends what rests on permission that is gone. It stays ended when permission comes back: nothing
 * from before a withdrawal returns. Only a higher version, which is judged anew, can open it again.
 */
export function endWhatIsNotAllowed(desk: Desk): void {
  const { draft } = desk
  for (const facts of alikeIn(desk)) {
    // Consent that held without a gap since the first was received held for what came after it, too.
    const from = Math.min(...facts.map(coveredFrom))
    const allEnded = facts[0] === undefined ? null : endedFrom(desk, facts[0], from)
    for (const fact of facts) {
      const ended = fact.restricted
        ? 'recipient-not-granted'
        : allEnded === null
          ? null
          : endedFrom(desk, fact, coveredFrom(fact))
      if (ended !== null) draft.facts.set(fact.id, { ...fact, ended })
      else if (fact.covered === undefined) {
        const covered = coverOf(desk, fact.receivedAt) - fact.receivedAt
        draft.facts.set(fact.id, { ...fact, covered })
      }
    }
  }
  for (const [episode, made] of draft.corrections) {
    if (made.ended !== null) continue
    const reasons = made.sources.map((source) => whyEnded(desk, source, made.categories, made.at))
    const ended = reasons.find((reason) => reason !== null)
    if (ended !== undefined) draft.corrections.set(episode, { ...made, ended })
  }
}

/** Facts that something may rest on, by what permission is asked for. */
const alikeIn = ({ draft }: Desk): Iterable<readonly Fact[]> =>
  Map.groupBy(
    [...draft.facts.values()].filter(
      (fact) => fact.ended === undefined && !isProposal(fact) && isEffective(draft, fact),
    ),
    ({ agency, type }) => `${agency} ${eventCategories[type].join()}`,
  ).values()

const coveredFrom = ({ receivedAt, covered = 0 }: Fact): number => receivedAt + covered

const endedFrom = (desk: Desk, { agency, type }: Fact, from: number): string | null =>
  whyEnded(desk, agency, eventCategories[type], from)

/** A renewal must not lose what an earlier look-back took up: from then on the consent in force counts. */
const coverOf = ({ person, known }: Desk, receivedAt: number): number =>
  Math.max(receivedAt, (person && inForce(person, known.now)?.acceptedAt) ?? receivedAt)

export const noticeIdFor = (desk: Desk, rule: string, episode: string, to: string): string =>
  noticeIdOf(desk.ids, rule, desk.personId, episode, to)
