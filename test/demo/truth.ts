import type { Entry } from './plan.ts'
import { openDesk } from './truth-desk.ts'
import { type Read, reading } from './truth-events.ts'
import type { TrueNotice } from './truth-notices.ts'
import { actOn, type ReadableNotice, readableBy } from './truth-practice.ts'
import { consent, counted, handOver, receive, withdraw } from './truth-register.ts'

/**
 * What must be true, worked out from what was sent, by rules written a second time. It takes
 * entries in time order and is asked, at any instant, which notices there are and who may see them.
 */
export interface Truth {
  /** Everything due before `at` happens; then the clock stands at `at`. */
  passTo(at: number): void
  apply(entry: Entry): void
  notices(): readonly TrueNotice[]
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
  // What the other agencies say is counted, and not yet told to anybody.
  const count = (read: Read | null) =>
    read === null ? undefined : counted(desk, read.outcome, read.happenings)
  return {
    passTo: (at) => desk.passTo(at),
    apply(entry) {
      desk.passTo(entry.at)
      const person = desk.people.get(entry.person)
      switch (entry.kind) {
        case 'movement':
          return receive(desk, reports.movement(entry.report, desk.now))
        case 'police':
          return receive(desk, reports.police(entry.record, desk.now))
        case 'probation':
          count(reports.probation(entry.report, desk.now))
          return
        case 'court':
          count(reports.court(entry.report, desk.now))
          return
        case 'hospital':
          count(reports.hospital(entry.report, desk.now))
          return
        case 'housing':
          count(reports.housing(entry.report, desk.now))
          return
        case 'treatment':
          count(reports.treatment(entry.report, desk.now))
          return
        case 'file':
          for (const row of reports.file(
            entry.file,
            desk.now,
            (number) => desk.timesClaimed.get(number) ?? 0,
          ))
            count(row)
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
        [...person.episodes.values()].flatMap(({ copies }) => copies),
      ),
    readableBy: (practitioner) => readableBy(desk, practitioner),
    workingWith(ref) {
      const person = desk.people.get(ref)
      return person === undefined ? [] : [person.lead, ...person.deputies, ...person.team]
    },
    counts: () => desk.counts,
  }
}
