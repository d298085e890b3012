import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { faultsIn, type Look, openBrowser, openWindow, overflow, widths } from './browser.ts'
import { type SmallCounty, startSmallCounty } from './county.ts'
import { type SitePage, sitePages } from './pages.ts'

/** How one page looked in one window, and what was wrong with it. */
export interface Seen extends Look {
  readonly page: string
  readonly file: string
  /** What axe found; not asked without scripts. */
  readonly faults: readonly string[]
  /** Pixels by which it is wider than the window. */
  readonly overflow: number
}

const looks: readonly Look[] = widths.flatMap((width) =>
  [true, false].map((script) => ({ width, script })),
)

/** Every page at every width, with and without scripts, as a picture in `folder`. */
export async function takeScreenshots(
  county: SmallCounty,
  folder: string,
  pages: readonly SitePage[] = sitePages,
): Promise<readonly Seen[]> {
  mkdirSync(folder, { recursive: true })
  await using browser = await openBrowser()
  const seen: Seen[] = []
  for (const look of looks) {
    await using window = await openWindow(browser, county, look)
    const { page } = window
    for (const [as, theirs] of Map.groupBy(pages, (one) => one.as)) {
      await window.signIn(as)
      for (const one of theirs) {
        await window.open(one)
        const name = `${one.name}-${look.width}${look.script ? '' : '-no-script'}.png`
        const file = join(folder, name)
        await page.screenshot({ path: file, fullPage: true })
        const faults = look.script ? await faultsIn(page) : []
        seen.push({ ...look, faults, overflow: await overflow(page), page: one.name, file })
      }
    }
  }
  return seen
}

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error('say where to put them: screenshots.ts FOLDER [PAGE…]')
  const wanted = process.argv.slice(3)
  const pages = sitePages.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  await using county = await startSmallCounty()
  for (const { file, faults, overflow: wide } of await takeScreenshots(county, folder, pages)) {
    console.log(file)
    for (const fault of faults) console.log(`  ${fault}`)
    if (wide > 0) console.log(`  ${wide} px wider than the window`)
  }
}

if (import.meta.main) await main(process.argv[2])
