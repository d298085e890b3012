import type { PersonRecord } from '@throughline/consent'
import {
  type Assignment,
  assignedAt,
  dateInWords,
  deputiesOf,
  leadOf,
  momentInWords,
  teamOf,
} from '@throughline/domain'
import { formBody, formOf, notFound, pagesFrom, requireAny } from '@throughline/service'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { idOf, keeperOf, signatureOf } from './caller.ts'
import {
  type Answered,
  assign,
  changeConsent,
  contentOfPerson,
  endAssignment,
  type Keeper,
  mayKeep,
  recordConsent,
  withdraw,
} from './consents.ts'
import type { ConsentDeps } from './deps.ts'
import { type Disclosed, disclosuresOf } from './disclosures.ts'
import {
  bodyFrom,
  type ConsentForm,
  emptyForm,
  formOfRecord,
  onlyReshapes,
  readConsentForm,
} from './form.ts'
import { contactWords, type FieldFault, fieldFaults, formView } from './form-view.ts'
import { peopleRead, personRead } from './person-read.ts'
import { receiptOf } from './receipt.ts'
import { dateWords, inWords, listWords, purposeWords, sourceWords, stateWords } from './words.ts'

const page = pagesFrom(new URL('views', import.meta.url))
const listedMax = 200

/** The register's pages: plain forms that need no script. */
export function consentPages(deps: ConsentDeps): Router {
  const routes = Router()
  const keepers = requireAny('register', 'practitioner')
  const forReading = [onlyPages, keepers]
  const forPosting = [onlyForms, keepers, formBody()]

  routes.get('/consents', forReading, async (req: Request, res: Response) => {
    const keeper = keeperOf(req)
    await peopleRead(deps, keeper, await keptRecords(deps, keeper), async (records) => {
      const people = await Promise.all(records.map((record) => listLine(deps, record)))
      return () => page(res, 'consents.njk', { people, listedMax })
    })
  })

  routes.get('/consents/new', forReading, (req: Request, res: Response) => {
    const keeper = keeperOf(req)
    const form = emptyForm(keeper.kind === 'practitioner' ? keeper.id : '')
    showForm(res, deps, { form, hidden: freshHidden(deps) })
  })

  routes.post('/consents', forPosting, async (req: Request, res: Response) => {
    const posted = formOf(req)
    const hidden = { key: posted.get('key') ?? '', openedAt: openedAt(deps, posted) }
    const form = readConsentForm(posted)
    if (onlyReshapes(posted)) return showForm(res, deps, { form, hidden })
    const keeper = keeperOf(req)
    const { body, fields } = bodyFrom(form, { by: signatureOf(keeper), now: hidden.openedAt })
    const key = /^[\w-]{16,64}$/.test(hidden.key) ? hidden.key : undefined
    const answered = await recordConsent(deps, keeper, body, key)
    if (answered.ok) return res.redirect(303, `/consents/${answered.answer.personId}?recorded=1`)
    showForm(res, deps, { form, hidden, ...problems(answered, fields) })
  })

  routes.get('/consents/:personId', forReading, async (req: Request, res: Response) => {
    await showPerson(deps, req, res)
  })

  routes.get('/consents/:personId/change', forReading, async (req: Request, res: Response) => {
    await personRead(deps, keeperOf(req), idOf(req.params['personId']), async (record) => {
      const content = await contentOfPerson(deps, record)
      if (content === undefined) throw notFound()
      const form = formOfRecord(content, record.grants, assignedNow(deps, record))
      const hidden = { ...freshHidden(deps), version: String(record.version) }
      return () => showForm(res, deps, { form, hidden, personId: record.personId })
    })
  })

  routes.post('/consents/:personId/change', forPosting, async (req: Request, res: Response) => {
    const personId = idOf(req.params['personId'])
    const posted = formOf(req)
    const version = posted.get('version') ?? ''
    const hidden = { key: '', openedAt: openedAt(deps, posted), version }
    const form = readConsentForm(posted)
    const keeper = keeperOf(req)
    if (onlyReshapes(posted)) return showForm(res, deps, { form, hidden, personId })
    const { body, fields } = bodyFrom(form, { by: signatureOf(keeper), now: hidden.openedAt })
    const expected = /^\d{1,9}$/.test(version) ? Number(version) : 0
    const answered = await changeConsent(deps, keeper, personId, body, expected)
    if (answered.ok) return res.redirect(303, `/consents/${personId}?recorded=1`)
    showForm(res, deps, { form, hidden, personId, ...problems(answered, fields) })
  })

  routes.get('/consents/:personId/withdraw', forReading, async (req: Request, res: Response) => {
    await personRead(deps, keeperOf(req), idOf(req.params['personId']), async (record) => {
      const content = await contentOfPerson(deps, record)
      return () => showWithdrawal(res, record, content?.displayName ?? '')
    })
  })

  routes.post(
    '/consents/:personId/withdrawals',
    forPosting,
    async (req: Request, res: Response) => {
      const personId = idOf(req.params['personId'])
      const posted = formOf(req)
      const reason = (posted.get('reason') ?? '').trim()
      const body = {
        purposes: posted.getAll('purposes'),
        by: posted.get('by') ?? 'person',
        reason: reason === '' ? null : reason,
      }
      const answered = await withdraw(deps, keeperOf(req), personId, body)
      if (answered.ok) return res.redirect(303, `/consents/${personId}?stopped=1`)
      const error = 'Choose what to stop'
      await personRead(deps, keeperOf(req), personId, async (record) => {
        const content = await contentOfPerson(deps, record)
        return () => showWithdrawal(res, record, content?.displayName ?? '', error)
      })
    },
  )

  routes.get('/consents/:personId/receipt', forReading, async (req: Request, res: Response) => {
    await personRead(deps, keeperOf(req), idOf(req.params['personId']), async (record) => {
      const content = await contentOfPerson(deps, record)
      const organisations = (code: string): string => deps.directory.organisationName(code)
      const receipt = receiptOf({ ...record, taken: content?.taken ?? null, organisations })
      return () => page(res, 'receipt.njk', { receipt, name: content?.displayName ?? '' })
    })
  })

  routes.post(
    '/consents/:personId/assignments',
    forPosting,
    async (req: Request, res: Response) => {
      const personId = idOf(req.params['personId'])
      const posted = formOf(req)
      const relation = posted.get('relation')
      const answered = await assign(deps, keeperOf(req), personId, {
        practitionerId: posted.get('practitionerId'),
        relation,
        tier: relation === 'team' ? 'involvement' : 'detail',
      })
      if (answered.ok) return afterAssignment(deps, req, res, personId)
      await showPerson(deps, req, res, [
        { href: '#practitionerId', text: 'Choose somebody, and what their part is' },
      ])
    },
  )

  routes.post(
    '/consents/:personId/assignments/:practitionerId/end',
    forPosting,
    async (req: Request, res: Response) => {
      const personId = idOf(req.params['personId'])
      await endAssignment(deps, keeperOf(req), personId, idOf(req.params['practitionerId']))
      await afterAssignment(deps, req, res, personId)
    },
  )
  return routes
}

/** Skips to the API unless a browser asks for a page. */
const onlyPages: RequestHandler = (req, _res, next) => {
  next(req.accepts(['json', 'html']) === 'html' ? undefined : 'route')
}
const onlyForms: RequestHandler = (req, _res, next) => {
  next(req.is('application/x-www-form-urlencoded') === false ? 'route' : undefined)
}

interface Hidden {
  /** The form's Idempotency-Key: pressing twice records once. */
  readonly key: string
  /** When the form was opened: the same form says the same thing, however often it is sent. */
  readonly openedAt: number
  readonly version?: string
}

const freshHidden = ({ random, register }: ConsentDeps): Hidden => ({
  key: Buffer.from(random(18)).toString('base64url'),
  openedAt: register.now(),
})

const formLifeMs = 8 * 3_600_000

function openedAt({ register }: ConsentDeps, posted: URLSearchParams): number {
  const now = register.now()
  const given = Number(posted.get('openedAt') ?? '')
  return Number.isInteger(given) && given <= now && now - given < formLifeMs ? given : now
}

interface FormPage {
  readonly form: ConsentForm
  readonly hidden: Hidden
  readonly personId?: string
  readonly faults?: readonly FieldFault[]
}

function showForm(
  res: Response,
  { directory }: ConsentDeps,
  { form, hidden, personId, faults = [] }: FormPage,
): void {
  const title = personId === undefined ? 'Record an agreement' : 'Change an agreement'
  const action = personId === undefined ? '/consents' : `/consents/${personId}/change`
  const view = formView(form, directory, faults)
  page(res, 'form.njk', { ...view, hidden, title, action, personId }, faults.length > 0 ? 422 : 200)
}

function problems(
  answered: Exclude<Answered, { ok: true }>,
  fields: readonly string[],
): { readonly faults: readonly FieldFault[] } {
  if ('faults' in answered) return { faults: fieldFaults(answered.faults, fields) }
  const text =
    answered.refused === 'version-stale'
      ? 'Somebody has changed this agreement since you opened it. Open it again, then make your change'
      : 'This form was sent before with other answers. Look at the list before you send it again'
  return { faults: [{ href: '#displayName', text }] }
}

async function keptRecords(
  { register }: ConsentDeps,
  keeper: Keeper,
): Promise<readonly PersonRecord[]> {
  const ids =
    keeper.kind === 'register'
      ? (await register.people(listedMax)).map(({ personId }) => personId)
      : await register.caseload(keeper.id)
  const now = register.now()
  const records = await Promise.all(ids.slice(0, listedMax).map((id) => register.person(id)))
  return records
    .filter((record) => record !== undefined)
    .filter((record) => record.status === 'active' && mayKeep(keeper, record, now))
}

async function listLine(deps: ConsentDeps, record: PersonRecord) {
  const last = Math.max(...record.grants.map(({ until }) => until))
  return {
    personId: record.personId,
    name: (await contentOfPerson(deps, record))?.displayName ?? '',
    state: stateWords(record.state),
    review: record.review !== null,
    ends: record.grants.length === 0 ? '' : dateWords(last - 1),
  }
}

async function showPerson(
  deps: ConsentDeps,
  req: Request,
  res: Response,
  faults: readonly FieldFault[] = [],
): Promise<void> {
  await personRead(deps, keeperOf(req), idOf(req.params['personId']), async (record) => {
    const content = await contentOfPerson(deps, record)
    const organisations = (code: string): string => deps.directory.organisationName(code)
    const receipt = receiptOf({ ...record, taken: content?.taken ?? null, organisations })
    const disclosed = (await disclosuresOf(deps, record.personId)).slice(0, 100)
    const now = deps.register.now()
    const nameOf = (id: string): string =>
      deps.directory.practitioners.find((one) => one.id === id)?.name ?? id
    const view = {
      record,
      receipt,
      faults,
      state: stateWords(record.state),
      name: content?.displayName ?? '',
      ownWords: content?.ownWords ?? '',
      safe: safeWords(content?.safeContact),
      team: assignedAt(record, now).map((one) => ({
        ...one,
        name: nameOf(one.practitionerId),
        roleWords: inWords(one.role),
        since: dateWords(one.from),
      })),
      choices: deps.directory.practitioners,
      disclosed: readingsOf(disclosed),
      recorded: req.query['recorded'] !== undefined,
      stopped: req.query['stopped'] !== undefined,
    }
    return () => page(res, 'person.njk', view, faults.length > 0 ? 422 : 200)
  })
}

const safeWords = (
  safe:
    | {
        readonly ok: readonly string[]
        readonly never: readonly string[]
        readonly reviewBy: string | null
      }
    | undefined,
) =>
  safe === undefined
    ? undefined
    : {
        ok: safe.ok.map(contactWords),
        never: safe.never.map(contactWords),
        reviewBy: safe.reviewBy === null ? '' : dateInWords(safe.reviewBy),
      }

/** What one reader was told in one minute is one line for each kind: nobody wants to read a page's parts. */
const readingsOf = (disclosed: readonly Disclosed[]) =>
  [
    ...Map.groupBy(disclosed, ({ at, recipient, what, outcome }) =>
      JSON.stringify([momentInWords(Date.parse(at)), recipient, what, outcome]),
    ).values(),
  ].flatMap((same) => {
    const [one] = same
    if (one === undefined) return []
    const isMany = one.what === 'notice' && same.length > 1
    const sources = [...new Set(same.flatMap(({ sources }) => sources))]
    return [
      {
        when: momentInWords(Date.parse(one.at)),
        who: one.recipientName.replace(/^agency:/, 'Agency: '),
        what: isMany ? `${same.length} notices` : whatWords(one.what),
        from: listWords(sources.map(sourceWords)),
        outcome: outcomeWords(one.outcome),
      },
    ]
  })

const whats: Readonly<Record<string, string>> = {
  notice: 'A notice',
  story: 'Your story so far',
  lead: 'Who leads, and how to ring them',
  'break-glass': 'In an emergency: your words and who to ring',
}
const whatWords = (what: string): string => whats[what] ?? 'This record'

const outcomeWords = (outcome: string): string =>
  outcome === 'delivered'
    ? 'Shown'
    : outcome === 'unused'
      ? 'Not shown'
      : outcome === 'intending'
        ? 'Being shown'
        : 'May have been shown'

function showWithdrawal(res: Response, record: PersonRecord, name: string, error?: string): void {
  const purposes = [...new Set(record.grants.map(({ purpose }) => purpose))].map((value) => ({
    value,
    text: purposeWords[value],
    checked: true,
  }))
  page(
    res,
    'withdraw.njk',
    {
      personId: record.personId,
      name,
      purposes,
      error,
      active: record.state === 'given' || record.state === 'proposed',
    },
    error === undefined ? 200 : 422,
  )
}

/** Somebody who handed a person over may no longer see them: then back to the list. */
async function afterAssignment(
  deps: ConsentDeps,
  req: Request,
  res: Response,
  personId: string,
): Promise<void> {
  const record = await deps.register.person(personId)
  const stays = record !== undefined && mayKeep(keeperOf(req), record, deps.register.now())
  res.redirect(303, stays ? `/consents/${personId}` : '/consents')
}

const assignedNow = ({ register }: ConsentDeps, record: PersonRecord) => {
  const now = register.now()
  const idsOf = (some: readonly Assignment[]) => some.map(({ practitionerId }) => practitionerId)
  return {
    lead: leadOf(record, now)?.practitionerId ?? '',
    deputies: idsOf(deputiesOf(record, now)),
    team: idsOf(teamOf(record, now)),
  }
}
