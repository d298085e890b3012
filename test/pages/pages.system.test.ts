import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Look, openBrowser, openWindow, type Window } from './browser.ts'
import { chromium, chromiumRequired } from './config.ts'
import { type SmallCounty, startSmallCounty } from './county.ts'
import { sitePages } from './pages.ts'
import { type Seen, takeScreenshots } from './screenshots.ts'

const isThere = chromium !== undefined

it('there is a Chromium where every change is judged', () => {
  if (!isThere) {
    console.warn(
      'NO CHROMIUM HERE: nobody has looked at the pages. Install one, or name it in CHROMIUM.',
    )
  }
  expect(isThere || !chromiumRequired).toBe(true)
})

describe.skipIf(!isThere)('the pages', () => {
  let county: SmallCounty
  let seen: readonly Seen[]
  const folder = mkdtempSync(join(tmpdir(), 'throughline-pages-'))
  beforeAll(async () => {
    county = await startSmallCounty()
    seen = await takeScreenshots(county, folder)
  }, 240_000)
  afterAll(async () => {
    await county?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(sitePages.map(({ name }) => name))(
    '%s: axe finds nothing, and all of it fits a phone',
    (name) => {
      const looks = seen.filter(({ page }) => page === name)
      expect(looks).toHaveLength(4)
      for (const { faults, overflow, width, script, file } of looks) {
        expect(faults, `at ${width} px`).toEqual([])
        expect(overflow, `at ${width} px${script ? '' : ' without scripts'}`).toBe(0)
        expect(statSync(file).size).toBeGreaterThan(5_000)
      }
    },
  )
})

describe.skipIf(!isThere)('without a script', () => {
  const look: Look = { width: 375, script: false }
  let county: SmallCounty
  let browser: Browser
  let window: Window
  beforeAll(async () => {
    county = await startSmallCounty()
    browser = await openBrowser()
    window = await openWindow(browser, county, look)
    await window.signIn('lp-1')
  }, 120_000)
  afterAll(async () => {
    await window?.[Symbol.asyncDispose]()
    await browser?.close()
    await county?.[Symbol.asyncDispose]()
  })

  /** The card about the release of the person whom the test is about. */
  const released = () =>
    window.page
      .locator('.inbox-thread')
      .filter({ has: window.page.locator(`a[href="/people/${county.personId}"]`) })
      .locator('article')
      .filter({ hasText: 'Make contact today' })
  const stateOf = async (rule: string) =>
    (await county.hub.inboxOf('lp-1', 'any'))
      .filter((notice) => notice.rule === rule && notice.personId === county.personId)
      .map(({ state }) => state)

  it('a lead takes a whole thread in hand with one press, and says what contact there was', async () => {
    const { page } = window
    await page.goto('/inbox')
    await released()
      .getByRole('button', { name: /I am on it/ })
      .click()
    expect(new URL(page.url()).pathname).toBe('/inbox')
    expect(await page.getByText('Recorded. Thank you.').count()).toBe(1)
    await county.hub.idle()
    expect(await stateOf('release')).toEqual(['acknowledged'])
    expect(new Set(await stateOf('three-weeks'))).toEqual(new Set(['acknowledged']))
    await page.goto('/inbox?state=acknowledged')
    await released().getByRole('button', { name: 'Seen' }).click()
    await county.hub.idle()
    expect(await stateOf('release')).toEqual(['closed'])
  })

  it('a lead opens what was told before, and the person', async () => {
    const { page } = window
    await page.goto('/inbox')
    const folded = page.locator('details').first()
    await folded.locator('summary').click()
    expect(await folded.getAttribute('open')).not.toBeNull()
    await page.goto('/people')
    await page.getByRole('main').getByRole('link').first().click()
    expect(await page.getByRole('heading', { name: 'Before you make contact' }).count()).toBe(1)
    expect(await page.getByRole('heading', { name: 'Now' }).count()).toBe(1)
  })

  it('a lead works with the keyboard alone', async () => {
    const { page } = window
    await page.goto('/inbox')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('Skip to main content')
    await page.keyboard.press('Enter')
    // From the skip link on: everything that can be done is reached by Tab, in the order of the page.
    const reached: string[] = []
    for (let n = 0; n < 40; n += 1) {
      await page.keyboard.press('Tab')
      reached.push(await focused(page))
    }
    const firstOf = (text: string) => reached.findIndex((one) => one.includes(text))
    expect(firstOf('To do')).toBeGreaterThanOrEqual(0)
    expect(firstOf('I am on it')).toBeGreaterThan(firstOf('To do'))
    expect(firstOf('Seen')).toBeGreaterThan(firstOf('I am on it'))
  })

  it('the register stops sharing in two steps', async () => {
    const { page } = window
    await window.signIn('register')
    await page.goto(`/consents/${county.personId}/withdraw`)
    await page.getByRole('main').getByRole('button').last().click()
    expect(new URL(page.url()).pathname).toBe(`/consents/${county.personId}`)
    await county.hub.idle()
    expect((await county.hub.story('lp-1', county.personId))?.lines).toEqual([])
  })
})

/** What has the focus, in words. Asked of the accessibility tree: the page has no scripts. */
async function focused(page: Window['page']): Promise<string> {
  const devtools = await page.context().newCDPSession(page)
  const { nodes } = await devtools.send('Accessibility.getFullAXTree')
  await devtools.detach()
  const node = nodes.findLast(({ properties }) =>
    properties?.some(({ name, value }) => name === 'focused' && value.value === true),
  )
  return String(node?.name?.value ?? '')
}
