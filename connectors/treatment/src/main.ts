import { serveAlone } from '@throughline/intake'
import { treatmentOptions } from './config.ts'
import { treatmentRoutes } from './source.ts'

await serveAlone({
  agency: 'treatment',
  options: treatmentOptions,
  routes: (deps, options) => treatmentRoutes({ ...deps, options }),
})
