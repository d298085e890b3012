import type { About, Difference } from './compare.ts'
import type { Truth } from './truth.ts'

export interface Facts {
  readonly people: number
  readonly days: number
  readonly seed: number
  /** By `agency outcome`. */
  readonly answers: ReadonlyMap<string, number>
  readonly askedAgain: number
  readonly truth: Truth
  readonly differences: readonly Difference[]
  readonly clockMoves: number
  readonly compared: Readonly<Record<About, number>>
  readonly hidden: number
  readonly restarts: number
  readonly tookMs: number
}

const differencesShownMax = 10

/** What happened, in one screen. */
export function summaryOf(facts: Facts): string {
  const notices = facts.truth.notices()
  const suppressed = [...facts.truth.counts()].filter(([what]) => what.startsWith('suppressed/'))
  const abouts = Object.keys(facts.compared) as About[]
  const of = (about: About) => facts.differences.filter((one) => one.about === about)
  const seconds = (facts.tookMs / 1000).toFixed(1)
  return [
    `${facts.people} people, ${facts.days} days, seed ${facts.seed}: ${seconds} s, ${facts.clockMoves} moves of the clock${facts.restarts === 0 ? '' : `, ${facts.restarts} restarts, asked again ${facts.askedAgain} times`}`,
    table('events by agency and outcome', [...facts.answers]),
    table(
      'notices by rule',
      countBy(notices, ({ rule }) => rule),
    ),
    table(
      'notices by state',
      countBy(notices, ({ state }) => state),
    ),
    table(
      'suppressed by reason',
      suppressed.map(([what, count]) => [what.slice('suppressed/'.length), count]),
    ),
    table('compared', [
      ...Object.entries(facts.compared),
      ['measures, of them hidden', facts.hidden],
    ]),
    table('differences from the truth', [
      ...abouts.map((about) => [about, of(about).length] as const),
      ['in all', facts.differences.length],
    ]),
    ...abouts.flatMap((about) =>
      of(about)
        .slice(0, differencesShownMax)
        .map(({ at, what }) => `  ${new Date(at).toISOString()} ${what}`),
    ),
  ].join('\n')
}

function table(title: string, rows: readonly (readonly [string, number])[]): string {
  const width = Math.max(30, ...rows.map(([name]) => name.length))
  return [
    `\n${title}`,
    ...rows
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `  ${name.padEnd(width)} ${String(count).padStart(7)}`),
  ].join('\n')
}

function countBy<T>(items: readonly T[], of: (item: T) => string): [string, number][] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(of(item), (counts.get(of(item)) ?? 0) + 1)
  return [...counts]
}

/** A bar on a terminal; nothing anywhere else. `columns` is the terminal's width. */
export function progressBar(write: (text: string) => void, isTerminal: boolean) {
  let shown = -1
  return (done: number, of: number) => {
    const percent = Math.floor((100 * done) / of)
    if (!isTerminal || percent === shown) return
    shown = percent
    const filled = Math.floor(percent / 2.5)
    const bar = `${'█'.repeat(filled)}${'░'.repeat(40 - filled)}`
    write(`\r${bar} ${String(percent).padStart(3)} %${done === of ? '\n' : ''}`)
  }
}
