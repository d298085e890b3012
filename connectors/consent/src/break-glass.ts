import type { PersonRecord } from '@throughline/consent'
import {
  type BreakGlass,
  breakGlass,
  breakGlassReasons,
  canonicalText,
  identifier,
  identifierHash,
  leadOf,
  openBreakGlass,
} from '@throughline/domain'
import {
  bodyOf,
  callerOf,
  HttpFault,
  jsonBody,
  notFound,
  type Principal,
  requireAny,
} from '@throughline/service'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { writtenIdentifiers } from './body.ts'
import { idOf, keeperOf, signatureOf } from './caller.ts'
import { checkOptions, contentOfPerson, keptBy } from './consents.ts'
import type { ConsentDeps } from './deps.ts'
import { type Fault, fault, faultsOf } from './faults.ts'
import { gatedRead } from './person-read.ts'
import { iso } from './words.ts'

/**
 * Looking in an emergency (design, section 7). A member of a group that the person named says why, and
 * for four hours may read what the person wrote for such a moment and whom to ring; each reading
 * passes the gate and stands in the audit, and somebody else reviews it within 72 hours. For anybody
 * else, and about anybody who did not agree to it, nobody is there (assurance, C8).
 */
export function breakGlassRoutes(deps: ConsentDeps): Router {
  const routes = Router()
  const practitioners = requireAny('practitioner')
  const keepers = requireAny('register', 'practitioner')
  const json = jsonBody({ limit: 16 * 1024, prototypeMembers: 'refuse' })

  routes.post('/break-glass', practitioners, json, async (req, res) => {
    const read = readDeclaration(deps, bodyOf(req))
    if (!read.ok) {
      refuse(res, read.faults)
      return
    }
    const { hashes, reason } = read
    const claimants = await deps.register.claimants(hashes)
    // Numbers of two people: whoever is meant, nobody is shown.
    const personId = claimants.length === 1 ? (claimants[0] ?? nobody) : nobody
    const breakGlassId = Buffer.from(deps.random(12)).toString('base64url')
    const recipient = recipientOf(callerOf(req, 'practitioner'))
    const command = { kind: 'break-glass', personId, breakGlassId, recipient, reason } as const
    // Refused or not, the gate decides what is shown, and writes it down.
    await deps.register.change(command)
    await show(deps, req, personId, (shown) => res.status(201).json(shown))
  })
  routes.get('/break-glass/:personId', practitioners, async (req, res) => {
    await show(deps, req, idOf(req.params.personId), (shown) => res.json(shown))
  })
  routes.get('/consents/:personId/break-glass', keepers, async (req, res) => {
    const record = await keptBy(deps, keeperOf(req), idOf(req.params.personId))
    res.json({ looks: (record.breakGlass ?? []).map(lookJson) })
  })
  routes.post('/consents/:personId/break-glass/:id/reviews', keepers, json, async (req, res) => {
    const keeper = keeperOf(req)
    const { personId } = await keptBy(deps, keeper, idOf(req.params.personId))
    const read = review.safeParse(bodyOf(req))
    if (!read.success) {
      refuse(res, faultsOf(read.error))
      return
    }
    const { justified } = read.data
    const breakGlassId = idOf(req.params.id)
    const by = signatureOf(keeper)
    const command = { kind: 'review-break-glass', personId, breakGlassId, justified, by } as const
    const answer = await deps.register.change(command)
    if (!answer.ok && answer.reason === 'not-permitted')
      throw new HttpFault(403, 'second-person', 'Somebody else has to review this.')
    const look = (await deps.register.person(personId))?.breakGlass?.find(
      (one) => one.breakGlassId === breakGlassId,
    )
    if (!answer.ok || look === undefined) throw notFound()
    res.json(lookJson(look))
  })
  return routes
}

/** Stands in for whoever nobody knows, so that the register has as much to do. No person has this id. */
const nobody = 'nobody'

const declaration = z.strictObject({
  identifiers: writtenIdentifiers,
  reason: z.enum(breakGlassReasons),
})
const review = z.strictObject({ justified: z.boolean() })

function readDeclaration(
  deps: ConsentDeps,
  body: unknown,
):
  | {
      readonly ok: true
      readonly hashes: readonly string[]
      readonly reason: BreakGlass['reason']
    }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const read = declaration.safeParse(body)
  if (!read.success) return { ok: false, faults: faultsOf(read.error) }
  const { identifiers, reason } = read.data
  const hashes: string[] = []
  const faults: Fault[] = []
  for (const [n, { issuer = null, ...written }] of identifiers.entries()) {
    const checked = identifier({ ...written, issuer }, checkOptions(deps))
    if (checked.ok) hashes.push(identifierHash(deps.ids, canonicalText(checked.identifier)))
    else faults.push(fault(['identifiers', n, checked.at], checked.rule, 'Check this number.'))
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, hashes, reason }
}

/** Reads what an emergency opens, through the gate; nobody is there for whoever has not declared one. */
async function show(
  deps: ConsentDeps,
  req: Request,
  personId: string,
  write: (shown: object) => void,
): Promise<void> {
  const recipient = recipientOf(callerOf(req, 'practitioner'))
  const record = await deps.register.person(personId)
  const now = deps.register.now()
  const look = record && openBreakGlass(record, { recipient, now })
  const what = { kind: 'break-glass', id: look?.breakGlassId ?? personId } as const
  const reading = { personId, purpose: breakGlass, recipient, what } as const
  await gatedRead(deps, [reading], async (allowed) => {
    if (!allowed.has(personId) || record === undefined || look === undefined) throw notFound()
    const content = await contentOfPerson(deps, record)
    if (content === undefined) throw notFound()
    const { displayName, ownWords, safeContact } = content
    return () =>
      write({
        ...lookJson(look),
        personId,
        displayName,
        ownWords,
        safeContact,
        lead: leadWords(deps, record, now),
        otherwise: deps.directory.dutyOffice ?? null,
      })
  })
}

function leadWords({ directory }: ConsentDeps, record: PersonRecord, now: number): object | null {
  const lead = leadOf(record, now)
  const known = directory.practitioners.find(({ id }) => id === lead?.practitionerId)
  if (known === undefined) return null
  const { name, organisation, telephone = null } = known
  return { name, organisation: directory.organisationName(organisation), telephone }
}

const lookJson = ({ openedAt, until, reviewBy, reviewed, ...look }: BreakGlass): object => ({
  ...look,
  openedAt: iso(openedAt),
  until: iso(until),
  reviewBy: iso(reviewBy),
  reviewed: reviewed && { ...reviewed, at: iso(reviewed.at) },
})

const recipientOf = ({
  id,
  organisation,
  role,
}: Extract<Principal, { readonly kind: 'practitioner' }>) => ({
  practitionerId: id,
  organisation,
  role,
})

const refuse = (res: Response, errors: readonly Fault[]): void => {
  res.status(422).json({ error: 'rejected', errors })
}
