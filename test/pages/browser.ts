import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type Page, chromium as playwright } from 'playwright-core'
import { chromium } from './config.ts'
import type { SmallCounty } from './county.ts'
import type { SitePage } from './pages.ts'

/** A desk and a phone, in CSS pixels. */
export const widths = [1280, 375] as const

export interface Look {
  readonly width: (typeof widths)[number]
  readonly script: boolean
}

/** Starts the browser that the machine has. Nothing of it reaches further than this machine. */
export function openBrowser(): Promise<Browser> {
  if (chromium === undefined) throw new Error('there is no Chromium; name one in CHROMIUM')
  return playwright.launch({
    executablePath: chromium,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** One window, in which somebody signs in, looks and signs in as somebody else. */
export interface Window extends AsyncDisposable {
  readonly page: Page
  /** Through the sign-in page, as anybody would; null is somebody who has not signed in. */
  signIn(as: string | null): Promise<void>
  open(page: SitePage): Promise<void>
}

export async function openWindow(
  browser: Browser,
  county: SmallCounty,
  { width, script }: Look,
): Promise<Window> {
  const context = await browser.newContext({
    baseURL: county.hub.url,
    javaScriptEnabled: script,
    viewport: { width, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  return {
    page,
    async signIn(as) {
      await context.clearCookies()
      if (as === null) return
      await page.goto('/sign-in')
      await page.getByLabel('Your sign-in token').fill(county.hub.token(as))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL((url) => url.pathname !== '/sign-in')
    },
    async open({ path }) {
      await page.goto(path(county))
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with the page as it stands, as `rule: where`. Needs scripts. */
export async function faultsIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`,
  )
  return found as readonly string[]
}

/** By how many pixels the page is wider than the window: on a phone nobody should have to move sideways. */
export async function overflow(page: Page): Promise<number> {
  // Asked of the browser, not of the page: a page without scripts cannot be asked.
  const devtools = await page.context().newCDPSession(page)
  const { cssContentSize, cssLayoutViewport } = await devtools.send('Page.getLayoutMetrics')
  await devtools.detach()
  return Math.max(0, cssContentSize.width - cssLayoutViewport.clientWidth)
}
