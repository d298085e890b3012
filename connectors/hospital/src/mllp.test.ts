import type { Arrival } from '@throughline/consent'
import { describe, expect, it } from 'vitest'
import { itk, msaOf } from './testing/messages.ts'
import { framed, openHospital, type Sender } from './testing/trust.ts'

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => itk({ id: `N${at}` }))
const codes = async (sender: Sender, count: number): Promise<readonly string[]> =>
  (await sender.answers(count)).map(msaOf)

describe('a trust sends over MLLP', () => {
  it('hears AA for each of three messages in one packet, in order', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(...numbered(3))
    expect(await codes(trust, 3)).toEqual(['AA|N0', 'AA|N1', 'AA|N2'])
  })

  it('hears AA once for a message that comes in a thousand packets', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    const bytes = framed(itk({ id: 'LONG', family: 'X'.repeat(1000) }))
    for (let at = 0; at < bytes.length; at += 1) {
      trust.socket.write(bytes.subarray(at, at + 1))
      if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    trust.send(itk({ id: 'NEXT' }))
    expect(await codes(trust, 2)).toEqual(['AA|LONG', 'AA|NEXT'])
  })

  it('is answered for the next message though noise, or half a message, came before', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.write('hello\r\n')
    trust.write(Buffer.concat([framed(itk({ id: 'HALF' })).subarray(0, 40), framed(itk())]))
    expect(await codes(trust, 1)).toEqual(['AA|RZZ00000431'])
    expect(hospital.desk.lines.join()).toContain('"reason":"restarted"')
  })

  it('hears AR for an end mark inside the text, and the next message is not harmed', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(itk({ id: 'ODD', family: 'A\x1cB' }), itk({ id: 'GOOD' }))
    const [odd, good] = await codes(trust, 2)
    expect(odd).toMatch(/^AR\|ODD\|/)
    expect(good).toBe('AA|GOOD')
  })

  it('hears AR for what is no message, without an id to repeat, and stays connected', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send('', 'PID|1||9990000115', itk())
    expect((await codes(trust, 3)).map((msa) => msa.split('|').slice(0, 2).join())).toEqual([
      'AR,',
      'AR,',
      'AA,RZZ00000431',
    ])
  })

  it('hears AE while nothing can be kept, and AA when it sends again', async () => {
    let broken = true
    await using hospital = await openHospital({
      beforeAccept: () => {
        if (broken) throw new Error('disk full')
      },
    })
    const trust = await hospital.connect()
    trust.send(itk({ id: 'ONE' }), itk({ id: 'TWO' }))
    expect((await codes(trust, 2)).map((msa) => msa.slice(0, 6))).toEqual(['AE|ONE', 'AE|TWO'])
    expect(await hospital.desk.register.ledger()).toEqual([])
    broken = false
    trust.send(itk({ id: 'ONE' }))
    expect(await codes(trust, 1)).toEqual(['AA|ONE'])
  })

  it('is not answered before acceptance has committed', async () => {
    const gate = Promise.withResolvers<void>()
    await using hospital = await openHospital({
      parts: (deps) => ({
        ...deps,
        register: {
          ...deps.register,
          accept: (arrivals) => gate.promise.then(() => deps.register.accept(arrivals)),
        },
      }),
    })
    const trust = await hospital.connect()
    let answered = 0
    trust.socket.on('data', () => {
      answered += 1
    })
    trust.send(itk())
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done))
    expect(answered).toBe(0)
    gate.resolve()
    expect(await codes(trust, 1)).toEqual(['AA|RZZ00000431'])
  })

  it('has one effect when its answer was lost and it sends the same again', async () => {
    await using hospital = await openHospital()
    const before = await hospital.connect()
    before.send(itk())
    await before.answers(1)
    before.socket.destroy()
    const after = await hospital.connect()
    after.send(itk())
    expect(await codes(after, 1)).toEqual(['AA|RZZ00000431'])
    const ledger = await hospital.desk.register.ledger()
    expect(ledger.find(({ outcome }) => outcome === 'duplicate')?.count).toBe(1)
  })

  it('is answered though it has closed its half of the connection', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.socket.end(framed(itk()))
    expect(await codes(trust, 1)).toEqual(['AA|RZZ00000431'])
    await trust.closed
  })
})

describe('many trusts send at once', () => {
  it('answers a hundred connections, each in its own order, in few transactions', async () => {
    let transactions = 0
    await using hospital = await openHospital({
      beforeAccept: () => {
        transactions += 1
      },
    })
    const trusts = await Promise.all(Array.from({ length: 100 }, () => hospital.connect()))
    for (const trust of trusts) trust.send(itk())
    await Promise.all(trusts.map((trust) => trust.answers(1)))
    transactions = 0
    trusts.forEach((trust, at) => {
      const id = (n: number) => `T${at}N${n}`
      trust.send(itk({ id: id(0) }), itk({ id: id(1) }), itk({ id: id(2) }))
    })
    const heard = await Promise.all(trusts.map((trust) => codes(trust, 3)))
    expect(heard).toEqual(trusts.map((_, at) => [0, 1, 2].map((n) => `AA|T${at}N${n}`)))
    expect(transactions).toBeLessThan(10)
  })

  it('keeps the others when one message cannot be kept', async () => {
    await using hospital = await openHospital({
      parts: (deps) => ({
        ...deps,
        register: {
          ...deps.register,
          accept(arrivals) {
            const bad = arrivals.some(({ verdict }) => isDischarge(verdict))
            if (bad) throw new Error('cannot be sealed')
            return deps.register.accept(arrivals)
          },
        },
      }),
    })
    const trust = await hospital.connect()
    trust.send(itk({ id: 'ONE' }), itk({ id: 'BAD', event: 'A03' }), itk({ id: 'TWO' }))
    expect(await codes(trust, 3)).toEqual(['AA|ONE', 'AA|BAD', 'AA|TWO'])
    const ledger = await hospital.desk.register.ledger()
    expect(ledger.find(({ reason }) => reason === 'not-storable')?.count).toBe(1)
  })
})

const isDischarge = (verdict: Arrival['verdict']): boolean =>
  verdict.outcome === 'published' && verdict.events.some(({ type }) => type === 'Discharged')

describe('a connection has limits', () => {
  it('is closed without an answer when a message stops half way for thirty seconds', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(itk({ id: 'WHOLE' }))
    await trust.answers(1)
    trust.write('\x0bMSH|^~\\&|PAS')
    await heard(hospital.desk.url)
    await hospital.time.advanceTo(32_000)
    await trust.closed
    expect(await trust.answers(1)).toEqual([])
  })

  it('is closed when a message keeps coming and never ends', async () => {
    await using hospital = await openHospital({ options: { mllp: { frameMsMax: 60_000 } } })
    const trust = await hospital.connect()
    for (let second = 0; second <= 70; second += 10) {
      trust.write(second === 0 ? '\x0bM' : 'S')
      await heard(hospital.desk.url)
      await hospital.time.advanceTo(second * 1000)
    }
    await trust.closed
  })

  it('stays open over a quiet night', async () => {
    await using hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(itk())
    await trust.answers(1)
    await hospital.time.advanceTo(10 * 3_600_000)
    trust.send(itk({ id: 'MORNING' }))
    expect(await codes(trust, 1)).toEqual(['AA|MORNING'])
  })

  it('is closed at the size limit, once what came before is answered', async () => {
    await using hospital = await openHospital({ options: { mllp: { frameBytesMax: 2000 } } })
    const trust = await hospital.connect()
    trust.send(itk({ id: 'SMALL' }), 'X'.repeat(50_000))
    expect(await codes(trust, 2)).toEqual(['AA|SMALL'])
    await trust.closed
  })

  it('is not read while too many of its messages wait, and loses none of them', async () => {
    let most = 0
    await using hospital = await openHospital({
      options: { mllp: { waitingMax: 4, heldBytesMax: 1024 * 1024 } },
      parts: (deps) => ({
        ...deps,
        register: {
          ...deps.register,
          accept(arrivals) {
            most = Math.max(most, arrivals.length)
            return deps.register.accept(arrivals)
          },
        },
      }),
    })
    const trust = await hospital.connect()
    const bytes = numbered(500).map(framed)
    for (const one of bytes) trust.write(one)
    expect(await codes(trust, 500)).toEqual(bytes.map((_, at) => `AA|N${at}`))
    // What one packet brought may go over by as much as is in it.
    expect(most).toBeLessThan(300)
  })

  it('answers what it has taken before the hub goes away, and takes nothing new', async () => {
    const hospital = await openHospital()
    const trust = await hospital.connect()
    trust.send(...numbered(20))
    const first = await trust.answers(1)
    const closing = hospital.mllp.close()
    trust.send(itk({ id: 'LATE' }))
    await trust.closed
    const rest = await trust.answers(100)
    trust.socket.end()
    await closing
    expect([...first, ...rest].map(msaOf).join()).not.toContain('LATE')
    await hospital[Symbol.asyncDispose]()
  })
})

/** Once another request has been answered, what was written before it has been read. */
async function heard(url: string): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await fetch(url)
}
