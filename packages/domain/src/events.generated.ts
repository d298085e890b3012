// Generated from schemas/avro by `npm run generate`. Do not edit.

/** Where an event came from. */
export interface Source {
  /** The local partnership whose agreements cover this event. */
  partnership: string
  /** The kind of agency: custody, probation, hospital, housing, treatment or other. */
  agency: string
  /** The sending system or family of messages, as configured for the connector. */
  system: string
}

/**
 * How exactly occurredAt is known. INSTANT: the source gave seconds and a zone. MINUTE, DAY, MONTH,
 * YEAR: it gave no more than that, and occurredAt is the start of it in London. AMBIGUOUS_HOUR: a
 * London wall time in the hour that happens twice in October; occurredAt is the first of the two.
 */
export type Precision =
  | 'INSTANT'
  | 'MINUTE'
  | 'DAY'
  | 'MONTH'
  | 'YEAR'
  | 'AMBIGUOUS_HOUR'
  | 'UNKNOWN'

/**
 * A number by which one source knows a person. In clear only here, inside an encrypted record;
 * everywhere else the hub uses a keyed hash of it.
 */
export interface Identifier {
  /**
   * The kind of number: NOMS, CRN, PNC, CRO, NHS, MRN, NDTMS, HOUSING_APPLICATION, TENANCY, CJIT. A
   * reader ignores a kind it does not know.
   */
  type: string
  /**
   * The number itself in its one canonical form, without spaces and with its check digit or letter.
   */
  value: string
  /**
   * Who issued the number, for kinds that are unique only within one organisation (an MRN within
   * one hospital, a tenancy within one landlord). Null: the kind is unique by itself.
   */
  issuer: string | null
  /**
   * True when the source says, or its profile says, that the number was traced or checked. A number
   * that is not verified matches nobody.
   */
  verified: boolean
}

/**
 * What the source, or the default for its agency and event type, asks of everybody who handles
 * this.
 */
export interface Handling {
  /**
   * Nothing derived from this event is told before this instant (register clock). Null: no hold.
   */
  holdUntil: number | null
  /** True: the facts reach only those whom the source names. False: the usual rules. */
  restricted: boolean
}

/** What comes first in every event. */
export interface Envelope {
  /**
   * Keyed hash of the source system and its natural key for this happening. The same happening has
   * one eventId, whatever its version.
   */
  eventId: string
  /**
   * 1 for the first telling; higher when the source corrects or completes it. The highest version
   * is the one that holds.
   */
  version: number
  /** Which agency and system told us. */
  source: Source
  /**
   * When it happened in the world, by the source's clock, in UTC. Read it together with
   * occurredAtPrecision.
   */
  occurredAt: number
  /** How exactly occurredAt is known. */
  occurredAtPrecision: Precision
  /**
   * The time as the source wrote it, where its text says more than occurredAt can. Null: occurredAt
   * says it all.
   */
  occurredAtText: string | null
  /** When the source wrote it down or published it, by the source's clock. Null: it did not say. */
  recordedAt: number | null
  /** When the hub durably accepted it, by the register's clock. Consent is decided by this time. */
  receivedAt: number
  /**
   * Every number of the person that the message carried, verified or not. Empty when it named only
   * an object (see objectRef).
   */
  identifiers: Identifier[]
  /**
   * The source's own object this belongs to: a visit, hearing, registration, episode. A later
   * withdrawal may name only this. Null: the event stands alone.
   */
  objectRef: string | null
  /** Holds and restrictions on what is derived from this event. */
  handling: Handling
}

/**
 * Whether the person says they have an open prescription for a medicine they must not miss.
 * UNKNOWN: not said, or a value newer than this schema.
 */
export type OpenPrescription = 'YES' | 'NO' | 'UNKNOWN'

/**
 * A person was arrested and brought into police custody. Told in the house format, once the custody
 * record is opened.
 */
export interface ArrestedIntoCustody extends Envelope {
  type: 'ArrestedIntoCustody'
  /** Code of the police force that held the person. */
  force: string
  /** The force's own custody record number; unique only together with the force. */
  custodyReference: string
  /** Code of the custody suite. Null: not said. */
  custodySuite: string | null
  /** Why, from the force's code list. Null: not said, or withheld. */
  arrestReason: string | null
  /**
   * Whether a prescription is open that the person may now miss. As they or the custody healthcare
   * team said; nobody has checked it.
   */
  openPrescription: OpenPrescription
}

/**
 * The legal ground of a test on arrest. NOT_STATED is a large class in the national returns and is
 * kept apart from UNKNOWN. UNKNOWN: not said, or a value newer than this schema.
 */
export type TestGrounds = 'TRIGGER_OFFENCE' | 'INSPECTOR_AUTHORITY' | 'NOT_STATED' | 'UNKNOWN'

/**
 * What came of it. VOID: the sample could not be used. UNKNOWN: not said, or a value newer than
 * this schema.
 */
export type TestOutcome = 'POSITIVE' | 'NEGATIVE' | 'NOT_TESTED' | 'REFUSED' | 'VOID' | 'UNKNOWN'

/** A class of drug the test looks for. UNKNOWN: not said, or a value newer than this schema. */
export type Substance = 'COCAINE' | 'OPIATES' | 'OTHER' | 'UNKNOWN'

/**
 * A drug test was asked for in police custody: the result, or why there is none. A roadside or
 * driving test is not this.
 */
export interface DrugTestedOnArrest extends Envelope {
  type: 'DrugTestedOnArrest'
  /** Code of the police force that held the person. */
  force: string
  /** The force's own custody record number; unique only together with the force. */
  custodyReference: string
  /** On what ground the test was made. */
  grounds: TestGrounds
  /** What the test showed, or why it showed nothing. */
  outcome: TestOutcome
  /** What it was positive for. Empty when not positive. */
  substances: Substance[]
  /** True when the person must attend a drug assessment. Null: not said. */
  assessmentRequired: boolean | null
  /** When that assessment is, London time turned to UTC. Null: none, or no time given yet. */
  assessmentAt: number | null
}

/** How police custody ended. UNKNOWN: not said, or a value newer than this schema. */
export type PoliceDisposal =
  | 'CHARGED'
  | 'BAILED'
  | 'RELEASED_UNDER_INVESTIGATION'
  | 'NO_FURTHER_ACTION'
  | 'OUT_OF_COURT'
  | 'REMANDED_TO_COURT'
  | 'UNKNOWN'

/** A person left police custody, or was taken on from it to court. */
export interface ReleasedFromPoliceCustody extends Envelope {
  type: 'ReleasedFromPoliceCustody'
  /** Code of the police force that held the person. */
  force: string
  /** The force's own custody record number; unique only together with the force. */
  custodyReference: string
  /** How it ended. */
  disposal: PoliceDisposal
  /** When bail is to be answered. Null: no bail, or no date given. */
  bailUntil: number | null
}

/**
 * On what basis a person is received. OTHER covers sentence, civil and immigration detention.
 * UNKNOWN: not said, or a value newer than this schema.
 */
export type ReceptionBasis = 'UNCONVICTED_REMAND' | 'RECALL' | 'OTHER' | 'UNKNOWN'

/**
 * A person came into prison as a new reception: on remand, recalled, or otherwise. A return from
 * court or hospital is ReturnedToPrison.
 */
export interface ReceivedIntoPrison extends Envelope {
  type: 'ReceivedIntoPrison'
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
  /** On what basis, where the movement reason tells it. */
  legalBasis: ReceptionBasis
  /**
   * The movement reason as the prison system codes it. Null: the message carried none (the
   * prisoner-search family never does).
   */
  reasonCode: string | null
  /**
   * True when a coded movement stands behind it. False: told by the prisoner-search family at once;
   * the coded event, usually within the hour, confirms or corrects it under the same eventId.
   */
  confirmed: boolean
}

/**
 * Where a person in custody came back from. UNKNOWN: not said, or a value newer than this schema.
 */
export type ReturnedFrom = 'COURT' | 'TEMPORARY_ABSENCE' | 'HOSPITAL' | 'UNKNOWN'

/**
 * A person who was still in custody came back to prison: from court, a temporary absence or
 * hospital. Not a new reception.
 */
export interface ReturnedToPrison extends Envelope {
  type: 'ReturnedToPrison'
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
  /** Where they came back from. */
  from: ReturnedFrom
  /**
   * The movement reason as the prison system codes it. Null: the message carried none (the
   * prisoner-search family never does).
   */
  reasonCode: string | null
  /**
   * True when a coded movement stands behind it. False: told by the prisoner-search family at once;
   * the coded event, usually within the hour, confirms or corrects it under the same eventId.
   */
  confirmed: boolean
}

/**
 * A person left prison for a court hearing and is still in custody. Somebody must watch for the
 * return: courts release people without the prison saying so.
 */
export interface LeftForCourt extends Envelope {
  type: 'LeftForCourt'
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
  /**
   * The movement reason as the prison system codes it. Null: the message carried none (the
   * prisoner-search family never does).
   */
  reasonCode: string | null
  /**
   * True when a coded movement stands behind it. False: told by the prisoner-search family at once;
   * the coded event, usually within the hour, confirms or corrects it under the same eventId.
   */
  confirmed: boolean
}

/**
 * Which half of a move this is, seen from the prison named. UNKNOWN: not said, or a value newer
 * than this schema.
 */
export type Direction = 'IN' | 'OUT' | 'UNKNOWN'

/** A person moved from one prison to another. Each side tells its own half. */
export interface TransferredBetweenPrisons extends Envelope {
  type: 'TransferredBetweenPrisons'
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
  /** Whether they came into, or left, the prison named. */
  direction: Direction
  /**
   * The movement reason as the prison system codes it. Null: the message carried none (the
   * prisoner-search family never does).
   */
  reasonCode: string | null
  /**
   * True when a coded movement stands behind it. False: told by the prisoner-search family at once;
   * the coded event, usually within the hour, confirms or corrects it under the same eventId.
   */
  confirmed: boolean
}

/** A release date was set, moved or confirmed. A plan, not a release. */
export interface ReleaseDateSet extends Envelope {
  type: 'ReleaseDateSet'
  /**
   * The planned day of release in London. The confirmed date where there is one, otherwise the
   * latest computed one.
   */
  releaseDate: string
  /** The day it was planned for before. Null: there was none, or the source did not say. */
  previousReleaseDate: string | null
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
}

/**
 * What kind of leaving it was. ADMINISTRATIVE: a correction of records; nobody walked out. UNKNOWN:
 * not said, or a value newer than this schema.
 */
export type ReleaseKind =
  | 'TO_COMMUNITY'
  | 'TO_HOSPITAL'
  | 'TEMPORARY'
  | 'DIED'
  | 'ABSCONDED'
  | 'ADMINISTRATIVE'
  | 'UNKNOWN'

/**
 * A person left prison and is no longer held there. The kind says whether that means freedom: only
 * TO_COMMUNITY starts the three weeks.
 */
export interface ReleasedFromPrison extends Envelope {
  type: 'ReleasedFromPrison'
  /** Three-letter code of the establishment. Null: the source did not name one. */
  prison: string | null
  /**
   * What kind of leaving it was. While confirmed is false it is the likeliest kind and may yet be
   * corrected.
   */
  kind: ReleaseKind
  /**
   * The movement reason as the prison system codes it. Null: the message carried none (the
   * prisoner-search family never does).
   */
  reasonCode: string | null
  /**
   * True when a coded movement stands behind it. False: told by the prisoner-search family at once;
   * the coded event, usually within the hour, confirms or corrects it under the same eventId.
   */
  confirmed: boolean
  /** Code of the local authority the person goes home to. Null: not known. */
  homeArea: string | null
}

/**
 * The treatment requirement of a community or suspended sentence: DRR drug rehabilitation, ATR
 * alcohol treatment, MHTR mental health treatment. UNKNOWN: not said, or a value newer than this
 * schema.
 */
export type TreatmentRequirement = 'DRR' | 'ATR' | 'MHTR' | 'UNKNOWN'

/** A court made a treatment requirement, or probation recorded one. */
export interface TreatmentRequirementMade extends Envelope {
  type: 'TreatmentRequirementMade'
  /** Which requirement. The kind says what the treatment is for. */
  requirement: TreatmentRequirement
  /** The source's own number of the requirement. */
  requirementRef: string
  /** How long it lasts, in whole months. Null: not said. */
  lengthMonths: number | null
  /** Code of the court. Null: told by probation without it. */
  court: string | null
}

/** A treatment requirement came to an end, for whatever reason. */
export interface RequirementEnded extends Envelope {
  type: 'RequirementEnded'
  /** Which requirement. The kind says what the treatment is for. */
  requirement: TreatmentRequirement
  /** The source's own number of the requirement. */
  requirementRef: string
  /** Why, from the source's code list. Null: it did not say. */
  reason: string | null
}

/** Probation supervision began. */
export interface SupervisionStarted extends Envelope {
  type: 'SupervisionStarted'
  /**
   * What kind (community order, suspended sentence, licence), from the source's code list. Null:
   * not said.
   */
  kind: string | null
}

/** A probation practitioner was allocated to the person. */
export interface SupervisionManagerAllocated extends Envelope {
  type: 'SupervisionManagerAllocated'
  /** The practitioner's staff code. Null: only the team is known. */
  manager: string | null
  /** Code of the team. Null: not said. */
  team: string | null
}

/** What happened to the entry. UNKNOWN: not said, or a value newer than this schema. */
export type RegistrationChange = 'ADDED' | 'UPDATED' | 'ENDED' | 'UNKNOWN'

/**
 * A register entry about the person was added, changed or ended. Only registers that a notice needs
 * are carried.
 */
export interface RegistrationChanged extends Envelope {
  type: 'RegistrationChanged'
  /** The source's own number of the entry. */
  registrationRef: string
  /** What happened to the entry. */
  change: RegistrationChange
  /** Code of the register. */
  registerCode: string
  /** The day it was entered, London. Null: not said. */
  registeredOn: string | null
}

/** Probation started enforcement for a breach of an order or licence. */
export interface BreachRaised extends Envelope {
  type: 'BreachRaised'
  /** The decision so far, from the source's code list. Null: none yet. */
  outcomeCode: string | null
}

/**
 * A recall to prison was asked for or decided. Told to the lead only after reception, or when
 * probation releases it.
 */
export interface RecallRaised extends Envelope {
  type: 'RecallRaised'
  /** The source's own number of the recall. Null: not said. */
  recallRef: string | null
  /** The decision so far, from the source's code list. Null: none yet. */
  outcomeCode: string | null
  /** True when probation says the lead practitioner may know before reception. */
  releasedToLead: boolean
}

/** A licence came into force: the person is in the community under conditions. */
export interface LicenceActivated extends Envelope {
  type: 'LicenceActivated'
  /** The source's own number of the licence. */
  licenceRef: string
  /** What kind of licence, from the source's code list. Null: not said. */
  kind: string | null
}

/**
 * How surely drugs or alcohol are involved. DRUG_POISONING, ALCOHOL_SPECIFIC (wholly attributable)
 * and DRUG_DISORDER rest on a listed code; POSSIBLE on working text or a symptom. UNKNOWN: not
 * said, or a value newer than this schema.
 */
export type ClassificationTier =
  | 'DRUG_POISONING'
  | 'ALCOHOL_SPECIFIC'
  | 'DRUG_DISORDER'
  | 'POSSIBLE'
  | 'UNKNOWN'

/**
 * What a clinical code means for this hub. Only codes in our published tables are carried; every
 * other diagnosis stays at the edge.
 */
export interface Classification {
  /** How surely drugs or alcohol are involved. */
  tier: ClassificationTier
  /** The clinical code as sent. */
  code: string
  /** The system the code belongs to, such as ICD-10 or SNOMED CT. */
  coding: string
  /** True when the source marks it as the main diagnosis. */
  primary: boolean
  /**
   * Name and version of our table that assigned the tier, so that a later table can be told apart.
   */
  table: string
}

/** A person arrived at an emergency department. */
export interface EmergencyAttendanceStarted extends Envelope {
  type: 'EmergencyAttendanceStarted'
  /** ODS code of the hospital trust or site. */
  provider: string
  /** The trust's own number of this visit; unique only together with the provider. */
  visitRef: string
  /** How they came, from the national list. Null: not said. */
  arrivalMode: string | null
  /**
   * The codes that matter here, as known at this moment. Empty: none, or none known yet; hospitals
   * code after discharge.
   */
  classifications: Classification[]
}

/** A person left the emergency department, or was admitted from it. */
export interface EmergencyAttendanceEnded extends Envelope {
  type: 'EmergencyAttendanceEnded'
  /** ODS code of the hospital trust or site. */
  provider: string
  /** The trust's own number of this visit; unique only together with the provider. */
  visitRef: string
  /** Where to, from the national list. Null: not said. */
  disposal: string | null
  /**
   * The codes that matter here, as known at this moment. Empty: none, or none known yet; hospitals
   * code after discharge.
   */
  classifications: Classification[]
}

/** A person was admitted to a hospital bed. */
export interface Admitted extends Envelope {
  type: 'Admitted'
  /** ODS code of the hospital trust or site. */
  provider: string
  /** The trust's own number of this visit; unique only together with the provider. */
  visitRef: string
  /** Number of the emergency attendance that led to it. Null: none, or not linked by the source. */
  attendanceRef: string | null
  /** Admission method, from the national list. Null: not said. */
  method: string | null
  /** Where they came from, from the national source-of-admission list. Null: not said. */
  from: string | null
  /**
   * The codes that matter here, as known at this moment. Empty: none, or none known yet; hospitals
   * code after discharge.
   */
  classifications: Classification[]
}

/** A person left hospital after an admission. */
export interface Discharged extends Envelope {
  type: 'Discharged'
  /** ODS code of the hospital trust or site. */
  provider: string
  /** The trust's own number of this visit; unique only together with the provider. */
  visitRef: string
  /** Where to, from the national discharge list. Null: not said. */
  destination: string | null
  /** True when the destination code means no fixed abode. Null: the code does not tell. */
  nowhereToLive: boolean | null
  /**
   * The codes that matter here, as known at this moment. Empty: none, or none known yet; hospitals
   * code after discharge.
   */
  classifications: Classification[]
}

/**
 * The clinical codes of a visit already told changed, often weeks later. What was said before may
 * have to be corrected.
 */
export interface EncounterReclassified extends Envelope {
  type: 'EncounterReclassified'
  /** ODS code of the hospital trust or site. */
  provider: string
  /** The trust's own number of this visit; unique only together with the provider. */
  visitRef: string
  /**
   * The codes that matter here, as known at this moment. Empty: none, or none known yet; hospitals
   * code after discharge.
   */
  classifications: Classification[]
  /** The codes that no longer hold. Empty: codes were only added. */
  removed: Classification[]
}

/**
 * Which questionnaire. AUDIT_C scores 0 to 12, AUDIT 0 to 40. UNKNOWN: not said, or a value newer
 * than this schema.
 */
export type AlcoholInstrument = 'AUDIT_C' | 'AUDIT' | 'UNKNOWN'

/** An alcohol screening score was recorded. */
export interface AlcoholScoreRecorded extends Envelope {
  type: 'AlcoholScoreRecorded'
  /** ODS code of the organisation that recorded it. */
  provider: string
  /** The visit it belongs to. Null: not part of a visit. */
  visitRef: string | null
  /** Which questionnaire gave the score. */
  instrument: AlcoholInstrument
  /** The total score on that instrument. */
  score: number
}

/** A public body referred the person to a housing authority, with their agreement. */
export interface DutyToReferMade extends Envelope {
  type: 'DutyToReferMade'
  /** Code of the housing authority. */
  authority: string
  /** The number of the referral that stays the same for its life. */
  referralRef: string
  /** Why, from the referral's code list. Null: not said. */
  reason: string | null
}

/** What became of the referral. UNKNOWN: not said, or a value newer than this schema. */
export type ReferralDecision = 'ACCEPTED' | 'DECLINED' | 'WITHDRAWN' | 'UNKNOWN'

/** The housing authority decided about a duty-to-refer referral, or it was withdrawn. */
export interface DutyToReferDecided extends Envelope {
  type: 'DutyToReferDecided'
  /** Code of the housing authority. */
  authority: string
  /** The number of the referral that stays the same for its life. */
  referralRef: string
  /** What was decided. */
  decision: ReferralDecision
  /**
   * An accepted referral stays active until this instant. Null: it does not end, or was not
   * accepted.
   */
  activeUntil: number | null
}

/**
 * Which duty of the Housing Act. PREVENTION: threatened within 56 days. RELIEF: homeless now. MAIN:
 * still homeless after relief and in priority need. UNKNOWN: not said, or a value newer than this
 * schema.
 */
export type HomelessnessDuty = 'PREVENTION' | 'RELIEF' | 'MAIN' | 'UNKNOWN'

/** A housing authority accepted that it owes the person a homelessness duty. */
export interface HomelessnessDutyOwed extends Envelope {
  type: 'HomelessnessDutyOwed'
  /** Code of the housing authority. */
  authority: string
  /** The authority's own number of the homelessness case. */
  caseRef: string
  /** Which duty. */
  duty: HomelessnessDuty
  /**
   * The support needs recorded, from the published categories of the national return. Empty: none
   * recorded.
   */
  supportNeeds: string[]
}

/** A homelessness duty came to an end. */
export interface HomelessnessDutyEnded extends Envelope {
  type: 'HomelessnessDutyEnded'
  /** Code of the housing authority. */
  authority: string
  /** The authority's own number of the homelessness case. */
  caseRef: string
  /** Which duty. */
  duty: HomelessnessDuty
  /** Why, from the national list. Null: not said. */
  reason: string | null
  /**
   * True when it ended with somewhere to live for six months or more. Null: the reason does not
   * tell.
   */
  housed: boolean | null
}

/**
 * Rent arrears rose past the threshold the landlord and the partnership agreed on. Told once per
 * crossing.
 */
export interface ArrearsThresholdCrossed extends Envelope {
  type: 'ArrearsThresholdCrossed'
  /** Who let the home: their own short code. */
  landlord: string
  /** How many whole weeks of rent are owed, rounded down. */
  weeksOwed: number
}

/** A landlord served notice that they want the home back. */
export interface PossessionNoticeServed extends Envelope {
  type: 'PossessionNoticeServed'
  /** Who let the home: their own short code. */
  landlord: string
  /** Under which section of which Act, as the landlord codes it. Null: not said. */
  section: string | null
  /** The day the notice runs out, London. Null: not said. */
  expiresOn: string | null
}

/** A council or landlord let a home to the person. */
export interface TenancyStarted extends Envelope {
  type: 'TenancyStarted'
  /** Who let the home: their own short code. */
  landlord: string
  /** What kind of tenancy, from the source's code list. Null: not said. */
  kind: string | null
  /** Where the person lived before, in groups that do not say which institution. Null: not said. */
  previousHome: string | null
  /**
   * Why the person left the last settled home, in groups that tell of no harm done there. Null: not
   * said.
   */
  reasonLeft: string | null
}

/**
 * A person no longer has the home a council or landlord let to them. Told once it has ended, never
 * for a planned end.
 */
export interface TenancyEnded extends Envelope {
  type: 'TenancyEnded'
  /** Who let the home: their own short code. */
  landlord: string
  /** Why, from the source's code list. Null: it did not say. */
  reason: string | null
}

/** An outreach worker met the person sleeping rough. The place is never carried. */
export interface RoughSleepingContact extends Envelope {
  type: 'RoughSleepingContact'
  /** Code of the outreach service. */
  service: string
}

/**
 * Where treatment takes place, from the national list. UNKNOWN: not said, or a value newer than
 * this schema.
 */
export type TreatmentSetting =
  | 'COMMUNITY'
  | 'PRISON'
  | 'RESIDENTIAL'
  | 'INPATIENT'
  | 'PRIMARY_CARE'
  | 'YOUNG_PEOPLE'
  | 'OUTREACH'
  | 'UNKNOWN'

/** A treatment service took the person on: triage was done and treatment begins. */
export interface TreatmentStarted extends Envelope {
  type: 'TreatmentStarted'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. */
  episodeRef: string
  /** Where the treatment takes place. */
  setting: TreatmentSetting
  /**
   * The substances treatment is for, first one first, from the national list. Empty: not recorded.
   */
  substances: string[]
  /** Who referred the person, from the national list. Null: not said. */
  referralSource: string | null
  /**
   * Code of the drug and alcohol partnership area the person lives in, as the national return has
   * it. Null: not said.
   */
  area: string | null
}

/** Whether the person came. UNKNOWN: not said, or a value newer than this schema. */
export type Attendance = 'ATTENDED' | 'MISSED' | 'UNKNOWN'

/** An appointment took place or was missed. Only some services send these. */
export interface TreatmentContact extends Envelope {
  type: 'TreatmentContact'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. Null: not linked to one. */
  episodeRef: string | null
  /** Whether the person came. */
  attendance: Attendance
}

/** A person missed doses of a supervised medicine. */
export interface DosesMissed extends Envelope {
  type: 'DosesMissed'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. Null: not linked to one. */
  episodeRef: string | null
  /** How many days in a row were missed. */
  days: number
  /** True when a pharmacy reported it, false when the service did. */
  pharmacy: boolean
}

/** At which point of treatment. UNKNOWN: not said, or a value newer than this schema. */
export type ReviewStage = 'START' | 'REVIEW' | 'EXIT' | 'POST_EXIT' | 'UNKNOWN'

/** An outcome profile was completed with the person. */
export interface TreatmentReviewed extends Envelope {
  type: 'TreatmentReviewed'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. */
  episodeRef: string
  /** At which point of treatment. */
  stage: ReviewStage
  /** True when the person had an acute housing problem in the last 28 days. Null: not answered. */
  housingProblem: boolean | null
  /** Days in paid work, of the last 28. Null: not answered. */
  daysInWork: number | null
  /** True when a mental health treatment need was identified. Null: not answered. */
  mentalHealthTreatmentNeed: boolean | null
}

/** One intervention within an episode began. */
export interface InterventionStarted extends Envelope {
  type: 'InterventionStarted'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. */
  episodeRef: string
  /** The service's own number of the intervention. */
  interventionRef: string
  /** What is done, from the national list of interventions. */
  intervention: string
  /** Where the treatment takes place. */
  setting: TreatmentSetting
}

/** One intervention within an episode ended. */
export interface InterventionEnded extends Envelope {
  type: 'InterventionEnded'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. */
  episodeRef: string
  /** The service's own number of the intervention. */
  interventionRef: string
  /** What is done, from the national list of interventions. */
  intervention: string
  /** Why, from the national list. Null: not said. */
  exitReason: string | null
}

/** The person was given naloxone to take home. */
export interface NaloxoneSupplied extends Envelope {
  type: 'NaloxoneSupplied'
  /** Agency code of the treatment service. */
  provider: string
  /** Nasal or injectable, from the national list. Null: not said. */
  form: string | null
}

/**
 * Why it ended, grouped from the national discharge reasons. UNKNOWN: not said, or a value newer
 * than this schema.
 */
export type TreatmentEndReason =
  | 'COMPLETED'
  | 'DROPPED_OUT'
  | 'TRANSFERRED_IN_CUSTODY'
  | 'TRANSFERRED_NOT_IN_CUSTODY'
  | 'DIED'
  | 'DECLINED'
  | 'PRISON'
  | 'OTHER'
  | 'UNKNOWN'

/** A treatment episode ended. */
export interface TreatmentEnded extends Envelope {
  type: 'TreatmentEnded'
  /** Agency code of the treatment service. */
  provider: string
  /** The service's own number of the treatment episode. */
  episodeRef: string
  /** Why it ended. */
  reason: TreatmentEndReason
  /** Where the treatment takes place. */
  setting: TreatmentSetting
  /** Agency code of the service the person goes on to. Null: none, or not said. */
  destination: string | null
  /**
   * Code of the drug and alcohol partnership area the person lives in; for treatment in prison, of
   * the area they leave for. Null: not said.
   */
  area: string | null
  /**
   * For treatment in prison: how the person left that prison. RELEASED: to the community. Null: not
   * in prison, still there, or not said.
   */
  prisonExit: string | null
  /**
   * The substances treatment was for, first one first, from the national list, where only the end
   * is told (the secure-setting extract). Null: see the start.
   */
  substances: string[] | null
}

/** One service referred the person to another. */
export interface ReferralMade extends Envelope {
  type: 'ReferralMade'
  /** The referring service's own number of the referral. */
  referralRef: string
  /** Code of the service referred to. */
  toService: string
  /** Why, from the agreed list. Null: not said. */
  reason: string | null
  /** What it is for (such as alcohol or opiates), from the agreed list. Null: not said. */
  condition: string | null
  /** True when the person agreed to this referral with the one who made it. */
  agreed: boolean
  /** When the person is expected by. Null: no time was set. */
  toAttendBy: number | null
}

/**
 * What the service answers, in the order in which it usually comes. UNKNOWN: not said, or a value
 * newer than this schema.
 */
export type ReferralAnswer =
  | 'RECEIVED'
  | 'ACCEPTED'
  | 'DECLINED'
  | 'ATTENDED'
  | 'NOT_ATTENDED'
  | 'UNKNOWN'

/** The service referred to answered. */
export interface ReferralAnswered extends Envelope {
  type: 'ReferralAnswered'
  /** The number the referral was made under. */
  referralRef: string
  /** What the service answered. */
  answer: ReferralAnswer
}

/** Naloxone was given to the person in an emergency. */
export interface NaloxoneUsed extends Envelope {
  type: 'NaloxoneUsed'
  /** What kind of place (home, street, custody, hostel), never where. Null: not said. */
  setting: string | null
  /** What came of it, from the agreed list. Null: not said. */
  outcome: string | null
}

/** The person took part in training, such as overdose response. */
export interface TrainingRecorded extends Envelope {
  type: 'TrainingRecorded'
  /** What kind, from the agreed list. */
  kind: string
  /** True when they finished it. */
  completed: boolean
}

/** A safeguarding concern about the person was raised. Goes to safeguarding roles only. */
export interface SafeguardingConcernRaised extends Envelope {
  type: 'SafeguardingConcernRaised'
  /** The source's own number of the concern. */
  concernRef: string
  /** What kind, from the agreed list. Null: not said, or withheld. */
  kind: string | null
}

/** A concern that the person is being exploited was raised. Goes to safeguarding roles only. */
export interface ExploitationConcernRaised extends Envelope {
  type: 'ExploitationConcernRaised'
  /** The source's own number of the concern. */
  concernRef: string
  /** What kind, from the agreed list. Null: not said, or withheld. */
  kind: string | null
}

/**
 * What kind of source the report rests on. UNKNOWN: not said, or a value newer than this schema.
 */
export type DeathBasis = 'PRISON' | 'HOSPITAL' | 'TREATMENT' | 'OTHER' | 'UNKNOWN'

/**
 * A source reports that the person has died. No category is asked for: whoever may be told anything
 * about the person must stop writing to them. A report can be withdrawn.
 */
export interface DeathReported extends Envelope {
  type: 'DeathReported'
  /** What kind of source the report rests on. */
  basis: DeathBasis
}

/**
 * A source takes back something it told before. Carries no content of what it takes back; the
 * withdrawn event's own categories decide who is told.
 */
export interface EventWithdrawn extends Envelope {
  type: 'EventWithdrawn'
  /** The eventId taken back. Null: the source named only the object; see objectRef. */
  withdrawnEventId: string | null
  /** Why, from the source's code list. Null: not said. */
  reason: string | null
}

/**
 * A source joined two of its records into one person. A proposal: it adds no claim until the lead
 * confirms.
 */
export interface IdentifiersMerged extends Envelope {
  type: 'IdentifiersMerged'
  /** The number that stays in use. */
  surviving: Identifier
  /** The number that is no longer used. */
  removed: Identifier
}

/** A source took apart a record that had joined two people. */
export interface IdentifiersSplit extends Envelope {
  type: 'IdentifiersSplit'
  /** The number that stays with the first person. */
  kept: Identifier
  /** The number that now belongs to somebody else. */
  separated: Identifier
  /**
   * The source's object that moved with the separated number, such as a booking. Null: the whole
   * record.
   */
  partRef: string | null
  /**
   * Facts since this instant (source's clock) belong to the separated number. Null: the source did
   * not say.
   */
  partFrom: number | null
}

/** A source says two numbers are one person. A proposal to the lead, like a merge. */
export interface IdentifiersLinked extends Envelope {
  type: 'IdentifiersLinked'
  /** One number. */
  one: Identifier
  /** The other number. */
  other: Identifier
}

/**
 * A source says it erased the person's record on its side. The hub asks its operators; it does not
 * follow blindly.
 */
export interface PersonErased extends Envelope {
  type: 'PersonErased'
  /** On what ground, from the source's code list. Null: not said. */
  basis: string | null
}

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

export type EventCategory =
  | 'whereabouts'
  | 'justice'
  | 'health'
  | 'substance-use'
  | 'mental-health'
  | 'housing'
  | 'family'
  | 'safety'

/** The consent categories each event needs; all must be granted. Empty: any grant in force will do. */
export const eventCategories: Readonly<Record<EventType, readonly EventCategory[]>> = {
  ArrestedIntoCustody: ['whereabouts', 'justice', 'health'],
  DrugTestedOnArrest: ['justice', 'substance-use'],
  ReleasedFromPoliceCustody: ['whereabouts', 'justice'],
  ReceivedIntoPrison: ['whereabouts', 'justice'],
  ReturnedToPrison: ['whereabouts', 'justice'],
  LeftForCourt: ['whereabouts', 'justice'],
  TransferredBetweenPrisons: ['whereabouts', 'justice'],
  ReleaseDateSet: ['whereabouts', 'justice'],
  ReleasedFromPrison: ['whereabouts', 'justice'],
  TreatmentRequirementMade: ['justice', 'substance-use', 'health'],
  RequirementEnded: ['justice', 'substance-use', 'health'],
  SupervisionStarted: ['justice'],
  SupervisionManagerAllocated: ['justice'],
  RegistrationChanged: ['justice', 'safety'],
  BreachRaised: ['justice'],
  RecallRaised: ['whereabouts', 'justice'],
  LicenceActivated: ['whereabouts', 'justice'],
  EmergencyAttendanceStarted: ['whereabouts', 'health', 'substance-use'],
  EmergencyAttendanceEnded: ['whereabouts', 'health', 'substance-use'],
  Admitted: ['whereabouts', 'health', 'substance-use'],
  Discharged: ['whereabouts', 'health', 'substance-use', 'housing'],
  EncounterReclassified: ['health', 'substance-use'],
  AlcoholScoreRecorded: ['health', 'substance-use'],
  DutyToReferMade: ['housing'],
  DutyToReferDecided: ['housing'],
  HomelessnessDutyOwed: ['housing', 'health', 'substance-use'],
  HomelessnessDutyEnded: ['housing'],
  ArrearsThresholdCrossed: ['housing'],
  PossessionNoticeServed: ['housing'],
  TenancyStarted: ['housing'],
  TenancyEnded: ['housing'],
  RoughSleepingContact: ['housing', 'whereabouts'],
  TreatmentStarted: ['substance-use'],
  TreatmentContact: ['substance-use'],
  DosesMissed: ['substance-use'],
  TreatmentReviewed: ['substance-use', 'housing', 'mental-health'],
  InterventionStarted: ['substance-use'],
  InterventionEnded: ['substance-use'],
  NaloxoneSupplied: ['substance-use'],
  TreatmentEnded: ['substance-use'],
  ReferralMade: ['health', 'substance-use'],
  ReferralAnswered: ['health', 'substance-use'],
  NaloxoneUsed: ['substance-use', 'safety'],
  TrainingRecorded: ['substance-use'],
  SafeguardingConcernRaised: ['safety'],
  ExploitationConcernRaised: ['safety'],
  DeathReported: [],
  EventWithdrawn: [],
  IdentifiersMerged: [],
  IdentifiersSplit: [],
  IdentifiersLinked: [],
  PersonErased: [],
}
