import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type Response, Router } from 'express'
import nunjucks from 'nunjucks'
import { contextOf } from './context.ts'
import type { Principal } from './principal.ts'

/** Answers with a page: a template's name, what it shows, and a status (200 unless told). */
export type Page = (
  res: Response,
  template: string,
  data?: Readonly<Record<string, unknown>>,
  status?: number,
) => void

const govuk = join(
  dirname(createRequire(import.meta.url).resolve('govuk-frontend/package.json')),
  'dist',
)
const own = fileURLToPath(new URL('templates', import.meta.url))
const files = fileURLToPath(new URL('public', import.meta.url))

/**
 * Pages from these folders of templates. A template extends `layout.njk`, imports GOV.UK macros from
 * `govuk/components/…/macro.njk`, and is given, beside its data: `principal`, `csrfToken`, `cspNonce`.
 * Autoescaping is always on; a missing value is an empty text.
 */
export function pagesFrom(...folders: readonly (string | URL)[]): Page {
  const paths = folders.map((folder) => (folder instanceof URL ? fileURLToPath(folder) : folder))
  const loader = new nunjucks.FileSystemLoader([...paths, own, govuk])
  const environment = new nunjucks.Environment(loader, { autoescape: true, trimBlocks: true })
  return (res, template, data = {}, status = 200) => {
    const { principal, session, cspNonce } = contextOf(res.req)
    const shown = {
      ...data,
      principal,
      navigation: navigationFor(principal, res.req.path),
      csrfToken: session?.csrfToken ?? '',
      signedIn: session !== undefined,
      cspNonce,
    }
    res.status(status).type('html').send(environment.render(template, shown))
  }
}

/** The service's own few pages: signing in, and what went wrong. */
export const page: Page = pagesFrom()

/** GOV.UK's and our own styles, scripts, fonts and icons, under `/assets`. They name nobody, so they may be cached. */
export function assetRoutes(): Router {
  const routes = Router()
  const options = { index: false, maxAge: '1h', redirect: false, fallthrough: true } as const
  const scripts = /^\/govuk-frontend\.min\.(?:css|js)(?:\.map)?$/
  const root = join(govuk, 'govuk')
  routes.get(scripts, (req, res) => res.sendFile(req.path, { root, maxAge: '1h' }))
  routes.use(express.static(files, options))
  routes.use(express.static(join(root, 'assets'), options))
  return routes
}

/** The first page of each caller; the sign-in page for who has none. */
export const homeOf = (principal: Principal): string =>
  navigationFor(principal, '')[0]?.href ?? '/sign-in'

interface NavigationItem {
  readonly text: string
  readonly href: string
  readonly active: boolean
}

function navigationFor(principal: Principal | undefined, path: string): readonly NavigationItem[] {
  const item = (text: string, href: string): NavigationItem => ({
    text,
    href,
    active: path === href || path.startsWith(`${href}/`),
  })
  switch (principal?.kind) {
    case 'practitioner':
      return [
        item('Inbox', '/inbox'),
        item('People', '/people'),
        item('Referrals', '/referrals'),
        item('Agreements', '/consents'),
      ]
    case 'register':
      return [item('Consents', '/consents'), item('Ledger', '/ledger')]
    case 'operator':
      return [item('Ledger', '/ledger'), item('Outcomes', '/outcomes')]
    case 'analyst':
      return [item('Outcomes', '/outcomes')]
    case 'agency':
    case undefined:
      return []
  }
}
