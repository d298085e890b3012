import { existsSync } from 'node:fs'

/** Where a Chromium is, or undefined. `CHROMIUM` names one that stands elsewhere. */
export const chromium: string | undefined = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
].find((path) => path !== '' && existsSync(path))

/** Whether a machine without one is a failure: yes where every change is judged. */
export const chromiumRequired: boolean = process.env['CI_REQUIRE_CHROMIUM'] === '1'
