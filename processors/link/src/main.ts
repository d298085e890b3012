import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createFileKeys, createSqliteRegister } from '@throughline/consent'
import { HubError } from '@throughline/domain'
import { topics } from '@throughline/schemas'
import {
  createSqliteStore,
  nodeIds,
  openHubDatabase,
  openSqliteLog,
  startProcessor,
  systemClock,
  systemRandom,
} from '@throughline/stream'
import { readLinkConfig } from './config.ts'
import { link } from './topology.ts'

// Alone in this process, on a data directory that others work on too: nobody here rings when they commit.
const safetyPollMs = 500
const say = (line: string) => writeSync(process.stdout.fd, `${line}\n`)
const complain = (line: string) => writeSync(process.stderr.fd, `${line}\n`)

try {
  const { data, partnership } = readLinkConfig()
  const clock = systemClock()
  const random = systemRandom()
  const keys = createFileKeys({ directory: data, clock, random })
  const db = openHubDatabase(join(data, 'hub.db'))
  const register = createSqliteRegister({ db, clock })
  const log = await openSqliteLog({ path: join(data, 'log.db'), clock })
  await log.ensureTopics(topics)
  const running = await startProcessor({
    processor: link,
    log,
    store: createSqliteStore({ db, clock, lookups: register.reader }),
    keys,
    clock,
    ids: nodeIds(keys.file.hmacKey(partnership)),
    random,
    safetyPollMs,
    onFault: ({ partition, error }) => {
      const code = error instanceof HubError ? error.code : 'bug'
      complain(JSON.stringify({ fault: code, processor: link.name, partition }))
    },
  })
  const stop = async (): Promise<void> => {
    await running.stop()
    await log[Symbol.asyncDispose]()
    db[Symbol.dispose]()
    keys[Symbol.dispose]()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  say(JSON.stringify({ ready: true, processor: link.name }))
} catch (error) {
  if (!(error instanceof HubError)) throw error
  complain(`${error.code}: ${error.message}`)
  process.exitCode = 1
}
