import type { Request, RequestHandler } from 'express'
import { contextOf } from './context.ts'
import { HttpFault } from './fault.ts'
import { JsonFault, type JsonOptions, type JsonValue, parseJson } from './json.ts'

const mebibyte = 1024 * 1024

export interface BodyOptions {
  /** Bytes; 1 MiB unless told. */
  readonly limit?: number
}

/** The body as the reader in front of the route left it. */
export const bodyOf = <T = unknown>(req: Request): T => contextOf(req).body as T

/** The JSON body as it was written, for whoever must keep it exactly. */
export const bodyTextOf = (req: Request): string => contextOf(req).text ?? ''

/** The fields of a form, once `formBody` or a guard has read it. */
export const formOf = (req: Request): URLSearchParams =>
  contextOf(req).form ?? new URLSearchParams()

/**
 * Reads a JSON body strictly (assurance.md, HTTP-11 to HTTP-16) into `bodyOf(req)`: 415 for any other
 * content, 413 over the limit, 400 with rule and place for what is not plain JSON in plain UTF-8.
 */
export const jsonBody =
  (options: BodyOptions & JsonOptions = {}): RequestHandler =>
  async (req, _res, next) => {
    requireContent(req, ['application/json'])
    const text = decode(await readBody(req, options.limit ?? mebibyte))
    const context = contextOf(req)
    context.body = readJson(text, options)
    context.text = text
    next()
  }

/** Reads a text body of one of these content types (UTF-8) into `bodyOf(req)`, as a string. */
export const textBody =
  (types: readonly string[], options: BodyOptions = {}): RequestHandler =>
  async (req, _res, next) => {
    requireContent(req, types)
    contextOf(req).body = decode(await readBody(req, options.limit ?? mebibyte))
    next()
  }

/** Reads a body of one of these content types into `bodyOf(req)` as bytes; the route decodes it. */
export const rawBody =
  (types: readonly string[], options: BodyOptions = {}): RequestHandler =>
  async (req, _res, next) => {
    requireContent(req, types, 'any charset')
    contextOf(req).body = await readBody(req, options.limit ?? mebibyte)
    next()
  }

/** Reads a posted form into `formOf(req)`. Does nothing when a guard has read it already. */
export const formBody =
  (options: BodyOptions = {}): RequestHandler =>
  async (req, _res, next) => {
    await readForm(req, options.limit)
    next()
  }

export async function readForm(req: Request, limit = 64 * 1024): Promise<URLSearchParams> {
  const context = contextOf(req)
  if (context.form !== undefined) return context.form
  requireContent(req, ['application/x-www-form-urlencoded'])
  context.form = new URLSearchParams(decode(await readBody(req, limit)))
  return context.form
}

function readJson(text: string, options: JsonOptions): JsonValue {
  try {
    return parseJson(text, options)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    throw new HttpFault(400, error.rule, error.message, { at: error.at })
  }
}

/** 415 unless the body comes in one of these content types, without content encoding, in UTF-8. */
export function requireContent(
  req: Request,
  types: readonly string[],
  charsets: 'utf-8' | 'any charset' = 'utf-8',
): void {
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw new HttpFault(415, 'content-encoding', 'Send the body without content encoding.')
  }
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';')
  if (!types.includes(type.trim())) {
    throw new HttpFault(415, 'content-type', `Send ${types.join(' or ')}.`)
  }
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  if (charsets === 'utf-8' && !isUtf8) throw new HttpFault(415, 'charset', 'Send UTF-8.')
}

function decode(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new HttpFault(400, 'utf-8', 'The body is not UTF-8.')
  }
  if (text.startsWith('\uFEFF')) {
    throw new HttpFault(400, 'byte-order-mark', 'The body starts with a byte order mark.')
  }
  if (text.includes('\0')) throw new HttpFault(400, 'nul', 'The body contains the NUL character.')
  return text
}

const tooLarge = (limit: number, close: boolean): HttpFault =>
  new HttpFault(413, 'body-too-large', `The body may have ${limit} bytes.`, {
    ...(close && { headers: { connection: 'close' } }),
  })

/**
 * Up to `limit` bytes. What is over is thrown away as it arrives, so memory stays flat. A sender a
 * little over is read to its end, because closing early would reset its connection before it has
 * seen the answer; one far over is cut off.
 */
function readBody(req: Request, limit: number): Promise<Uint8Array> {
  const declared = Number(req.headers['content-length'] ?? 0)
  if (declared > limit) return Promise.reject(tooLarge(limit, declared > 4 * limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const stop = (): void => {
      req.off('data', take)
      req.off('end', end)
      req.off('close', gone)
      req.off('error', gone)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= limit) return
      stop()
      req.resume()
      reject(tooLarge(limit, false))
    }
    const end = (): void => {
      stop()
      resolve(Buffer.concat(chunks, size))
    }
    const gone = (): void => {
      stop()
      req.on('error', () => {})
      reject(new HttpFault(400, 'body-incomplete', 'The body did not arrive whole.'))
    }
    req.on('data', take)
    req.on('end', end)
    req.on('close', gone)
    req.on('error', gone)
  })
}
