import {
  agreesToOutcomes,
  countedFacts,
  type Figure,
  figuresOf,
  frameOf,
  type Ids,
  type Known,
  leftSince,
  type MeasureCode,
  measures,
  type OutcomeFact,
  type OutcomeFacts,
  type ReleaseQuestion,
  shownCount,
} from '@throughline/domain'
import { codecFor, topicOf } from '@throughline/schemas'
import {
  type KeyRef,
  type OpenedKey,
  type OutgoingRecord,
  openViewBody,
  type ViewRow,
} from '@throughline/stream'

/** What one release says: everything an analyst needs to read it, and nothing about anybody. */
export interface Release extends ReleaseQuestion {
  readonly feed: string
  /** 1, 2, … within the feed. */
  readonly release: number
  readonly releasedAt: string
  /** First and last day of the window. */
  readonly from: string
  readonly to: string
  readonly position: {
    /** Whatever the hub had received before this instant is in it. */
    readonly receivedBefore: string
    /** Of the facts that were counted: two releases that agree in it and in what was asked agree in every figure. */
    readonly facts: string
  }
  readonly definitions: readonly { readonly measure: MeasureCode; readonly version: number }[]
  /** To the nearest 5; null: fewer than 8. */
  readonly peopleAgreed: number | null
  readonly leftSince: number | null
  /** What share of all the people a source knows agreed. Null: no source says how many it knows. */
  readonly coveragePerThousand: number | null
  readonly figures: readonly Figure[]
}

/** What the next release of the feed has to know of this one. Never leaves the database. */
export interface Ledger {
  readonly release: number
  readonly members: readonly string[]
}

/** All that a release is made of, read before anything is written. */
export interface Material {
  readonly feed: string
  readonly question: ReleaseQuestion
  readonly rows: readonly ViewRow[]
  readonly keys: ReadonlyMap<KeyRef, OpenedKey | 'erased'>
  readonly known: Pick<Known, 'now' | 'agreements' | 'person'>
  readonly receivedBefore: number
  readonly before: Ledger | undefined
}

/** Works a release out. The same material gives the same release. */
export function releaseOf(
  { feed, question, rows, keys, known, receivedBefore, before }: Material,
  ids: Ids,
): { readonly release: Release; readonly ledger: Ledger } {
  const members: string[] = []
  const counted: string[] = []

  function* people(): Generator<readonly OutcomeFact[]> {
    for (const row of rows.toSorted((a, b) => (a.personId < b.personId ? -1 : 1))) {
      const person = known.person(row.personId)
      const key = keys.get(`person:${row.personId}`)
      if (person === undefined || key === undefined || key === 'erased') continue
      if (!agreesToOutcomes(person, known.now)) continue
      members.push(row.personId)
      const { facts } = openViewBody(row, key) as OutcomeFacts
      const theirs = countedFacts(facts, person, known.agreements, known.now)
      for (const { id, version } of theirs) counted.push(`${id} ${version}`)
      yield theirs
    }
  }

  const figures = figuresOf(people(), question)
  const { from, to } = frameOf(question.quarter, question.asOf)
  const number = (before?.release ?? 0) + 1
  const release: Release = {
    feed,
    release: number,
    releasedAt: new Date(known.now).toISOString(),
    ...question,
    from,
    to,
    position: {
      receivedBefore: new Date(receivedBefore).toISOString(),
      facts: ids.hmac('outcome-release', ...counted),
    },
    definitions: measures.map(({ code, version }) => ({ measure: code, version })),
    peopleAgreed: shownCount(members.length),
    leftSince: leftSince(before?.members ?? [], new Set(members)),
    coveragePerThousand: null,
    figures,
  }
  return { release, ledger: { release: number, members } }
}

export const measuresTopic = (feed: string): string => topicOf(`outcomes.measures.${feed}.v1`).name

/** The release as records of the feed's topic, one for each figure. */
export function recordsOf(release: Release, ids: Ids): readonly OutgoingRecord[] {
  const topic = measuresTopic(release.feed)
  const codec = codecFor('MeasureFigure')
  return figureRows(release).map((row) => {
    const { measure, quarter, area, breakdown, group } = row
    const name = [measure, quarter, area, breakdown, group]
    return {
      topic,
      key: ids.hmac('figure', ...name),
      id: ids.hash('figure', release.feed, String(release.release), ...name),
      value: codec.encode(row),
    }
  })
}

/** A figure with everything that must stand beside it, in the order of the schema's fields. */
export type FigureRow = ReturnType<typeof figureRows>[number]

export const figureRows = (release: Release) =>
  release.figures.map((figure) => ({
    feed: release.feed,
    release: release.release,
    measure: figure.measure,
    measureVersion: figure.measureVersion,
    quarter: release.quarter,
    area: figure.area,
    geographyBasis: figure.geographyBasis,
    breakdown: figure.breakdown,
    group: figure.group,
    status: figure.status,
    numerator: figure.numerator,
    denominator: figure.denominator,
    perThousand: figure.perThousand,
    coveragePerThousand: release.coveragePerThousand,
    leftSince: release.leftSince,
    completeTo: release.completeTo,
  }))
