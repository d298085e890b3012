import { inForce, leadOf, leadRole } from '../consent.ts'
import { dayInWords } from '../date-words.ts'
import type { NoticeRecipient } from '../notice.ts'
import type { Assignment, ConsentVersion, PersonRegister } from '../register.ts'
import { addDays, londonDate, londonTimeOn, morningAfter } from '../times.ts'
import { sinceOf } from './fact.ts'
import { askOf, dueAt } from './table.ts'
import { dayMs, onlyLead, type Scene, type Wanted } from './wanted.ts'

/** What the lead has to know about the agreement itself. It rests on no agency, so it needs no grant. */
export const consent = (
  scene: Scene,
  warned: Warned | null,
  asked: Warned | null,
): readonly Wanted[] =>
  scene.person === undefined
    ? []
    : [
        ...withdrawals(scene.person, scene.now),
        ...endings(scene.person, scene.now, warned),
        ...reviews(scene.person, scene.now, asked),
        ...handovers(scene.person, scene.now),
        ...proposals(scene),
      ]

/** That the lead has been warned of an end, or asked for a review; remembered by the version that set it. */
export interface Warned {
  readonly version: number
  readonly at: number
  readonly incomplete: boolean
}

/** A year after somebody agreed they are asked again, where the agreement does not end about then. */
export interface Review {
  readonly version: number
  /** 09:00 in London, 365 days after it was accepted. */
  readonly at: number
}

/** The review of the consent that is in force now. */
export function reviewOf(person: PersonRegister, now: number): Review | undefined {
  const current = inForce(person, now)
  const until = current === undefined ? undefined : lastEnd(current)
  if (current === undefined || until === undefined) return undefined
  const at = morningAfter(current.acceptedAt, 365)
  return until > at + 28 * dayMs ? { version: current.version, at } : undefined
}

export interface Ending {
  /** The first version, without a gap since, that set this end. */
  readonly version: number
  readonly until: number
  readonly acceptedAt: number
  /** 09:00 in London, 28 days before; not before it was agreed. */
  readonly at: number
}

/** When the care-coordination consent in force ends, and when the lead is to hear of it. */
export function endingOf(person: PersonRegister, now: number): Ending | undefined {
  const ending = lastEndingOf(person, now)
  return ending === undefined || ending.until <= now ? undefined : ending
}

/** The same, once it has simply run out too. */
function lastEndingOf(person: PersonRegister, now: number): Ending | undefined {
  const said = person.versions.filter(({ state }) => state !== 'proposed')
  let first: ConsentVersion | undefined
  for (const version of said.toReversed()) {
    if (!isGiven(version) || version.acceptedAt > now) break
    if (first === undefined && version.endedAt !== null && version.endedAt <= now) break
    if (first !== undefined && version.endedAt !== first.acceptedAt) break
    if (first !== undefined && lastEnd(version) !== lastEnd(first)) break
    first = version
  }
  const until = first === undefined ? undefined : lastEnd(first)
  if (first === undefined || until === undefined) return undefined
  const morning = londonTimeOn(addDays(londonDate(until), -28), 9, 0)
  const { version, acceptedAt } = first
  return { version, until, acceptedAt, at: Math.max(morning, acceptedAt) }
}

const isGiven = ({ state }: ConsentVersion): boolean => state === 'given' || state === 'superseded'

const coordinates = ({ grants }: ConsentVersion): boolean =>
  grants.some(({ purpose }) => purpose === 'care-coordination')

function lastEnd({ grants }: ConsentVersion): number | undefined {
  const ends = grants.filter(({ purpose }) => purpose === 'care-coordination')
  return ends.length === 0 ? undefined : Math.max(...ends.map(({ until }) => until))
}

function endings(person: PersonRegister, now: number, warned: Warned | null): readonly Wanted[] {
  if (warned === null) return []
  const over = person.versions.find(({ version }) => version === warned.version)
  const end = over === undefined ? undefined : lastEnd(over)
  if (end === undefined) return []
  // Once it has run out, the notice still asks for a decision.
  const holds = lastEndingOf(person, now)?.version === warned.version
  return [
    {
      ...plain('ends', String(warned.version), warned.at),
      headline: 'Consent ends soon',
      lines: [
        `It ends on ${dayInWords(end)}. Ask whether they want to go on sharing; if not, it simply ends, and so does nothing else.`,
        ...(warned.incomplete ? ['Not every source has reported: it may have been renewed.'] : []),
      ],
      occurredAt: end,
      timer: 'ends',
      incomplete: warned.incomplete,
      to: onlyLead,
      closed: holds ? null : { because: 'superseded', by: null },
    },
  ]
}

function reviews(person: PersonRegister, now: number, asked: Warned | null): readonly Wanted[] {
  if (asked === null) return []
  const holds = inForce(person, now)?.version === asked.version
  return [
    {
      ...plain('review', String(asked.version), asked.at),
      headline: 'Ask again about consent',
      lines: [
        'They agreed a year ago. Ask whether it is still what they want.',
        ...(asked.incomplete ? ['Not every source has reported: it may have been renewed.'] : []),
      ],
      timer: 'review',
      incomplete: asked.incomplete,
      to: onlyLead,
      closed: holds ? null : { because: 'superseded', by: null },
    },
  ]
}

/** Every time that care coordination was agreed and then no longer was, whoever ended it. */
function withdrawals(person: PersonRegister, now: number): readonly Wanted[] {
  const said = person.versions.filter(({ state }) => state !== 'proposed')
  return said.flatMap((version, place) => {
    const before = said[place - 1]
    if (before === undefined || !isGiven(before) || !coordinates(before)) return []
    if (isGiven(version) && coordinates(version)) return []
    const lead = leadOf(person, version.acceptedAt)
    // Who has handed the person over since has nothing more to do about it.
    if (lead === undefined || (lead.until !== null && lead.until <= now)) return []
    return [
      {
        ...plain('withdrawn', String(version.version), version.acceptedAt),
        headline: 'Consent to share was withdrawn',
        lines: [
          'Nothing more will be told about them here. Treatment, referrals and appointments go on as before; help stays.',
        ],
        to: { ...onlyLead, lead: false, named: recipientOf(lead) },
      },
    ]
  })
}

/** Somebody became the lead after somebody else. */
function handovers(person: PersonRegister, now: number): readonly Wanted[] {
  const leads = person.assignments
    .filter(({ relation }) => relation === 'lead')
    .toSorted((a, b) => a.from - b.from)
  const current = leadOf(person, now)
  const before = current === undefined ? undefined : leads[leads.indexOf(current) - 1]
  return leads.slice(1).flatMap((lead, place) => {
    if (lead.practitionerId === leads[place]?.practitionerId) return []
    const over = lead !== current || before === undefined
    return [
      {
        ...plain('handover', `${lead.practitionerId}:${lead.from}`, lead.from),
        headline: 'You are now the lead for this person',
        lines: [
          'Their open notices are now yours. Ring whoever was the lead, and tell the person.',
        ],
        to: { ...onlyLead, lead: false, named: recipientOf(lead) },
        closed: over ? { because: 'handed-over', by: null } : null,
      },
    ]
  })
}

/** A source says that another number is theirs. Nothing is joined by it; the lead asks the person. */
const proposals = (scene: Scene): readonly Wanted[] =>
  scene.grounds('IdentifiersLinked', 'IdentifiersMerged', 'IdentifiersSplit').map((fact) => ({
    ...plain('identifier', fact.id, sinceOf(fact)),
    facts: [fact],
    headline: 'A number to confirm with them',
    lines: [
      'A source says that another number belongs to them. Ask them, and add it to the consent if they agree. Until then nothing is joined.',
    ],
    occurredAt: fact.occurredAt,
    eventIds: [fact.eventId],
    to: onlyLead,
  }))

function plain(kind: string, id: string, at: number) {
  const episode = `consent:${kind}:${id}`
  const { rule, urgency, due } = askOf('consent')
  return {
    ask: 'consent' as const,
    rule,
    episode,
    thread: episode,
    facts: [],
    besides: [],
    occurredAt: at,
    learnedAt: at,
    urgency,
    dueAt: dueAt(due, at),
    sources: [],
    categories: [],
    eventIds: [],
    timer: null,
    incomplete: false,
    closed: null,
    aboutDeath: false,
    timed: false,
    corrects: null,
  }
}

const recipientOf = ({ practitionerId, organisation }: Assignment): NoticeRecipient => ({
  practitionerId,
  organisation,
  role: leadRole,
})
