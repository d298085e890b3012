import type { AdtReport, AdtVisit, DiagnosisCode, Referral } from '../agencies/hospital.ts'
import {
  type Facts,
  type FactsOf,
  happeningOf,
  notTold,
  numberText,
  published,
  type Read,
  readOnce,
  secondsOf,
  type Telling,
} from './happening.ts'
import { minute } from './slots.ts'

type Classification = FactsOf<'Admitted'>['classifications'][number]

const tiers: Readonly<Record<DiagnosisCode, Classification['tier'] | null>> = {
  'T40.1': 'DRUG_POISONING',
  'T40.2': 'DRUG_POISONING',
  'F10.0': 'ALCOHOL_SPECIFIC',
  'F10.3': 'ALCOHOL_SPECIFIC',
  'F11.2': 'DRUG_DISORDER',
  'R07.4': null,
  'J18.9': null,
}

const services: Readonly<Record<Referral, { code: string; to: string; condition: string | null }>> =
  {
    'alcohol-treatment': {
      code: '431260004',
      to: 'specialist-alcohol-treatment',
      condition: 'alcohol',
    },
    'drug-and-alcohol-team': {
      code: '417096006',
      to: 'community-drug-and-alcohol-team',
      condition: null,
    },
  }

/** What a trust's messages say: several things at once, of whoever its numbers surely name. */
export const hospitalReading = () =>
  readOnce((report: AdtReport, receivedAt: number): Read => {
    const said = saidIn(report)
    if (said.length === 0) return notTold('ignored/not-needed')
    const identifiers = numbersIn(report)
    if (identifiers.length === 0)
      return notTold(
        `quarantined/identifier-${report.nhs === null && report.mrn === null ? 'missing' : 'invalid'}`,
      )
    const system = `hospital-${report.trust.toLowerCase()}`
    return published(
      ...said.map(({ object, alsoNamed, ...one }) =>
        happeningOf({
          version: secondsOf(report.sentAt),
          agency: 'hospital',
          occurredAt: wholeMinute(report.at),
          precision: 'MINUTE',
          receivedAt,
          identifiers: [...identifiers, ...(alsoNamed ?? [])],
          heldUnclaimed: false,
          ...(object === undefined ? {} : { object: [system, object] as const }),
          ...one,
          key: `${system} ${one.key}`,
          facts: withdrawing(one.facts, system),
        }),
      ),
    )
  })

interface Said extends Pick<Telling, 'key' | 'facts'> {
  readonly occurredAt?: number
  readonly object?: string
  readonly alsoNamed?: readonly string[]
}

const wholeMinute = (at: number): number => Math.floor(at / minute) * minute

/** What is taken back is named by its key, and keys begin with the trust's system. */
const withdrawing = (facts: Telling['facts'], system: string): Telling['facts'] =>
  facts.type === 'EventWithdrawn' && facts.withdrawnEventId !== null
    ? { ...facts, withdrawnEventId: `${system} ${facts.withdrawnEventId}` }
    : facts

/** A number that was not traced names nobody, and neither does another trust's. */
function numbersIn({ nhs, mrn, trust }: AdtReport): readonly string[] {
  return [
    ...(nhs?.traced ? [numberText('NHS', nhs.value)] : []),
    ...(mrn?.trust === trust ? [numberText('MRN', mrn.value, trust)] : []),
  ]
}

function saidIn(report: AdtReport): readonly Said[] {
  const { trigger, visit } = report
  const ofVisit = visit === null ? [] : visitSaid(report, visit)
  const deaths = deathSaid(report)
  return trigger === 'A40' ? [...merged(report), ...deaths] : [...ofVisit, ...deaths]
}

function visitSaid(report: AdtReport, visit: AdtVisit): readonly Said[] {
  const object = `${report.trust}/${visit.kind}/${visit.ref}`
  const about = { provider: report.trust, visitRef: visit.ref }
  const key = (what: string) => `${what} ${visit.kind} ${visit.ref}`
  const classifications = classified(report)
  switch (report.trigger) {
    case 'A01':
    case 'A04':
      return [
        { key: key('started'), object, facts: startOf(visit, about, classifications) },
        ...observed(report, visit, object),
      ]
    case 'A03':
      return [
        { key: key('ended'), object, facts: endOf(visit, about, classifications) },
        ...observed(report, visit, object),
      ]
    case 'A08': {
      const coded =
        report.coded !== null &&
        report.coded.codes.length > 0 &&
        (report.coded.final || classifications.length > 0)
      const facts: FactsOf<'EncounterReclassified'> = {
        type: 'EncounterReclassified',
        ...about,
        classifications,
        removed: [],
      }
      return [
        ...(coded ? [{ key: key('reclassified'), object, facts }] : []),
        ...observed(report, visit, object),
      ]
    }
    case 'A11':
      return [{ key: key('visit-withdrawn'), object, facts: withdrawal(null, 'A11') }]
    case 'A13':
      return [{ key: `withdrawn ${key('ended')}`, facts: withdrawal(key('ended'), 'A13') }]
    default:
      return []
  }
}

const withdrawal = (
  withdrawnEventId: string | null,
  reason: string,
): FactsOf<'EventWithdrawn'> => ({
  type: 'EventWithdrawn',
  withdrawnEventId,
  reason,
})

type About = Pick<FactsOf<'Admitted'>, 'provider' | 'visitRef'>
type VisitFacts = Extract<
  Facts,
  { type: 'Admitted' | 'Discharged' | 'EmergencyAttendanceStarted' | 'EmergencyAttendanceEnded' }
>

const startOf = (visit: AdtVisit, about: About, classifications: Classification[]): VisitFacts =>
  visit.kind === 'spell'
    ? {
        type: 'Admitted',
        ...about,
        attendanceRef: visit.attendanceRef,
        method: visit.method,
        from: visit.from,
        classifications,
      }
    : {
        type: 'EmergencyAttendanceStarted',
        ...about,
        arrivalMode: visit.arrivalMode,
        classifications,
      }

/** No fixed abode counts where nobody says that they went anywhere but home. */
function endOf(visit: AdtVisit, about: About, classifications: Classification[]): VisitFacts {
  const { leftFor } = visit
  if (visit.kind === 'attendance')
    return { type: 'EmergencyAttendanceEnded', ...about, disposal: leftFor, classifications }
  const nowhereToLive =
    visit.noFixedAbode && (leftFor === null || ['19', '29'].includes(leftFor)) ? true : null
  return { type: 'Discharged', ...about, destination: leftFor, nowhereToLive, classifications }
}

function classified({ coded }: AdtReport): Classification[] {
  return (coded?.codes ?? []).flatMap((code, i) => {
    const tier = tiers[code]
    return tier === null ? [] : [{ tier, code, coding: 'ICD-10', primary: i === 0, table: '' }]
  })
}

/** Scores and referrals have their own time, and with it their own name. */
function observed(
  { score, referral }: AdtReport,
  visit: AdtVisit,
  object: string,
): readonly Said[] {
  const said: Said[] = []
  const time = (at: number) => new Date(at).toISOString().slice(0, 16)
  if (score !== null)
    said.push({
      key: `alcohol-score ${visit.kind} ${visit.ref} ${time(score.takenAt)}`,
      object,
      occurredAt: wholeMinute(score.takenAt),
      facts: {
        type: 'AlcoholScoreRecorded',
        provider: object.slice(0, object.indexOf('/')),
        visitRef: visit.ref,
        instrument: 'AUDIT_C',
        score: score.auditC,
      },
    })
  if (referral !== null) {
    const { code, to, condition } = services[referral.to]
    said.push({
      key: `referral ${visit.kind} ${visit.ref} ${code} ${time(referral.at)}`,
      object,
      occurredAt: wholeMinute(referral.at),
      facts: {
        type: 'ReferralMade',
        referralRef: `${visit.ref}-${code}-${time(referral.at)}`,
        toService: to,
        reason: condition === 'alcohol' ? 'alcohol-use' : 'drug-or-alcohol-use',
        condition,
        agreed: false,
        toAttendBy: null,
      },
    })
  }
  return said
}

/** A death is said of the person; the surest number names it. */
function deathSaid(report: AdtReport): readonly Said[] {
  if (report.died === null) return []
  const key = `death ${numbersIn(report)[0] ?? ''}`
  return report.died
    ? [{ key, facts: { type: 'DeathReported', basis: 'HOSPITAL' } }]
    : [{ key: `withdrawn ${key}`, facts: withdrawal(key, 'death-corrected') }]
}

function merged({ trust, mrn, merges }: AdtReport): readonly Said[] {
  if (mrn === null || merges === null) return []
  const at = (value: string) => ({ type: 'MRN', value, issuer: trust, verified: true })
  return [
    {
      key: `merged ${mrn.value} ${merges}`,
      alsoNamed: [numberText('MRN', merges, trust)],
      facts: { type: 'IdentifiersMerged', surviving: at(mrn.value), removed: at(merges) },
    },
  ]
}
