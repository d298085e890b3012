import { connect, type Socket } from 'node:net'
import { type Desk, openDesk } from '@throughline/intake/testing'
import { type SteppedClock, steppedClock } from '@throughline/stream'
import { hospitalDefaults } from '../config.ts'
import type { HospitalDeps } from '../deps.ts'
import { createFramer } from '../hl7/framer.ts'
import { type MllpListening, startMllp } from '../mllp.ts'
import { hospitalRoutes } from '../source.ts'

export interface HospitalDesk extends AsyncDisposable {
  readonly desk: Desk
  readonly mllp: MllpListening
  /** The sockets' clock, which only the test moves. */
  readonly time: SteppedClock
  connect(): Promise<Sender>
}

/** One connection of a trust's engine. */
export interface Sender {
  readonly socket: Socket
  /** Sends these bytes as they are. */
  write(bytes: string | Uint8Array): void
  /** Sends each message in a frame of its own, all in one packet. */
  send(...messages: readonly (string | Uint8Array)[]): void
  /** The next so many answers, as text of one character a byte; fewer if the connection ends first. */
  answers(count: number): Promise<readonly string[]>
  /** Resolves when the hub has closed its side. */
  readonly closed: Promise<void>
}

export interface HospitalGiven {
  readonly options?: Parameters<typeof hospitalDefaults>[0]
  /** Called before each acceptance; throw here to have nothing kept. */
  readonly beforeAccept?: () => void
  /** Called with the parts before anything opens, for a test that watches one. */
  readonly parts?: (deps: HospitalDeps) => HospitalDeps
}

/** Both doors for HL7, on real ports, over the memory register. */
export async function openHospital(given: HospitalGiven = {}): Promise<HospitalDesk> {
  const options = hospitalDefaults({
    allowTestNhsNumbers: true,
    nhsNumbersTraced: true,
    ...given.options,
    mllp: { port: 0, ...given.options?.mllp },
  })
  const opened: HospitalDeps[] = []
  const desk = await openDesk({
    agency: 'hospital',
    ...(given.beforeAccept && { beforeAccept: given.beforeAccept }),
    routes: (deps) => {
      const parts = given.parts?.({ ...deps, options }) ?? { ...deps, options }
      opened.push(parts)
      return hospitalRoutes(parts)
    },
  })
  const [deps] = opened
  if (deps === undefined) throw new Error('no routes')
  const time = steppedClock(0)
  const mllp = await startMllp({ ...deps, time })
  const senders: Sender[] = []
  return {
    desk,
    mllp,
    time,
    async connect() {
      const sender = await connectTo(mllp.port)
      senders.push(sender)
      return sender
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of senders) socket.destroy()
      await mllp.close()
      await desk[Symbol.asyncDispose]()
    },
  }
}

export async function connectTo(port: number): Promise<Sender> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const framer = createFramer({ frameBytesMax: 2 ** 20, noiseBytesMax: 0 })
  const answered: string[] = []
  let awaited = { count: Number.POSITIVE_INFINITY, resolve: () => {} }
  let ended = false
  const settle = (): void => {
    if (ended || answered.length >= awaited.count) awaited.resolve()
  }
  socket.on('data', (chunk: Buffer) => {
    for (const one of framer.push(chunk)) {
      if (one.kind === 'message') answered.push(one.bytes.toString('latin1'))
    }
    settle()
  })
  const closed = new Promise<void>((resolve) => {
    const finish = (): void => {
      ended = true
      settle()
      resolve()
    }
    socket.on('end', finish)
    socket.on('close', finish)
  })
  socket.on('error', () => undefined)
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    send: (...messages) => void socket.write(Buffer.concat(messages.map(framed))),
    async answers(count) {
      await new Promise<void>((resolve) => {
        awaited = { count, resolve }
        settle()
      })
      return answered.splice(0, count)
    },
  }
}

export const framed = (message: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0x0b]), Buffer.from(message as Uint8Array), Buffer.from('\x1c\r')])
