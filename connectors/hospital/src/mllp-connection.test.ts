import { type AddressInfo, createServer } from 'node:net'
import { steppedClock } from '@throughline/stream'
import { expect, it } from 'vitest'
import { hospitalDefaults } from './config.ts'
import type { Answered } from './intake.ts'
import { MllpConnection } from './mllp-connection.ts'
import { connectTo } from './testing/trust.ts'

it('answers in the order of the messages, whichever is known first', async () => {
  const waiting = new Map<string, (answered: Answered) => void>()
  const needs = {
    options: hospitalDefaults().mllp,
    intake: {
      take: (bytes: Buffer) =>
        new Promise<Answered>((resolve) => waiting.set(bytes.toString(), resolve)),
    },
    time: steppedClock(0),
    room: { messages: 0, hold: () => undefined, hasRoom: () => true },
    fault: () => undefined,
  }
  const server = createServer((socket) => void new MllpConnection(socket, needs))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sender = await connectTo((server.address() as AddressInfo).port)
  sender.send('first', 'second')
  while (waiting.size < 2) await new Promise((resolve) => setImmediate(resolve))
  for (const text of ['second', 'first']) {
    waiting.get(text)?.({ result: undefined, answers: [Buffer.from(text)] })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await sender.answers(2)).toEqual(['first', 'second'])
  expect(needs.room.messages).toBe(0)
  sender.socket.destroy()
  server.close()
})
