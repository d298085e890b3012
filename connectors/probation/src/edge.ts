import type { Edge } from '@throughline/intake'
import { probationOptions } from './config.ts'
import { probationRoutes } from './source.ts'

export const probation: Edge<typeof probationOptions> = {
  agency: 'probation',
  options: probationOptions,
  routes: (deps, options) => probationRoutes({ ...deps, options }),
}
