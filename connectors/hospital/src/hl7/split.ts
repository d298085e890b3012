import { createFramer } from './framer.ts'

/**
 * The messages of one request: framed as over MLLP, or simply one after another, each beginning with its header
 * on a new line. Batch headers and trailers (FHS, BHS, BTS, FTS) say nothing and are left out.
 */
export function splitMessages(bytes: Buffer): readonly Buffer[] {
  if (bytes.includes(0x0b)) return framedIn(bytes)
  const text = bytes.toString('latin1').replace(byteOrderMark, '').replace(batchLine, '')
  const starts = [...text.matchAll(headerStart)].map(({ index }) => index)
  // What stands before the first header is answered too, as what it is: no message.
  const places = text.slice(0, starts[0]).trim() === '' ? starts : [0, ...starts]
  return places.map((from, at) => Buffer.from(text.slice(from, places[at + 1]), 'latin1'))
}

const byteOrderMark = /^\u00ef\u00bb\u00bf/
const batchLine = /^(?:FHS|BHS|BTS|FTS)[^\r\n]*[\r\n]*/gm
const headerStart = /^MSH(?=[!-/:-@[-`{-~])/gm

function framedIn(bytes: Buffer): readonly Buffer[] {
  const framer = createFramer({ frameBytesMax: bytes.length, noiseBytesMax: bytes.length })
  const found = [...framer.push(bytes)]
  // The request has ended, and with it the last message.
  if (framer.held() >= 0) found.push(...framer.push(Buffer.from('\x1c\r')))
  return found.flatMap((one) => (one.kind === 'message' ? [one.bytes] : []))
}
