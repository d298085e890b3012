import { connect, type Socket } from 'node:net'

/** Where the hub listens now, and what to do when it does not: as `Line` for HTTP. */
export interface MllpLine {
  port(): number
  /** Resolves when trying again makes sense; throws when it never will. `tries` counts from 1. */
  lost(tries: number, cause: unknown): Promise<void>
}

/** A trust's engine: one message at a time, each sent until it is acknowledged. */
export interface MllpClient {
  /** The code of the acknowledgement: AA, or why not. Messages go in the order in which they are asked for. */
  send(message: string): Promise<string>
  close(): void
}

const begin = '\x0b'
const end = '\x1c\r'

/** `again` counts the repeats, because a repeat may find its first try already done. */
export function mllpClient(line: MllpLine, again: () => void = () => {}): MllpClient {
  let socket: Socket | null = null
  let last: Promise<unknown> = Promise.resolve()

  async function sendUntilAnswered(message: string): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        socket ??= await connected(line.port())
        const code = acknowledged(message, await answerTo(socket, message))
        // Nothing was kept: it is sent again, as after a broken connection.
        if (code !== 'AE' && code !== 'CE') return code
        throw new Error(`acknowledged ${code}`)
      } catch (cause) {
        socket?.destroy()
        socket = null
        await line.lost(tries, cause)
        again()
      }
    }
  }

  return {
    send(message) {
      const answer = last.then(() => sendUntilAnswered(message))
      last = answer.catch(() => undefined)
      return answer
    },
    close: () => socket?.destroy(),
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // Between messages a broken connection is noticed by the next one.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/** The next frame that comes back; fails when the connection ends before it is whole. */
function answerTo(socket: Socket, message: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const settle = (done: () => void) => {
      socket.off('data', onData)
      socket.off('close', onClose)
      done()
    }
    const onData = (bytes: Buffer) => {
      text += bytes.toString('utf8')
      const at = text.indexOf(end)
      if (at >= 0) settle(() => resolve(text.slice(text.indexOf(begin) + 1, at)))
    }
    const onClose = () => settle(() => reject(new Error('the connection was closed')))
    if (socket.destroyed) return reject(new Error('the connection is closed'))
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.write(`${begin}${message}${end}`)
  })
}

/** MSA-1; an acknowledgement of anything but this message is no answer to it. */
export function acknowledged(message: string, answer: string): string {
  const [, code = '', controlId] = (
    answer.split(/[\r\n]+/).find((line) => line.startsWith('MSA')) ?? ''
  ).split('|')
  if (controlId !== message.split('|')[9]) throw new Error('acknowledged another message')
  return code
}
