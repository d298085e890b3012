import { connect, type Socket } from 'node:net'

/** One MLLP connection of a trust's engine, which sends whatever a test likes. */
export interface Engine extends Disposable {
  readonly socket: Socket
  /** Writes each piece in a packet of its own, as they are. */
  write(...pieces: readonly (string | Uint8Array)[]): Promise<void>
  /** Frames the messages and sends them all in one packet. */
  send(...messages: readonly (string | Uint8Array)[]): void
  /** The next so many answers, one character a byte; fewer where the hub ends the connection first. */
  answers(count: number): Promise<readonly string[]>
  /** Sends one message and gives `MSA-1 MSA-2` of its answer, whatever its delimiters. */
  hears(message: string | Uint8Array): Promise<string>
  /** Resolves when the hub has ended the connection. */
  readonly closed: Promise<void>
}

const begin = Buffer.from([0x0b])
const end = Buffer.from([0x1c, 0x0d])

export const framed = (message: string | Uint8Array): Buffer =>
  Buffer.concat([begin, Buffer.from(message as Uint8Array), end])

/** `MSA-1 MSA-2` of an acknowledgement, by the separator that it declares. */
export function heardIn(answer: string | undefined): string {
  const separator = answer?.[3] ?? '|'
  const msa = answer?.split('\r').find((line) => line.startsWith(`MSA${separator}`)) ?? ''
  return msa.split(separator).slice(1, 3).join(' ')
}

export async function openEngine(
  port: number,
  onAnswer: (answer: string) => void = () => {},
): Promise<Engine> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  let rest = ''
  let ended = false
  const answered: string[] = []
  let awaited = { count: Number.POSITIVE_INFINITY, resolve: () => {} }
  const settle = (): void => {
    if (ended || answered.length >= awaited.count) awaited.resolve()
  }
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    const frames = (rest + bytes.toString('latin1')).split('\x1c\r')
    rest = frames.pop() ?? ''
    const answers = frames.map((frame) => frame.slice(frame.indexOf('\x0b') + 1))
    answers.forEach(onAnswer)
    answered.push(...answers)
    settle()
  })
  const closed = new Promise<void>((resolve) => {
    const finish = () => {
      ended = true
      settle()
      resolve()
    }
    socket.on('end', finish)
    socket.on('close', finish)
  })

  const send: Engine['send'] = (...messages) =>
    void socket.write(Buffer.concat(messages.map(framed)))
  const answers: Engine['answers'] = async (count) => {
    await new Promise<void>((resolve) => {
      awaited = { count, resolve }
      settle()
    })
    return answered.splice(0, count)
  }
  return {
    socket,
    closed,
    async write(...pieces) {
      for (const piece of pieces) {
        if (socket.destroyed) return
        await new Promise<void>((sent) => socket.write(piece, () => sent()))
      }
    },
    send,
    answers,
    async hears(message) {
      send(message)
      return heardIn((await answers(1))[0])
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
