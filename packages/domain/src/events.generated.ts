// Generated from schemas/avro by `npm run generate`. Do not edit.

export interface Identifier { type: string; value: string; issuer: string | null; verified: boolean }
export interface Source { partnership: string; agency: string; system: string }
export interface Handling { holdUntil: number | null; restricted: boolean }
export type Precision = 'INSTANT' | 'MINUTE' | 'DAY' | 'MONTH' | 'YEAR' | 'AMBIGUOUS_HOUR' | 'UNKNOWN'
export interface Envelope {
  eventId: string; version: number; source: Source
  occurredAt: number; occurredAtPrecision: Precision; occurredAtText: string | null
  recordedAt: number | null; receivedAt: number
  identifiers: Identifier[]; objectRef: string | null; handling: Handling
}
export type OpenPrescription = 'YES' | 'NO' | 'UNKNOWN'
export type TestGrounds = 'TRIGGER_OFFENCE' | 'INSPECTOR_AUTHORITY' | 'NOT_STATED' | 'UNKNOWN'
export type TestOutcome = 'POSITIVE' | 'NEGATIVE' | 'NOT_TESTED' | 'REFUSED' | 'VOID' | 'UNKNOWN'
export type Substance = 'COCAINE' | 'OPIATES' | 'OTHER' | 'UNKNOWN'
export type PoliceDisposal = 'CHARGED' | 'BAILED' | 'RELEASED_UNDER_INVESTIGATION' | 'NO_FURTHER_ACTION' | 'OUT_OF_COURT' | 'REMANDED_TO_COURT' | 'UNKNOWN'
export type ReceptionBasis = 'UNCONVICTED_REMAND' | 'RECALL' | 'OTHER' | 'UNKNOWN'
export type ReturnedFrom = 'COURT' | 'TEMPORARY_ABSENCE' | 'HOSPITAL' | 'UNKNOWN'
export type Direction = 'IN' | 'OUT' | 'UNKNOWN'
export type ReleaseKind = 'TO_COMMUNITY' | 'TO_HOSPITAL' | 'TEMPORARY' | 'DIED' | 'ABSCONDED' | 'ADMINISTRATIVE' | 'UNKNOWN'
export type TreatmentRequirement = 'DRR' | 'ATR' | 'MHTR' | 'UNKNOWN'
export type RegistrationChange = 'ADDED' | 'UPDATED' | 'ENDED' | 'UNKNOWN'
export type AlcoholInstrument = 'AUDIT_C' | 'AUDIT' | 'UNKNOWN'
export type ReferralDecision = 'ACCEPTED' | 'DECLINED' | 'WITHDRAWN' | 'UNKNOWN'
export type HomelessnessDuty = 'PREVENTION' | 'RELIEF' | 'MAIN' | 'UNKNOWN'
export type TreatmentSetting = 'COMMUNITY' | 'PRISON' | 'RESIDENTIAL' | 'INPATIENT' | 'PRIMARY_CARE' | 'YOUNG_PEOPLE' | 'OUTREACH' | 'UNKNOWN'
export type Attendance = 'ATTENDED' | 'MISSED' | 'UNKNOWN'
export type ReviewStage = 'START' | 'REVIEW' | 'EXIT' | 'POST_EXIT' | 'UNKNOWN'
export type TreatmentEndReason = 'COMPLETED' | 'DROPPED_OUT' | 'TRANSFERRED_IN_CUSTODY' | 'TRANSFERRED_NOT_IN_CUSTODY' | 'DIED' | 'DECLINED' | 'PRISON' | 'OTHER' | 'UNKNOWN'
export type ReferralAnswer = 'RECEIVED' | 'ACCEPTED' | 'DECLINED' | 'ATTENDED' | 'NOT_ATTENDED' | 'UNKNOWN'
export type DeathBasis = 'PRISON' | 'HOSPITAL' | 'TREATMENT' | 'OTHER' | 'UNKNOWN'
export type ClassificationTier = 'DRUG_POISONING' | 'ALCOHOL_SPECIFIC' | 'DRUG_DISORDER' | 'POSSIBLE' | 'UNKNOWN'
export interface Classification { tier: ClassificationTier; code: string; coding: string; primary: boolean; table: string }

export interface ArrestedIntoCustody extends Envelope { type: 'ArrestedIntoCustody'; force: string; custodyReference: string; custodySuite: string | null; arrestReason: string | null; openPrescription: OpenPrescription }
export interface DrugTestedOnArrest extends Envelope { type: 'DrugTestedOnArrest'; force: string; custodyReference: string; grounds: TestGrounds; outcome: TestOutcome; substances: Substance[]; assessmentRequired: boolean | null; assessmentAt: number | null }
export interface ReleasedFromPoliceCustody extends Envelope { type: 'ReleasedFromPoliceCustody'; force: string; custodyReference: string; disposal: PoliceDisposal; bailUntil: number | null }
export interface ReceivedIntoPrison extends Envelope { type: 'ReceivedIntoPrison'; prison: string | null; legalBasis: ReceptionBasis; reasonCode: string | null; confirmed: boolean }
export interface ReturnedToPrison extends Envelope { type: 'ReturnedToPrison'; prison: string | null; from: ReturnedFrom; reasonCode: string | null; confirmed: boolean }
export interface LeftForCourt extends Envelope { type: 'LeftForCourt'; prison: string | null; reasonCode: string | null; confirmed: boolean }
export interface TransferredBetweenPrisons extends Envelope { type: 'TransferredBetweenPrisons'; prison: string | null; direction: Direction; reasonCode: string | null; confirmed: boolean }
export interface ReleaseDateSet extends Envelope { type: 'ReleaseDateSet'; releaseDate: string; previousReleaseDate: string | null; prison: string | null }
export interface ReleasedFromPrison extends Envelope { type: 'ReleasedFromPrison'; prison: string | null; kind: ReleaseKind; reasonCode: string | null; confirmed: boolean; homeArea: string | null }
export interface TreatmentRequirementMade extends Envelope { type: 'TreatmentRequirementMade'; requirement: TreatmentRequirement; requirementRef: string; lengthMonths: number | null; court: string | null }
export interface RequirementEnded extends Envelope { type: 'RequirementEnded'; requirement: TreatmentRequirement; requirementRef: string; reason: string | null }
export interface SupervisionStarted extends Envelope { type: 'SupervisionStarted'; kind: string | null }
export interface SupervisionManagerAllocated extends Envelope { type: 'SupervisionManagerAllocated'; manager: string | null; team: string | null }
export interface RegistrationChanged extends Envelope { type: 'RegistrationChanged'; registrationRef: string; change: RegistrationChange; registerCode: string; registeredOn: string | null }
export interface BreachRaised extends Envelope { type: 'BreachRaised'; outcomeCode: string | null }
export interface RecallRaised extends Envelope { type: 'RecallRaised'; recallRef: string | null; outcomeCode: string | null; releasedToLead: boolean }
export interface LicenceActivated extends Envelope { type: 'LicenceActivated'; licenceRef: string; kind: string | null }
export interface EmergencyAttendanceStarted extends Envelope { type: 'EmergencyAttendanceStarted'; provider: string; visitRef: string; arrivalMode: string | null; classifications: Classification[] }
export interface EmergencyAttendanceEnded extends Envelope { type: 'EmergencyAttendanceEnded'; provider: string; visitRef: string; disposal: string | null; classifications: Classification[] }
export interface Admitted extends Envelope { type: 'Admitted'; provider: string; visitRef: string; attendanceRef: string | null; method: string | null; from: string | null; classifications: Classification[] }
export interface Discharged extends Envelope { type: 'Discharged'; provider: string; visitRef: string; destination: string | null; nowhereToLive: boolean | null; classifications: Classification[] }
export interface EncounterReclassified extends Envelope { type: 'EncounterReclassified'; provider: string; visitRef: string; classifications: Classification[]; removed: Classification[] }
export interface AlcoholScoreRecorded extends Envelope { type: 'AlcoholScoreRecorded'; provider: string; visitRef: string | null; instrument: AlcoholInstrument; score: number }
export interface DutyToReferMade extends Envelope { type: 'DutyToReferMade'; authority: string; referralRef: string; reason: string | null }
export interface DutyToReferDecided extends Envelope { type: 'DutyToReferDecided'; authority: string; referralRef: string; decision: ReferralDecision; activeUntil: number | null }
export interface HomelessnessDutyOwed extends Envelope { type: 'HomelessnessDutyOwed'; authority: string; caseRef: string; duty: HomelessnessDuty; supportNeeds: string[] }
export interface HomelessnessDutyEnded extends Envelope { type: 'HomelessnessDutyEnded'; authority: string; caseRef: string; duty: HomelessnessDuty; reason: string | null; housed: boolean | null }
export interface ArrearsThresholdCrossed extends Envelope { type: 'ArrearsThresholdCrossed'; landlord: string; weeksOwed: number }
export interface PossessionNoticeServed extends Envelope { type: 'PossessionNoticeServed'; landlord: string; section: string | null; expiresOn: string | null }
export interface TenancyStarted extends Envelope { type: 'TenancyStarted'; landlord: string; kind: string | null }
export interface TenancyEnded extends Envelope { type: 'TenancyEnded'; landlord: string; reason: string | null }
export interface RoughSleepingContact extends Envelope { type: 'RoughSleepingContact'; service: string }
export interface TreatmentStarted extends Envelope { type: 'TreatmentStarted'; provider: string; episodeRef: string; setting: TreatmentSetting; substances: string[]; referralSource: string | null }
export interface TreatmentContact extends Envelope { type: 'TreatmentContact'; provider: string; episodeRef: string | null; attendance: Attendance }
export interface DosesMissed extends Envelope { type: 'DosesMissed'; provider: string; episodeRef: string | null; days: number; pharmacy: boolean }
export interface TreatmentReviewed extends Envelope { type: 'TreatmentReviewed'; provider: string; episodeRef: string; stage: ReviewStage; housingProblem: boolean | null; daysInWork: number | null; mentalHealthTreatmentNeed: boolean | null }
export interface InterventionStarted extends Envelope { type: 'InterventionStarted'; provider: string; episodeRef: string; interventionRef: string; intervention: string; setting: TreatmentSetting }
export interface InterventionEnded extends Envelope { type: 'InterventionEnded'; provider: string; episodeRef: string; interventionRef: string; intervention: string; exitReason: string | null }
export interface NaloxoneSupplied extends Envelope { type: 'NaloxoneSupplied'; provider: string; form: string | null }
export interface TreatmentEnded extends Envelope { type: 'TreatmentEnded'; provider: string; episodeRef: string; reason: TreatmentEndReason; setting: TreatmentSetting; destination: string | null }
export interface ReferralMade extends Envelope { type: 'ReferralMade'; referralRef: string; toService: string; reason: string | null; condition: string | null; agreed: boolean; toAttendBy: number | null }
export interface ReferralAnswered extends Envelope { type: 'ReferralAnswered'; referralRef: string; answer: ReferralAnswer }
export interface NaloxoneUsed extends Envelope { type: 'NaloxoneUsed'; setting: string | null; outcome: string | null }
export interface TrainingRecorded extends Envelope { type: 'TrainingRecorded'; kind: string; completed: boolean }
export interface SafeguardingConcernRaised extends Envelope { type: 'SafeguardingConcernRaised'; concernRef: string; kind: string | null }
export interface ExploitationConcernRaised extends Envelope { type: 'ExploitationConcernRaised'; concernRef: string; kind: string | null }
export interface DeathReported extends Envelope { type: 'DeathReported'; basis: DeathBasis }
export interface EventWithdrawn extends Envelope { type: 'EventWithdrawn'; withdrawnEventId: string | null; reason: string | null }
export interface IdentifiersMerged extends Envelope { type: 'IdentifiersMerged'; surviving: Identifier; removed: Identifier }
export interface IdentifiersSplit extends Envelope { type: 'IdentifiersSplit'; kept: Identifier; separated: Identifier; partRef: string | null; partFrom: number | null }
export interface IdentifiersLinked extends Envelope { type: 'IdentifiersLinked'; one: Identifier; other: Identifier }
export interface PersonErased extends Envelope { type: 'PersonErased'; basis: string | null }

export type CanonicalEvent =
  | ArrestedIntoCustody
  | DrugTestedOnArrest
  | ReleasedFromPoliceCustody
  | ReceivedIntoPrison
  | ReturnedToPrison
  | LeftForCourt
  | TransferredBetweenPrisons
  | ReleaseDateSet
  | ReleasedFromPrison
  | TreatmentRequirementMade
  | RequirementEnded
  | SupervisionStarted
  | SupervisionManagerAllocated
  | RegistrationChanged
  | BreachRaised
  | RecallRaised
  | LicenceActivated
  | EmergencyAttendanceStarted
  | EmergencyAttendanceEnded
  | Admitted
  | Discharged
  | EncounterReclassified
  | AlcoholScoreRecorded
  | DutyToReferMade
  | DutyToReferDecided
  | HomelessnessDutyOwed
  | HomelessnessDutyEnded
  | ArrearsThresholdCrossed
  | PossessionNoticeServed
  | TenancyStarted
  | TenancyEnded
  | RoughSleepingContact
  | TreatmentStarted
  | TreatmentContact
  | DosesMissed
  | TreatmentReviewed
  | InterventionStarted
  | InterventionEnded
  | NaloxoneSupplied
  | TreatmentEnded
  | ReferralMade
  | ReferralAnswered
  | NaloxoneUsed
  | TrainingRecorded
  | SafeguardingConcernRaised
  | ExploitationConcernRaised
  | DeathReported
  | EventWithdrawn
  | IdentifiersMerged
  | IdentifiersSplit
  | IdentifiersLinked
  | PersonErased

export type EventType = CanonicalEvent['type']
