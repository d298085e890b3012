import type { CanonicalEvent, EventType } from '@throughline/domain'

/**
 * What a patient, or the national record, asks of everybody: `dissent` (ZU8-2), `location` hidden (ZU8-4) and
 * `sensitive` (PV1-16). Each holds from when it is said until it is taken back.
 */
export type MaskName = 'dissent' | 'location' | 'sensitive'

export interface MaskChange {
  readonly mask: MaskName
  readonly on: boolean
}

/** The masks that are on, from changes in the order they were said. */
export function masksOn(changes: readonly MaskChange[]): ReadonlySet<MaskName> {
  const on = new Set<MaskName>()
  for (const change of changes) {
    if (change.on) on.add(change.mask)
    else on.delete(change.mask)
  }
  return on
}

/**
 * An event as it may leave this edge. Hidden location and sensitivity take out where somebody lives, came from
 * and went to; express dissent takes out every clinical fact too and restricts what is left. That somebody has died, that two
 * numbers are one and that something is taken back stay: those stop messages and correct what was told.
 */
export function masked(event: CanonicalEvent, on: ReadonlySet<string>): CanonicalEvent {
  const dissent = on.has('dissent')
  if (!dissent && !on.has('location') && !on.has('sensitive')) return event
  const placed = without(withoutPlaces, event)
  return dissent ? without(withoutFacts, placed) : placed
}

type Without = {
  readonly [T in EventType]?: (event: Extract<CanonicalEvent, { type: T }>) => CanonicalEvent
}

const withoutPlaces: Without = {
  Admitted: (event) => ({ ...event, from: null }),
  Discharged: (event) => ({ ...event, destination: null, nowhereToLive: null }),
  EmergencyAttendanceEnded: (event) => ({ ...event, disposal: null }),
}

const withoutFacts: Without = {
  Admitted: (event) =>
    restricted({ ...event, method: null, attendanceRef: null, classifications: [] }),
  EmergencyAttendanceStarted: (event) =>
    restricted({ ...event, arrivalMode: null, classifications: [] }),
  Discharged: (event) => restricted({ ...event, classifications: [] }),
  EmergencyAttendanceEnded: (event) => restricted({ ...event, classifications: [] }),
  EncounterReclassified: (event) => restricted({ ...event, classifications: [], removed: [] }),
  AlcoholScoreRecorded: (event) => restricted(event),
  ReferralMade: (event) => restricted(event),
}

/** What the table says of this type of event; any other stays as it is. */
const without = (table: Without, event: CanonicalEvent): CanonicalEvent =>
  (table[event.type] as ((event: CanonicalEvent) => CanonicalEvent) | undefined)?.(event) ?? event

const restricted = <E extends CanonicalEvent>(event: E): E => ({
  ...event,
  handling: { ...event.handling, restricted: true },
})
