import { type Random, seededRandom } from '../simulation/random.ts'
import { startReleases } from './check-measures.ts'
import { checkStories } from './check-stories.ts'
import { type About, type Difference, inboxDifferences, ledgerDifferences } from './compare.ts'
import type { County } from './county-at-work.ts'
import type { HubProcess } from './hub-process.ts'
import type { Entry, Plan } from './plan.ts'
import { startTruth, type Truth } from './truth.ts'
import { startRecords } from './truth-record.ts'

export interface RunOptions {
  readonly seed: number
  /** How many times the hub is killed at moments of its own choosing. */
  readonly randomKills: number
  readonly progress: (done: number, of: number) => void
}

export interface RunResult {
  readonly differences: readonly Difference[]
  readonly truth: Truth
  readonly clockMoves: number
  /** How many of each were read and compared. */
  readonly compared: Readonly<Record<About, number>>
  /** How many of the figures that were read say nothing, for they are about too few. */
  readonly hidden: number
}

/**
 * Carries out the plan in time order: the clock moves, then everything of that instant is sent at once
 * (one person's things one after the other), then practitioners act. The truth hears the same, and every
 * inbox is compared with it at the checks, and after each withdrawal.
 */
export async function carryOutPlan(
  plan: Plan,
  hub: HubProcess,
  county: County,
  options: RunOptions,
): Promise<RunResult> {
  const truth = startTruth()
  const records = startRecords()
  const release = startReleases(records, county)
  const instants = instantsOf(plan)
  const kills = killsOf(seededRandom(options.seed, 'kills'), options.randomKills, instants)
  const differences: Difference[] = []
  let clockMoves = 0
  const releasedAt = [plan.checks[1], plan.end]
  let hidden = 0
  const compared = { notices: 0, 'story lines': 0, measures: 0 }
  const found = (at: number, about: About, whats: readonly string[]) =>
    differences.push(...whats.map((what) => ({ at, about, what })))

  const move = async (at: number) => {
    clockMoves++
    await county.moveTo(at)
  }
  async function check(at: number) {
    for (const practitioner of county.practitioners) {
      const seen = await practitioner.notices('all')
      compared.notices += seen.length
      const expected = truth.readableBy(practitioner.id)
      const { id } = practitioner
      found(at, 'notices', inboxDifferences(id, expected, seen, county.refOf))
    }
    const ledger = await county.ledger()
    found(at, 'notices', ledgerDifferences(ledger, truth.counts(), hub.starts() > 1))
    const stories = await checkStories(records, county, at)
    compared['story lines'] += stories.lines
    found(at, 'story lines', stories.differences)
    if (!releasedAt.includes(at)) return
    const released = await release(at)
    compared.measures += released.figures
    hidden += released.hidden
    found(at, 'measures', released.differences)
  }

  let done = 0
  for (const { at, entries } of instants) {
    truth.passTo(at)
    const strike = kills.get(at)
    if (strike !== undefined) strikeAfter(hub, strike)
    await move(at)
    const sent = entries.filter(({ kind }) => kind !== 'act')
    for (const entry of sent) {
      truth.apply(entry)
      records.apply(entry)
    }
    await Promise.all(byPerson(sent).map((own) => inOrder(own, county)))
    const acts = entries.filter(({ kind }) => kind === 'act')
    if (acts.length > 0) {
      if (sent.length > 0) await move(at)
      for (const entry of acts) truth.apply(entry)
      // Two acts on one inbox would see each other's half-done work: one thing at a time for everybody.
      for (const entry of acts) await county.carryOut(entry)
    }
    for (const entry of sent)
      if (entry.kind === 'withdrawal')
        differences.push(...(await stillReadable(entry, county, truth)))
    if (plan.checks.includes(at)) {
      if (entries.length > 0) await move(at)
      await check(at)
    }
    options.progress((done += 1), instants.length)
  }
  return { differences, truth, clockMoves, compared, hidden }
}

interface Instant {
  readonly at: number
  readonly entries: readonly Entry[]
}

/** Also the last moment before each grant begins or ends, so that no timer is asked on the wrong side of it. */
function instantsOf({ entries, checks, start, end }: Plan): readonly Instant[] {
  const byInstant = new Map<number, Entry[]>(checks.map((at) => [at, []]))
  for (const entry of entries) {
    byInstant.set(entry.at, [...(byInstant.get(entry.at) ?? []), entry])
    if (entry.kind !== 'consent') continue
    for (const { from, until } of entry.terms.grants)
      for (const boundary of [from, until])
        if (boundary - 1 > start && boundary < end && !byInstant.has(boundary - 1))
          byInstant.set(boundary - 1, [])
  }
  return [...byInstant].map(([at, own]) => ({ at, entries: own })).toSorted((a, b) => a.at - b.at)
}

/** After a withdrawal nobody who worked with the person reads anything that rests on an agency. */
async function stillReadable(
  { at, person }: Entry,
  county: County,
  truth: Truth,
): Promise<readonly Difference[]> {
  const personId = county.personIdOf(person)
  const readers = truth.workingWith(person)
  const found: Difference[] = []
  for (const practitioner of county.practitioners) {
    if (personId === undefined || !readers.includes(practitioner.id)) continue
    const left = (await practitioner.notices('all')).filter(
      (notice) => notice.personId === personId && notice.sources.length > 0,
    )
    const story = await practitioner.story(personId)
    if (left.length > 0 || story.length > 0)
      found.push({
        at,
        about: 'notices',
        what: `${practitioner.id}: after the withdrawal of ${person}: ${left.length} notices and ${story.length} lines of the story`,
      })
  }
  return found
}

function byPerson(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const people = new Map<string, Entry[]>()
  for (const entry of entries)
    people.set(entry.person, [...(people.get(entry.person) ?? []), entry])
  return [...people.values()]
}

async function inOrder(entries: readonly Entry[], county: County) {
  for (const entry of entries) await county.carryOut(entry)
}

/** At some instants with something to lose, a few milliseconds into the work. */
function killsOf(random: Random, count: number, instants: readonly Instant[]): Map<number, number> {
  const busy = instants.filter(({ entries }) => entries.length > 0)
  const kills = new Map<number, number>()
  while (kills.size < Math.min(count, busy.length))
    kills.set(random.pick(busy).at, random.below(30))
  return kills
}

function strikeAfter(hub: HubProcess, ms: number) {
  setTimeout(() => void hub.kill(), ms)
}
