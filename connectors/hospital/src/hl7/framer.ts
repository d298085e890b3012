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

  /** To behind the next beginning. */
  const passNoise = (chunk: Buffer, from: number): number => {
    const place = chunk.indexOf(begin, from)
    const to = place === -1 ? chunk.length : place
    noise += to - from
    if (place !== -1 && noise <= noiseBytesMax) start()
    return to + 1
  }

  /** To behind the next mark, or where the chunk ends. */
  const takeText = (chunk: Buffer, from: number, found: Framed[]): number => {
    if (ending) {
      ending = false
      if (chunk[from] === carriageReturn) {
        found.push(message())
        return from + 1
      }
      add(endByte)
    }
    const to = nextMark(chunk, from)
    if (size + to - from > frameBytesMax) {
      size = Number.POSITIVE_INFINITY
      return to
    }
    add(chunk.subarray(from, to))
    if (chunk[to] === end) ending = true
    if (chunk[to] === begin) {
      found.push({ kind: 'restarted' })
      start()
    }
    return to + 1
  }

  const tooMuch = (): 'frame-too-large' | 'noise-too-large' | undefined =>
    size > frameBytesMax ? 'frame-too-large' : noise > noiseBytesMax ? 'noise-too-large' : undefined

  return {
    held: () => Math.min(size, kept.length),
    push(chunk) {
      const found: Framed[] = []
      if (tooMuch() !== undefined) return found
      let at = 0
      while (at < chunk.length && tooMuch() === undefined) {
        at = size === -1 ? passNoise(chunk, at) : takeText(chunk, at, found)
      }
      const kind = tooMuch()
      if (kind !== undefined) found.push({ kind })
      return found
    },
  }
}

const keptBytes = 4096
const endByte = Buffer.from([end])

/** By hand, because a search for each of the two marks would read a chunk full of the other one again and again. */
function nextMark(chunk: Buffer, from: number): number {
  let at = from
  while (at < chunk.length && chunk[at] !== begin && chunk[at] !== end) at += 1
  return at
}
