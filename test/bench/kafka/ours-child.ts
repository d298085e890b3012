import { createInterface } from 'node:readline'
import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import { Gate } from './gate.ts'
import { openOurService } from './our-service.ts'
import type { OursPlace } from './ours.ts'

const place = JSON.parse(process.argv[2] ?? '{}') as OursPlace
const gate = new Gate()
const service = await openOurService(place, (log) => gate.over(log))
if (place.processors.includes('link')) await service.run(link)
if (place.processors.includes('notify')) await service.run(notify)
console.log('running')

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'pause') gate.close()
  else gate.open()
  console.log(`${word}d`)
}
gate.open()
await service[Symbol.asyncDispose]()
