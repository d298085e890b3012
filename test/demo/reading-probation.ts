import type { ProbationReport } from '../agencies/probation.ts'
import {
  type Happening,
  happeningOf,
  notTold,
  numberText,
  published,
  type Read,
  readOnce,
  secondsOf,
  type Telling,
} from './happening.ts'

/** Registers that keep somebody safe; nobody is told of any other. */
const registers = ['RHRH', 'RMRH', 'MAPP', 'ADVP', 'REG30', 'SPO', 'RCPR']

/** What probation's events say. */
export const probationReading = () =>
  readOnce((report: ProbationReport, receivedAt: number): Read => {
    const { what } = report
    if (what === 'engagement-created') return notTold('ignored/signal')
    if (what === 'tier-calculated') return notTold('ignored/not-needed')
    if ('requirement' in report && report.requirement === null) return notTold('ignored/not-needed')
    if ('register' in report && !registers.includes(report.register))
      return notTold('ignored/not-needed')
    return published(told(report, receivedAt))
  })

type Said = Pick<Telling, 'facts'> & Partial<Telling>

function told(report: ProbationReport, receivedAt: number): Happening {
  const { crn, at } = report
  const said = saidIn(report)
  return happeningOf({
    key: JSON.stringify([report.what, crn, at, said.object?.[1] ?? '']),
    version: 1,
    agency: 'probation',
    occurredAt: at,
    precision: 'INSTANT',
    receivedAt,
    identifiers: [
      numberText('CRN', crn),
      ...('noms' in report ? [numberText('NOMS', report.noms)] : []),
    ],
    ...said,
  })
}

function saidIn(report: ProbationReport): Said {
  const version = secondsOf(report.at)
  switch (report.what) {
    case 'requirement-made':
    case 'requirement-ended':
    case 'requirement-restored':
    case 'requirement-deleted':
      return requirement(report, version)
    case 'supervision-started':
      return { facts: { type: 'SupervisionStarted', kind: null } }
    case 'manager-allocated':
      return {
        object: ['workload', `allocation:${report.allocationId}`],
        facts: { type: 'SupervisionManagerAllocated', manager: null, team: null },
      }
    case 'breach-raised':
      return {
        object: ['delius', `enforcement:${report.enforcementId}`],
        facts: { type: 'BreachRaised', outcomeCode: report.outcome },
      }
    case 'recall-raised': {
      const { enforcementId, outcome, releasedToLead } = report
      return {
        version: releasedToLead ? 2 : 1,
        object: ['delius', `enforcement:${enforcementId}`],
        facts: {
          type: 'RecallRaised',
          recallRef: enforcementId,
          outcomeCode: outcome,
          releasedToLead,
        },
      }
    }
    case 'registration-added':
    case 'registration-updated':
    case 'registration-ended':
    case 'registration-deleted':
      return registration(report, version)
    case 'licence-activated':
      return {
        key: `licence ${report.licenceId}`,
        version,
        object: ['create-and-vary-a-licence', `licence:${report.licenceId}`],
        facts: { type: 'LicenceActivated', licenceRef: report.licenceId, kind: 'LICENCE' },
      }
    case 'prison-number-added':
      return {
        facts: {
          type: 'IdentifiersLinked',
          one: identifier('CRN', report.crn),
          other: identifier('NOMS', report.noms),
        },
      }
    case 'merged':
      return {
        identifiers: [numberText('CRN', report.crn), numberText('CRN', report.from)],
        facts: {
          type: 'IdentifiersMerged',
          surviving: identifier('CRN', report.crn),
          removed: identifier('CRN', report.from),
        },
      }
    case 'engagement-created':
    case 'tier-calculated':
      throw new Error('nothing is said')
  }
}

/** Whichever of an end and its undoing Delius said last holds; a deletion takes back all of it. */
function requirement(
  report: Extract<ProbationReport, { requirementId: string }>,
  version: number,
): Said {
  const { what, requirementId: requirementRef, requirement } = report
  const object = ['delius', `requirement:${requirementRef}`] as const
  const ended = `requirement-ended ${requirementRef}`
  const shared = { requirement: requirement ?? 'UNKNOWN', requirementRef } as const
  switch (what) {
    case 'requirement-made':
      return {
        key: `requirement-made ${requirementRef}`,
        object,
        facts: { type: 'TreatmentRequirementMade', ...shared, lengthMonths: null, court: null },
      }
    case 'requirement-ended':
      return {
        key: ended,
        version,
        object,
        facts: { type: 'RequirementEnded', ...shared, reason: null },
      }
    case 'requirement-restored':
      return {
        version,
        facts: {
          type: 'EventWithdrawn',
          withdrawnEventId: ended,
          reason: 'requirement-unterminated',
        },
      }
    case 'requirement-deleted':
      return objectWithdrawn(object, version)
  }
}

/** An end has a number of its own and does not name the entry. */
function registration(
  { what, registrationId, register }: Extract<ProbationReport, { registrationId: string }>,
  version: number,
): Said {
  if (what === 'registration-deleted')
    return objectWithdrawn(['delius', `registration:${registrationId}`], version)
  const table = what === 'registration-ended' ? 'deregistration' : 'registration'
  return {
    object: ['delius', `${table}:${registrationId}`],
    facts: {
      type: 'RegistrationChanged',
      registrationRef: registrationId,
      change:
        what === 'registration-added'
          ? 'ADDED'
          : what === 'registration-updated'
            ? 'UPDATED'
            : 'ENDED',
      registerCode: register,
      registeredOn: null,
    },
  }
}

/** Names the object and nobody: it goes wherever the object went. */
const objectWithdrawn = (object: readonly [string, string], version: number): Said => ({
  version,
  object,
  identifiers: [],
  facts: { type: 'EventWithdrawn', withdrawnEventId: null, reason: 'deleted' },
})

const identifier = (type: string, value: string) => ({ type, value, issuer: null, verified: true })
