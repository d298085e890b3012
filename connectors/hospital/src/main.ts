import { serveAlone } from '@throughline/intake'
import { hospitalOptions } from './config.ts'
import { startMllp } from './mllp.ts'
import { hospitalRoutes } from './source.ts'

await serveAlone({
  agency: 'hospital',
  options: hospitalOptions,
  routes: (deps, options) => hospitalRoutes({ ...deps, options }),
  alongside: (deps, options) => startMllp({ ...deps, options }),
})
