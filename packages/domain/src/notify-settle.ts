import { deputiesOf, dutyRoles, grantRecipients, leadOf, leadRole, teamOf } from './consent.ts'
import { eventCategories } from './events.generated.ts'
import { fingerprint } from './fingerprint.ts'
import type { Notice, NoticeRecipient } from './notice.ts'
import { type Desk, noticeIdFor, permission, purpose } from './notify-desk.ts'
import { type Copy, type Episode, isLive } from './notify-state.ts'
import type { Assignment, Category, Tier } from './register.ts'
import { askOf } from './rules/table.ts'
import { deed, type Wanted } from './rules/wanted.ts'

/** Brings the notices of one case to what the rules want of it now; only what changes is told. */
export function settle(desk: Desk, wanted: Wanted, ended: string | null): void {
  const before = desk.draft.episodes.get(wanted.episode)
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
    if (wanted.to.lead !== false) episode = addressed(desk, wanted, episode)
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
  how: Pick<Copy, 'final'> & {
    readonly state: 'retracted' | 'closed'
    readonly because: string
  },
): readonly { readonly copy: Copy; readonly to: NoticeRecipient }[] {
  const episode = desk.draft.episodes.get(name)
  if (episode === undefined) return []
  const taken: { copy: Copy; to: NoticeRecipient }[] = []
  const copies: Record<string, Copy> = {}
  for (const [to, copy] of Object.entries(episode.copies)) {
    // What is over for them stays as it was, unless it was wrong.
    const stands = how.because === 'corrected' ? copy.state !== 'retracted' : isLive(copy.state)
    if (!stands) {
      copies[to] = copy
      continue
    }
    const next: Copy = { ...copy, ...how, version: copy.version + 1, print: '' }
    copies[to] = next
    taken.push({ copy: next, to: recipientOf(to, copy) })
    tell(desk, blank(desk, name, episode, to, next), episode.factIds)
  }
  if (taken.length > 0) keep(desk, name, { ...episode, copies })
  return taken
}

function open(desk: Desk, wanted: Wanted, ended: string | null): void {
  if (ended !== null) return
  const first: Episode = {
    ...outlineOf(wanted),
    ruleVersion: askOf(wanted.ask).version,
    copies: {},
  }
  let episode = first
  const to: [Copy['part'], readonly NoticeRecipient[]][] = [
    ['lead', wanted.to.lead === true ? leadsOf(desk) : []],
    ['role', rolesFor(desk, wanted)],
    ['team', teamFor(desk, wanted)],
    ['named', wanted.to.named === null ? [] : [wanted.to.named]],
  ]
  for (const [part, recipients] of to) episode = joined(desk, wanted, episode, recipients, part)
  if (wanted.to.lead === 'otherwise' && Object.keys(episode.copies).length === 0) {
    episode = joined(desk, wanted, episode, leadsOf(desk), 'lead')
  }
  const { person, known } = desk
  if (wanted.to.lead === true && person !== undefined && leadOf(person, known.now) === undefined) {
    desk.counts.push('no-lead')
  }
  if (Object.keys(episode.copies).length === 0) return giveUp(desk, wanted, episode)
  const copies: Record<string, Copy> = {}
  for (const [name, copy] of Object.entries(episode.copies)) {
    copies[name] = refreshed(desk, wanted, ended, name, copy, episode)
  }
  keep(desk, wanted.episode, { ...episode, copies })
}

/** Nobody could be told when it came: whoever may be told later is not told of this. */
function giveUp(desk: Desk, wanted: Wanted, episode: Episode): void {
  const { draft, refusals } = desk
  const { facts, timed } = wanted
  const [own, ...others] = facts
  const made = draft.corrections.get(wanted.episode)
  const reason = (own && refusals.get(own.id)) ?? 'recipient-not-granted'
  // What several facts make says nothing against any one of them.
  if (others.length > 0) keep(desk, wanted.episode, episode)
  else if (own !== undefined && !timed) end(desk, own.id, reason)
  if (made !== undefined) {
    draft.corrections.set(wanted.episode, { ...made, ended: reason })
  }
}

function end({ draft }: Desk, id: string, reason: string): void {
  const known = draft.facts.get(id)
  if (known !== undefined) draft.facts.set(id, { ...known, ended: reason })
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
  if (recipients.length === 0) return episode
  const copies = { ...episode.copies }
  for (const to of recipients) {
    const answer = permission(desk, to, wanted.sources, categoriesFor(wanted, to.role))
    const known = copies[to.practitionerId]
    if (!answer.ok) {
      if (part === 'lead' || part === 'named' || wanted.to.lead === false) {
        refuse(desk, wanted, answer.reason)
      }
      if (escalatedAt !== null) desk.counts.push(`escalation/suppressed/${answer.reason}`)
      continue
    }
    // Somebody who was told at an escalation and then took over: the copy they have becomes theirs.
    if (known !== undefined) {
      const again = known.final === 'handed-over'
      if (part === 'lead') {
        const { final: _, ...rest } = known
        copies[to.practitionerId] = { ...(again ? rest : known), part }
      }
      continue
    }
    copies[to.practitionerId] = {
      noticeId: noticeIdFor(desk, wanted.rule, wanted.episode, to.practitionerId),
      version: 0,
      state: 'open',
      part,
      organisation: to.organisation,
      ...(to.role !== leadRole && { role: to.role }),
      print: '',
      ...(escalatedAt !== null && { escalatedAt }),
      // What would have closed it, or said that it is seen to, may only be late.
      ...(escalatedAt !== null && desk.timer?.complete === false && { incomplete: true as const }),
    }
  }
  return { ...episode, copies }
}

function refuse(desk: Desk, wanted: Wanted, reason: string): void {
  for (const { id } of wanted.facts) {
    if (!desk.refusals.has(id)) desk.refusals.set(id, reason)
  }
}

/** The lead's copy follows the lead: what the old one had not settled, or is open again, becomes the new one's. */
function addressed(desk: Desk, wanted: Wanted, episode: Episode): Episode {
  const leads = leadsOf(desk)
  const isLead = (name: string): boolean =>
    leads.some(({ practitionerId }) => practitionerId === name)
  const copies = { ...episode.copies }
  let moved = episode.seeking === true
  for (const [name, copy] of Object.entries(copies)) {
    const isOver = !isLive(copy.state) && !opensAgain(desk, wanted, copy)
    if (copy.part !== 'lead' || isOver || isLead(name)) continue
    copies[name] = { ...copy, final: 'handed-over' }
    moved = true
  }
  if (!moved) return episode
  const next = joined(desk, wanted, { ...episode, copies }, leads, 'lead')
  const found = Object.entries(next.copies).some(
    ([name, copy]) => copy.part === 'lead' && copy.final === undefined && isLead(name),
  )
  const { seeking: _, ...rest } = next
  return found ? rest : { ...rest, seeking: true }
}

/** What closed it no longer holds; what this recipient had only to know, they know. */
const opensAgain = (desk: Desk, wanted: Wanted, copy: Copy): boolean =>
  copy.state === 'closed' &&
  copy.final === undefined &&
  !(closesWhenAcknowledged(wanted) && isAcknowledged(desk, copy))

/** Lead, then deputies, then the duty team: once each, and only while nobody has acknowledged. */
function escalated(desk: Desk, wanted: Wanted, episode: Episode): Episode {
  const { timer } = desk
  const at = escalationAt(desk, wanted, episode)
  if (timer?.name !== `escalate:${wanted.episode}` || at === null || timer.dueAt < at) {
    return episode
  }
  const deputies =
    episode.level !== undefined || desk.person === undefined
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
  const { dueAt } = wanted
  if (wanted.closed !== null || episode.level === 2 || dueAt === null) return null
  if (askOf(wanted.ask).escalates === false) return null
  // What is paused waits; what is about the death itself does not.
  if (desk.draft.dead && !wanted.aboutDeath) return null
  const copies = Object.values(episode.copies)
  if (copies.some((copy) => isAcknowledged(desk, copy))) return null
  const original = copies.some(
    (copy) =>
      copy.part !== 'deputy' &&
      copy.part !== 'duty' &&
      copy.final === undefined &&
      (copy.state === 'open' || copy.state === 'paused'),
  )
  if (!original) return null
  const span = dueAt - wanted.learnedAt
  const at = episode.level === undefined ? dueAt : dueAt + span
  // What fell due while a death was reported starts again when the report is taken back.
  const { restoredAt } = desk.draft
  return restoredAt !== null && wanted.learnedAt <= restoredAt && at <= restoredAt
    ? restoredAt + span
    : at
}

const isAcknowledged = ({ draft }: Desk, { noticeId }: Copy): boolean =>
  draft.acts.has(deed('acknowledged', noticeId))

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
  if (isOver && target.state === copy.state && target.final === copy.final) return copy
  const { because, final: _, ...rest } = copy
  const next: Copy = {
    ...rest,
    state: target.state,
    ...(target.because !== null && { because: target.because }),
    ...(target.final !== undefined && { final: target.final }),
  }
  if (isOver && target.state === copy.state) return { ...next, ...(because && { because }) }
  if (target.state === 'retracted') {
    const told = { ...next, version: copy.version + 1, print: '' }
    tell(desk, blank(desk, wanted.episode, episode, to, told), episode.factIds)
    return told
  }
  const print = printOf(wanted, next, target.tier)
  if (print === copy.print) return next
  const notice = noticeOf(desk, wanted, episode, recipient, next, target.tier)
  const told = { ...next, version: copy.version + 1, print }
  tell(desk, { ...notice, version: told.version }, episode.factIds)
  return told
}

interface Target {
  readonly state: Notice['state']
  readonly final: Copy['final'] | undefined
  readonly tier: Tier
  readonly because: string | null
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
    because,
  })
  if (copy.final === 'permission') return stay('retracted', copy.because ?? null)
  if (copy.final === 'handed-over') return stay('closed', 'handed-over')
  if (ended !== null && isLive(copy.state)) {
    return { ...stay('retracted', ended), final: 'permission' }
  }
  if (ended !== null) return stay(copy.state, copy.because ?? null)
  const answer = permission(desk, recipient, wanted.sources, categoriesFor(wanted, recipient.role))
  if (!answer.ok && isLive(copy.state)) {
    return { ...stay('retracted', answer.reason), final: 'permission' }
  }
  if (!answer.ok) return stay(copy.state, copy.because ?? null)
  const tier = wanted.sources.length === 0 ? 'detail' : answer.tier
  if (wanted.closed !== null) return stay('closed', closingFor(desk, wanted, recipient), tier)
  const acknowledged = isAcknowledged(desk, copy)
  if (acknowledged && closesWhenAcknowledged(wanted)) return stay('closed', 'acknowledged', tier)
  if (desk.draft.dead && !wanted.aboutDeath) return stay('paused', null, tier)
  return stay(acknowledged ? 'acknowledged' : 'open', null, tier)
}

function closesWhenAcknowledged({ rule, ask }: Wanted): boolean {
  const closes: readonly string[] = askOf(ask).closes
  return rule === 'correction' || closes.includes('acknowledged')
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
    ...timesFor(wanted, copy),
    sources: wanted.sources,
    categories: categoriesFor(wanted, recipient.role),
    corrects: wanted.corrects,
    closedBecause: copy.because ?? null,
    incomplete: wanted.incomplete || copy.incomplete === true,
    because: { eventIds: wanted.eventIds, timer: wanted.timer },
    push:
      copy.state === 'open' && desk.known.now - timesFor(wanted, copy).learnedAt <= pushedWithinMs,
  }
}

/** What is learned again from a first load or a replay is old by then, and disturbs nobody. */
const pushedWithinMs = 24 * 3_600_000

/** What was taken back says nothing any more: it may not, or it was wrong. */
function blank(desk: Desk, name: string, episode: Episode, to: string, copy: Copy): Notice {
  return {
    noticeId: copy.noticeId,
    version: copy.version,
    personId: desk.personId,
    thread: episode.thread ?? name,
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
    ...timesFor(episode, copy),
    sources: episode.sources,
    categories: categoriesFor(episode, copy.role ?? leadRole),
    corrects: null,
    closedBecause: copy.because ?? null,
    incomplete: false,
    because: { eventIds: episode.eventIds, timer: null },
    push: false,
  }
}

/** A copy that was escalated counts from its own instant, and has as long as the first had. */
const timesFor = (
  { learnedAt, dueAt }: Pick<Wanted, 'learnedAt' | 'dueAt'>,
  { escalatedAt }: Copy,
): Pick<Notice, 'learnedAt' | 'dueAt'> =>
  escalatedAt === undefined || dueAt === null
    ? { learnedAt, dueAt }
    : { learnedAt: escalatedAt, dueAt: escalatedAt + dueAt - learnedAt }

function tell(desk: Desk, notice: Notice, factIds: readonly string[] = []): void {
  desk.notices.push(notice)
  for (const id of factIds) desk.told.add(id)
}

function keep(desk: Desk, name: string, episode: Episode): void {
  desk.draft.episodes.set(name, episode)
}

/** Everything a version says that may change. */
const printOf = (wanted: Wanted, copy: Copy, tier: Tier): string =>
  fingerprint(
    [
      copy.state,
      copy.because ?? '',
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
  ...(wanted.thread !== wanted.episode && { thread: wanted.thread }),
  ...(wanted.facts.length > 0 && { factIds: wanted.facts.map(({ id }) => id) }),
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
  role: string,
): readonly Category[] =>
  (role === 'prescriber' || role === 'custody-healthcare') && !categories.includes('substance-use')
    ? [...categories, 'substance-use']
    : categories

const recipientOf = (
  practitionerId: string,
  { organisation, role = leadRole }: Copy,
): NoticeRecipient => ({ practitionerId, organisation, role })

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

/** The deputies and the whole team, or those of the team who are in one role. */
function teamFor({ person, known }: Desk, { to }: Wanted): readonly NoticeRecipient[] {
  if (person === undefined || to.team === false) return []
  const team = teamOf(person, known.now)
  const those =
    to.team === true
      ? [...deputiesOf(person, known.now), ...team]
      : team.filter(({ role }) => role === to.team)
  return those.map(personally)
}

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
