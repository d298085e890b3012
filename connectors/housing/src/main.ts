import { serveAlone } from '@throughline/intake'
import { housingOptions } from './config.ts'
import { housingRoutes } from './source.ts'

await serveAlone({
  agency: 'housing',
  options: housingOptions,
  routes: (deps, options) => housingRoutes({ ...deps, options }),
})
