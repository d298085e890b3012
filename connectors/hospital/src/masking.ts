import type { CanonicalEvent } from '@throughline/domain'

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
  const placed = withoutPlaces(event)
  return dissent ? withoutFacts(placed) : placed
}

function withoutPlaces(event: CanonicalEvent): CanonicalEvent {
  switch (event.type) {
    case 'Admitted':
      return { ...event, from: null }
    case 'Discharged':
      return { ...event, destination: null, nowhereToLive: null }
    case 'EmergencyAttendanceEnded':
      return { ...event, disposal: null }
    default:
      return event
  }
}

function withoutFacts(event: CanonicalEvent): CanonicalEvent {
  switch (event.type) {
    case 'Admitted':
      return restricted({ ...event, method: null, attendanceRef: null, classifications: [] })
    case 'EmergencyAttendanceStarted':
      return restricted({ ...event, arrivalMode: null, classifications: [] })
    case 'Discharged':
    case 'EmergencyAttendanceEnded':
      return restricted({ ...event, classifications: [] })
    case 'EncounterReclassified':
      return restricted({ ...event, classifications: [], removed: [] })
    case 'AlcoholScoreRecorded':
    case 'ReferralMade':
      return restricted(event)
    default:
      return event
  }
}

const restricted = <E extends CanonicalEvent>(event: E): E => ({
  ...event,
  handling: { ...event.handling, restricted: true },
})
