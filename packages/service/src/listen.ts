import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Express } from 'express'
import { closeEventStreams } from './sse.ts'

export interface ListenOptions {
  readonly app: Express
  /** 0 picks a free one. */
  readonly port: number
  /** 127.0.0.1 unless told. */
  readonly host?: string
  /** How long a request, headers and body, may take to arrive (ms); then 408. */
  readonly requestTimeoutMs?: number
  readonly headersTimeoutMs?: number
  /** How long requests in flight may take once `close` was called (ms). */
  readonly graceMs?: number
}

export interface Listening {
  readonly port: number
  readonly host: string
  readonly url: string
  /** Takes nothing new, finishes what is in flight, ends open event streams. */
  close(): Promise<void>
}

/**
 * Serves an application. Node's own parser refuses what could be read in two ways: a length and chunks
 * together, folded headers, bare line feeds (assurance.md, HTTP-10).
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { app, port, host = '127.0.0.1', graceMs = 10_000 } = options
  const requestTimeout = options.requestTimeoutMs ?? 30_000
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: options.headersTimeoutMs ?? Math.min(10_000, requestTimeout),
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.max(20, Math.min(1_000, requestTimeout / 4)),
      maxHeaderSize: 16 * 1024,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    app,
  )
  server.maxHeadersCount = 100
  server.on('clientError', refuseConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const actual = (server.address() as AddressInfo).port
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      AbortSignal.timeout(graceMs).addEventListener('abort', () => server.closeAllConnections())
      server.close(() => resolve())
      closeEventStreams(app)
      server.closeIdleConnections()
    })
  return { port: actual, host, url: `http://${host}:${actual}`, close }
}

const answers: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/** What cannot be parsed is answered with a status alone, and the connection ends. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = answers[error.code ?? ''] ?? '400 Bad Request'
  const code = status.slice(0, 3) === '400' ? 'malformed-request' : 'not-taken'
  const body = `{"error":{"code":"${code}","message":"${status.slice(4)}"}}`
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}
