import { serveAlone } from '@throughline/intake'
import { probationOptions } from './config.ts'
import { probationRoutes } from './source.ts'

await serveAlone({
  agency: 'probation',
  options: probationOptions,
  routes: (deps, options) => probationRoutes({ ...deps, options }),
})
