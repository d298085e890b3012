import { createInterface } from 'node:readline'
import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import { forward } from './forward.ts'
import { Gate } from './gate.ts'
import { openOurService } from './our-service.ts'
import type { OursPlace } from './ours.ts'
import { watch } from './watch.ts'

const place = JSON.parse(process.argv[2] ?? '{}') as OursPlace
const gate = new Gate()
const service = await openOurService(place, (log) => gate.over(log))
const processors = new Map([
  ['link', () => service.run(link)],
  ['notify', () => service.run(notify)],
  ['forward', () => service.run(forward)],
  ['watch', () => service.run(watch)],
])
for (const name of place.processors) await processors.get(name)?.()
console.log('running')

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'pause') gate.close()
  else gate.open()
  console.log(`${word}d`)
}
gate.open()
await service[Symbol.asyncDispose]()
// A connection that the client has forgotten may be open still: what was measured is over.
process.exit()
