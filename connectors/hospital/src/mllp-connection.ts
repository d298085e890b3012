import type { Socket } from 'node:net'
import type { Clock } from '@throughline/stream'
import type { MllpOptions } from './config.ts'
import { createFramer, type Framed, type Framer } from './hl7/framer.ts'
import type { Intake } from './intake.ts'

/** What all connections of one door share. */
export interface Room {
  /** Messages that wait for their answer. */
  messages: number
  /** More, or fewer, bytes of messages in memory. */
  hold(bytes: number): void
  hasRoom(): boolean
}

export interface ConnectionNeeds {
  readonly options: MllpOptions
  readonly intake: Intake
  readonly time: Clock
  readonly room: Room
  readonly fault: (reason: string, count?: number) => void
}

/** One sender's connection, from its first byte until both sides have closed. */
export class MllpConnection {
  readonly #socket: Socket
  readonly #needs: ConnectionNeeds
  readonly #framer: Framer
  #framing = 0
  #waiting = 0
  /** Settles when everything taken so far has been answered. */
  #answered: Promise<void> = Promise.resolve()
  #finishing = false
  #heardAt: number
  #frameSince: number | undefined

  constructor(socket: Socket, needs: ConnectionNeeds) {
    this.#socket = socket
    this.#needs = needs
    this.#framer = createFramer(needs.options)
    this.#heardAt = needs.time.now()
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.throttle())
    // The sender may have closed its half and still wait for answers.
    socket.on('end', () => this.finish())
    // Whatever it was, 'close' follows.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#finishing = true
      this.#holdFrame(0)
    })
  }

  /** Answers what has been received, reads no more, and closes. */
  finish(): void {
    this.#stop(() => this.#socket.end())
  }

  /** Reads on, or stops reading, as there is room. */
  throttle(): void {
    if (this.#finishing) return
    const { options, room } = this.#needs
    const isFull =
      this.#waiting >= options.waitingMax || this.#socket.writableNeedDrain || !room.hasRoom()
    if (isFull) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  /** Closes what has been silent for too long. */
  sweep(): void {
    if (this.#finishing) return
    const { options, room, time } = this.#needs
    const silentMs = time.now() - this.#heardAt
    if (this.#frameSince === undefined) {
      if (this.#waiting === 0 && silentMs > options.idleMsMax) this.#abort('idle')
      return
    }
    // A sender that we do not read cannot go on; unless nobody is read, and only half messages fill the room.
    if (this.#socket.isPaused() && room.messages > 0) return
    const frameMs = time.now() - this.#frameSince
    if (silentMs > options.stalledMsMax || frameMs > options.frameMsMax) {
      this.#abort('message-unfinished')
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#finishing) return
    this.#heardAt = this.#needs.time.now()
    const found = this.#framer.push(chunk)
    for (const one of found) if (one.kind === 'message') this.#take(one.bytes)
    this.#report(found)
    const size = this.#framer.held()
    if (size === -1) this.#frameSince = undefined
    else if (found.length > 0 || this.#frameSince === undefined) this.#frameSince = this.#heardAt
    this.#holdFrame(Math.max(0, size))
    this.throttle()
  }

  #report(found: readonly Framed[]): void {
    const restarts = found.filter(({ kind }) => kind === 'restarted').length
    if (restarts > 0) this.#needs.fault('restarted', restarts)
    const tooMuch = found.at(-1)?.kind
    if (tooMuch === 'frame-too-large' || tooMuch === 'noise-too-large') this.#abort(tooMuch)
  }

  #holdFrame(size: number): void {
    const more = size - this.#framing
    this.#framing = size
    if (more !== 0) this.#needs.room.hold(more)
  }

  #take(bytes: Buffer): void {
    const { intake, room, fault } = this.#needs
    this.#waiting += 1
    room.messages += 1
    room.hold(bytes.length)
    const taken = intake.take(bytes)
    this.#answered = Promise.all([taken, this.#answered])
      .then(([{ answers }]) => this.#send(answers))
      .catch(() => {
        // A bug of ours: without an answer the sender sends again.
        fault('answer-failed')
        this.#socket.destroy()
      })
      .finally(() => {
        this.#waiting -= 1
        room.messages -= 1
        room.hold(-bytes.length)
        this.throttle()
      })
  }

  #send(answers: readonly Buffer[]): void {
    if (!this.#socket.writable) return
    for (const answer of answers) this.#socket.write(Buffer.concat([begin, answer, end]))
  }

  /** Closes without waiting for the other side, but not before what was taken is answered. */
  #abort(reason: string): void {
    this.#needs.fault(reason)
    this.#stop(() => this.#socket.destroySoon())
  }

  #stop(close: () => void): void {
    if (this.#finishing) return
    this.#finishing = true
    this.#holdFrame(0)
    // What still comes is read and dropped, or the end of the connection would never be heard.
    this.#socket.resume()
    void this.#answered.then(close)
  }
}

const begin = Buffer.from([0x0b])
const end = Buffer.from([0x1c, 0x0d])
