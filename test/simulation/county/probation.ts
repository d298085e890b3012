import { type HearingReport, hearingMessage } from '../../agencies/court.ts'
import { type ProbationReport, probationEvent, type Requirement } from '../../agencies/probation.ts'
import { hour, type SimPerson, type SimRecord } from '../county.ts'
import type { Random } from '../random.ts'

type Facts<T> = T extends ProbationReport ? Omit<T, 'crn' | 'at'> : never
interface Told {
  readonly facts: Facts<ProbationReport>
  readonly type: string
  readonly takesBack?: string
}

/** One story from a probation office: a requirement's life, an enforcement, a register entry, a second number. */
export function probationStory(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly SimRecord[] {
  const story = random.pick([requirementLife, enforced, registered, numbered])
  return story(random, person, serial).map(({ facts, type, takesBack }, i) => {
    const occurredAt = at + i * 7_000
    const noms = 'noms' in facts ? [`NOMS:${facts.noms}`] : []
    const report = { ...facts, crn: person.crn, at: occurredAt } as ProbationReport
    return {
      name: `${person.name} ${facts.what} #${serial}`,
      door: 'probation',
      type,
      kind: null,
      identifiers: [`CRN:${person.crn}`, ...noms],
      occurredAt,
      body: probationEvent(report),
      ...(takesBack !== undefined && { takesBack: `probation ${takesBack}` }),
    }
  })
}

function requirementLife(random: Random, _: SimPerson, serial: number): readonly Told[] {
  const requirement = random.pick(['DRR', 'ATR', 'MHTR', null] as const)
  const requirementId = `7${1000 + serial}`
  const one = { requirementId, requirement }
  const told = (facts: Told['facts'], type: string, takesBack?: string): Told =>
    requirement === null
      ? { facts, type: 'none' }
      : { facts, type, ...(takesBack && { takesBack }) }
  const made = told({ what: 'requirement-made', ...one }, 'TreatmentRequirementMade')
  const ended = told({ what: 'requirement-ended', ...one }, 'RequirementEnded')
  const back = told({ what: 'requirement-restored', ...one }, 'EventWithdrawn')
  const object = `requirement:${requirementId}`
  const gone = told({ what: 'requirement-deleted', ...one }, 'EventWithdrawn', object)
  return random.pick([[made], [made, ended], [made, ended, back], [made, gone], [gone, made]])
}

function enforced(random: Random, _: SimPerson, serial: number): readonly Told[] {
  const shared = { enforcementId: `3${1000 + serial}`, outcome: random.pick(['ROM', 'WD', 'IEO']) }
  const releasedToLead = random.chance(0.5)
  return random.pick<readonly Told[]>([
    [{ facts: { what: 'breach-raised', ...shared }, type: 'BreachRaised' }],
    [{ facts: { what: 'recall-raised', ...shared, releasedToLead }, type: 'RecallRaised' }],
  ])
}

function registered(random: Random, _: SimPerson, serial: number): readonly Told[] {
  const registrationId = `9${1000 + serial}`
  const entry = { registrationId, register: random.pick(['RHRH', 'ADVP', 'WEAP']) }
  const told = (what: 'added' | 'updated' | 'deleted', type: string): Told => ({
    facts: { what: `registration-${what}`, ...entry },
    type: entry.register === 'WEAP' ? 'none' : type,
    ...(type === 'EventWithdrawn' && { takesBack: `registration:${registrationId}` }),
  })
  const added = told('added', 'RegistrationChanged')
  const changed = told('updated', 'RegistrationChanged')
  const gone = told('deleted', 'EventWithdrawn')
  return random.pick([[added], [added, changed], [added, gone], [added, changed, gone]])
}

function numbered(random: Random, { noms, n }: SimPerson, serial: number): readonly Told[] {
  return random.pick<readonly Told[]>([
    [{ facts: { what: 'prison-number-added', noms }, type: 'IdentifiersLinked' }],
    [
      {
        facts: { what: 'licence-activated', licenceId: `5${serial}`, noms },
        type: 'LicenceActivated',
      },
    ],
    [{ facts: { what: 'merged', from: `Z${900_000 + n}` }, type: 'IdentifiersMerged' }],
    [{ facts: { what: 'supervision-started' }, type: 'SupervisionStarted' }],
    [
      {
        facts: { what: 'manager-allocated', allocationId: `4${serial}` },
        type: 'SupervisionManagerAllocated',
      },
    ],
    [{ facts: { what: 'tier-calculated' }, type: 'none' }],
  ])
}

/** A hearing told whole, then told again with more, with less, or not at all any more. */
export function hearingStory(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly SimRecord[] {
  const hearingId = `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`
  const sittingAt = Math.floor(at / hour) * hour
  const kinds: readonly Requirement[] = ['DRR', 'ATR', 'MHTR']
  const some = () => kinds.filter(() => random.chance(0.5))
  const tellings = [
    some(),
    ...(random.chance(0.7) ? [some()] : []),
    ...(random.chance(0.3) ? [some()] : []),
  ]
  if (random.chance(0.25)) tellings.push([])
  const line = `hearing ${hearingId}`
  return tellings.map((ordered, i): SimRecord => {
    const isLast = i === tellings.length - 1
    const deleted = isLast && ordered.length === 0 && i > 0 && random.chance(0.6)
    const offences = random.pick([1, 2] as const)
    const report: HearingReport = deleted
      ? { what: 'deleted', hearingId }
      : {
          what: 'resulted',
          hearingId,
          sittingAt,
          court: 'B99ZZ',
          pnc: person.pnc,
          ordered: ordered.map((requirement) => ({ requirement, months: 6 })),
          offences,
        }
    return {
      name: `${person.name} ${deleted ? 'hearing deleted' : `hearing ${ordered.join('+')}`} #${serial}.${i}`,
      door: 'court',
      type: 'TreatmentRequirementMade',
      kind: null,
      identifiers: [`PNC:${person.pnc}`],
      occurredAt: sittingAt,
      body: hearingMessage(report, `message ${serial}.${i}`),
      line,
      states: [
        {
          object: `probation ${hearingId}`,
          facts: ordered.map((requirement) => `TreatmentRequirementMade ${requirement}`),
        },
      ],
    }
  })
}
