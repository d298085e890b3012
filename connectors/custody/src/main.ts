import { serveAlone } from '@throughline/intake'
import { custodyOptions } from './config.ts'
import { custodyRoutes } from './source.ts'

await serveAlone({
  agency: 'custody',
  options: custodyOptions,
  routes: (deps, options) => custodyRoutes({ ...deps, options }),
})
