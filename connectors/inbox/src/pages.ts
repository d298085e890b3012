import {
  callerOf,
  formBody,
  formOf,
  notFound,
  pagesFrom,
  requirePractitioner,
} from '@throughline/service'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { act, type Deed } from './actions.ts'
import { noticeIdOf, personIdOf } from './address.ts'
import type { InboxDeps } from './deps.ts'
import { fingerprint } from './events.ts'
import { readNotices } from './notices.ts'
import { bothTimes, cardOf, groupsOf, summaryOf, type Tab, wayToReach } from './page-view.ts'
import { readPerson, type ShownLine, type ShownPerson } from './person.ts'
import type { Practitioner } from './readers.ts'
import { agencyName } from './shown.ts'
import { whenWords } from './times.ts'

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
    await readNotices(deps, practitioner, { states: tabs[tab].states }, (notices) => {
      const groups = groupsOf(notices, deps.register.now(), deps.directory)
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
    const confirms = formOf(req).get('prescription') === 'confirmed'
    const kind = confirms ? 'prescription-confirmed' : 'acknowledged'
    await record(deps, req, res, { kind, contact: null })
  })
  routes.post('/notices/:noticeId/contacts', acted, async (req: Request, res: Response) => {
    const contact = formOf(req).get('contact')
    if (contact !== 'seen' && contact !== 'spoken' && contact !== 'tried') throw notFound()
    await record(deps, req, res, { kind: 'contact-recorded', contact })
  })
  return routes
}

async function record(deps: InboxDeps, req: Request, res: Response, deed: Deed): Promise<void> {
  const noticeId = noticeIdOf(req)
  const { personId } = await act(deps, callerOf(req, 'practitioner'), noticeId, deed)
  const from = formOf(req).get('from')
  const page = from === 'person' ? `/people/${personId}?` : `/inbox?state=${tabOf(from)}&`
  res.redirect(303, `${page}done=${noticeId}`)
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

type Disclosures = Awaited<ReturnType<InboxDeps['register']['disclosures']>>

function personView(
  { register, directory }: InboxDeps,
  me: string,
  { person, lines, notices, updatedAt }: ShownPerson,
  disclosed: Disclosures,
) {
  const now = register.now()
  const nameOf = (id: string): string =>
    directory.practitioners.find((one) => one.id === id)?.name ?? id.replace(/:.*/, '')
  const team = person.record.assignments.filter(
    (one) => one.from <= now && (one.until === null || now < one.until),
  )
  return {
    personId: person.record.personId,
    name: person.displayName,
    ownWords: person.ownWords,
    safe: {
      ok: person.safeContact.ok.map(wayToReach),
      never: person.safeContact.never.map(wayToReach),
      reviewBy: person.safeContact.reviewBy,
      due: person.safeContact.reviewBy !== null && Date.parse(person.safeContact.reviewBy) < now,
    },
    sharing: person.record.state === 'given',
    cards: notices.map((notice) => cardOf(notice, now, directory)),
    current: lines.filter(({ current }) => current).map((line) => lineView(line, now)),
    earlier: lines.filter(({ current }) => !current).map((line) => lineView(line, now)),
    updated: updatedAt === null ? '' : whenWords(Date.parse(updatedAt), now),
    team: team.map((one) => ({
      name:
        one.practitionerId === me
          ? `${nameOf(one.practitionerId)} (you)`
          : nameOf(one.practitionerId),
      part:
        one.relation === 'lead'
          ? 'lead practitioner'
          : one.relation === 'deputy'
            ? 'deputy'
            : inWords(one.role),
      organisation: directory.organisationName(one.organisation),
    })),
    keeps: team.some((one) => one.practitionerId === me && one.relation !== 'team'),
    disclosed: disclosed
      .filter(({ outcome }) => outcome === 'delivered' || outcome === 'unknown')
      .slice(0, 50)
      .map((one) => ({
        when: whenWords(one.at, now),
        who: nameOf(one.recipient),
        what:
          one.what === 'notice'
            ? 'A notice'
            : one.what === 'story'
              ? 'The story so far'
              : 'Name, own words, safe contact',
        from: one.sources.map((source) => agencyName(source).toLowerCase()).join(', '),
      })),
  }
}

const lineView = (line: ShownLine, now: number) => ({
  text: line.text,
  when: bothTimes(line, now),
})

const inWords = (code: string): string => code.replaceAll('-', ' ')
