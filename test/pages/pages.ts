import type { SmallCounty } from './county.ts'

/** One page to look at: who opens it, and where. Adding a page is one line. */
export interface SitePage {
  readonly name: string
  /** Who signs in, as `startTestHub` names them; null for somebody who has not. */
  readonly as: string | null
  readonly path: (county: SmallCounty) => string
}

const page = (name: string, as: string | null, path: string | SitePage['path']): SitePage => ({
  name,
  as,
  path: typeof path === 'string' ? () => path : path,
})

export const sitePages: readonly SitePage[] = [
  page('sign-in', null, '/sign-in'),
  page('inbox', 'lp-1', '/inbox'),
  page('inbox-in-hand', 'lp-1', '/inbox?state=acknowledged'),
  page('inbox-done', 'lp-1', '/inbox?state=closed'),
  page('inbox-empty', 'lp-8', '/inbox'),
  page('people', 'lp-1', '/people'),
  page('person', 'lp-1', ({ personId }) => `/people/${personId}`),
  page('person-story', 'lp-1', ({ storyOf }) => `/people/${storyOf}`),
  page('person-involvement', 'peer-4', ({ personId }) => `/people/${personId}`),
  page('person-nobody', 'lp-3', ({ personId }) => `/people/${personId}`),
  page('referrals', 'intake-1', '/referrals'),
  page('referral-new', 'lp-1', '/referrals/new'),
  page('consents', 'register', '/consents'),
  page('consent-new', 'register', '/consents/new'),
  page('consent-person', 'register', ({ personId }) => `/consents/${personId}`),
  page('consent-change', 'register', ({ personId }) => `/consents/${personId}/change`),
  page('consent-withdraw', 'register', ({ personId }) => `/consents/${personId}/withdraw`),
  page('consent-receipt', 'register', ({ personId }) => `/consents/${personId}/receipt`),
  page('outcomes', 'analyst', '/outcomes'),
  page('ledger', 'operator', '/ledger'),
]
