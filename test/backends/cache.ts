import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the user's caches live: what tests have fetched or built stays there between runs. */
export const cacheOf = (what: string): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'throughline', what)
