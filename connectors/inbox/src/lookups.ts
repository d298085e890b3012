import {
  type Assignment,
  agencyRole,
  canonicalText,
  identifier,
  identifierHash,
  leadOf,
} from '@throughline/domain'
import {
  bodyOf,
  callerOf,
  HttpFault,
  jsonBody,
  type Office,
  requireAny,
} from '@throughline/service'
import { Router } from 'express'
import { z } from 'zod'
import type { InboxDeps } from './deps.ts'
import { disclose } from './disclose.ts'
import { reading } from './notices.ts'

/** Who leads, in the terms of an office: a name, where they work, and the number of their desk. */
interface Lead {
  readonly name: string
  readonly organisation: string
  readonly telephone: string | null
}

interface LookupAnswer {
  /** Null where nobody is known under the numbers, nobody leads, or the person has not named this agency: the three look alike. */
  readonly lead: Lead | null
  /** Whom to ring otherwise: the same for everybody, and null where none is configured. */
  readonly otherwise: Office | null
}

/**
 * "Who do I ring about this person?" (design, section 10). The answer would say that the person works
 * with somebody, so only an agency that they named themselves gets one. For everybody else it is the
 * same answer, at the same cost: one look for a claim, one passage of the gate, which leaves its entry
 * in the audit (assurance, C8, T6 and T8).
 */
export function lookupRoutes(deps: InboxDeps): Router {
  const routes = Router()
  const alarm = missesAlarm(deps)
  routes.post('/lead-practitioner/lookups', requireAny('agency'), readJson, async (req, res) => {
    const { agency } = callerOf(req, 'agency')
    const hashes = hashesOf(deps, bodyOf(req))
    await answerWith(deps, agency, hashes, (lead) => {
      const answer: LookupAnswer = { lead, otherwise: deps.directory.dutyOffice ?? null }
      res.json(answer)
      if (lead === null) alarm(agency)
    })
  })
  return routes
}

const readJson = jsonBody({ limit: 16 * 1024, prototypeMembers: 'refuse' })

/** Stands in for whoever nobody knows, so that the gate has as much to do. No person has this id. */
const nobody = 'nobody'

async function answerWith(
  deps: InboxDeps,
  agency: string,
  hashes: readonly string[],
  write: (lead: Lead | null) => void,
): Promise<void> {
  const claimants = await deps.register.claimants(hashes)
  // Numbers of two people are a conflict: whoever is meant, nobody is told.
  const personId = claimants.length === 1 ? (claimants[0] ?? nobody) : nobody
  const ask = {
    personId,
    purpose: 'care-coordination',
    sources: [],
    categories: [],
    tier: 'involvement',
    recipient: { practitionerId: `agency:${agency}`, organisation: agency, role: agencyRole },
    what: { kind: 'lead', id: personId },
  } as const
  await disclose(
    reading(deps),
    [[personId, ask]],
    async (allowed) => {
      const lead = allowed.length === 0 ? null : await leadFor(deps, personId)
      return { used: new Set(lead === null ? [] : [personId]), result: lead }
    },
    write,
  )
}

async function leadFor({ register, directory }: InboxDeps, personId: string): Promise<Lead | null> {
  const record = await register.person(personId)
  const lead = record && leadOf(record, register.now())
  return lead === undefined ? null : leadWords(directory, lead)
}

function leadWords(
  directory: InboxDeps['directory'],
  { practitionerId, organisation }: Assignment,
): Lead | null {
  const known = directory.practitioners.find(({ id }) => id === practitionerId)
  if (known === undefined) return null
  return {
    name: known.name,
    organisation: directory.organisationName(organisation),
    telephone: known.telephone ?? null,
  }
}

const lookup = z.strictObject({
  identifiers: z
    .array(
      z.strictObject({
        type: z.string().max(30),
        value: z.string().min(1).max(60),
        issuer: z.string().min(1).max(40).optional(),
      }),
    )
    .min(1)
    .max(10),
})

/** The numbers as HMACs, or 422 with the place and the rule of the first fault. Values are never repeated. */
function hashesOf(
  { ids, register, allowTestNhsNumbers = false }: InboxDeps,
  body: unknown,
): readonly string[] {
  const read = lookup.safeParse(body ?? {})
  if (!read.success) throw refusal(read.error.issues[0]?.path.join('.') ?? '', 'shape')
  const referenceYear = new Date(register.now()).getUTCFullYear()
  return read.data.identifiers.map((written, n) => {
    const answer = identifier(
      { ...written, issuer: written.issuer ?? null },
      { allowTestNhsNumbers, referenceYear },
    )
    if (!answer.ok) throw refusal(`identifiers.${n}.${answer.at}`, answer.rule)
    return identifierHash(ids, canonicalText(answer.identifier))
  })
}

const refusal = (at: string, rule: string): HttpFault =>
  new HttpFault(422, 'rejected', `This body is not of the documented form: ${rule}.`, { at })

/** From so many lookups without an answer within an hour on, somebody has to look (assurance, UI-9). */
const missesMax = 20
const hourMs = 3_600_000

function missesAlarm({ clock, log }: InboxDeps): (agency: string) => void {
  const seen = new Map<string, { since: number; count: number }>()
  return (agency) => {
    const now = clock.now()
    const known = seen.get(agency)
    const misses =
      known === undefined || now - known.since >= hourMs ? { since: now, count: 0 } : known
    misses.count += 1
    seen.set(agency, misses)
    if (misses.count === missesMax) {
      log?.warn('many lookups without an answer', { agency, count: misses.count })
    }
  }
}
