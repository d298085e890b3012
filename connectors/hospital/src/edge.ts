import type { Edge } from '@throughline/intake'
import { hospitalOptions } from './config.ts'
import { startMllp } from './mllp.ts'
import { hospitalRoutes } from './source.ts'

export const hospital: Edge<typeof hospitalOptions> = {
  agency: 'hospital',
  options: hospitalOptions,
  routes: (deps, options) => hospitalRoutes({ ...deps, options }),
  alongside: (deps, options) => startMllp({ ...deps, options }),
}
