import { configFromEnv } from '@throughline/service'
import { z } from 'zod'

const schema = z.object({
  /** The hub's data directory: log, state, register and keys of one machine. */
  HUB_DATA: z.string().min(1),
  HUB_PARTNERSHIP: z.string().min(1),
})

export interface NotifyConfig {
  readonly data: string
  readonly partnership: string
}

/** From the environment; `HUB_CONFIG_INVALID` names the member that is missing. */
export function readNotifyConfig(env?: Readonly<Record<string, string | undefined>>): NotifyConfig {
  const { HUB_DATA, HUB_PARTNERSHIP } = configFromEnv(schema, env)
  return { data: HUB_DATA, partnership: HUB_PARTNERSHIP }
}
