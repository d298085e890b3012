import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import type { KafkaLogOptions } from '@throughline/stream'

/** Kafka's api key of a request to append. */
export const produceKey = 0

/** Kafka's api key of a request to read on. */
export const fetchKey = 1

/** What happens to one request. `lose` delivers it, and cuts the connection instead of its answer. */
export type Fate = 'pass' | 'hold' | 'drop' | 'cut' | 'lose'
/** What happens to one answer. `hold` keeps it, and those behind it, until `release`. */
export type AnswerFate = 'pass' | 'hold' | 'drop'

export interface KafkaProxy extends AsyncDisposable {
  /** Where clients go instead of the broker. */
  readonly port: number
  /** Asked for every request, in order. */
  fate: (apiKey: number) => Fate
  /** Asked for every answer, in order. */
  answered: (apiKey: number) => AnswerFate
  /** Lets requests and answers go that were held, in order. */
  release(): void
  /** How many requests of an api have been seen. */
  seen(apiKey: number): number
}

/**
 * Stands between clients and one broker, and knows where requests begin: four bytes of length, then
 * two that say what is asked for.
 */
export async function startKafkaProxy(brokerPort: number, port = 0): Promise<KafkaProxy> {
  const sockets = new Set<Socket>()
  const seen = new Map<number, number>()
  let releases: (() => void)[] = []
  const server = createServer((client) => {
    const broker = dial(brokerPort, '127.0.0.1')
    const cut = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        // A request on its way arrives even when its sender has given up.
        if (!held) cut()
      })
    }
    let losing = false
    let held: Buffer[] | undefined
    let heldAnswers: Buffer[] | undefined
    const asked = new Map<number, number>()
    const release = () => {
      for (const frame of held ?? []) broker.write(frame)
      for (const frame of heldAnswers ?? []) client.write(frame)
      held = undefined
      heldAnswers = undefined
    }
    framesOf(broker, (frame) => {
      if (losing) return cut()
      const correlation = frame.readInt32BE(4)
      const fate = proxy.answered(asked.get(correlation) ?? -1)
      asked.delete(correlation)
      if (fate === 'drop') return
      if (fate === 'hold' && !heldAnswers) {
        heldAnswers = []
        releases.push(release)
      }
      if (heldAnswers) heldAnswers.push(frame)
      else client.write(frame)
    })
    framesOf(client, (frame) => {
      const apiKey = frame.readInt16BE(4)
      asked.set(frame.readInt32BE(8), apiKey)
      seen.set(apiKey, (seen.get(apiKey) ?? 0) + 1)
      const fate = proxy.fate(apiKey)
      if (fate === 'cut') return cut()
      if (fate === 'drop') return
      losing ||= fate === 'lose'
      if (fate === 'hold' && !held) {
        held = []
        releases.push(release)
      }
      // On one connection nothing overtakes: what comes behind a held request waits too.
      if (held) held.push(frame)
      else broker.write(frame)
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const proxy: KafkaProxy = {
    port: typeof address === 'object' && address ? address.port : 0,
    fate: () => 'pass',
    answered: () => 'pass',
    seen: (apiKey) => seen.get(apiKey) ?? 0,
    release() {
      for (const send of releases) send()
      releases = []
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function framesOf(socket: Socket, take: (frame: Buffer) => void): void {
  let bytes = Buffer.alloc(0)
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more])
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const length = 4 + bytes.readInt32BE(0)
      take(bytes.subarray(0, length))
      bytes = bytes.subarray(length)
    }
  })
}

/**
 * For a client in this process: goes to the proxy wherever the brokers say that they are, so that a
 * shared broker need not know of it.
 */
export const throughProxy =
  ({ port }: KafkaProxy): NonNullable<KafkaLogOptions['socketFactory']> =>
  ({ onConnect }) =>
    dial(port, '127.0.0.1', onConnect)
