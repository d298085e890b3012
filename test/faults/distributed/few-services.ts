import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOfToken } from '@throughline/hub'
import { systemClock } from '@throughline/stream'
import type { ServicePlan } from './service.ts'

/** What a few services share. */
export interface Ground {
  /** Of the database. */
  readonly url: string
  readonly kafka: {
    readonly brokers: readonly string[]
    readonly replication?: number
    readonly prefix?: string
  }
  /** The folder of the key file. */
  readonly keys: string
  /** What a registry has numbered the schemas, where they are to carry such numbers. */
  readonly schemaIds?: string
  /** Custody's, and an operator's. */
  readonly token: string
  /** For the front's configuration. */
  readonly folder: string
  /** Beyond what follows from these, for every service. */
  readonly env?: Readonly<Record<string, string>>
}

const yearMs = 365 * 24 * 3_600_000

/**
 * What it takes for a release to become a notice, by kind: a custody edge, link, notify, and a front that
 * relays what the edges accept and projects notices into the inbox.
 */
export function fewServices(ground: Ground): ReadonlyMap<string, Omit<ServicePlan, 'name'>> {
  const { url, kafka, keys, schemaIds, token, folder } = ground
  const env = {
    HUB_DATABASE_URL: url,
    HUB_KAFKA_BROKERS: kafka.brokers.join(','),
    ...(kafka.replication && { HUB_KAFKA_REPLICATION: String(kafka.replication) }),
    ...(kafka.prefix && { HUB_KAFKA_PREFIX: kafka.prefix }),
    HUB_KEYS: keys,
    ...(schemaIds && { HUB_SCHEMA_IDS: schemaIds }),
    HUB_HTTP_PORT: '0',
    EDGE_PORT: '0',
    EDGE_TOKEN_HASH: hashOfToken(token),
    EDGE_OPTIONS: JSON.stringify({ allowTestNhsNumbers: true, nhsNumbersTraced: true }),
    ...ground.env,
  }
  const config = join(folder, 'front.json')
  writeFileSync(config, JSON.stringify(frontConfig(ground)))
  const entries = {
    custody: ['connectors/custody/src/main.ts'],
    link: ['processors/link/src/main.ts'],
    notify: ['processors/notify/src/main.ts'],
    front: ['deploy/hub/src/main.ts', '--config', config, '--mllp-port', '0'],
  }
  return new Map(Object.entries(entries).map(([kind, entry]) => [kind, { entry, env }]))
}

const frontConfig = ({ url, kafka, keys, schemaIds, token }: Ground): object => ({
  schemaIds,
  partnership: 'testshire',
  port: 0,
  data: keys,
  database: { url },
  kafka,
  processors: ['inbox'],
  allowTestNhsNumbers: true,
  agencies: {},
  register: { tokenHash: hashOfToken(`${token} of the register`) },
  practitioners: [],
  operators: [{ tokenHash: hashOfToken(token) }],
  agreements: [
    {
      id: 'dev-custody-care-coordination',
      source: 'custody',
      purpose: 'care-coordination',
      recipientOrganisation: 'testshire-recovery',
      from: new Date(0).toISOString(),
      until: new Date(systemClock().now() + yearMs).toISOString(),
    },
  ],
})
