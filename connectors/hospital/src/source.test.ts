import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { itk, msaOf } from './testing/messages.ts'
import { framed, type HospitalDesk, openHospital } from './testing/trust.ts'

const path = '/intake/hospital/hl7v2'
const contentType = 'application/hl7-v2+er7'
const post = (
  { desk }: HospitalDesk,
  body: string | Uint8Array,
  more: { token?: string; contentType?: string } = {},
) => desk.post(path, body, { contentType, ...more })
/** MSA-1 and MSA-2 of each answer. */
const codes = (text: string): readonly string[] =>
  text.split(/(?=^MSH)/m).map((one) => msaOf(one).split('|').slice(0, 2).join(' '))

describe('a trust posts HL7 over HTTP', () => {
  it('hears the acknowledgement, as HL7', async () => {
    await using hospital = await openHospital()
    const answer = await post(hospital, itk())
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(contentType)
    expect(codes(answer.text)).toEqual(['AA RZZ00000431'])
    expect((await post(hospital, itk({ id: '2' }), { contentType: 'text/plain' })).status).toBe(200)
  })

  it.each([
    ['one after another', (all: readonly string[]) => Buffer.from(all.join(''))],
    [
      'with line feeds',
      (all: readonly string[]) => Buffer.from(all.join('').replaceAll('\r', '\n')),
    ],
    ['in frames', (all: readonly string[]) => Buffer.concat(all.map(framed))],
    [
      'in a batch',
      (all: readonly string[]) =>
        Buffer.from(`\uFEFFFHS|^~\\&|PAS\rBHS|^~\\&\r${all.join('')}BTS|3\rFTS|1\r`),
    ],
  ])('hears one for each of three messages, %s', async (_, together) => {
    await using hospital = await openHospital()
    const answer = await post(
      hospital,
      together([itk({ id: '1' }), itk({ id: '2' }), itk({ id: '3' })]),
    )
    expect(codes(answer.text)).toEqual(['AA 1', 'AA 2', 'AA 3'])
  })

  it('hears AR, under 422, when no message is one we take, and 200 when some are', async () => {
    await using hospital = await openHospital()
    const refused = await post(hospital, 'hello')
    expect([refused.status, codes(refused.text)]).toEqual([422, ['AR ']])
    const some = await post(hospital, `${itk({ id: '1', version: '9' })}${itk({ id: '2' })}`)
    expect([some.status, codes(some.text)]).toEqual([200, ['AR 1', 'AA 2']])
    const half = await post(hospital, Buffer.from('\x0bPID|1\x1c\r\x0bMSH|^~\\&|half'))
    expect(codes(half.text)).toEqual(['AR ', 'AR '])
  })

  it('hears AE, under 503, when nothing can be kept', async () => {
    await using hospital = await openHospital({
      beforeAccept: () => {
        throw new Error('disk full')
      },
    })
    const answer = await post(hospital, itk())
    expect([answer.status, codes(answer.text)]).toEqual([503, ['AE RZZ00000431']])
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await hospital.desk.register.ledger()).toEqual([])
  })

  it('needs its own token', async () => {
    await using hospital = await openHospital()
    expect((await post(hospital, itk(), { token: 'nobody' })).status).toBe(401)
    expect((await fetch(`${hospital.desk.url}${path}`, { method: 'POST', body: '' })).status).toBe(
      401,
    )
    expect((await post(hospital, itk(), { token: 'other' })).status).toBe(403)
    expect(await hospital.desk.register.ledger()).toEqual([])
  })

  it('is refused other content, too much of it, and none', async () => {
    await using hospital = await openHospital({ options: { bodyLimit: 5000, recordsMax: 2 } })
    expect((await post(hospital, itk(), { contentType: 'application/json' })).status).toBe(415)
    expect((await post(hospital, itk({ family: 'X'.repeat(5000) }))).status).toBe(413)
    expect((await post(hospital, itk() + itk() + itk())).status).toBe(413)
    expect((await post(hospital, '\r\n')).status).toBe(400)
    expect((await post(hospital, '')).status).toBe(400)
  })

  it('has one effect through either door', async () => {
    await using hospital = await openHospital()
    await post(hospital, itk())
    const trust = await hospital.connect()
    trust.send(itk())
    expect((await trust.answers(1)).map(msaOf)).toEqual(['AA|RZZ00000431'])
    const ledger = await hospital.desk.register.ledger()
    const count = (outcome: string) =>
      ledger.filter((row) => row.outcome === outcome).reduce((sum, row) => sum + row.count, 0)
    expect([count('received'), count('duplicate')]).toEqual([2, 1])
  })

  it('leaves nothing of the person in the log, whatever is wrong', async () => {
    await using hospital = await openHospital()
    await post(hospital, itk({ born: '19881314', nhsNumber: '9990000116' }))
    await post(hospital, itk({ id: '2', version: '9' }))
    const log = hospital.desk.lines.join('\n') + hospital.desk.metrics.text()
    for (const value of ['FERNDALE', '9990000116', '19881314', 'T0417733', 'RZZ00000431']) {
      expect(log).not.toContain(value)
    }
  })

  it('is not read past the limit when it sends without a length', async () => {
    await using hospital = await openHospital({ options: { bodyLimit: 2000 } })
    const status = await new Promise<number | undefined>((resolve) => {
      const sent = request(
        `${hospital.desk.url}${path}`,
        { method: 'POST', headers: { 'content-type': contentType, authorization: 'Bearer own' } },
        (answer) => resolve(answer.statusCode),
      )
      sent.on('error', () => resolve(undefined))
      for (let part = 0; part < 10; part += 1) sent.write('X'.repeat(1000))
      sent.end()
    })
    expect(status).toBe(413)
  })
})
