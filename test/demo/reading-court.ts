import type { HearingReport } from '../agencies/court.ts'
import { type Happening, happeningOf, notTold, numberText, type Read } from './happening.ts'

interface Told {
  text: string
  number: number
  standing: readonly string[]
}

type Resulted = Extract<HearingReport, { what: 'resulted' }>

/** What hearings say: each message is the whole hearing again, so what is no longer there is taken back. */
export function courtReading() {
  const hearings = new Map<string, Told>()
  return (report: HearingReport, receivedAt: number): Read | null => {
    const { hearingId } = report
    const last = hearings.get(hearingId)
    const ends = report.what === 'deleted'
    const text = ends ? 'deleted' : contentOf(report)
    if (last?.text === text) return null
    const made = ends ? [] : kindsIn(report)
    if (last === undefined && made.length === 0 && !ends) return notTold('ignored/not-needed')
    const number = (last?.number ?? 0) + (ends ? 0 : 1)
    const events = ends ? [] : made.map((kind) => requirementMade(report, kind, number, receivedAt))
    const standing = events.map(({ key }) => key)
    const gone = (last?.standing ?? []).filter((key) => !standing.includes(key))
    hearings.set(hearingId, { text, number, standing })
    const back = ends || gone.length > 0
    const happenings = back
      ? [...events, hearingWithdrawn(hearingId, Math.max(last?.number ?? 0, 1), receivedAt)]
      : events
    return { outcome: 'published', happenings }
  }
}

const contentOf = ({ sittingAt, court, pnc, ordered }: Resulted): string =>
  JSON.stringify([sittingAt, court, pnc, ordered])

/** A court repeats a requirement with every offence; the person has it once. */
const kindsIn = ({ ordered }: Resulted) => [
  ...new Set(ordered.map(({ requirement }) => requirement)),
]

function requirementMade(
  { hearingId, sittingAt, court, pnc, ordered }: Resulted,
  requirement: Resulted['ordered'][number]['requirement'],
  version: number,
  receivedAt: number,
): Happening {
  const lengths = ordered
    .filter((one) => one.requirement === requirement)
    .map(({ months }) => months)
  return happeningOf({
    key: `ordered ${hearingId} ${requirement}`,
    version,
    agency: 'probation',
    occurredAt: sittingAt,
    precision: 'INSTANT',
    receivedAt,
    identifiers: [numberText('PNC', pnc)],
    object: ['common-platform', hearingId],
    facts: {
      type: 'TreatmentRequirementMade',
      requirement,
      requirementRef: `${hearingId}:${requirement}`,
      lengthMonths: Math.max(...lengths),
      court,
    },
  })
}

/** It carries no time and names nobody. */
const hearingWithdrawn = (hearingId: string, version: number, receivedAt: number): Happening =>
  happeningOf({
    key: `hearing-withdrawn ${hearingId}`,
    version,
    agency: 'probation',
    occurredAt: receivedAt,
    precision: 'UNKNOWN',
    receivedAt,
    identifiers: [],
    object: ['common-platform', hearingId],
    facts: { type: 'EventWithdrawn', withdrawnEventId: null, reason: 'hearing' },
  })
