import { fileURLToPath } from 'node:url'
import {
  bodyOf,
  callerOf,
  contextOf,
  formBody,
  formOf,
  HttpFault,
  jsonBody,
  notFound,
  requireAny,
  requirePractitioner,
} from '@throughline/service'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import type { ReferralDeskDeps } from './deps.ts'
import {
  type Answering,
  answering,
  atDeskOf,
  listReferrals,
  readAsSender,
  readAtDesk,
} from './desk.ts'
import { deskJson, toldJson } from './desk-view.ts'
import { readerOf } from './disclose.ts'
import { showForm, showList, showReferral, showSent, takeForm } from './pages.ts'
import { agencySender } from './source.ts'
import { submitting } from './submit.ts'
import { codesOf, declines, deskAnswers } from './words.ts'

/**
 * The form, the intake desk and the way back to whoever referred. One address serves people and programs:
 * a browser gets a page, everything else JSON.
 */
export function referralDeskRoutes(deps: ReferralDeskDeps): Router {
  const routes = Router()
  const files = fileURLToPath(new URL('public', import.meta.url))
  routes.use('/assets/referrals', express.static(files, { index: false }))
  const practitioners = requirePractitioner()
  const submit = submitting(deps)
  const answer = answering(deps)

  routes.get('/referrals', practitioners, async (req, res) => {
    const worker = callerOf(req, 'practitioner')
    if (wantsPage(req)) return showList(deps, worker, req, res)
    await listReferrals(deps, worker, (desk, sent) => {
      res.json({ referrals: desk.map(deskJson), sent: sent.map(toldJson) })
    })
  })
  routes.get('/referrals/new', practitioners, (_req, res) => showForm(deps, res))
  routes.post('/referrals', practitioners, onlyForms, formBody(), async (req, res) => {
    await takeForm(deps, submit, callerOf(req, 'practitioner'), req, res)
  })
  routes.get('/referrals/:referralId', requireAny('agency', 'practitioner'), async (req, res) => {
    await showOne(deps, req, res)
  })
  routes.post('/referrals/:referralId/answers', practitioners, anyBody, async (req, res) => {
    await takeAnswer(deps, answer, req, res)
  })
  return routes
}

const wantsPage = (req: Request): boolean => req.accepts(['json', 'html']) === 'html'
const isForm = (req: Request): boolean => req.is('application/x-www-form-urlencoded') !== false

const onlyForms: RequestHandler = (req, _res, next) => {
  if (isForm(req)) return next()
  throw new HttpFault(415, 'content-type', 'Programs send referrals to /intake/referrals.')
}

const readJson = jsonBody({ limit: 16 * 1024, prototypeMembers: 'refuse' })
const readForm = formBody()
const anyBody: RequestHandler = (req, res, next) =>
  (isForm(req) ? readForm : readJson)(req, res, next)

function idOf(req: Request): string {
  const id = req.params['referralId']
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw notFound()
  return id
}

/** To the desk of its service what it says; to its sender what became of it. */
async function showOne(deps: ReferralDeskDeps, req: Request, res: Response): Promise<void> {
  const referralId = idOf(req)
  const { principal } = contextOf(req)
  if (principal?.kind === 'practitioner') {
    const mine = await atDeskOf(deps, principal, referralId)
    if (mine !== undefined) {
      return readAtDesk(deps, principal, mine, (shown) =>
        wantsPage(req) ? showReferral(deps, res, shown) : void res.json(deskJson(shown)),
      )
    }
  }
  const [referral] = await deps.register.referrals({ referralId })
  if (referral === undefined) throw notFound()
  const reader = principal?.kind === 'practitioner' ? readerOf(principal) : agencyReader(req)
  await readAsSender(deps, reader, referral, (told) =>
    wantsPage(req) && principal?.kind === 'practitioner'
      ? showSent(deps, req, res, told)
      : void res.json(toldJson(told)),
  )
}

function agencyReader(req: Request) {
  const { agency, name } = agencySender(req)
  return { practitionerId: name, organisation: agency, role: 'agency' }
}

const deskAnswer = z
  .strictObject({
    answer: z.enum(codesOf(deskAnswers)),
    because: z.enum(codesOf(declines)).optional(),
  })
  .refine(({ answer, because }) => (answer === 'declined') === (because !== undefined), {
    path: ['because'],
  })

async function takeAnswer(
  deps: ReferralDeskDeps,
  answer: Answering,
  req: Request,
  res: Response,
): Promise<void> {
  const referralId = idOf(req)
  const worker = callerOf(req, 'practitioner')
  const read = deskAnswer.safeParse(isForm(req) ? formAnswer(req) : bodyOf(req))
  if (!read.success) {
    const at = String(read.error.issues[0]?.path[0] ?? '')
    if (!isForm(req))
      throw new HttpFault(422, 'rejected', 'This body is not of the documented form.', { at })
    const mine = await atDeskOf(deps, worker, referralId)
    if (mine === undefined) throw notFound()
    const fault =
      at === 'because'
        ? { href: '#because', text: 'Choose why you cannot take it' }
        : { href: '#answer', text: 'Choose what happened' }
    return readAtDesk(deps, worker, mine, (shown) => showReferral(deps, res, shown, [fault]))
  }
  const { answer: given, because = null } = read.data
  const { correlationId } = contextOf(req)
  const result = await answer(worker, referralId, given, because, correlationId)
  const isRecorded = result.outcome === 'published' || result.outcome === 'duplicate'
  if (isForm(req)) return res.redirect(303, `/referrals?done=${isRecorded ? given : 'closed'}`)
  if (!isRecorded) throw new HttpFault(409, 'referral-closed', 'It has been answered already.')
  res.status(202).json({ referralId, recorded: given })
}

/** A reason that was left over from another choice is no part of this one. */
function formAnswer(req: Request): object {
  const form = formOf(req)
  const because = form.get('because') ?? ''
  const answer = form.get('answer') ?? ''
  return { answer, ...(answer === 'declined' && because !== '' && { because }) }
}
