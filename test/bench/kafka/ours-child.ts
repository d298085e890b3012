import { createInterface } from 'node:readline'
import { createPostgresKeys, readKeyFile } from '@throughline/consent'
import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import {
  createPostgresStore,
  nodeIds,
  openKafkaLog,
  openPostgres,
  type RunningProcessor,
  startProcessor,
  systemRandom,
} from '@throughline/stream'
import { Gate } from './gate.ts'
import type { OursPlace } from './ours.ts'
import { shiftedClock } from './shifted-clock.ts'

const safetyPollMs = 1_000

const place = JSON.parse(process.argv[2] ?? '{}') as OursPlace
const clock = shiftedClock(place.shift)
const random = systemRandom()
const file = readKeyFile(place.keys)
const db = await openPostgres({ url: place.url })
const gate = new Gate()
const log = gate.over(
  await openKafkaLog({
    brokers: place.brokers,
    clientId: 'bench',
    prefix: place.prefix,
    replicationFactor: 1,
    makesTopics: false,
  }),
)
const ports = {
  log,
  store: createPostgresStore({ db, clock }),
  keys: createPostgresKeys({ db, file, clock, random }),
  ids: nodeIds(file.hmacKey('testshire')),
  clock,
  random,
  safetyPollMs,
  onFault: ({ error }: { readonly error: unknown }) => {
    throw error
  },
}
const running: RunningProcessor[] = []
if (place.processors.includes('link')) {
  running.push(await startProcessor({ ...ports, processor: link }))
}
if (place.processors.includes('notify')) {
  running.push(await startProcessor({ ...ports, processor: notify }))
}
console.log('running')

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'pause') gate.close()
  else gate.open()
  console.log(`${word}d`)
}
gate.open()
await Promise.all(running.map((one) => one.stop()))
await log[Symbol.asyncDispose]()
ports.keys[Symbol.dispose]()
await db.close()
