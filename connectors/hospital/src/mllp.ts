import { type AddressInfo, createServer, type Server } from 'node:net'
import { requestSpan } from '@throughline/intake'
import { type Clock, systemClock } from '@throughline/stream'
import type { HospitalDeps } from './deps.ts'
import { hospitalInstruments } from './instruments.ts'
import { type Intake, intakeOf } from './intake.ts'
import { MllpConnection, type Room } from './mllp-connection.ts'

export interface MllpGiven extends HospitalDeps {
  /** Of the sockets: real time unless told, whatever the hub's own clock does. */
  readonly time?: Clock
}

export interface MllpListening {
  readonly port: number
  readonly host: string
  /** Takes nothing new, answers what has been received, ends every connection. */
  close(): Promise<void>
}

/**
 * HL7 v2 over MLLP, where `options.mllp` says. A message is answered once it is durable; the answers of one
 * connection leave in the order of its messages. MLLP has no authentication (formats/hospital.md, section 7).
 */
export async function startMllp(given: MllpGiven): Promise<MllpListening> {
  const { options, log, metrics, time = systemClock() } = given
  const { port, host, connectionsMax, graceMs } = options.mllp
  const connections = new Set<MllpConnection>()
  const faults = metrics.counter(hospitalInstruments.mllpFaults)
  const fault = (reason: string, count = 1): void => {
    faults.add({ reason }, count)
    log.warn('mllp fault', { reason, count })
  }
  const room = roomOf(options.mllp.heldBytesMax, () => {
    for (const connection of connections) connection.throttle()
  })
  metrics.gauge(hospitalInstruments.mllpConnections, () => connections.size)
  const door = intakeOf(given)
  const intake: Intake = { take: (bytes) => requestSpan('receive mllp', () => door.take(bytes)) }
  const needs = { options: options.mllp, intake, time, room, fault }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new MllpConnection(socket, needs)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  server.maxConnections = connectionsMax
  server.on('drop', () => fault('too-many-connections'))
  const actual = await listening(server, port, host)
  const closing = new AbortController()
  void sweep(connections, time, closing.signal)
  log.info('listening', { host, port: actual, point: 'mllp' })
  return {
    port: actual,
    host,
    close() {
      closing.abort()
      return closed(server, connections, time, graceMs)
    },
  }
}

/** Bytes of messages over all connections, up to `max`; `again` is called when there is room once more. */
function roomOf(max: number, again: () => void): Room {
  let held = 0
  const hasRoom = (): boolean => held <= max
  return {
    messages: 0,
    hasRoom,
    hold(bytes) {
      const hadRoom = hasRoom()
      held += bytes
      if (!hadRoom && hasRoom()) again()
    },
  }
}

async function listening(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

const sweepEveryMs = 1000

async function sweep(
  connections: ReadonlySet<MllpConnection>,
  time: Clock,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    await time.until(time.now() + sweepEveryMs, closing)
    if (!closing.aborted) for (const connection of connections) connection.sweep()
  }
}

async function closed(
  server: Server,
  connections: ReadonlySet<MllpConnection>,
  time: Clock,
  graceMs: number,
): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const connection of connections) connection.finish()
  const grace = new AbortController()
  await Promise.race([done, time.until(time.now() + graceMs, grace.signal)])
  grace.abort()
  for (const connection of connections) connection.destroy()
  await done
}
