import type { HearingReport } from '../agencies/court.ts'
import type { AdtReport } from '../agencies/hospital.ts'
import type { HousingReport } from '../agencies/housing.ts'
import type { CustodyRecord } from '../agencies/police.ts'
import type { MovementReport } from '../agencies/prison.ts'
import type { ProbationReport } from '../agencies/probation.ts'
import type { ContactReport } from '../agencies/treatment.ts'
import type { Happening, Read } from './happening.ts'
import type { AgencyFile } from './plan.ts'
import { custodyReading } from './reading-custody.ts'

export type { Facts, FactsOf, Happening, Read } from './happening.ts'

/** Reads reports in the order they are accepted; null for one that was accepted before. */
export interface Reading {
  movement(report: MovementReport, receivedAt: number): Happening | null
  police(record: CustodyRecord, receivedAt: number): Happening
  probation(report: ProbationReport, receivedAt: number): Read | null
  court(report: HearingReport, receivedAt: number): Read | null
  hospital(report: AdtReport, receivedAt: number): Read | null
  housing(report: HousingReport, receivedAt: number): Read | null
  treatment(report: ContactReport, receivedAt: number): Read | null
  /** Row by row. `timesClaimed`: how often somebody has newly claimed this number. */
  file(
    file: AgencyFile,
    receivedAt: number,
    timesClaimed: (number: string) => number,
  ): readonly Read[]
}

export function reading(): Reading {
  const unread = (): Read => ({ outcome: 'published', happenings: [] })
  return {
    ...custodyReading(),
    probation: unread,
    court: unread,
    hospital: unread,
    housing: unread,
    treatment: unread,
    file: () => [],
  }
}
