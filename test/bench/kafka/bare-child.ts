import { createInterface } from 'node:readline'
import { createPostgresStore, openKafkaLog, openPostgres } from '@throughline/stream'
import { BareHop } from './bare-hop.ts'
import { forward, watch } from './bare-steps.ts'
import { Gate } from './gate.ts'
import type { OursPlace } from './ours.ts'
import { shiftedClock } from './shifted-clock.ts'

const place = JSON.parse(process.argv[2] ?? '{}') as OursPlace
const db = await openPostgres({ url: place.url })
const store = createPostgresStore({ db, clock: shiftedClock(place.shift) })
const gate = new Gate()
const { brokers, prefix } = place
const log = gate.over(
  await openKafkaLog({ brokers, clientId: 'bench', prefix, makesTopics: false }),
)
for (const hop of [forward, watch]) {
  if (!place.processors.includes(hop.name)) continue
  await log.consume(hop.name, [hop.input], new BareHop(hop, store, log))
}
console.log('running')

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'pause') gate.close()
  else gate.open()
  console.log(`${word}d`)
}
await log[Symbol.asyncDispose]()
await db.close()
