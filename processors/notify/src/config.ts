import type { NotifyOptions } from '@throughline/domain'
import { configFromEnv } from '@throughline/service'
import { z } from 'zod'

const options = z.object({
  HUB_HOME_AREAS: z
    .string()
    .regex(/^[A-Z0-9]+(,[A-Z0-9]+)*$/)
    .optional(),
})

/**
 * Codes of the authorities of this partnership, from the environment: `E06009999,E06009998`. Without
 * any, nobody is known to be released outside it. `HUB_CONFIG_INVALID` where it is no such list.
 */
export function readNotifyOptions(): NotifyOptions {
  const { HUB_HOME_AREAS } = configFromEnv(options)
  return { homeAreas: HUB_HOME_AREAS?.split(',') ?? [] }
}
