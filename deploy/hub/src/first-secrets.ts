import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createKeyFile } from '@throughline/consent'
import type { Agency } from '@throughline/domain'
import { hospitalOptions } from '@throughline/hospital'
import { systemRandom } from '@throughline/stream'
import { devConfig } from './dev.ts'

/**
 * For `docker compose up` with nothing prepared: the keys, tokens and passwords of a made-up partnership,
 * fresh, into the folders of the volumes. Does nothing where the hub has a configuration already.
 */
const { values } = parseArgs({ options: { into: { type: 'string', default: '/secrets' } } })
const of = (name: string) => join(values.into, name)
const [hub, postgres, grafana, credentials] = [
  of('hub'),
  of('postgres'),
  of('grafana'),
  of('credentials'),
]
const configFile = join(hub, 'hub.config.json')

/** Of each connector that runs alone: the agency whose token it takes. */
const edges: Readonly<Record<string, Agency>> = {
  custody: 'custody',
  probation: 'probation',
  hospital: 'hospital',
  housing: 'housing',
  treatment: 'treatment',
  referrals: 'other',
}

if (existsSync(configFile))
  process.stdout.write('the hub has its configuration and secrets already\n')
else makeThem()

function makeThem(): void {
  const { agreements, edges: options, agencies, ...config } = devConfig(credentials)
  const newPassword = () => randomBytes(24).toString('base64url')
  const password = newPassword()
  mkdirSync(join(hub, 'edges'), { recursive: true })
  // Read by the servers themselves, who are other users; nobody else mounts these folders.
  write(join(postgres, 'password'), password, 0o644)
  write(join(grafana, 'password'), newPassword(), 0o644)
  write(join(hub, 'database-url'), `postgres://hub:${password}@postgres:5432/hub`)
  write(join(credentials, 'county-database-url'), `postgres://hub:${password}@postgres:5432/county`)
  createKeyFile({ directory: hub, partnerships: [config.partnership], random: systemRandom() })
  for (const [edge, agency] of Object.entries(edges)) {
    write(join(hub, 'edges', `${edge}.hash`), agencies[agency]?.tokenHash ?? '')
    write(join(hub, 'edges', `${edge}.json`), JSON.stringify(optionsOf(agency)))
  }
  // Last, and whole: where it stands, everything does.
  const iso = (at: number) => new Date(at).toISOString()
  const whole = {
    ...config,
    host: '0.0.0.0',
    data: hub,
    database: { urlFile: join(hub, 'database-url') },
    kafka: { brokers: ['kafka:9092'], replication: 1 },
    schemaIds: '/schema-ids/schema-ids.json',
    edges: options,
    agencies,
    agreements: agreements.map(({ from, until, ...rest }) => ({
      ...rest,
      from: iso(from),
      until: iso(until),
    })),
  }
  write(`${configFile}.new`, JSON.stringify(whole, null, 2))
  renameSync(`${configFile}.new`, configFile)
  process.stdout.write('made the keys, tokens and passwords of a made-up partnership\n')

  function optionsOf(agency: Agency): unknown {
    if (agency !== 'hospital') return options[agency]
    // The hub takes no MLLP from outside its container; the hospital's own edge does.
    const { mllp, ...rest } = hospitalOptions.parse(options[agency])
    return { ...rest, mllp: { ...mllp, host: '0.0.0.0' } }
  }
}

function write(path: string, text: string, mode = 0o600): void {
  writeFileSync(path, `${text}\n`, { mode })
}
