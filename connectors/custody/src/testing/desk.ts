import {
  type Desk,
  type DeskOptions,
  openDesk as openIntakeDesk,
} from '@throughline/intake/testing'
import { custodyDefaults } from '../config.ts'
import { custodyRoutes } from '../source.ts'

export { type Desk, testIds as ids } from '@throughline/intake/testing'

/** Custody's two doors at a desk. */
export const openDesk = (
  given: Parameters<typeof custodyDefaults>[0] = {},
  more: Pick<DeskOptions, 'beforeAccept'> = {},
): Promise<Desk> =>
  openIntakeDesk({
    agency: 'custody',
    routes: (deps) =>
      custodyRoutes({
        ...deps,
        options: custodyDefaults({ allowTestNhsNumbers: true, nhsNumbersTraced: true, ...given }),
      }),
    ...more,
  })
