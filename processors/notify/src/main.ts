import { openHub, readinessOf } from '@throughline/consent'
import { readPlace, serveHealth } from '@throughline/service'
import { runAlone, systemClock, systemRandom, topicsOf } from '@throughline/stream'
import { readNotifyOptions } from './config.ts'
import { notifyWith } from './topology.ts'

const clock = systemClock()
const processor = notifyWith(readNotifyOptions())
await runAlone(
  processor,
  () => openHub({ ...readPlace(), makeKeys: false, clock, random: systemRandom() }),
  (hub, tasks) => serveHealth([...readinessOf(hub, { topics: topicsOf(processor) }), tasks]),
)
