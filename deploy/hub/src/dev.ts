import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Agency, agencies, agencyRole, leadRole, purposes } from '@throughline/domain'
import { type HubConfig, hashOfToken } from './config.ts'
import { edgeOptions } from './edges.ts'

const organisation = 'testshire-recovery'

const practitioners = [
  ...Array.from({ length: 8 }, (_, i) => ({
    id: `lp-${i + 1}`,
    name: `Lead practitioner ${i + 1}`,
    role: 'lead-practitioner',
  })),
  { id: 'peer-4', name: 'Peer supporter 4', role: 'peer-supporter' },
  { id: 'rx-1', name: 'Prescriber 1', role: 'prescriber' },
  { id: 'duty-1', name: 'Duty worker 1', role: 'duty' },
  { id: 'intake-1', name: 'Intake worker 1', role: 'intake' },
]

/** The agencies of a made-up partnership send made-up numbers, and trace them. */
export function madeUpEdges(): HubConfig['edges'] {
  const madeUp = { allowTestNhsNumbers: true, nhsNumbersTraced: true }
  return edgeOptions.parse({
    custody: madeUp,
    hospital: { ...madeUp, takeTestMessages: true },
    housing: madeUp,
    treatment: madeUp,
    other: { ...madeUp, desks: [organisation] },
  })
}

interface Credentials {
  agencies: Record<Agency, { token: string }>
  register: { token: string }
  practitioners: { id: string; name: string; organisation: string; role: string; token: string }[]
  analysts: { feed: string; token: string }[]
  operators: { token: string }[]
}

/**
 * A made-up partnership for trying things out: fresh tokens in `DATA/credentials.json` (kept over
 * restarts, readable by the owner only) and agreements for every agency and purpose.
 */
export function devConfig(data: string): HubConfig {
  mkdirSync(data, { recursive: true })
  const file = join(data, 'credentials.json')
  const fresh = freshCredentials()
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Credentials>)
    : {}
  // An agency that is newer than the file has no token in it yet.
  const credentials = { ...fresh, ...kept, agencies: { ...fresh.agencies, ...kept.agencies } }
  if (agencies.some((agency) => kept.agencies?.[agency] === undefined))
    writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  return {
    partnership: 'testshire',
    host: '127.0.0.1',
    port: 8080,
    data,
    processors: ['link', 'notify', 'story', 'outcomes', 'inbox'],
    allowTestNhsNumbers: true,
    edges: madeUpEdges(),
    agencies: Object.fromEntries(
      agencies.map((agency) => [
        agency,
        { tokenHash: hashOfToken(credentials.agencies[agency].token) },
      ]),
    ),
    register: { tokenHash: hashOfToken(credentials.register.token) },
    practitioners: credentials.practitioners.map(({ token, ...who }, n) => ({
      ...who,
      telephone: `07700 9001${String(n + 1).padStart(2, '0')}`,
      tokenHash: hashOfToken(token),
    })),
    dutyOffice: {
      name: 'Testshire duty office',
      telephone: '07700 900100',
      hours: 'Every day, 8 am to 8 pm',
    },
    analysts: credentials.analysts.map(({ feed, token }) => ({
      feed,
      tokenHash: hashOfToken(token),
    })),
    operators: credentials.operators.map(({ token }) => ({ tokenHash: hashOfToken(token) })),
    agreements: [
      ...agencies.flatMap((source) =>
        purposes.map((purpose) => agreement(source, purpose, organisation)),
      ),
      // An agency may be told who leads, where the person names it.
      ...agencies.map((agency) => agreement('treatment', 'care-coordination', agency)),
    ],
    fhirConsents: madeUpTerms,
  }
}

/** How the systems of a made-up partnership call their notice and each other. */
const madeUpTerms: HubConfig['fhirConsents'] = {
  policies: [
    {
      uri: 'https://hub.example.invalid/policy/multi-agency/2026-04',
      noticeVersion: '2026-04',
      sources: ['custody', 'probation', 'hospital', 'housing', 'treatment'],
      categories: ['whereabouts', 'justice', 'health', 'substance-use', 'housing', 'safety'],
      tier: 'detail',
    },
  ],
  recipients: [
    ...agencies.map((agency) => ({
      reference: `Organization/syn-${agency}`,
      are: [{ organisation: agency, role: agencyRole }],
    })),
    {
      reference: 'Organization/syn-recovery',
      are: [{ organisation, role: leadRole }],
    },
    { reference: 'Group/syn-breakglass', are: [{ organisation, role: 'duty' }] },
  ],
}

const agreement = (
  source: Agency,
  purpose: (typeof purposes)[number],
  recipientOrganisation: string,
) => ({
  id:
    recipientOrganisation === organisation
      ? `dev-${source}-${purpose}`
      : `dev-${source}-${purpose}-${recipientOrganisation}`,
  source,
  purpose,
  recipientOrganisation,
  from: Date.UTC(2000, 0, 1),
  until: Date.UTC(2100, 0, 1),
})

function freshCredentials(): Credentials {
  const token = () => randomBytes(24).toString('base64url')
  return {
    agencies: Object.fromEntries(
      agencies.map((agency) => [agency, { token: token() }]),
    ) as Credentials['agencies'],
    register: { token: token() },
    practitioners: practitioners.map((who) => ({ ...who, organisation, token: token() })),
    analysts: [{ feed: 'partnership', token: token() }],
    operators: [{ token: token() }],
  }
}
