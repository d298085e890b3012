import {
  type AdtReport,
  type AdtVisit,
  adtMessage,
  type DiagnosisCode,
} from '../../agencies/hospital.ts'
import { hour, type SimPerson, type SimRecord, trust } from '../county.ts'
import type { Random } from '../random.ts'

interface Told
  extends Partial<Pick<AdtReport, 'trigger' | 'coded' | 'score' | 'referral' | 'died' | 'merges'>> {
  readonly trigger: AdtReport['trigger']
  readonly visit?: AdtVisit
  readonly type: string
  /** Segments that the writer of messages does not know. */
  readonly more?: string
  readonly dissent?: boolean
  readonly takesBack?: string
}

const codes: readonly DiagnosisCode[] = ['T40.1', 'F10.0', 'F11.2', 'R07.4', 'F10.3']

/** One story from a trust: A&E, a stay, what patients ask to be kept, a merge, a death and its correction. */
export function hospitalStory(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly SimRecord[] {
  const story = random.pick([attendance, attendance, spell, spell, masking, masking, record])
  return story(random, person, at, serial).map((told, i): SimRecord => {
    const { type, more = '', dissent, takesBack } = told
    // Messages of one second say which came later by nothing.
    const sentAt = at + (serial % 50) * 1000 + i * 61_000
    const traced = random.chance(0.9)
    const report: AdtReport = {
      trigger: told.trigger,
      controlId: `SYN${serial}.${i}`,
      sentAt,
      at: sentAt,
      trust,
      nhs: { value: person.nhs, traced },
      mrn: { value: person.mrn, trust },
      visit: told.visit ?? null,
      coded: told.coded ?? null,
      score: told.score ?? null,
      referral: told.referral ?? null,
      died: told.died ?? null,
      merges: told.merges ?? null,
    }
    return {
      name: `${person.name} ${told.trigger}${dissent === undefined ? '' : ` dissent ${dissent}`} #${serial}.${i}`,
      door: 'hospital',
      type,
      kind: told.died === undefined ? null : 'DIED',
      identifiers: [...(traced ? [`NHS:${person.nhs}`] : []), `MRN:${trust}:${person.mrn}`],
      occurredAt: sentAt,
      body: adtMessage(report) + more,
      ...(dissent !== undefined && {
        dissent: { on: dissent, at: Math.floor(sentAt / 1000) * 1000 },
      }),
      ...(takesBack !== undefined && { takesBack: `hospital ${takesBack}` }),
    }
  })
}

const visitOf = (kind: AdtVisit['kind'], serial: number, at: number): AdtVisit => ({
  kind,
  ref: `V${serial}`,
  startedAt: at - hour,
  endedAt: null,
  method: kind === 'spell' ? '21' : null,
  from: kind === 'spell' ? '19' : null,
  attendanceRef: null,
  arrivalMode: kind === 'attendance' ? 'A' : null,
  leftFor: null,
  noFixedAbode: false,
})

function attendance(random: Random, _: SimPerson, at: number, serial: number): readonly Told[] {
  const visit = visitOf('attendance', serial, at)
  const coded = random.chance(0.7) ? { codes: [random.pick(codes)], final: false } : null
  const start: Told = { trigger: 'A04', type: 'EmergencyAttendanceStarted', visit, coded }
  const over = { ...visit, endedAt: at, leftFor: '11' }
  const end: Told = { trigger: 'A03', type: 'EmergencyAttendanceEnded', visit: over, coded }
  const cancel: Told = {
    trigger: 'A11',
    type: 'EventWithdrawn',
    visit,
    takesBack: `${trust}/attendance/${visit.ref}`,
  }
  return random.pick([[start], [start, end], [start, cancel], [cancel, start], [end]])
}

function spell(random: Random, _: SimPerson, at: number, serial: number): readonly Told[] {
  const visit = visitOf('spell', serial, at)
  const noFixedAbode = random.chance(0.3)
  const over = { ...visit, endedAt: at, leftFor: '19', noFixedAbode }
  const score = random.chance(0.4) ? { auditC: 3 + random.below(8), takenAt: at } : null
  const referral = random.chance(0.3) ? { to: 'drug-and-alcohol-team' as const, at } : null
  const start: Told = { trigger: 'A01', type: 'Admitted', visit }
  const end: Told = { trigger: 'A03', type: 'Discharged', visit: over, score, referral }
  const late: Told = {
    trigger: 'A08',
    type: 'EncounterReclassified',
    visit: over,
    coded: { codes: [random.pick(codes)], final: true },
  }
  const notOver: Told = { trigger: 'A13', type: 'EventWithdrawn', visit }
  const cancel: Told = {
    trigger: 'A11',
    type: 'EventWithdrawn',
    visit,
    takesBack: `${trust}/spell/${visit.ref}`,
  }
  const moved: Told = { trigger: 'A02', type: 'none', visit }
  return random.pick([
    [start, end, late],
    [start, end, notOver],
    [start, moved, cancel],
    [start, end, late, cancel],
    [end, late],
  ])
}

/** Somebody asks that nothing clinical be told, comes again, and may think otherwise. */
function masking(random: Random, _: SimPerson, at: number, serial: number): readonly Told[] {
  const [first, second] = [visitOf('attendance', serial, at), visitOf('spell', serial, at)]
  const coded = { codes: [random.pick(codes)], final: false }
  const no: Told = { trigger: 'A31', type: 'none', more: 'ZU8||2\r', dissent: true }
  const yes: Told = { trigger: 'A31', type: 'none', more: 'ZU8||1\r', dissent: false }
  const came: Told = { trigger: 'A04', type: 'EmergencyAttendanceStarted', visit: first, coded }
  const stays: Told = { trigger: 'A01', type: 'Admitted', visit: second, coded }
  const asks: Told = { ...came, more: 'ZU8||2\r', dissent: true }
  return random.pick([
    [no, came, stays],
    [came, no, stays],
    [asks, stays],
    [no, came, yes, stays],
  ])
}

function record(random: Random, { n }: SimPerson, at: number, serial: number): readonly Told[] {
  const merge: Told = { trigger: 'A40', type: 'IdentifiersMerged', merges: `T08${10_000 + n}` }
  const death: Told = { trigger: 'A31', type: 'DeathReported', died: true }
  const alive: Told = { trigger: 'A31', type: 'EventWithdrawn', died: false }
  const known: Told = { trigger: 'A28', type: 'none' }
  const visit = visitOf('attendance', serial, at)
  const came: Told = { trigger: 'A04', type: 'EmergencyAttendanceStarted', visit }
  return random.pick([[merge], [merge], [known], [death, alive, came], [death]])
}
