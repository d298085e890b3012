import { readdirSync, readFileSync } from 'node:fs'

/** Processor time since their start, in seconds, of what this process has started. */
export interface ProcessorTime {
  readonly broker: number
  readonly database: number
  readonly services: number
}

/** Of a clock tick: the kernel tells the time of processes in hundredths of a second. */
const tick = 0.01

interface Running {
  readonly pid: number
  readonly parent: number
  readonly name: string
  readonly command: string
  readonly seconds: number
}

/**
 * Looked up in /proc, so on Linux only; elsewhere all of it is 0. Processes that have ended count with
 * whoever waited for them, as a server's backends with the server.
 */
export function processorTime(): ProcessorTime {
  const all = new Map(running().map((one) => [one.pid, one]))
  const spent = { broker: 0, database: 0, services: 0 }
  for (const one of all.values()) {
    if (one.pid === process.pid || !isOurs(one, all)) continue
    spent[kindOf(one)] += one.seconds
  }
  return spent
}

/** What was spent from one look to the next, in µs of each of so many events. */
export function perEvent(from: ProcessorTime, to: ProcessorTime, events: number): ProcessorTime {
  const of = (kind: keyof ProcessorTime) => ((to[kind] - from[kind]) / events) * 1e6
  return { broker: of('broker'), database: of('database'), services: of('services') }
}

export const sumOf = ({ broker, database, services }: ProcessorTime): number =>
  broker + database + services

function kindOf({ name, command }: Running): keyof ProcessorTime {
  if (name === 'postgres') return 'database'
  return command.includes('kafka.Kafka') ? 'broker' : 'services'
}

function isOurs({ pid, parent }: Running, all: ReadonlyMap<number, Running>): boolean {
  if (pid === process.pid) return true
  const above = all.get(parent)
  return above !== undefined && isOurs(above, all)
}

const running = (): Running[] =>
  pids().flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      // The name is in brackets and may hold anything; what follows is numbers.
      const end = stat.lastIndexOf(')')
      const name = stat.slice(stat.indexOf('(') + 1, end)
      const fields = stat.slice(end + 2).split(' ')
      const ticks = fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0)
      return [{ pid, parent: Number(fields[1]), name, command, seconds: ticks * tick }]
    } catch {
      // It has just ended.
      return []
    }
  })

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}
