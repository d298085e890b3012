import type { Edge } from '@throughline/intake'
import { referralOptions } from './config.ts'
import { referralIntakeRoutes } from './source.ts'

/** The way in for every source that has none of its own. */
export const referrals: Edge<typeof referralOptions> = {
  agency: 'other',
  options: referralOptions,
  routes: (deps, options) => referralIntakeRoutes({ ...deps, options }),
}
