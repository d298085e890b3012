import type { Edge } from '@throughline/intake'
import { custodyOptions } from './config.ts'
import { custodyRoutes } from './source.ts'

export const custody: Edge<typeof custodyOptions> = {
  agency: 'custody',
  options: custodyOptions,
  routes: (deps, options) => custodyRoutes({ ...deps, options }),
}
