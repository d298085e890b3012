import { createCipheriv, createDecipheriv } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpFault } from '@throughline/service'
import type { Random } from '@throughline/stream'
import type { Request } from 'express'

/** A body that has arrived whole, to be read once or more. */
export interface Spool extends AsyncDisposable {
  bytes(): AsyncIterable<Uint8Array>
}

const partBytes = 64 * 1024

/**
 * Takes a whole body in before anything of it is used, so that a connection that breaks leaves nothing behind
 * (assurance.md, CSV-11). It lies in a file without a name, under a key that is never written down. Refuses with
 * `HttpFault` what is too long, not UTF-8, or not text at all.
 */
export async function spooled(req: Request, bytesMax: number, random: Random): Promise<Spool> {
  const declared = Number(req.headers['content-length'] ?? 0)
  if (declared > bytesMax) throw tooLarge(bytesMax, declared > 4 * bytesMax)
  const path = join(tmpdir(), `throughline-${Buffer.from(random(12)).toString('hex')}`)
  const file = await open(path, 'wx+', 0o600)
  await rm(path)
  try {
    const key = random(32)
    const start = Buffer.alloc(16)
    const cipher = createCipheriv('aes-256-ctr', key, start)
    let size = 0
    const check = textCheck()
    for await (const part of arriving(req)) {
      if (size + part.length > bytesMax) {
        req.resume()
        throw tooLarge(bytesMax, false)
      }
      check.part(part, size)
      const written = cipher.update(part)
      await file.write(written, 0, written.length, size)
      size += part.length
    }
    check.end()
    return {
      async *bytes() {
        const decipher = createDecipheriv('aes-256-ctr', key, start)
        for (let at = 0; at < size; ) {
          const { bytesRead, buffer } = await file.read(
            Buffer.allocUnsafe(partBytes),
            0,
            partBytes,
            at,
          )
          if (bytesRead === 0) throw new Error('the spool is shorter than what was written')
          yield decipher.update(buffer.subarray(0, bytesRead))
          at += bytesRead
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function* arriving(req: Request): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const part of req.iterator({ destroyOnReturn: false })) yield part as Buffer
  } catch {
    throw new HttpFault(400, 'body-incomplete', 'The body did not arrive whole.')
  }
}

/** Starts of files that are called `.csv` and are something else: archives, workbooks, pages, documents. */
const otherFiles: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
  [0x1f, 0x8b],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x25, 0x50, 0x44, 0x46],
  [0x7f, 0x45, 0x4c, 0x46],
  [0x4d, 0x5a, 0x90],
]
const otherTexts = /^\s*(?:<|\{|\[|X5O!P%@AP)/
const sixteenBits: readonly (readonly number[])[] = [
  [0xff, 0xfe],
  [0xfe, 0xff],
]

/** The body must be text in UTF-8 from its first byte to its last. */
function textCheck() {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const decode = (part: Uint8Array | undefined): void => {
    try {
      decoder.decode(part, { stream: part !== undefined })
    } catch {
      throw new HttpFault(400, 'utf-8', 'The file is not UTF-8. Save it as CSV UTF-8.')
    }
  }
  return {
    part(part: Buffer, at: number): void {
      if (at === 0) refuseOther(part)
      if (part.includes(0)) throw new HttpFault(400, 'nul', 'The file contains the NUL character.')
      decode(part)
    },
    end: () => decode(undefined),
  }
}

function refuseOther(part: Buffer): void {
  const begins = (bytes: readonly number[]) => bytes.every((byte, at) => part[at] === byte)
  if (sixteenBits.some(begins)) {
    throw new HttpFault(415, 'charset', 'The file is UTF-16. Save it as CSV UTF-8.')
  }
  if (otherFiles.some(begins) || otherTexts.test(part.toString('latin1', 0, 64))) {
    throw new HttpFault(415, 'not-csv', 'The file is not CSV, whatever it is called.')
  }
}

const tooLarge = (limit: number, close: boolean): HttpFault =>
  new HttpFault(413, 'body-too-large', `The body may have ${limit} bytes.`, {
    ...(close && { headers: { connection: 'close' } }),
  })
