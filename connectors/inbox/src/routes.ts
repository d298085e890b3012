import { fileURLToPath } from 'node:url'
import { arrangementAnswers, arrangements } from '@throughline/domain'
import { bodyOf, callerOf, HttpFault, jsonBody, requirePractitioner } from '@throughline/service'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import { act, type Deed, handOver } from './actions.ts'
import { noticeIdOf, personIdOf } from './address.ts'
import type { InboxDeps } from './deps.ts'
import { watchInbox } from './events.ts'
import { lookupRoutes } from './lookups.ts'
import { noticeStates, readNotices } from './notices.ts'
import { inboxPages } from './pages.ts'
import { readPerson } from './person.ts'

/** The inbox as an API and as pages (design, sections 8 and 10). */
export function inboxRoutes(deps: InboxDeps): Router {
  const routes = Router()
  routes.use(
    '/assets/inbox',
    express.static(fileURLToPath(new URL('public', import.meta.url)), { index: false }),
  )
  routes.use(inboxPages(deps))
  routes.use(lookupRoutes(deps))

  const practitioners = requirePractitioner()
  routes.get('/notices', practitioners, async (req, res) => {
    const query = { states: statesOf(req), ...whoseOf(req) }
    await readNotices(deps, callerOf(req, 'practitioner'), query, (notices) => {
      res.json({ notices })
    })
  })
  routes.post('/notices/:noticeId/acknowledgements', practitioners, smallJson, async (req, res) => {
    const body = read(acknowledgement, req)
    const confirms = body.prescription === 'confirmed'
    const kind = confirms ? 'prescription-confirmed' : 'acknowledged'
    await record(deps, req, res, { kind, contact: null })
  })
  routes.post('/notices/:noticeId/contacts', practitioners, smallJson, async (req, res) => {
    await record(deps, req, res, { kind: 'contact-recorded', contact: read(contact, req).contact })
  })
  routes.post('/notices/:noticeId/arrangements', practitioners, smallJson, async (req, res) => {
    const { item, answer } = read(arrangement, req)
    await record(deps, req, res, { kind: 'arranged', contact: null, item, answer })
  })
  routes.post('/notices/:noticeId/handovers', practitioners, smallJson, async (req, res) => {
    const { to } = read(handover, req)
    const noticeId = noticeIdOf(req)
    const outcome = await handOver(deps, callerOf(req, 'practitioner'), noticeId, to)
    if (outcome !== 'done')
      throw new HttpFault(422, outcome, handoverRefusals[outcome], { at: 'to' })
    res.status(202).json({ noticeId, recorded: 'handed-over' })
  })
  routes.get('/people/:personId/story', practitioners, async (req, res) => {
    const personId = personIdOf(req)
    const asked = { personId, withNotices: false }
    await readPerson(deps, callerOf(req, 'practitioner'), asked, async (shown) => () => {
      const { person, lines, updatedAt } = shown
      const { displayName, ownWords, safeContact } = person
      res.json({ personId, displayName, safeContact, ownWords, updatedAt, lines })
    })
  })
  routes.get('/inbox/events', practitioners, async (req, res) => {
    await watchInbox(deps, req, res)
  })
  return routes
}

const acknowledgement = z.strictObject({ prescription: z.literal('confirmed').optional() })
const contact = z.strictObject({ contact: z.enum(['seen', 'spoken', 'tried']) })
const arrangement = z.strictObject({
  item: z.enum(arrangements),
  answer: z.enum(arrangementAnswers),
})
const handover = z.strictObject({ to: z.string().max(64) })

const handoverRefusals = {
  'unknown-practitioner': 'Name another practitioner of this partnership.',
  'not-lead': 'The lead, a deputy or the register hands a person over.',
} as const

async function record(deps: InboxDeps, req: Request, res: Response, deed: Deed): Promise<void> {
  const noticeId = noticeIdOf(req)
  const again = req.get('idempotency-key') ?? ''
  const practitioner = callerOf(req, 'practitioner')
  const { actionId } = await act(deps, practitioner, noticeId, deed, again.slice(0, 200))
  res.status(202).json({ noticeId, actionId, recorded: deed.kind })
}

const readJson = jsonBody({ limit: 16 * 1024, prototypeMembers: 'refuse' })

/** An acknowledgement needs no body at all. */
const smallJson: RequestHandler = (req, res, next) => {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = req.headers
  if (length === '0' && encoding === undefined) return next()
  return readJson(req, res, next)
}

/** The body, or 422 with what is wrong by member and rule. Values are never repeated. */
function read<T>(schema: z.ZodType<T>, req: Request): T {
  const parsed = schema.safeParse(bodyOf(req) ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue?.path.join('.') ?? ''
  throw new HttpFault(422, 'rejected', 'This body is not of the documented form.', { at })
}

const isState = (text: string): text is (typeof noticeStates)[number] =>
  noticeStates.some((state) => state === text)

/** `state=open`, several with commas, or `all`, which is also what leaving it out means. */
function statesOf(req: Request): readonly (typeof noticeStates)[number][] {
  const given = req.query['state']
  if (given === undefined || given === 'all') return noticeStates
  const states = typeof given === 'string' ? given.split(',') : []
  if (states.length > 0 && states.every(isState)) return states
  throw new HttpFault(400, 'state', `Use one of: ${noticeStates.join(', ')}, all.`, { at: 'state' })
}

function whoseOf(req: Request): { readonly practitioner?: string } {
  const given = req.query['practitioner']
  if (given === undefined) return {}
  // An unreadable id is nobody's, like any other.
  return { practitioner: typeof given === 'string' ? given : '' }
}
