import type { Edge } from '@throughline/intake'
import { treatmentOptions } from './config.ts'
import { treatmentRoutes } from './source.ts'

export const treatment: Edge<typeof treatmentOptions> = {
  agency: 'treatment',
  options: treatmentOptions,
  routes: (deps, options) => treatmentRoutes({ ...deps, options }),
}
