import type { History, NoticeRecord } from '../simulation/history.ts'
import type { Lived } from './live.ts'

/** What differs between one scenario's life on two grounds, line by line; nothing where they agree. */
export function differences(one: Lived, other: Lived): readonly string[] {
  const sections = [
    ['said', one.said, other.said],
    ['notices', notices(one.history), notices(other.history)],
    ['stories', stories(one.history), stories(other.history)],
    [
      'counted',
      one.history.outcomes.map(({ text }) => text),
      other.history.outcomes.map(({ text }) => text),
    ],
    ['ledger', ledger(one.history), ledger(other.history)],
    ['audit', audit(one.history), audit(other.history)],
    ['set aside', one.history.parked, other.history.parked],
    ['counters', counters(one), counters(other)],
  ] as const
  const places = new Set([...one.kept.keys(), ...other.kept.keys()])
  return [
    ...sections.flatMap(([name, left, right]) => apart(name, left, right)),
    ...[...places].flatMap((place) =>
      inOrder(place, one.kept.get(place) ?? [], other.kept.get(place) ?? []),
    ),
  ]
}

/** As two heaps: which line lies in one of them more often than in the other. */
function apart(name: string, left: readonly string[], right: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of left) counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const line of right) counts.set(line, (counts.get(line) ?? 0) - 1)
  return [...counts].flatMap(([line, count]) =>
    count === 0 ? [] : [`${name}: ${count > 0 ? 'only here' : 'only there'} ${line}`],
  )
}

/** The first place at which two orders part. */
function inOrder(
  place: string,
  left: readonly string[],
  right: readonly string[],
): readonly string[] {
  const at = left.findIndex((line, i) => line !== right[i])
  if (at === -1 && left.length === right.length) return []
  const i = at === -1 ? left.length : at
  return [`${place} #${i}: here ${left[i] ?? 'nothing'}, there ${right[i] ?? 'nothing'}`]
}

function notices({ notices: all }: History): readonly string[] {
  const last = new Map<string, NoticeRecord>()
  for (const notice of all) {
    if ((last.get(notice.noticeId)?.version ?? 0) < notice.version)
      last.set(notice.noticeId, notice)
  }
  return [...last.values()].map(
    ({ noticeId, version, recipient, rule, state }) =>
      `${rule} ${noticeId} ${version} to ${recipient}: ${state}`,
  )
}

const stories = ({ stories: all }: History): readonly string[] =>
  [...new Map(all.map((one) => [one.personId, one])).values()].flatMap(({ personId, lines }) =>
    lines.map(({ id }) => `${personId} ${id}`),
  )

const ledger = ({ ledger: rows }: History): readonly string[] => {
  const sums = new Map<string, number>()
  for (const { agency, outcome, count } of rows) {
    const name = `${agency} ${outcome}`
    sums.set(name, (sums.get(name) ?? 0) + count)
  }
  return [...sums].map(([name, count]) => `${name} ${count}`)
}

/** Repeats are counted too: only where nothing went wrong is there one of each. */
const counters = ({ history, struck }: Lived): readonly string[] =>
  [...struck.values()].some((times) => times > 0)
    ? []
    : [...history.counters].map(([name, count]) => `${name} ${count}`)

const audit = ({ attempts }: History): readonly string[] =>
  attempts.map(
    ({ kind, personId, recipient, outcome, at, sources }) =>
      `${kind} of ${personId} to ${recipient} at ${at}, of ${sources.join(' ')}: ${outcome}`,
  )
