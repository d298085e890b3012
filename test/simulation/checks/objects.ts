import type { History } from '../history.ts'
import {
  currentConsent,
  dayMs,
  finalNotices,
  forwardedOf,
  latest,
  live,
  type Say,
  soleOwner,
  steady,
  takenBackBy,
} from './lookups.ts'

/** What sources tell whole again, take back, mask, and what is counted of it. */
export function corrected(history: History, say: Say): void {
  toldWhole(history, say)
  withdrawnIsGone(history, say)
  restrictedReachesNobody(history, say)
  maskedStaysMasked(history, say)
  countedAsAgreed(history, say)
}

/** R1, R2: of an object told whole each time stands what was told last, and nothing else, once. */
function toldWhole({ posts, inbound }: History, say: Say): void {
  const withdrawals = inbound.filter(({ withdraws }) => withdraws !== null)
  const last = new Map<string, { facts: readonly string[]; from: number; at: number }>()
  for (const { states, sentAt, answers } of posts.filter(({ line }) => line !== null)) {
    for (const { object, facts } of states) {
      const from = last.get(object)?.from ?? sentAt
      last.set(object, { facts, from, at: Math.max(...answers.map(({ at }) => at)) })
    }
  }
  for (const [object, { facts, from, at }] of last) {
    // Of what nobody claims no telling is remembered longer; a file's are, for its rows' sake.
    if (at - from >= 7 * dayMs && object.startsWith('probation')) continue
    const standing = latest(
      inbound.filter((one) => one.object === object && one.withdraws === null),
    )
      .filter((one) => takenBackBy(withdrawals, one) === undefined)
      .map(({ fact }) => fact)
    if (String(standing.toSorted()) !== String([...facts].toSorted()))
      say(
        'R1',
        `of ${object} stands ${standing.join(', ') || 'nothing'} where ${facts.join(', ') || 'nothing'} was told last`,
      )
  }
}

/** C2, R1: what was taken back stands in no notice, story or figure of anybody who heard of it. */
function withdrawnIsGone(history: History, say: Say): void {
  const { inbound, forwarded } = history
  const origins = new Map(inbound.map((one) => [`${one.eventId} ${one.version}`, one]))
  const withdrawals = inbound.filter(({ withdraws }) => withdraws !== null)
  const standing = standingIn(history)
  for (const [personId, records] of Map.groupBy(forwarded, (one) => one.personId)) {
    const heard = records.filter(({ withdraws }) => withdraws !== null)
    for (const event of latest(records.filter(({ withdraws }) => withdraws === null))) {
      const back = takenBackBy(withdrawals, event)
      if (back === undefined) continue
      const reached = takenBackBy(heard, event) !== undefined
      const named = origins.get(`${back.eventId} ${back.version}`)?.identifiers ?? []
      if (!reached && named.length === 0 && event.receivedAt - back.receivedAt < 7 * dayMs)
        say('R1', `what takes a ${event.type} back by its object never reached whoever had it`)
      const where = standing.get(`${personId} ${event.eventId}`)
      if (reached && where !== undefined)
        say('C2', `a ${event.type} that was taken back still stands in a ${where}`)
    }
  }
}

/** Where each event of each person stands in the end. */
function standingIn({ notices, stories, outcomes }: History): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { personId, because, state, rule } of finalNotices(notices).values()) {
    if (!live.has(state) || rule === 'correction') continue
    for (const eventId of because) found.set(`${personId} ${eventId}`, `${rule} notice`)
  }
  for (const { personId, facts } of outcomes)
    for (const { eventId } of facts) found.set(`${personId} ${eventId}`, 'figure')
  for (const { personId, lines } of new Map(stories.map((one) => [one.personId, one])).values())
    for (const { eventId } of lines) found.set(`${personId} ${eventId}`, 'story')
  return found
}

/** C5: what a source restricts to whom it names reaches nobody, for it names nobody yet. */
function restrictedReachesNobody(history: History, say: Say): void {
  const standing = standingIn(history)
  for (const [personId, records] of Map.groupBy(history.forwarded, (one) => one.personId)) {
    for (const { eventId, type, restricted } of latest(records)) {
      const where = standing.get(`${personId} ${eventId}`)
      if (restricted && where !== undefined) say('C5', `a restricted ${type} stands in a ${where}`)
    }
  }
}

/** C5: once somebody who agreed has asked a trust to keep it to itself, nothing clinical leaves it. */
function maskedStaysMasked(history: History, say: Say): void {
  const asked = history.posts.filter(({ dissent }) => dissent !== null)
  for (const post of history.posts.filter(({ agency }) => agency === 'hospital')) {
    const names = new Set(post.identifiers)
    const mine = asked.filter(({ identifiers }) => identifiers.some((id) => names.has(id)))
    const after = (at: number) =>
      mine.some(({ dissent }) => dissent?.on === false && dissent.at >= at)
    const masks = mine.find((one) => {
      if (one.dissent?.on !== true || after(one.dissent.at)) return false
      if (one === post) return true
      const [answer] = one.answers
      return answer !== undefined && answer.at < post.sentAt && knownThroughout(history, one, post)
    })
    if (masks === undefined) continue
    const ids = new Set(post.answers.flatMap(({ eventIds }) => eventIds))
    for (const { eventId, type, clinical, restricted } of history.forwarded) {
      if (ids.has(eventId) && (clinical > 0 || (masked.has(type) && !restricted)))
        say('C5', `a ${type} told what was asked to be kept`)
    }
  }
}

const masked = new Set(
  ['Admitted', 'Discharged', 'EmergencyAttendanceStarted', 'EmergencyAttendanceEnded'].concat(
    'EncounterReclassified',
    'AlcoholScoreRecorded',
    'ReferralMade',
  ),
)

type Named = Pick<History['posts'][number], 'identifiers' | 'sentAt' | 'answers'>

/** One of the numbers that both name was claimed from before the one until after the other. */
const knownThroughout = (history: History, one: Named, other: Named): boolean =>
  history.consents.some(
    (row) =>
      row.state === 'given' &&
      row.acceptedAt < one.sentAt &&
      (row.endedAt === null ||
        row.endedAt > Math.max(other.sentAt, ...other.answers.map(({ at }) => at))) &&
      one.identifiers.some((id) => other.identifiers.includes(id) && row.identifiers.includes(id)),
  )

const analyst = { purpose: 'outcomes', organisation: 'testshire-analysts', role: 'analyst' }
const journeys =
  /^(TreatmentStarted|TreatmentEnded|TreatmentRequirementMade|ReceivedIntoPrison|ReleasedFromPrison)$/

/** C1, C8, P5: what is counted is what somebody agrees to have counted, all of it, and names nobody. */
function countedAsAgreed(history: History, say: Say): void {
  const { outcomes, inbound, direct, categoriesOf } = history
  const counted = new Set<string>()
  for (const { personId, text, facts } of outcomes) {
    if (direct.some((name) => text.includes(name))) say('C8', 'what is counted names somebody')
    const grants = currentConsent(history, personId)?.grants.filter(
      ({ purpose }) => purpose === 'outcomes',
    )
    for (const { eventId, version, type, agency } of facts) {
      counted.add(`${personId} ${eventId}`)
      const isGranted = (category: string) =>
        grants?.some((one) => one.sources.includes(agency) && one.categories.includes(category))
      if (!(categoriesOf.get(type) ?? []).every(isGranted))
        say('C8', `a ${type} is counted of somebody who does not agree to it`)
      const known = forwardedOf(history, `${personId} ${eventId}`)
      if (!known.some((one) => one.version === version))
        say('R5', `a ${type} is counted that nobody forwarded`)
    }
  }
  const withdrawals = inbound.filter(({ withdraws }) => withdraws !== null)
  for (const record of latest(inbound)) {
    const personId = soleOwner(history, record)
    if (personId === null || !journeys.test(record.type)) continue
    const own = forwardedOf(history, `${personId} ${record.eventId}`)
    if (own.length === 0 || takenBackBy(withdrawals, record) !== undefined) continue
    if (steady(history, personId, record, analyst) && !counted.has(`${personId} ${record.eventId}`))
      say('R1', `a ${record.type} was not counted of somebody who agrees to it`)
  }
}
