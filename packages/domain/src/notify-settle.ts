import { deputiesOf, dutyRoles, grantRecipients, leadOf, leadRole, teamOf } from './consent.ts'
import { eventCategories } from './events.generated.ts'
import { fingerprint } from './fingerprint.ts'
import type { Notice, NoticeRecipient } from './notice.ts'
import { type Desk, noticeIdFor, permission, purpose } from './notify-desk.ts'
import { type Copy, type Episode, isLive } from './notify-state.ts'
import type { Assignment, Category, Tier } from './register.ts'
import { askOf } from './rules/table.ts'
import type { Wanted } from './rules/wanted.ts'

/** Brings the notices of one case to what the rules want of it now; only what changes is told. */
export function settle(desk: Desk, wanted: Wanted, ended: string | null): void {
  const before = desk.draft.episodes[wanted.episode]
  if (before === undefined) {
    const asleep = desk.draft.dead && wanted.timed
    if (wanted.closed === null && !asleep) open(desk, wanted, ended)
    return
  }
  // Over is over: nothing is said again of a case that is closed for everybody and still is.
  const { copies: known } = before
  if (wanted.closed !== null && Object.values(known).every(({ state }) => !isLive(state))) return
  let episode: Episode = { ...before, ...outlineOf(wanted), copies: { ...before.copies } }
  if (wanted.closed === null && ended === null) {
    if (wanted.to.lead) episode = addressed(desk, wanted, episode)
    if (before.ask !== wanted.ask) episode = joined(desk, wanted, episode, rolesFor(desk, wanted))
    episode = escalated(desk, wanted, episode)
  }
  const copies: Record<string, Copy> = {}
  for (const [to, copy] of Object.entries(episode.copies)) {
    copies[to] = refreshed(desk, wanted, ended, to, copy, episode)
  }
  keep(desk, wanted.episode, { ...episode, copies })
}

/** Takes back a case that no longer stands, from everybody who got a copy. Gives who that was. */
export function takeBack(
  desk: Desk,
  name: string,
  how: { readonly state: 'retracted' | 'closed'; readonly because: string },
): readonly { readonly copy: Copy; readonly to: NoticeRecipient }[] {
  const episode = desk.draft.episodes[name]
  if (episode === undefined) return []
  const taken: { copy: Copy; to: NoticeRecipient }[] = []
  const copies: Record<string, Copy> = {}
  for (const [to, copy] of Object.entries(episode.copies)) {
    const stands = how.state === 'closed' ? isLive(copy.state) : copy.state !== 'retracted'
    if (!stands) {
      copies[to] = copy
      continue
    }
    const next: Copy = { ...copy, ...how, version: copy.version + 1, print: '' }
    copies[to] = next
    taken.push({ copy: next, to: recipientOf(to, copy) })
    tell(desk, blank(desk, name, episode, to, next), episode.factId)
  }
  if (taken.length > 0) keep(desk, name, { ...episode, copies })
  return taken
}

function open(desk: Desk, wanted: Wanted, ended: string | null): void {
  if (ended !== null) return
  const first: Episode = {
    ...outlineOf(wanted),
    ruleVersion: askOf(wanted.ask).version,
    level: 0,
    seeking: false,
    copies: {},
  }
  let episode = first
  const to: [Copy['part'], readonly NoticeRecipient[]][] = [
    ['lead', wanted.to.lead ? leadsOf(desk) : []],
    ['role', rolesFor(desk, wanted)],
    ['team', wanted.to.team ? everybodyElse(desk) : []],
    ['named', wanted.to.named === null ? [] : [wanted.to.named]],
  ]
  for (const [part, recipients] of to) episode = joined(desk, wanted, episode, recipients, part)
  const { person, known } = desk
  if (wanted.to.lead && person !== undefined && leadOf(person, known.now) === undefined) {
    desk.counts.push('no-lead')
  }
  if (Object.keys(episode.copies).length === 0) return giveUp(desk, wanted)
  const copies: Record<string, Copy> = {}
  for (const [name, copy] of Object.entries(episode.copies)) {
    copies[name] = refreshed(desk, wanted, ended, name, copy, episode)
  }
  keep(desk, wanted.episode, { ...episode, copies })
}

/** Nobody could be told when it came: whoever may be told later is not told of this. */
function giveUp({ draft, refusals }: Desk, { fact, timed, episode }: Wanted): void {
  const known = fact === null ? undefined : draft.facts[fact.id]
  const made = draft.corrections[episode]
  const reason = (fact === null ? undefined : refusals.get(fact.id)) ?? 'recipient-not-granted'
  if (known !== undefined && !timed) {
    draft.facts = { ...draft.facts, [known.id]: { ...known, ended: reason } }
  }
  if (made !== undefined) {
    draft.corrections = { ...draft.corrections, [episode]: { ...made, ended: reason } }
  }
}

/** Adds a copy for each recipient who may have one and has none. */
function joined(
  desk: Desk,
  wanted: Wanted,
  episode: Episode,
  recipients: readonly NoticeRecipient[],
  part: Copy['part'] = 'role',
  escalatedAt: number | null = null,
): Episode {
  const copies = { ...episode.copies }
  for (const to of recipients) {
    const answer = permission(desk, to, wanted.sources, categoriesFor(wanted, part))
    const known = copies[to.practitionerId]
    if (!answer.ok) {
      if (part === 'lead' || part === 'named') refuse(desk, wanted, answer.reason)
      if (escalatedAt !== null) desk.counts.push(`escalation/suppressed/${answer.reason}`)
      continue
    }
    // Somebody who was told at an escalation and then took over: the copy they have becomes theirs.
    if (known !== undefined) {
      const again = known.final === 'handed-over'
      if (part === 'lead') {
        copies[to.practitionerId] = { ...known, part, ...(again && { final: null }) }
      }
      continue
    }
    copies[to.practitionerId] = {
      noticeId: noticeIdFor(desk, wanted.rule, wanted.episode, to.practitionerId),
      version: 0,
      state: 'open',
      because: null,
      final: null,
      part,
      organisation: to.organisation,
      role: to.role,
      print: '',
      escalatedAt,
      // What would have closed it, or said that it is seen to, may only be late.
      ...(escalatedAt !== null && desk.timer?.complete === false && { incomplete: true as const }),
    }
  }
  return { ...episode, copies }
}

function refuse(desk: Desk, wanted: Wanted, reason: string): void {
  if (wanted.fact !== null && !desk.refusals.has(wanted.fact.id)) {
    desk.refusals.set(wanted.fact.id, reason)
  }
}

/** The lead's copy follows the lead: what the old one had not settled becomes the new one's. */
function addressed(desk: Desk, wanted: Wanted, episode: Episode): Episode {
  const leads = leadsOf(desk)
  const isLead = (name: string): boolean =>
    leads.some(({ practitionerId }) => practitionerId === name)
  const copies = { ...episode.copies }
  let moved = episode.seeking
  for (const [name, copy] of Object.entries(copies)) {
    if (copy.part !== 'lead' || !isLive(copy.state) || isLead(name)) continue
    copies[name] = { ...copy, final: 'handed-over' }
    moved = true
  }
  if (!moved) return episode
  const next = joined(desk, wanted, { ...episode, copies }, leads, 'lead')
  const found = Object.entries(next.copies).some(
    ([name, copy]) => copy.part === 'lead' && copy.final === null && isLead(name),
  )
  return { ...next, seeking: !found }
}

/** Lead, then deputies, then the duty team: once each, and only while nobody has acknowledged. */
function escalated(desk: Desk, wanted: Wanted, episode: Episode): Episode {
  const { timer } = desk
  const at = escalationAt(desk, wanted, episode)
  if (timer?.name !== `escalate:${wanted.episode}` || at === null || timer.dueAt < at) {
    return episode
  }
  const deputies =
    episode.level > 0 || desk.person === undefined
      ? []
      : deputiesOf(desk.person, desk.known.now).map((one) => personally(one))
  if (deputies.length > 0) {
    return joined(desk, wanted, { ...episode, level: 1 }, deputies, 'deputy', at)
  }
  const lead = Object.values(episode.copies).find(({ part }) => part === 'lead' || part === 'named')
  // Where only a role was told, the duty team of the lead's organisation is still whom it goes to.
  const organisation = lead?.organisation ?? leadsOf(desk)[0]?.organisation
  const duty = organisation === undefined ? [] : [onDuty(organisation)]
  return joined(desk, wanted, { ...episode, level: 2 }, duty, 'duty', at)
}

/** When a case goes to the next level unless somebody acknowledges it; null when it never does. */
export function escalationAt(desk: Desk, wanted: Wanted, episode: Episode): number | null {
  if (wanted.closed !== null || episode.level === 2) return null
  // What is paused waits; what is about the death itself does not.
  if (desk.draft.dead && !wanted.aboutDeath) return null
  const copies = Object.values(episode.copies)
  if (copies.some(({ noticeId }) => desk.draft.acts.acknowledged[noticeId] !== undefined))
    return null
  const original = copies.some(
    (copy) =>
      copy.part !== 'deputy' &&
      copy.part !== 'duty' &&
      copy.final === null &&
      (copy.state === 'open' || copy.state === 'paused'),
  )
  if (!original) return null
  const span = wanted.dueAt - wanted.learnedAt
  const at = episode.level === 0 ? wanted.dueAt : wanted.dueAt + span
  // What fell due while a death was reported starts again when the report is taken back.
  const { restoredAt } = desk.draft
  return restoredAt !== null && wanted.learnedAt <= restoredAt && at <= restoredAt
    ? restoredAt + span
    : at
}

/** One copy as it should stand now; a new version of it where that differs from the last. */
function refreshed(
  desk: Desk,
  wanted: Wanted,
  ended: string | null,
  to: string,
  copy: Copy,
  episode: Episode,
): Copy {
  const recipient = recipientOf(to, copy)
  const target = targetOf(desk, wanted, ended, recipient, copy)
  const isOver = target.state === 'closed' || target.state === 'retracted'
  if (isOver && target.state === copy.state) return { ...copy, final: target.final }
  const next: Copy = { ...copy, ...target.copy, state: target.state, final: target.final }
  if (target.state === 'retracted') {
    const told = { ...next, version: copy.version + 1, print: '' }
    tell(desk, blank(desk, wanted.episode, episode, to, told), wanted.fact?.id ?? null)
    return told
  }
  const print = printOf(wanted, next, target.tier)
  if (print === copy.print) return next
  const notice = noticeOf(desk, wanted, episode, recipient, next, target.tier)
  const told = { ...next, version: copy.version + 1, print }
  tell(desk, { ...notice, version: told.version }, wanted.fact?.id ?? null)
  return told
}

interface Target {
  readonly state: Notice['state']
  readonly final: Copy['final']
  readonly tier: Tier
  readonly copy: Pick<Copy, 'because'>
}

function targetOf(
  desk: Desk,
  wanted: Wanted,
  ended: string | null,
  recipient: NoticeRecipient,
  copy: Copy,
): Target {
  const stay = (
    state: Notice['state'],
    because: string | null,
    tier: Tier = 'involvement',
  ): Target => ({
    state,
    final: copy.final,
    tier,
    copy: { because },
  })
  if (copy.final === 'permission') return stay('retracted', copy.because)
  if (copy.final === 'handed-over') return stay('closed', 'handed-over')
  if (ended !== null && isLive(copy.state)) {
    return { ...stay('retracted', ended), final: 'permission' }
  }
  if (ended !== null) return stay(copy.state, copy.because)
  const answer = permission(desk, recipient, wanted.sources, categoriesFor(wanted, copy.part))
  if (!answer.ok && isLive(copy.state)) {
    return { ...stay('retracted', answer.reason), final: 'permission' }
  }
  if (!answer.ok) return stay(copy.state, copy.because)
  const tier = wanted.sources.length === 0 ? 'detail' : answer.tier
  if (wanted.closed !== null) return stay('closed', closingFor(desk, wanted, recipient), tier)
  const acknowledged = desk.draft.acts.acknowledged[copy.noticeId] !== undefined
  const closes: readonly string[] = askOf(wanted.ask).closes
  const closesSo = wanted.rule === 'correction' || closes.includes('acknowledged')
  if (acknowledged && closesSo) return stay('closed', 'acknowledged', tier)
  if (desk.draft.dead && !wanted.aboutDeath) return stay('paused', null, tier)
  return stay(acknowledged ? 'acknowledged' : 'open', null, tier)
}

/** Why it closed, as far as this recipient may hear of what closed it. */
function closingFor(desk: Desk, wanted: Wanted, recipient: NoticeRecipient): string | null {
  const { closed } = wanted
  if (closed === null) return null
  const { by } = closed
  if (by === null) return closed.because
  const answer = permission(desk, recipient, [by.agency], eventCategories[by.type])
  return answer.ok ? closed.because : 'no-longer-needed'
}

function noticeOf(
  desk: Desk,
  wanted: Wanted,
  episode: Episode,
  recipient: NoticeRecipient,
  copy: Copy,
  tier: Tier,
): Notice {
  const span = wanted.dueAt - wanted.learnedAt
  const learnedAt = copy.escalatedAt ?? wanted.learnedAt
  return {
    noticeId: copy.noticeId,
    version: copy.version,
    personId: desk.personId,
    thread: wanted.thread,
    episode: wanted.episode,
    rule: wanted.rule,
    ruleVersion: episode.ruleVersion,
    class: askOf(wanted.ask).class,
    urgency: wanted.urgency,
    state: copy.state,
    recipient,
    headline: tier === 'involvement' ? involvement(wanted.sources) : wanted.headline,
    lines: tier === 'detail' ? wanted.lines : [],
    occurredAt: wanted.occurredAt,
    learnedAt,
    dueAt: copy.escalatedAt === null ? wanted.dueAt : copy.escalatedAt + span,
    sources: wanted.sources,
    categories: categoriesFor(wanted, copy.part),
    corrects: wanted.corrects,
    closedBecause: copy.because,
    incomplete: wanted.incomplete || copy.incomplete === true,
    because: { eventIds: wanted.eventIds, timer: wanted.timer },
    push: copy.state === 'open' && desk.known.now - learnedAt <= pushedWithinMs,
  }
}

/** What is learned again from a first load or a replay is old by then, and disturbs nobody. */
const pushedWithinMs = 24 * 3_600_000

/** What was taken back says nothing any more: it may not, or it was wrong. */
function blank(desk: Desk, name: string, episode: Episode, to: string, copy: Copy): Notice {
  const span = episode.dueAt - episode.learnedAt
  const learnedAt = copy.escalatedAt ?? episode.learnedAt
  return {
    noticeId: copy.noticeId,
    version: copy.version,
    personId: desk.personId,
    thread: episode.thread,
    episode: name,
    rule: episode.rule,
    ruleVersion: episode.ruleVersion,
    class: askOf(episode.ask).class,
    urgency: episode.urgency,
    state: copy.state,
    recipient: recipientOf(to, copy),
    headline: copy.because === 'corrected' ? 'Taken back: it was wrong' : 'No longer shown',
    lines: [],
    occurredAt: episode.occurredAt,
    learnedAt,
    dueAt: copy.escalatedAt === null ? episode.dueAt : copy.escalatedAt + span,
    sources: episode.sources,
    categories: categoriesFor(episode, copy.part),
    corrects: null,
    closedBecause: copy.because,
    incomplete: false,
    because: { eventIds: episode.eventIds, timer: null },
    push: false,
  }
}

function tell(desk: Desk, notice: Notice, factId: string | null): void {
  desk.notices.push(notice)
  if (factId !== null) desk.told.add(factId)
}

function keep(desk: Desk, name: string, episode: Episode): void {
  desk.draft.episodes = { ...desk.draft.episodes, [name]: episode }
}

/** Everything a version says that may change. */
const printOf = (wanted: Wanted, copy: Copy, tier: Tier): string =>
  fingerprint(
    [
      copy.state,
      copy.because,
      tier,
      wanted.urgency,
      wanted.occurredAt,
      wanted.learnedAt,
      wanted.dueAt,
      wanted.headline,
      ...wanted.lines,
      wanted.incomplete,
      '',
      ...wanted.eventIds,
      ...wanted.sources,
      ...wanted.categories,
    ].join('\n'),
  )

const outlineOf = (
  wanted: Wanted,
): Omit<Episode, 'ruleVersion' | 'level' | 'seeking' | 'copies'> => ({
  ask: wanted.ask,
  rule: wanted.rule,
  thread: wanted.thread,
  factId: wanted.fact?.id ?? null,
  eventIds: wanted.eventIds,
  occurredAt: wanted.occurredAt,
  learnedAt: wanted.learnedAt,
  urgency: wanted.urgency,
  dueAt: wanted.dueAt,
  sources: wanted.sources,
  categories: wanted.categories,
})

/** The copies for prescriber and custody healthcare are about what somebody takes. */
const categoriesFor = (
  { categories }: Pick<Wanted, 'categories'>,
  part: Copy['part'],
): readonly Category[] =>
  part === 'role' && !categories.includes('substance-use')
    ? [...categories, 'substance-use']
    : categories

const recipientOf = (practitionerId: string, { organisation, role }: Copy): NoticeRecipient => ({
  practitionerId,
  organisation,
  role,
})

const personally = (one: Assignment): NoticeRecipient => ({
  practitionerId: one.practitionerId,
  organisation: one.organisation,
  role: one.relation === 'team' ? one.role : leadRole,
})

const inRole = (role: string, organisation: string): NoticeRecipient => ({
  practitionerId: `${role}:${organisation}`,
  organisation,
  role,
})

const onDuty = (organisation: string): NoticeRecipient => inRole(dutyRoles[0], organisation)

/** The lead; where there is none, the duty team of each organisation that may be told. */
export function leadsOf({ person, known }: Desk): readonly NoticeRecipient[] {
  if (person === undefined) return []
  const lead = leadOf(person, known.now)
  if (lead !== undefined) return [personally(lead)]
  const organisations = grantRecipients(person, purpose, known.now).map((to) => to.organisation)
  return [...new Set(organisations)].map(onDuty)
}

function rolesFor({ person, known }: Desk, wanted: Wanted): readonly NoticeRecipient[] {
  const lead = person === undefined ? undefined : leadOf(person, known.now)
  return wanted.to.roles.flatMap(({ role, organisation }) => {
    const where = organisation ?? lead?.organisation
    return where === undefined ? [] : [inRole(role, where)]
  })
}

const everybodyElse = ({ person, known }: Desk): readonly NoticeRecipient[] =>
  person === undefined
    ? []
    : [...deputiesOf(person, known.now), ...teamOf(person, known.now)].map(personally)

/** All that may be said at the lowest tier. */
const involvement = (sources: readonly string[]): string =>
  `${sources.map((source) => agencyInWords[source] ?? 'A service').join(' and ')} has been in touch`

const agencyInWords: Readonly<Record<string, string>> = {
  custody: 'Custody',
  probation: 'Probation',
  hospital: 'A hospital',
  housing: 'Housing',
  treatment: 'A treatment service',
}
