import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { extract, type TreatmentDesk, told, treatmentDesk } from './testing/desk.ts'

const open: TreatmentDesk[] = []
const desk = async (given: Parameters<typeof treatmentDesk>[0] = {}): Promise<TreatmentDesk> => {
  const opened = await treatmentDesk(given)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const [header = '', first = '', second = ''] = extract.split('\n')
const file = (...rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`
const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(extract, 'utf16le')])

/** Status and code of a refusal. */
async function refused(
  body: string | Uint8Array,
  more: { contentType?: string; token?: string } = {},
) {
  const treatment = await desk()
  const { status, text } = await treatment.upload('ndtms', body, more)
  expect(await told(treatment)).toEqual([])
  const { code, at } = (JSON.parse(text) as { error: { code: string; at?: string } }).error
  return [status, code, ...(at === undefined ? [] : [at])].join(' ')
}

describe('a file that is refused whole', () => {
  it.each<[string, string, string | Uint8Array]>([
    ['CSV-1 empty', '422 csv-empty line 1', ''],
    ['CSV-1 first line only', '422 csv-empty line 1', `${header}\n`],
    ['CSV-1 without a first line', '422 column-missing line 1', `${first}\n${second}\n`],
    [
      'CSV-2 without a column that is needed',
      '422 column-missing line 1',
      file(first).replace('"DRUG1"', '"DRUG0"'),
    ],
    [
      'CSV-2 the same column twice',
      '422 column-repeated line 1',
      file(first).replace('"NATION"', '"DOB"'),
    ],
    ['CSV-3 UTF-16', '415 charset', utf16],
    ['CSV-3 Windows-1252', '400 utf-8', Buffer.from(file(first.replace('"GBR"', '"é"')), 'latin1')],
    ['CSV-4 semicolons', '422 header line 1', file(first).replaceAll('","', '";"')],
    ['CSV-4 old Macintosh lines', '422 header line 1', file(first).replaceAll('\n', '\r')],
    ['CSV-13 a workbook', '415 not-csv', Buffer.from('PK\u0003\u0004[Content_Types].xml')],
    ['CSV-13 a page', '415 not-csv', '<!DOCTYPE html><p>N9901</p>'],
    ['CSV-13 zipped', '415 not-csv', Buffer.from([0x1f, 0x8b, 8, 0, 0])],
    ['CSV-15 NUL', '400 nul', file(first.replace('GBR', 'G\0R'))],
    // In two parts, so that no scanner takes this file for the real thing.
    [
      'CSV-18 EICAR',
      '415 not-csv',
      `X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-${'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`,
    ],
  ])('%s: %s', async (_what, answer, body) => {
    expect(await refused(body)).toBe(answer)
  })

  it('HTTP-1, HTTP-13, HTTP-19: without a credential, of another agency, or not as CSV', async () => {
    expect(await refused(extract, { token: 'nobody' })).toMatch(/^401 /)
    expect(await refused(extract, { token: 'other' })).toMatch(/^403 /)
    expect(await refused(extract, { contentType: 'application/json' })).toBe('415 content-type')
    expect(await refused(extract, { contentType: 'text/csv; charset=utf-16' })).toBe('415 charset')
  })

  it('HTTP-11: longer than it may be', async () => {
    const treatment = await desk({ fileLimit: 2048 })
    expect((await treatment.upload('ndtms', extract)).status).toBe(413)
    expect(await told(treatment)).toEqual([])
  })
})

describe('a file with something odd in it', () => {
  it('CSV-2: is read by name, and says which column it did not read', async () => {
    const treatment = await desk()
    const { answer, warned } = await treatment.upload(
      'ndtms',
      file(first).replace('"NATION"', '"COUNTRY"'),
    )
    expect(answer.accepted).toBe(1)
    expect(warned).toEqual(['1 COUNTRY unknown-column'])
  })

  it('CSV-3: may begin with a byte order mark', async () => {
    const treatment = await desk()
    expect((await treatment.upload('ndtms', `\uFEFF${file(first)}`)).answer.accepted).toBe(1)
  })

  it('CSV-5, CSV-6: loses only the row that cannot be read, and counts it', async () => {
    const treatment = await desk()
    const { answer, rejected } = await treatment.upload(
      'ndtms',
      file(`${first},"1"`, '"J"x,"K"', '"a","b"', second),
    )
    expect(answer).toMatchObject({ rows: 4, accepted: 1, rejectedRows: 3 })
    expect(rejected).toEqual(['2 - cell-count', '3 - quote-misplaced', '4 - cell-count'])
    const ledger = await treatment.register.ledger()
    const rejections = ledger.filter(({ outcome }) => outcome === 'rejected')
    expect(rejections.reduce((sum, { count }) => sum + count, 0)).toBe(3)
  })

  it('CSV-5: keeps the rows before one that never ends, and says where that is', async () => {
    const treatment = await desk({ rowLimit: 4096 })
    const long = first.replace('"GBR"', `"${'x'.repeat(100_000)}"`)
    const { answer, rejected } = await treatment.upload('ndtms', file(first, long, second))
    expect(answer).toMatchObject({ accepted: 1, rejectedRows: 1 })
    expect(rejected).toEqual(['3 - row-too-long'])
  })

  it('CSV-7: keeps a formula as data, and carries it nowhere', async () => {
    const treatment = await desk()
    const { answer } = await treatment.upload('ndtms', file(first.replace('"GBR"', '"=cmd|calc"')))
    expect(answer.accepted).toBe(1)
    expect(JSON.stringify(await treatment.sent())).not.toContain('calc')
  })

  it('CSV-14: takes no notice of what it is called', async () => {
    const treatment = await desk()
    for (const name of ['../../x', 'con.csv', 'x'.repeat(300), '<img src=x>']) {
      const query = `file=${encodeURIComponent(name)}`
      expect((await treatment.upload('ndtms', file(first), { query })).status).toBe(200)
    }
  })

  it('CSV-17: answers alike whether or not somebody has agreed', async () => {
    const agreed = await desk()
    await agreed.claim({ type: 'NDTMS', value: 'T-1001', issuer: 'N9901' })
    const nobody = await desk()
    expect((await agreed.upload('ndtms', extract)).text).toBe(
      (await nobody.upload('ndtms', extract)).text,
    )
  })
})

it('CSV-11: leaves nothing behind of a file that did not arrive whole', async () => {
  const treatment = await desk()
  const { port } = new URL(treatment.url)
  const before = readdirSync(tmpdir())
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      const head = [
        'POST /intake/treatment/ndtms HTTP/1.1',
        'Host: hub',
        'Authorization: Bearer own',
      ]
      const about = ['Content-Type: text/csv', `Content-Length: ${extract.length}`]
      socket.write(`${[...head, ...about].join('\r\n')}\r\n\r\n${extract.slice(0, -100)}`, () =>
        socket.destroy(),
      )
    })
    socket.on('close', () => resolve())
  })
  // Another request is answered after the broken one has been noticed.
  await treatment.upload('ndtms', file(first))
  expect(
    (await told(treatment)).filter((line) => !line.includes('9000') && !line.includes('50001')),
  ).toEqual([])
  await expect.poll(() => readdirSync(tmpdir())).toEqual(before)
})
