import { fileURLToPath } from 'node:url'
import { erasePerson } from '@throughline/consent'
import {
  bodyOf,
  HttpFault,
  jsonBody,
  notFound,
  requireAny,
  requireOperator,
} from '@throughline/service'
import express, { type Request, type Response, Router } from 'express'
import { breakGlassRoutes } from './break-glass.ts'
import { idOf, keeperOf } from './caller.ts'
import {
  type Answered,
  assign,
  changeConsent,
  contentOfPerson,
  endAssignment,
  keptBy,
  recordConsent,
  withdraw,
} from './consents.ts'
import type { ConsentDeps } from './deps.ts'
import { disclosuresOf } from './disclosures.ts'
import { fhirRoutes } from './fhir/routes.ts'
import { consentPages } from './pages.ts'
import { personRead } from './person-read.ts'
import { receiptOf } from './receipt.ts'
import { iso } from './words.ts'

/**
 * The register's edge: consents as an API and as pages (design, sections 7 and 10). One address serves
 * both: a browser that asks for a page, or posts a form, gets a page; everything else gets JSON.
 */
export function consentRoutes(deps: ConsentDeps): Router {
  const routes = Router()
  const files = fileURLToPath(new URL('public', import.meta.url))
  routes.use('/assets/consent', express.static(files, { index: false }))
  routes.use(consentPages(deps))
  routes.use(fhirRoutes(deps))
  routes.use(breakGlassRoutes(deps))

  const keepers = requireAny('register', 'practitioner')
  const json = jsonBody({ limit: 64 * 1024, prototypeMembers: 'refuse' })

  routes.post('/consents', keepers, json, async (req, res) => {
    const answered = await recordConsent(deps, keeperOf(req), bodyOf(req), idempotencyKeyOf(req))
    answer(res, answered, 201, recorded)
  })
  routes.put('/consents/:personId', keepers, json, async (req, res) => {
    const { personId } = req.params
    const expected = versionExpected(req)
    answer(
      res,
      await changeConsent(deps, keeperOf(req), idOf(personId), bodyOf(req), expected),
      200,
      recorded,
    )
  })
  routes.get('/consents/:personId', keepers, async (req, res) => {
    await personRead(deps, keeperOf(req), idOf(req.params.personId), async (record) => {
      const content = await contentOfPerson(deps, record)
      return () => res.json(recordJson(record, content))
    })
  })
  routes.post('/consents/:personId/withdrawals', keepers, json, async (req, res) => {
    const answered = await withdraw(deps, keeperOf(req), idOf(req.params.personId), bodyOf(req))
    answer(res, answered, 200, withdrawn)
  })
  routes.get('/consents/:personId/disclosures', keepers, async (req, res) => {
    const { personId } = await keptBy(deps, keeperOf(req), idOf(req.params.personId))
    res.json({ disclosures: await disclosuresOf(deps, personId) })
  })
  routes.get('/consents/:personId/receipt', keepers, async (req, res) => {
    await personRead(deps, keeperOf(req), idOf(req.params.personId), async (record) => {
      const { taken = null } = (await contentOfPerson(deps, record)) ?? {}
      const organisations = (code: string): string => deps.directory.organisationName(code)
      const { grants, ...receipt } = receiptOf({ ...record, taken, organisations })
      return () => res.json({ ...receipt, grants: grants.map(grantJson) })
    })
  })
  routes.post('/consents/:personId/assignments', keepers, json, async (req, res) => {
    const answered = await assign(deps, keeperOf(req), idOf(req.params.personId), bodyOf(req))
    answer(res, answered, 200, recorded)
  })
  routes.post('/consents/:personId/assignments/:practitionerId/end', keepers, async (req, res) => {
    const { personId, practitionerId } = req.params
    const answered = await endAssignment(deps, keeperOf(req), idOf(personId), idOf(practitionerId))
    answer(res, answered, 200, recorded)
  })
  routes.post('/consents/:personId/erasure', requireOperator(), async (req, res) => {
    const personId = idOf(req.params.personId)
    const { register, keys } = deps
    const answered = await erasePerson({ register, keys, personId, by: 'operator' })
    if (!answered.ok) throw notFound()
    res.json({ personId, state: 'erased' })
  })
  return routes
}

function answer(
  res: Response,
  answered: Answered,
  status: number,
  shape: (answer: Extract<Answered, { ok: true }>['answer']) => object,
): void {
  if (answered.ok) {
    res.status(status).json(shape(answered.answer))
    return
  }
  if ('faults' in answered) {
    res.status(422).json({ error: 'rejected', errors: answered.faults })
    return
  }
  const stale = answered.refused === 'version-stale'
  res.status(stale ? 412 : 409).json({
    error: answered.refused,
    errors: [
      {
        path: stale ? 'If-Match' : 'Idempotency-Key',
        rule: answered.refused,
        message: stale
          ? 'Somebody has changed this since you read it. Read it again.'
          : 'This key came before with another body. Use a new key for a new person.',
      },
    ],
  })
}

type Given = Extract<Answered, { ok: true }>['answer']

const recorded = ({ personId, version, state, review }: Given): object => ({
  personId,
  version,
  state,
  ...(review !== undefined && { review }),
})

const withdrawn = ({
  personId,
  version,
  state,
  cancelled = 0,
  alreadySeen = [],
}: Given): object => ({
  personId,
  version,
  state,
  cancelled,
  alreadySeen: alreadySeen.map((seen) => ({ ...seen, at: iso(seen.at) })),
})

const grantJson = <T extends { readonly from: number; readonly until: number }>(grant: T) => ({
  ...grant,
  from: iso(grant.from),
  until: iso(grant.until),
})

type Read = Parameters<Parameters<typeof personRead>[3]>[0]

const recordJson = (
  { personId, version, state, review, grants, assignments }: Read,
  content: Awaited<ReturnType<typeof contentOfPerson>>,
): object => ({
  personId,
  version,
  state,
  review,
  ...(content !== undefined && {
    ...content,
    taken: content.taken && { ...content.taken, at: iso(content.taken.at) },
  }),
  grants: grants.map(grantJson),
  assignments: assignments.map((one) => ({
    ...one,
    from: iso(one.from),
    until: one.until === null ? null : iso(one.until),
  })),
})

/** Made by the caller, one for each person it means to add; 1 to 200 visible characters. */
function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.get('idempotency-key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new HttpFault(400, 'idempotency-key', 'Send an Idempotency-Key of 1 to 200 characters.')
}

/** `If-Match: "3"`: refuse the change unless version 3 is still the latest. */
function versionExpected(req: Request): number | null {
  const given = req.get('if-match')
  if (given === undefined) return null
  const version = /^"?(\d{1,9})"?$/.exec(given)?.[1]
  if (version === undefined) throw new HttpFault(400, 'if-match', 'Send If-Match: "<version>".')
  return Number(version)
}
