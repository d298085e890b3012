import type { HearingReport } from '../agencies/court.ts'
import type { AdtReport } from '../agencies/hospital.ts'
import type { HousingReport } from '../agencies/housing.ts'
import type { CustodyRecord } from '../agencies/police.ts'
import type { MovementReport } from '../agencies/prison.ts'
import type { ProbationReport } from '../agencies/probation.ts'
import type { ContactReport } from '../agencies/treatment.ts'
import type { Happening, Read } from './happening.ts'
import type { AgencyFile } from './plan.ts'
import { courtReading } from './reading-court.ts'
import { custodyReading } from './reading-custody.ts'
import { fileReading } from './reading-files.ts'
import { hospitalReading } from './reading-hospital.ts'
import { housingReading } from './reading-housing.ts'
import { probationReading } from './reading-probation.ts'
import { treatmentReading } from './reading-treatment.ts'

export type { Happening, Read } from './happening.ts'

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

export const reading = (): Reading => ({
  ...custodyReading(),
  probation: probationReading(),
  court: courtReading(),
  hospital: hospitalReading(),
  housing: housingReading(),
  treatment: treatmentReading(),
  file: fileReading(),
})
