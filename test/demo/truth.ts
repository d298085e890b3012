import { type Happening, published, type Read } from './happening.ts'
import type { Entry } from './plan.ts'
import { openDesk } from './truth-desk.ts'
import { reading } from './truth-events.ts'
import { type State, stateOf, type TrueNotice } from './truth-notices.ts'
import { actOn, type ReadableNotice, readableBy } from './truth-practice.ts'
import { consent, handOver, receive, withdraw } from './truth-register.ts'

/**
 * What must be true, worked out from what was sent, by rules written a second time. It takes
 * entries in time order and is asked, at any instant, which notices there are and who may see them.
 */
export interface Truth {
  /** Everything due before `at` happens; then the clock stands at `at`. */
  passTo(at: number): void
  apply(entry: Entry): void
  notices(): readonly (TrueNotice & { readonly state: State })[]
  /** What this practitioner may read now, of everything that was ever for them. */
  readableBy(practitioner: string): readonly ReadableNotice[]
  /** Everybody who works with this person by name, by `ref`. */
  workingWith(person: string): readonly string[]
  /**
   * What became of each report (`published`, `dropped-unclaimed`), and of each event for each person it
   * is about: `noticed`, `no-rule`, `repeat`, `suppressed/…`. What a timer may not tell is not counted twice.
   */
  counts(): ReadonlyMap<string, number>
}

export function startTruth(): Truth {
  const reports = reading()
  const desk = openDesk()
  const tell = (read: Read | null) => (read === null ? undefined : receive(desk, read))
  const tellOne = (happening: Happening | null) => tell(happening && published(happening))
  return {
    passTo: (at) => desk.passTo(at),
    apply(entry) {
      desk.passTo(entry.at)
      const person = desk.people.get(entry.person)
      switch (entry.kind) {
        case 'movement':
          return tellOne(reports.movement(entry.report, desk.now))
        case 'police':
          return tellOne(reports.police(entry.record, desk.now))
        case 'probation':
          return tell(reports.probation(entry.report, desk.now))
        case 'court':
          return tell(reports.court(entry.report, desk.now))
        case 'hospital':
          return tell(reports.hospital(entry.report, desk.now))
        case 'housing':
          return tell(reports.housing(entry.report, desk.now))
        case 'treatment':
          return tell(reports.treatment(entry.report, desk.now))
        case 'file':
          for (const row of reports.file(
            entry.file,
            desk.now,
            (number) => desk.timesClaimed.get(number) ?? 0,
          ))
            tell(row)
          return
        case 'consent':
          return consent(desk, entry.person, entry.terms)
        case 'withdrawal':
          return person === undefined ? undefined : withdraw(desk, person)
        case 'act':
          return person === undefined ? undefined : actOn(desk, person, entry.by, entry.act)
        case 'assignment':
          return person === undefined ? undefined : handOver(desk, person, entry.practitionerId)
        case 'noise':
          return undefined
      }
    },
    notices: () =>
      [...desk.people.values()].flatMap((person) =>
        [...person.episodes.values()].flatMap(({ copies }) =>
          copies.map((copy) => ({ ...copy, state: stateOf(person, copy) })),
        ),
      ),
    readableBy: (practitioner) => readableBy(desk, practitioner),
    workingWith(ref) {
      const person = desk.people.get(ref)
      return person === undefined ? [] : [person.lead, ...person.deputies, ...person.team]
    },
    counts: () => desk.counts,
  }
}
