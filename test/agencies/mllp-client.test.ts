import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { acknowledged, mllpClient } from './mllp-client.ts'

const message = (id: string) =>
  `MSH|^~\\&|PAS|RZZ|ROUTE|ROUTE|202605120900||ADT^A04|${id}|P|2.4\rEVN||202605120900\r`
const ack = (code: string, id: string) => `\x0bMSH|^~\\&|ROUTE|ROUTE\rMSA|${code}|${id}\r\x1c\r`

/** A hub that does something else with each message that comes. */
async function hub(...deeds: readonly ((socket: Socket, id: string) => void)[]) {
  const heard: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('data', (bytes) => {
      const id = bytes.toString().split('|')[9] ?? ''
      deeds[heard.push(id) - 1]?.(socket, id)
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: () => (server.address() as AddressInfo).port,
    heard,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const says = (code: string) => (socket: Socket, id: string) => void socket.write(ack(code, id))
const dies = (socket: Socket) => void socket.destroy()
const cuts = (socket: Socket, id: string) => {
  socket.write(ack('AA', id).slice(0, 20))
  socket.end()
}

it('a trust sends until it is acknowledged: over a broken connection, half an answer and a hub that can keep nothing', async () => {
  using it = await hub(dies, cuts, says('AE'), says('AA'))
  let repeats = 0
  const client = mllpClient({ port: it.port, lost: async () => {} }, () => void repeats++)
  expect(await client.send(message('M-1'))).toBe('AA')
  expect(it.heard).toEqual(['M-1', 'M-1', 'M-1', 'M-1'])
  expect(repeats).toBe(3)
  client.close()
})

it('a trust waits for each answer, so that its messages stay in order', async () => {
  using it = await hub(says('AA'), says('AR'), says('AA'))
  const client = mllpClient({ port: it.port, lost: async () => {} })
  const answers = ['M-1', 'M-2', 'M-3'].map((id) => client.send(message(id)))
  expect(await Promise.all(answers)).toEqual(['AA', 'AR', 'AA'])
  expect(it.heard).toEqual(['M-1', 'M-2', 'M-3'])
  client.close()
})

it('a trust gives up only when it is told that nobody will ever answer', async () => {
  using it = await hub(dies)
  const lost = async () => {
    throw new Error('the hub is gone')
  }
  await expect(mllpClient({ port: it.port, lost }).send(message('M-1'))).rejects.toThrow('gone')
})

it('an acknowledgement of another message is no answer', () => {
  expect(acknowledged(message('M-1'), ack('AA', 'M-1').slice(1))).toBe('AA')
  expect(() => acknowledged(message('M-1'), ack('AA', 'M-2').slice(1))).toThrow('another message')
})
