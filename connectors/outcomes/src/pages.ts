import { pagesFrom, principalOf, requireAny } from '@throughline/service'
import { type Request, type Response, Router } from 'express'
import type { OutcomesDeps } from './deps.ts'
import type { ReleaseDesk } from './desk.ts'
import { releaseView } from './page-view.ts'

const page = pagesFrom(new URL('views', import.meta.url))

/** The page of released figures: a chart and its table for each measure. It has no script of its own. */
export function outcomesPages({ feeds }: OutcomesDeps, desk: ReleaseDesk): Router {
  const routes = Router()
  routes.get(
    '/outcomes',
    requireAny('analyst', 'operator'),
    async (req: Request, res: Response) => {
      const own = ownFeeds(req, feeds)
      const asked = req.query['feed']
      const feed = own.find((one) => one === asked) ?? own[0] ?? ''
      const release = await desk.latest(feed)
      page(res, 'outcomes.njk', {
        title: 'Outcomes',
        feed,
        feeds: own.length > 1 ? own : [],
        released: release !== undefined && releaseView(release),
      })
    },
  )
  return routes
}

function ownFeeds(req: Request, feeds: readonly string[]): readonly string[] {
  const principal = principalOf(req)
  return principal?.kind === 'analyst' ? feeds.filter((one) => one === principal.feed) : feeds
}
