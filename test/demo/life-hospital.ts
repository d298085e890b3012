import type { AdtReport, AdtVisit, DiagnosisCode } from '../agencies/hospital.ts'
import {
  type DeedAt,
  happen,
  isExpected,
  isOutside,
  type Living,
  matter,
  momentIn,
} from './living.ts'
import { day, hour, minute } from './slots.ts'

export const trust = 'RZZ'

/** Visits to A&E and stays on a ward, while the person is not in prison. */
export function hospital(living: Living) {
  const { random, outside, period } = living
  const often = random.chance(0.05)
  const rounds = often ? 6 + random.below(6) : random.chance(0.45) ? 1 + random.below(3) : 0
  // The first ones may be early, so that a fifth comes within the period.
  for (let i = 0; i < rounds; i++) {
    const span = outside.length === 0 ? null : random.pick(outside)
    const from = span === null ? null : momentIn(random, span)
    if (from !== null && from < period.end - 2 * day) visit(living, from)
  }
  if (random.chance(0.03)) mergedRecords(living)
  if (random.chance(0.05)) unnamed(living)
  if (random.chance(0.015)) deathReported(living)
}

interface Stay {
  readonly living: Living
  readonly numbers: Pick<AdtReport, 'nhs' | 'mrn'>
  readonly codes: readonly DiagnosisCode[]
}

const presentations: readonly (readonly DiagnosisCode[])[] = [
  ['F10.0'],
  ['F10.0', 'R07.4'],
  ['T40.1'],
  ['T40.2', 'F10.0'],
  ['F11.2'],
  ['R07.4'],
  ['J18.9'],
]

/** A number traced or not, the trust's own or another's: what names nobody is said all the same. */
function numbersOf({ random, person }: Living): Stay['numbers'] {
  const traced = random.chance(0.85)
  const mrnIsOurs = !random.chance(0.08)
  return {
    nhs: random.chance(0.9) ? { value: person.nhs, traced } : null,
    mrn: random.chance(0.9) ? { value: person.mrn, trust: mrnIsOurs ? trust : 'RYY' } : null,
  }
}

function visit(living: Living, from: number) {
  const { random, person, entries } = living
  const stay: Stay = { living, numbers: numbersOf(living), codes: random.pick(presentations) }
  const ref = `${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
  const arrived = random.chance(0.85) ? attendance(stay, `E26${ref}`, from) : null
  if (arrived === null) {
    if (random.chance(0.3)) admission(stay, `S26${ref}`, from, null)
  } else if (random.chance(0.35)) admission(stay, `S26${ref}`, arrived, `E26${ref}`)
}

const noVisit: AdtVisit = {
  kind: 'attendance',
  ref: '',
  startedAt: 0,
  endedAt: null,
  method: null,
  from: null,
  attendanceRef: null,
  arrivalMode: null,
  leftFor: null,
  noFixedAbode: false,
}

type Told = Partial<AdtReport> & Pick<AdtReport, 'trigger'>

/** One message; its own number is made of who it is about and how much has been said of them. */
function message(
  { living, numbers }: Pick<Stay, 'living' | 'numbers'>,
  told: (at: number) => Told,
): DeedAt {
  const { random, person, entries } = living
  const controlId = `${trust}${person.ref.slice(2)}${String(entries.length).padStart(4, '0')}`
  const over = random.chance(0.06) ? 'http' : 'mllp'
  return (at) => {
    const said = told(at)
    const report: AdtReport = {
      controlId,
      sentAt: Math.floor(at / 1000) * 1000 + 5000,
      at,
      trust,
      ...numbers,
      visit: null,
      coded: null,
      score: null,
      referral: null,
      died: null,
      merges: null,
      ...said,
    }
    return { kind: 'hospital', report, over, ...isExpected(expectedOf(report)) }
  }
}

/** A message that nobody needs is not looked at further; one that names nobody waits for people. */
function expectedOf({ trigger, nhs, mrn, died, coded, merges }: AdtReport): string {
  const says =
    died !== null ||
    merges !== null ||
    ['A01', 'A03', 'A04', 'A11', 'A13'].includes(trigger) ||
    (trigger === 'A08' && coded !== null)
  if (!says) return 'ignored/not-needed'
  const isNamed = nhs?.traced === true || mrn?.trust === trust
  if (isNamed) return 'published'
  return `quarantined/identifier-${nhs === null && mrn === null ? 'missing' : 'invalid'}`
}

/** A&E: arrived, and left or admitted. The moment of leaving. */
function attendance(stay: Stay, ref: string, from: number): number | null {
  const { living, codes } = stay
  const { random } = living
  const early = random.chance(0.5)
  const coded = { codes, final: false }
  let startedAt = 0
  const seen = (): AdtVisit => ({
    ...noVisit,
    ref,
    startedAt,
    arrivalMode: random.pick(['A', 'O']),
  })
  const arrived = matter(
    living,
    'attendance',
    from,
    message(stay, (at) => {
      startedAt = at
      return { trigger: 'A04', visit: seen(), coded: early ? coded : null }
    }),
  )
  if (arrived === null) return null
  if (random.chance(0.05)) {
    happen(
      living,
      arrived + hour,
      message(stay, () => ({ trigger: 'A11', visit: seen() })),
    )
    return null
  }
  const left = happen(
    living,
    arrived + (1 + random.below(6)) * hour,
    message(stay, (at) => ({
      trigger: 'A03',
      visit: { ...seen(), endedAt: at, leftFor: random.pick([null, '12', '19']) },
      coded: random.chance(0.8) ? coded : null,
    })),
  )
  if (left !== null && random.chance(0.2)) codedLate(stay, seen, left)
  return left
}

/** A ward: admitted, perhaps moved, discharged with what was found; and the codes, weeks later. */
function admission(stay: Stay, ref: string, from: number, attendanceRef: string | null) {
  const { living, codes } = stay
  const { random } = living
  let startedAt = 0
  const spell = (): AdtVisit => ({
    ...noVisit,
    kind: 'spell',
    ref,
    startedAt,
    method: attendanceRef === null ? random.pick(['11', '22']) : '21',
    from: '19',
    attendanceRef,
  })
  const admitted = happen(
    living,
    from,
    message(stay, (at) => {
      startedAt = at
      return { trigger: 'A01', visit: spell(), coded: { codes, final: false } }
    }),
  )
  if (admitted === null) return
  if (random.chance(0.3))
    happen(
      living,
      admitted + 5 * hour,
      message(stay, () => ({ trigger: 'A02', visit: spell() })),
    )
  if (random.chance(0.06)) {
    happen(
      living,
      admitted + 3 * hour,
      message(stay, () => ({ trigger: 'A11', visit: spell() })),
    )
    return
  }
  let home = discharge(stay, spell, admitted + (8 + random.below(90)) * hour)
  if (home !== null && random.chance(0.06)) {
    happen(
      living,
      home + hour,
      message(stay, () => ({ trigger: 'A13', visit: spell() })),
    )
    home = discharge(stay, spell, home + day)
  }
  if (home !== null && random.chance(0.5)) codedLate(stay, spell, home)
}

function discharge(stay: Stay, spell: () => AdtVisit, from: number): number | null {
  const { living, codes } = stay
  const { random } = living
  const homeless = random.chance(0.2)
  const isScored = random.chance(0.4)
  const isReferred = random.chance(0.25)
  return matter(
    living,
    'discharge',
    from,
    message(stay, (at) => ({
      trigger: 'A03',
      visit: {
        ...spell(),
        endedAt: at,
        leftFor: homeless ? '19' : random.pick(['19', '29', '54']),
        noFixedAbode: homeless,
      },
      coded: { codes, final: false },
      score: isScored ? { auditC: random.below(13), takenAt: at - 4 * hour } : null,
      referral: isReferred
        ? {
            to: random.pick(['alcohol-treatment', 'drug-and-alcohol-team']),
            at: at - 2 * hour - 7 * minute,
          }
        : null,
    })),
  )
}

/** Coding is done weeks after discharge: what was said may hold, change or fall away. */
function codedLate(stay: Stay, visit: () => AdtVisit, left: number) {
  const { living, codes } = stay
  const { random } = living
  const found = random.pick([codes, codes, ['T40.1', 'F11.2'], ['F10.3'], ['J18.9']] as const)
  happen(
    living,
    left + (3 + random.below(30)) * day,
    message(stay, () => ({ trigger: 'A08', visit: visit(), coded: { codes: found, final: true } })),
  )
}

/** Two records of one patient become one. */
function mergedRecords(living: Living) {
  const { random, person, period } = living
  const stay = { living, numbers: { nhs: null, mrn: { value: person.mrn, trust } } }
  happen(
    living,
    period.start + random.below(period.end - period.start),
    message(stay, () => ({ trigger: 'A40', merges: person.formerMrn })),
  )
}

/** A patient whom no number names surely, or a message without any number. */
function unnamed(living: Living) {
  const { random, person, period, entries } = living
  const numbers = random.pick([
    { nhs: { value: person.nhs, traced: false }, mrn: null },
    { nhs: null, mrn: { value: person.mrn, trust: 'RYY' } },
    { nhs: null, mrn: null },
  ])
  const ref = `X26${person.ref.slice(2)}${String(entries.length).padStart(3, '0')}`
  happen(
    living,
    period.start + random.below(period.end - period.start),
    message({ living, numbers }, (at) => ({
      trigger: 'A04',
      visit: { ...noVisit, ref, startedAt: at },
      coded: { codes: ['T40.1'], final: false },
    })),
  )
}

/** Somebody is reported to have died; half of the reports turn out to be somebody else's. */
function deathReported(living: Living) {
  const { random, person, period } = living
  const stay = {
    living,
    numbers: { nhs: { value: person.nhs, traced: true }, mrn: { value: person.mrn, trust } },
  }
  const from = period.start + (period.end - period.start) * 0.5 + random.below(30 * day)
  if (!isOutside(living, from)) return
  const told = matter(
    living,
    'death',
    from,
    message(stay, () => ({ trigger: 'A31', died: true })),
  )
  if (told !== null && random.chance(0.5))
    happen(
      living,
      told + (1 + random.below(4)) * day,
      message(stay, () => ({ trigger: 'A31', died: false })),
    )
}
