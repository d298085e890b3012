import { wireTime } from './wire-time.ts'

export type Requirement = 'DRR' | 'ATR' | 'MHTR'

/** What probation writes down, as its domain events tell it. Times are milliseconds; numbers are Delius's own. */
export type ProbationReport = { readonly crn: string; readonly at: number } & ProbationFacts

type ProbationFacts =
  | {
      readonly what:
        | 'requirement-made'
        | 'requirement-ended'
        | 'requirement-restored'
        | 'requirement-deleted'
      readonly requirementId: string
      /** Null: one that is no treatment, such as unpaid work. */
      readonly requirement: Requirement | null
    }
  | { readonly what: 'supervision-started' }
  | { readonly what: 'manager-allocated'; readonly allocationId: string }
  | { readonly what: 'breach-raised'; readonly enforcementId: string; readonly outcome: string }
  | {
      readonly what: 'recall-raised'
      readonly enforcementId: string
      readonly outcome: string
      /** Probation lets the lead know before reception. */
      readonly releasedToLead: boolean
    }
  | {
      readonly what:
        | 'registration-added'
        | 'registration-updated'
        | 'registration-ended'
        | 'registration-deleted'
      readonly registrationId: string
      readonly register: string
    }
  | { readonly what: 'licence-activated'; readonly licenceId: string; readonly noms: string }
  | { readonly what: 'prison-number-added'; readonly noms: string }
  | { readonly what: 'merged'; readonly from: string }
  /** Says nothing until it is fetched, or that nobody needs. */
  | { readonly what: 'engagement-created' | 'tier-calculated' }

const types: Readonly<Record<ProbationReport['what'], string>> = {
  'requirement-made': 'probation-case.requirement.created',
  'requirement-ended': 'probation-case.requirement.terminated',
  'requirement-restored': 'probation-case.requirement.unterminated',
  'requirement-deleted': 'probation-case.requirement.deleted',
  'supervision-started': 'probation-case.supervision.created',
  'manager-allocated': 'person.community.manager.allocated',
  'breach-raised': 'enforcement.breach.raised',
  'recall-raised': 'enforcement.recall.raised',
  'registration-added': 'probation-case.registration.added',
  'registration-updated': 'probation-case.registration.updated',
  'registration-ended': 'probation-case.registration.deregistered',
  'registration-deleted': 'probation-case.registration.deleted',
  'licence-activated': 'create-and-vary-a-licence.licence.activated',
  'prison-number-added': 'probation-case.prison-identifier.added',
  merged: 'probation-case.merge.completed',
  'engagement-created': 'probation-case.engagement.created',
  'tier-calculated': 'tier.calculation.complete',
}

const mainTypes: Readonly<Record<Requirement, string>> = {
  DRR: 'Drug Rehabilitation',
  ATR: 'Alcohol Treatment',
  MHTR: 'Mental Health Treatment',
}

/** One domain event, bare. The same report always gives the same text. */
export function probationEvent(report: ProbationReport): object {
  const { what, crn, at } = report
  const noms = 'noms' in report ? [{ type: 'NOMS', value: report.noms }] : []
  return {
    eventType: types[what],
    additionalInformation: factsOf(report),
    version: 1,
    occurredAt: wireTime(at, 3),
    description: 'Something has changed in the probation case',
    detailUrl: `https://probation.example.test/case/${crn}`,
    personReference: { identifiers: [{ type: 'CRN', value: crn }, ...noms] },
  }
}

function factsOf(report: ProbationReport): object {
  switch (report.what) {
    case 'requirement-made':
    case 'requirement-ended':
    case 'requirement-restored':
    case 'requirement-deleted':
      return {
        requirementID: report.requirementId,
        requirementMainType:
          report.requirement === null ? 'Unpaid Work' : mainTypes[report.requirement],
        requirementSubType: 'Medium Intensity',
        eventNumber: '1',
      }
    case 'manager-allocated':
      return { allocationId: report.allocationId }
    case 'breach-raised':
      return { eventId: report.enforcementId, outcome: report.outcome }
    case 'recall-raised':
      return {
        eventId: report.enforcementId,
        outcome: report.outcome,
        ...(report.releasedToLead ? { releasedToLead: true } : {}),
      }
    case 'registration-added':
    case 'registration-updated':
    case 'registration-ended':
    case 'registration-deleted':
      return {
        registrationId: report.registrationId,
        registerTypeCode: report.register,
        registrationLevelCode: '',
      }
    case 'licence-activated':
      return { licenceId: report.licenceId }
    case 'prison-number-added':
      return { bookingNumber: `99${report.noms.slice(1, 5)}Q` }
    case 'merged':
      return { sourceCRN: report.from, targetCRN: report.crn }
    case 'supervision-started':
    case 'engagement-created':
    case 'tier-calculated':
      return {}
  }
}
