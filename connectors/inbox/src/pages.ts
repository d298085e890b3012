import { arrangementAnswers, arrangements } from '@throughline/domain'
import {
  callerOf,
  formBody,
  formOf,
  notFound,
  pagesFrom,
  requirePractitioner,
} from '@throughline/service'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { act, takeInHand } from './actions.ts'
import { noticeIdOf, personIdOf } from './address.ts'
import { readCaseload } from './caseload.ts'
import type { InboxDeps } from './deps.ts'
import { fingerprint } from './events.ts'
import { readNotices } from './notices.ts'
import { groupsOf, summaryOf, type Tab, wayToReach } from './page-view.ts'
import { readPerson } from './person.ts'
import { personView } from './person-view.ts'
import type { Practitioner } from './readers.ts'

const page = pagesFrom(new URL('views', import.meta.url))

/** What each tab of the inbox lists. */
const tabs = {
  open: { text: 'To do', states: ['open'] },
  acknowledged: { text: 'In hand', states: ['acknowledged', 'paused'] },
  closed: { text: 'Done', states: ['closed', 'retracted'] },
} as const

/** The practitioner's pages. Every one works without a script; with it, the lists renew themselves. */
export function inboxPages(deps: InboxDeps): Router {
  const routes = Router()
  const practitioners = requirePractitioner()

  routes.get('/inbox', practitioners, async (req: Request, res: Response) => {
    const tab = tabOf(req.query['state'])
    const practitioner = callerOf(req, 'practitioner')
    const done = typeof req.query['done'] === 'string' ? req.query['done'] : ''
    const live = await eventsOf(deps, practitioner)
    const { states } = tabs[tab]
    const query = { states, wholeThreads: tab !== 'closed' }
    await readNotices(deps, practitioner, query, (notices) => {
      const groups = groupsOf(notices, states, deps.register.now(), deps.directory)
      page(res, 'inbox.njk', {
        groups,
        live,
        done,
        tab,
        title: tabs[tab].text,
        back: `/inbox?state=${tab}`,
        summary: summaryOf(groups, tab),
        tabs: Object.entries(tabs).map(([state, { text }]) => ({
          text,
          href: `/inbox?state=${state}`,
          active: state === tab,
        })),
      })
    })
  })

  routes.get('/people', onlyPages, practitioners, async (req: Request, res: Response) => {
    await readCaseload(deps, me(req), (people) => {
      page(res, 'people.njk', {
        people: people.map(({ safeContact, ...one }) => ({
          ...one,
          never: safeContact.never.map(wayToReach),
        })),
      })
    })
  })

  routes.get('/people/:personId', onlyPages, practitioners, async (req: Request, res: Response) => {
    const practitioner = callerOf(req, 'practitioner')
    const done = typeof req.query['done'] === 'string' ? req.query['done'] : ''
    const live = await eventsOf(deps, practitioner)
    const asked = { personId: personIdOf(req), withNotices: true }
    await readPerson(deps, practitioner, asked, async (shown) => {
      const disclosed = await deps.register.disclosures(shown.person.record.personId)
      const view = personView(deps, practitioner.id, shown, disclosed)
      return () => page(res, 'person.njk', { ...view, live, done })
    })
  })

  const acted = [onlyForms, practitioners, formBody()]
  routes.post('/notices/:noticeId/acknowledgements', acted, async (req: Request, res: Response) => {
    const noticeId = noticeIdOf(req)
    const confirms = formOf(req).get('prescription') === 'confirmed'
    const { personId } = confirms
      ? await act(deps, me(req), noticeId, { kind: 'prescription-confirmed', contact: null })
      : await takeInHand(deps, me(req), noticeId)
    leadBack(req, res, noticeId, personId)
  })
  routes.post('/notices/:noticeId/contacts', acted, async (req: Request, res: Response) => {
    const contact = formOf(req).get('contact')
    if (contact !== 'seen' && contact !== 'spoken' && contact !== 'tried') throw notFound()
    const noticeId = noticeIdOf(req)
    const { personId } = await act(deps, me(req), noticeId, { kind: 'contact-recorded', contact })
    leadBack(req, res, noticeId, personId)
  })
  routes.post('/notices/:noticeId/arrangements', acted, async (req: Request, res: Response) => {
    // One button says both: `home made`.
    const [item, answer] = (formOf(req).get('arrangement') ?? '').split(' ')
    if (!isOneOf(arrangements, item) || !isOneOf(arrangementAnswers, answer)) throw notFound()
    const noticeId = noticeIdOf(req)
    const deed = { kind: 'arranged', contact: null, item, answer } as const
    const { personId } = await act(deps, me(req), noticeId, deed)
    leadBack(req, res, noticeId, personId)
  })
  return routes
}

const me = (req: Request): Practitioner => callerOf(req, 'practitioner')

const isOneOf = <T extends string>(all: readonly T[], text: string | undefined): text is T =>
  all.some((one) => one === text)

/** Back to the page of the press, at the thread that comes next: nobody loses their place in a long list. */
function leadBack(req: Request, res: Response, noticeId: string, personId: string): void {
  const form = formOf(req)
  const from = form.get('from')
  const page = from === 'person' ? `/people/${personId}?` : `/inbox?state=${tabOf(from)}&`
  const next = form.get('next') ?? ''
  const place = /^t-[A-Za-z0-9_-]{1,64}$/.test(next) ? `#${next}` : ''
  res.redirect(303, `${page}done=${noticeId}${place}`)
}

/** Where the page hears of changes since what it is about to show. */
const eventsOf = async (deps: InboxDeps, practitioner: Practitioner): Promise<string> =>
  `/inbox/events?seen=${await fingerprint(deps, practitioner)}`

const onlyPages: RequestHandler = (req, _res, next) => {
  next(req.accepts(['json', 'html']) === 'html' ? undefined : 'route')
}
const onlyForms: RequestHandler = (req, _res, next) => {
  next(req.is('application/x-www-form-urlencoded') === false ? 'route' : undefined)
}

const tabOf = (state: unknown): Tab =>
  state === 'acknowledged' || state === 'closed' ? state : 'open'
