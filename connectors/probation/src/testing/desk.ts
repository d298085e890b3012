import {
  type Desk,
  type DeskOptions,
  openDesk as openIntakeDesk,
} from '@throughline/intake/testing'
import { probationDefaults } from '../config.ts'
import { probationRoutes } from '../source.ts'

export { type Desk, testIds as ids } from '@throughline/intake/testing'

export const [domainEvents, hearings] = [
  '/intake/probation/domain-events',
  '/intake/probation/hearings',
]

/** Probation's two doors at a desk. */
export const openDesk = (
  given: Parameters<typeof probationDefaults>[0] = {},
  more: Pick<DeskOptions, 'beforeAccept'> = {},
): Promise<Desk> =>
  openIntakeDesk({
    agency: 'probation',
    routes: (deps) => probationRoutes({ ...deps, options: probationDefaults(given) }),
    ...more,
  })
