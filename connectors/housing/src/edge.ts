import type { Edge } from '@throughline/intake'
import { housingOptions } from './config.ts'
import { housingRoutes } from './source.ts'

export const housing: Edge<typeof housingOptions> = {
  agency: 'housing',
  options: housingOptions,
  routes: (deps, options) => housingRoutes({ ...deps, options }),
}
