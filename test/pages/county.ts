import { readFileSync } from 'node:fs'
import { arrested, moved, newcomers, noms, pnc } from '../journeys/events.ts'
import { startTestHub, type TestHub } from '../journeys/hub.ts'
import { tenfoldExtract } from '../journeys/tenfold.ts'
import type { Person } from '../people/people.ts'

/** A hub with a few people in it, for whoever wants to look at its pages. */
export interface SmallCounty extends AsyncDisposable {
  readonly hub: TestHub
  /** Somebody with a story and open notices, whose lead is `lp-1`. */
  readonly personId: string
  /** Somebody of whom every agency has told something; the same lead. */
  readonly storyOf: string
}

/** A Thursday morning in winter, after the last of the agencies' examples. */
const morning = '2026-12-10T09:00:00Z'
const at = (days: number, time: string): string =>
  `${new Date(Date.parse(morning) + days * 86_400_000).toISOString().slice(0, 10)}T${time}Z`

/** The made-up person of the agencies' own examples, by the numbers in them. */
const everyNumber = [
  { type: 'NHS', value: '9990000115' },
  { type: 'NOMS', value: 'Z9134QX' },
  { type: 'CRN', value: 'Q904417' },
  { type: 'NDTMS', issuer: 'N9901', value: 'T-1001' },
  { type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'TEN-SYN-00042' },
]

/** Examples that tell of them, through each agency's own door. */
const told = [
  ['custody', 'domain-events', 'prisoner-received-admission.json'],
  ['custody', 'domain-events', 'recall-inserted.json'],
  ['custody', 'domain-events', 'prisoner-released-home.json'],
  ['probation', 'domain-events', 'licence-activated.json'],
  ['probation', 'domain-events', 'community-manager-allocated.json'],
  ['probation', 'domain-events', 'requirement-created-drug-rehabilitation.json'],
  ['treatment', 'contacts', 'contact-attended.json'],
  ['treatment', 'contacts', 'contact-missed.json'],
  ['treatment', 'contacts', 'doses-missed.json'],
  ['treatment', 'contacts', 'naloxone-supplied.json'],
  ['housing', 'tenancies', 'tenancy-arrears-notice-asb.json'],
  ['housing', 'tenancies', 'rough-sleeping-contact.json'],
  ['hospital', 'hl7v2', 'a04-ed-attendance.hl7'],
  ['hospital', 'hl7v2', 'a01-emergency-admission.hl7'],
  ['hospital', 'hl7v2', 'a08-coding-complete.hl7'],
] as const

async function tell(hub: TestHub): Promise<void> {
  for (const [agency, door, name] of told) {
    const file = new URL(`../../connectors/${agency}/examples/${name}`, import.meta.url)
    const isHl7 = name.endsWith('.hl7')
    const answer = await hub.ask(
      agency,
      'POST',
      `/intake/${agency}/${door}`,
      readFileSync(file, isHl7 ? 'latin1' : 'utf8'),
      isHl7 ? { 'content-type': 'application/hl7-v2+er7', accept: '*/*' } : {},
    )
    if (answer.status >= 300) throw new Error(`${name} was answered ${answer.status}`)
  }
  await hub.idle()
}

/** Made-up people, agreed and told about through the real doors. */
export async function startSmallCounty(): Promise<SmallCounty> {
  const hub = await startTestHub({ from: at(-60, '09:00:00') })
  const newcomer = newcomers(31)
  const agree = async (person: Person, terms: object = {}) =>
    (
      await hub.consent({
        identifiers: [noms(person), pnc(person)],
        lead: 'lp-1',
        recipients: ['lead-practitioner', 'peer-supporter', 'duty'],
        displayName: person.displayName,
        ...terms,
      })
    ).personId

  const ann = newcomer()
  const ben = newcomer()
  const cas = newcomer()
  const dee = newcomer()
  const personId = await agree(ann, {
    team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
    deputies: ['lp-2'],
  })
  await agree(ben, { ownWords: 'Text me, then ring. I do not open letters.' })
  await agree(cas, { ownWords: '' })
  const gone = await agree(dee)
  const storyOf = await agree(cas, {
    identifiers: everyNumber,
    displayName: 'Corwin F.',
    ownWords:
      'Please don’t ring before noon. I sleep badly.\nTalk to my sister first if you can’t find me.',
  })

  await hub.passTo(at(-40, '10:00:00'))
  await hub.custody(moved(ann, 'admission', at(-40, '09:12:00')))
  await hub.custody(moved(ben, 'admission', at(-40, '09:20:00')))
  await hub.passTo(at(-9, '12:00:00'))
  await hub.custody(moved(ann, 'released', at(-9, '10:05:00')))
  // A week later nobody has reported treatment; then police custody in the night.
  await hub.passTo(at(0, '06:30:00'))
  await hub.police(arrested(ann, at(-1, '23:40:00'), { prescription: 'YES' }))
  await hub.custody(moved(ben, 'court-out', at(0, '06:20:00'), { code: 'CRT' }))
  await hub.passTo(at(0, '09:00:00'))
  // The search family says released; the coded one corrects it.
  await hub.custody(moved(cas, 'released', at(0, '08:10:00'), { family: 'search' }))
  await hub.custody(moved(cas, 'released', at(0, '08:10:00'), { code: 'HP' }))
  await hub.custody(moved(dee, 'released', at(0, '08:30:00')))
  await hub.withdraw(gone)
  await tell(hub)
  await hub.passTo(at(0, '09:20:00'))
  await tenfoldExtract(hub)
  await hub.ask('operator', 'POST', '/outcomes/partnership/releases', {})
  return { hub, personId, storyOf, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() }
}
