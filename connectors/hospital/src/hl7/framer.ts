/** What a stretch of bytes turned out to hold, in order. */
export type Framed =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A frame began inside a frame: the sender started again, and what it had begun is gone. */
  | { readonly kind: 'restarted' }
  /** A frame, or what lies between frames, is larger than allowed. Nothing after it is read. */
  | { readonly kind: 'frame-too-large' | 'noise-too-large' }

export interface FramerLimits {
  readonly frameBytesMax: number
  readonly noiseBytesMax: number
}

export interface Framer {
  /** Takes the next bytes of the connection, however they were cut. */
  push(chunk: Buffer): readonly Framed[]
  /** Bytes of a frame that has begun and not ended; -1 between frames. */
  held(): number
}

const begin = 0x0b
const end = 0x1c
const carriageReturn = 0x0d

/**
 * MLLP: 0x0B, the message, 0x1C 0x0D. Bytes between frames are noise. A 0x1C that no 0x0D follows is part of
 * the message, and the parser's affair.
 */
export function createFramer(limits: FramerLimits): Framer {
  const { frameBytesMax, noiseBytesMax } = limits
  // One buffer that grows: a message cut into single bytes may not cost an object for each.
  let kept: Buffer = Buffer.allocUnsafe(keptBytes)
  let size = -1
  let noise = 0
  let tooMuch = false
  /** The last byte taken was a 0x1C, which is not among what is kept yet. */
  let ending = false

  const start = (): void => {
    size = 0
    noise = 0
    ending = false
  }
  const add = (part: Buffer): void => {
    if (size + part.length > kept.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * kept.length, size + part.length))
      kept.copy(grown, 0, 0, size)
      kept = grown
    }
    part.copy(kept, size)
    size += part.length
  }
  const stop = (): void => {
    size = -1
    if (kept.length > keptBytes) kept = Buffer.allocUnsafe(keptBytes)
  }
  const message = (): Framed => {
    const bytes = Buffer.from(kept.subarray(0, size))
    stop()
    return { kind: 'message', bytes }
  }

  return {
    held: () => size,
    push(chunk) {
      const found: Framed[] = []
      const give = (kind: 'frame-too-large' | 'noise-too-large'): readonly Framed[] => {
        tooMuch = true
        stop()
        return [...found, { kind }]
      }
      let at = 0
      let restartAt = -1
      while (at < chunk.length && !tooMuch) {
        if (restartAt < at) restartAt = placeOf(chunk, begin, at)
        if (size === -1) {
          noise += restartAt - at
          if (noise > noiseBytesMax) return give('noise-too-large')
          if (restartAt < chunk.length) start()
          at = restartAt + 1
          continue
        }
        if (ending) {
          ending = false
          if (chunk[at] === carriageReturn) {
            found.push(message())
            at += 1
            continue
          }
          add(endByte)
        }
        const endAt = placeOf(chunk, end, at)
        const until = Math.min(restartAt, endAt)
        if (size + until - at > frameBytesMax) return give('frame-too-large')
        add(chunk.subarray(at, until))
        at = until + 1
        if (until === chunk.length) break
        if (until === endAt) {
          ending = true
          continue
        }
        found.push({ kind: 'restarted' })
        start()
      }
      return found
    },
  }
}

const keptBytes = 4096
const endByte = Buffer.from([end])

function placeOf(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from)
  return at === -1 ? chunk.length : at
}
