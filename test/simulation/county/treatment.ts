import { londonDate } from '@throughline/domain'
import {
  type ContactReport,
  contactRecord,
  type NdtmsFile,
  type NdtmsRow,
  ndtmsCsv,
} from '../../agencies/treatment.ts'
import { day, provider, type SimPerson, type SimRecord } from '../county.ts'
import type { Random } from '../random.ts'

type Episode = Extract<NdtmsRow, { is: 'episode' }>

/** One contact, missed doses or naloxone; now and then corrected afterwards, or for nobody's eyes. */
export function contactStory(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly SimRecord[] {
  const attended = random.chance(0.5)
  const restricted = random.chance(0.1)
  const contact = (recordVersion: number, attends: boolean): ContactReport => ({
    provider,
    recordReference: `APT-${serial}`,
    recordVersion,
    episode: `5${1000 + person.n}`,
    at,
    numbers: [
      { type: 'NDTMS', value: person.client },
      { type: 'NHS', value: person.nhs },
    ],
    restricted,
    news: { is: 'contact', attended: attends },
  })
  const first = contact(1, attended)
  const days = 1 + random.below(5)
  const pharmacy = random.chance(0.5)
  const reports: readonly ContactReport[] = random.pick([
    [first],
    [first, contact(2, !attended)],
    [{ ...first, news: { is: 'doses-missed', days, pharmacy } }],
    [{ ...first, news: { is: 'naloxone', form: 'NASAL' } }],
  ])
  const types = {
    contact: 'TreatmentContact',
    'doses-missed': 'DosesMissed',
    naloxone: 'NaloxoneSupplied',
  }
  return reports.map((report) => ({
    name: `${person.name} ${report.news.is} v${report.recordVersion} #${serial}`,
    door: 'contacts',
    type: types[report.news.is],
    kind: null,
    identifiers: [`NDTMS:${provider}:${person.client}`, `NHS:${person.nhs}`],
    occurredAt: at,
    body: contactRecord(report),
  }))
}

/** A treatment service's own book, and the file that it makes of it: everything, again each time. */
export class TreatmentService {
  readonly #episodes = new Map<SimPerson, Episode>()
  #files = 0

  /** Something changes for one person, and the whole book is sent. */
  file(random: Random, person: SimPerson, at: number): SimRecord {
    const before = this.#episodes.get(person)
    this.#episodes.set(
      person,
      before === undefined ? opened(person, at) : changed(random, before, at),
    )
    this.#files += 1
    const rows = [...this.#episodes.values()]
    const refusal: NdtmsRow = { is: 'refusal', client: 'T-9001' }
    const file: NdtmsFile = {
      what: 'ndtms',
      provider,
      from: '2026-01-01',
      to: londonDate(at),
      dataSet: 'P',
      rows: random.chance(0.2) ? [...rows, refusal] : rows,
    }
    return {
      name: `NDTMS file ${this.#files}`,
      door: 'ndtms',
      type: 'TreatmentStarted',
      kind: null,
      identifiers: [...this.#episodes.keys()].map(({ client }) => `NDTMS:${provider}:${client}`),
      occurredAt: at,
      body: ndtmsCsv(file).csv,
      line: provider,
      states: rows.map((row) => ({
        object: `treatment ${provider}/${row.episode}`,
        facts: factsOf(row),
      })),
    }
  }
}

const opened = ({ client, n }: SimPerson, at: number): Episode => ({
  is: 'episode',
  client,
  episode: `5${1000 + n}`,
  person: { initials: `J${String.fromCharCode(65 + n)}`, born: '1984-03-12', sex: 'M' },
  referredOn: londonDate(at - 20 * day),
  triagedOn: londonDate(at - 10 * day),
  area: 'X91B',
  substances: ['1011'],
  referralSource: '13',
  ended: null,
  intervention: null,
  review: null,
})

/** An end is written down, taken back, or corrected; an intervention begins or ends; they are reviewed. */
function changed(random: Random, row: Episode, at: number): Episode {
  const today = londonDate(at)
  const reason = random.pick(['80', '83'])
  const { intervention, triagedOn } = row
  switch (random.below(5)) {
    case 0:
      return { ...row, ended: row.ended === null ? { on: today, reason } : null }
    case 1:
      return { ...row, ended: row.ended === null ? null : { on: row.ended.on, reason } }
    case 2: {
      const ref = `9${row.episode}`
      const begun = { ref, kind: '94', startedOn: triagedOn, endedOn: null } as const
      const over = intervention?.endedOn === null ? triagedOn : null
      return { ...row, intervention: intervention === null ? begun : { ...begun, endedOn: over } }
    }
    case 3: {
      const housingProblem = random.chance(0.5)
      const review = { ref: `8${row.episode}`, on: triagedOn, stage: 'S', daysInWork: 3 } as const
      return { ...row, review: { ...review, housingProblem } }
    }
    default:
      return { ...row, substances: row.substances.length === 1 ? ['1011', '3201'] : ['1011'] }
  }
}

const factsOf = ({ ended, intervention, review }: Episode): readonly string[] => [
  'TreatmentStarted',
  ...(ended === null ? [] : ['TreatmentEnded']),
  ...(intervention === null ? [] : ['InterventionStarted']),
  ...(intervention === null || intervention.endedOn === null ? [] : ['InterventionEnded']),
  ...(review === null ? [] : [`TreatmentReviewed ${review.housingProblem}`]),
]
