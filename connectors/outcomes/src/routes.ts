import { fileURLToPath } from 'node:url'
import {
  bodyOf,
  callerOf,
  HttpFault,
  jsonBody,
  notFound,
  principalOf,
  requireAny,
  requireOperator,
} from '@throughline/service'
import express, { type Request, type RequestHandler, Router } from 'express'
import { csvOf } from './csv.ts'
import type { OutcomesDeps } from './deps.ts'
import { createReleaseDesk } from './desk.ts'
import { outcomesPages } from './pages.ts'
import { readQuestion } from './question.ts'
import { figureRows, type Release } from './release.ts'

/** Released figures as JSON, as CSV and as a page; and the operator's route that makes a release (design, sections 9 and 10). */
export function outcomesRoutes(deps: OutcomesDeps): Router {
  const desk = createReleaseDesk(deps)
  const routes = Router()
  const files = fileURLToPath(new URL('public', import.meta.url))
  routes.use('/assets/outcomes', express.static(files, { index: false }))
  routes.use(outcomesPages(deps, desk))

  const readers = requireAny('analyst', 'operator')
  const released = async (req: Request): Promise<Release> => {
    const feed = feedOf(req, deps)
    const asked = req.query['release']
    const found = asked === undefined ? desk.latest(feed) : desk.numbered(feed, numberOf(asked))
    const release = await found
    if (release !== undefined) return release
    throw new HttpFault(404, 'nothing-released', 'There is no such release of this feed.')
  }
  const asJson: RequestHandler = async (req, res) => {
    res.json(await released(req))
  }
  routes.get('/outcomes/:feed/measures', readers, asJson)
  routes.get('/outcomes/:feed/measures.json', readers, asJson)
  routes.get('/outcomes/:feed/measures.csv', readers, async (req, res) => {
    const release = await released(req)
    const name = `measures-${release.feed}-${release.release}.csv`
    res
      .attachment(name)
      .type('text/csv')
      .send(csvOf(figureRows(release)))
  })

  const notReleased = [
    'journeys',
    'journeys.json',
    'journeys.csv',
    'journeys.parquet',
    'measures.parquet',
  ]
  routes.get(
    notReleased.map((name) => `/outcomes/:feed/${name}`),
    readers,
    (req) => {
      feedOf(req, deps)
      throw new HttpFault(
        404,
        'not-released',
        'This is not released. Measures are, as JSON and CSV.',
      )
    },
  )

  const json = jsonBody({ limit: 4 * 1024, prototypeMembers: 'refuse' })
  routes.post('/outcomes/:feed/releases', requireOperator(), json, async (req, res) => {
    callerOf(req, 'operator')
    const feed = feedOf(req, deps)
    const question = readQuestion(bodyOf(req), deps.register.now())
    const release = await desk.release(feed, question)
    res.status(201).location(`/outcomes/${feed}/measures?release=${release.release}`).json(release)
  })
  return routes
}

/** A feed that is declared, and the caller's own: any other is not there. */
function feedOf(req: Request, { feeds }: OutcomesDeps): string {
  const feed = String(req.params['feed'])
  const principal = principalOf(req)
  const isOwn =
    principal?.kind === 'operator' || (principal?.kind === 'analyst' && principal.feed === feed)
  if (!isOwn || !feeds.includes(feed)) throw notFound()
  return feed
}

const numberOf = (given: unknown): number =>
  typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given) ? Number(given) : 0
