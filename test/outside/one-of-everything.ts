import { readFileSync } from 'node:fs'
import { type Answer, type Caller, callerOn } from '../agencies/caller.ts'
import type { HubProcess } from '../demo/hub-process.ts'
import { consentBody, type RecordResult } from '../journeys/hub.ts'

/** Whoever wrote the examples made up one person; these are their numbers. */
export const numbers = [
  { type: 'NHS', value: '9990000115' },
  { type: 'NOMS', value: 'Z9134QX' },
  { type: 'CRN', value: 'Q904417' },
  { type: 'NDTMS', issuer: 'N9901', value: 'T-1001' },
  { type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'TEN-SYN-00042' },
]
const displayName = 'Corwin F.'
const ownWords = 'Talk to my sister first if you can’t find me.'

/** What is said of them, and nobody outside may read: their numbers, names, telephones and words. */
export const personal: readonly string[] = [
  ...numbers.map(({ value }) => value),
  displayName,
  'Corwin',
  'FERNDALE',
  'Fenwright',
  'T0417733',
  '07700 900',
  'ALCINTOX',
  'ZZ99 3CZ',
  'sister',
]

/** An example, the connector that keeps it, and who takes it to which door. */
type Example = readonly [agency: string, door: string, connector: string, name: string]

/** One of each agency that tells of them, and one that cannot be used yet. */
const examples: readonly Example[] = [
  ['custody', 'custody/domain-events', 'custody', 'prisoner-received-admission.json'],
  ['custody', 'custody/domain-events', 'custody', 'prisoner-released-home.json'],
  ['custody', 'custody/domain-events', 'custody', 'nomis-raw-external-movement-inserted.json'],
  ['probation', 'probation/domain-events', 'probation', 'licence-activated.json'],
  ['hospital', 'hospital/hl7v2', 'hospital', 'a04-ed-attendance.hl7'],
  ['housing', 'housing/tenancies', 'housing', 'tenancy-arrears-notice-asb.json'],
  ['treatment', 'treatment/contacts', 'treatment', 'contact-missed.json'],
  ['other', 'referrals', 'referrals', 'gp-alcohol.json'],
]

/** When the hub's clock stands still for all of it: after the last of the examples. */
export const morning = Date.parse('2026-12-10T09:00:00Z')

/** What the hub answered to those who told it: what must be found outside. */
export interface Told {
  readonly personId: string
  /** Of the licence that probation told of. */
  readonly licenceEventId: string
  /** As the feed's analyst reads it. */
  readonly release: Release
}

export interface Release {
  readonly feed: string
  readonly release: number
  readonly quarter: string
  readonly completeTo: string
  readonly leftSince: number | null
  readonly coveragePerThousand: number | null
  readonly figures: readonly Readonly<Record<string, unknown>>[]
}

/** Somebody agrees, every agency tells something, their practitioner answers, and figures are released. */
export async function tellOneOfEverything(hub: HubProcess): Promise<Told> {
  const { register, practitioners, analysts, operators } = hub.credentials()
  const operator = callerFor(hub, operators[0])
  const feed = analysts[0]?.feed ?? ''

  const { personId } = await agree(callerFor(hub, register))
  await quiet(hub)
  const results = new Map<string, readonly RecordResult[]>()
  for (const example of examples) results.set(example[3], await tell(hub, example))

  const lead = callerFor(
    hub,
    practitioners.find(({ id }) => id === 'lp-1'),
  )
  const { notices } = bodyOf<{ notices: readonly { noticeId: string }[] }>(
    await lead.get('/notices?practitioner=lp-1&state=open'),
    200,
  )
  bodyOf(await lead.post(`/notices/${notices[0]?.noticeId}/acknowledgements`, {}), 202)
  await quiet(hub)
  bodyOf(await operator.post(`/outcomes/${feed}/releases`, {}), 201)
  const analyst = callerFor(hub, analysts[0])
  return {
    personId,
    licenceEventId: results.get('licence-activated.json')?.[0]?.eventIds?.[0] ?? '',
    release: bodyOf(await analyst.get(`/outcomes/${feed}/measures.json?release=1`), 200),
  }
}

/** Takes an example to its door; gives what became of its records, once the hub has come to rest. */
export async function tell(
  hub: HubProcess,
  [agency, door, connector, name]: Example,
): Promise<readonly RecordResult[]> {
  const text = readFileSync(new URL(`${connector}/examples/${name}`, connectors), 'utf8')
  const type = name.endsWith('.hl7') ? 'application/hl7-v2+er7' : 'application/json'
  const caller = callerFor(hub, hub.credentials().agencies[agency])
  const { status, body } = await caller.postText(`/intake/${door}`, type, text)
  if (status >= 300) throw new Error(`${name} was answered ${status}`)
  await quiet(hub)
  return (body as { readonly results?: readonly RecordResult[] }).results ?? []
}

/** The clock is told to stand where it stands: the answer comes when nothing is left to do. */
async function quiet(hub: HubProcess): Promise<void> {
  const operator = callerFor(hub, hub.credentials().operators[0])
  bodyOf(await operator.post('/dev/clock', { to: new Date(morning).toISOString() }), 200)
}

const callerFor = (hub: HubProcess, who: { readonly token: string } | undefined): Caller =>
  callerOn({ base: hub.base, lost: (_tries, cause) => Promise.reject(cause) }, who?.token ?? '')

const connectors = new URL('../../connectors/', import.meta.url)

async function agree(register: Caller): Promise<{ readonly personId: string }> {
  const sources = ['custody', 'probation', 'hospital', 'housing', 'treatment', 'other']
  const terms = { identifiers: numbers, displayName, ownWords, sources }
  const body = consentBody(terms, new Date(morning).toISOString()) as { readonly grants: object[] }
  const grants = ['care-coordination', 'outcomes'].map((purpose) => ({
    ...body.grants[0],
    purpose,
  }))
  const answer = await register.post(
    '/consents',
    { ...body, grants },
    { 'idempotency-key': 'outside' },
  )
  return bodyOf(answer, 201)
}

function bodyOf<T>({ status, body }: Answer, expected: number): T {
  if (status === expected) return body as T
  throw new Error(`answered ${status}, not ${expected}`)
}
