import type { Request, Response } from 'express'

/** One open page that is told what is new. */
export interface EventStream {
  /** Sends an event; false when the reader has gone or the session has ended. */
  send(name: string, data: unknown): boolean
  close(): void
  /** Runs once, when the reader goes, the session ends or the hub stops. */
  onClose(listener: () => void): void
}

const openStreams = new WeakMap<object, Set<EventStream>>()

/**
 * Answers with server-sent events. Send ids and "something changed", and let the page read the rest
 * through its ordinary route, where the gate stands. `stillAllowed` is asked before every send.
 */
export function openEventStream(
  req: Request,
  res: Response,
  stillAllowed: () => boolean = () => true,
): EventStream {
  const listeners: (() => void)[] = []
  const open = openStreams.get(req.app) ?? new Set()
  openStreams.set(req.app, open)
  let closed = false
  const stream: EventStream = {
    send(name, data) {
      if (!closed && !stillAllowed()) stream.close()
      if (closed) return false
      res.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
      return true
    },
    close() {
      if (closed) return
      closed = true
      open.delete(stream)
      res.end()
      for (const listener of listeners) listener()
    },
    onClose(listener) {
      if (closed) listener()
      else listeners.push(listener)
    },
  }
  open.add(stream)
  // The kernel notices a reader that vanished without a word.
  req.socket.setKeepAlive(true, 30_000)
  res.status(200).set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  res.flushHeaders()
  res.write('retry: 3000\n\n')
  res.on('close', () => stream.close())
  return stream
}

/** Ends every open stream of an application, so that it can stop. */
export function closeEventStreams(app: object): void {
  for (const stream of openStreams.get(app) ?? []) stream.close()
}
