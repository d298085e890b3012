import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { CsvAnswer } from '@throughline/intake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../journeys/hub.ts'
import { newlyPublishedBy, sampleBytes } from '../journeys/published.ts'
import { type Door, openDoor } from './door.ts'

const ndtms = '/intake/treatment/ndtms'
const homelessness = '/intake/housing/homelessness'
const mebibyte = 1024 * 1024

let door: Door
let told: ReturnType<typeof newlyPublishedBy>
beforeAll(async () => {
  door = await openDoor({ from: '2026-11-16T09:00:00Z' })
  told = newlyPublishedBy(door.hub, 'treatment')
})
afterAll(() => door?.[Symbol.asyncDispose]())

const extract = sampleBytes('treatment', 'ndtms-adult-community-extract.csv').toString('utf8')
const [header = '', first = ''] = extract.split('\n')
let client = 0
/** A row of a client of its own, so that no test finds another's unchanged; with some cells changed. */
function row(changes: Readonly<Record<string, string>> = {}): string {
  client += 1
  const columns = header.slice(1, -1).split('","')
  const cells = first.slice(1, -1).split('","')
  const own = { CLIENT: `E-${client}`, CLIENTID: String(client), EPISODID: String(7_000 + client) }
  for (const [column, value] of Object.entries({ ...own, ...changes }))
    cells[columns.indexOf(column)] = value
  return `"${cells.join('","')}"`
}
const file = (...rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`

const upload = (body: string | Uint8Array, headers = {}, path = ndtms): Promise<Answer> =>
  door.post(
    path,
    body,
    { 'content-type': 'text/csv', ...headers },
    path === ndtms ? 'treatment' : 'housing',
  )

/** Status, what was counted, and what was refused, by line, column and rule. */
async function outcome(body: string | Uint8Array, path = ndtms) {
  const answer = (await upload(body, {}, path)).body as CsvAnswer
  return [
    `${answer.accepted} of ${answer.rows}`,
    ...answer.rejected.map(({ line, column, rule }) => `${line} ${column ?? '-'} ${rule}`),
  ]
}

describe('a file that is refused whole', () => {
  it.each<[string, string | (() => string | Uint8Array), number, string]>([
    ['CSV-1: an empty one', '', 422, 'csv-empty line 1'],
    ['CSV-1: one with nothing but a header', `${header}\n`, 422, 'csv-empty line 1'],
    ['CSV-1: one without a header', () => `${row()}\n`, 422, 'column-missing line 1'],
    [
      'CSV-2: one without a column',
      () => file(row()).replace('DRUG1"', 'DRUG0"'),
      422,
      'column-missing line 1',
    ],
    [
      'CSV-2: one with a column twice',
      () => file(row()).replace('"NATION"', '"DOB"'),
      422,
      'column-repeated line 1',
    ],
    ['CSV-3: UTF-16', () => Buffer.from(`\uFEFF${file(row())}`, 'utf16le'), 415, 'charset'],
    ['CSV-3: Windows-1252', () => Buffer.from(file(row({ NATION: 'é' })), 'latin1'), 400, 'utf-8'],
    ['CSV-4: semicolons', () => file(row()).replaceAll('","', '";"'), 422, 'header line 1'],
    ['CSV-4: tabs', () => file(row()).replaceAll('","', '"\t"'), 422, 'header line 1'],
    [
      'CSV-4: carriage returns alone',
      () => file(row()).replaceAll('\n', '\r'),
      422,
      'header line 1',
    ],
    ['CSV-13: a workbook', 'PK\u0003\u0004[Content_Types].xml', 415, 'not-csv'],
    ['CSV-13: a page', '<!DOCTYPE html><table>', 415, 'not-csv'],
    ['CSV-13: something zipped', () => Buffer.from([0x1f, 0x8b, 8, 0, 0]), 415, 'not-csv'],
    ['CSV-13: a PDF with a file inside', () => `%PDF-1.7\n${file(row())}`, 415, 'not-csv'],
    ['CSV-15: a NUL', () => file(row({ NATION: 'G\0R' })), 400, 'nul'],
    // In two parts, so that no scanner takes this file for the real thing.
    [
      'CSV-18: EICAR',
      `X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-${'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`,
      415,
      'not-csv',
    ],
  ])('%s', async (_what, body, status, why) => {
    const before = await door.counted()
    for (const path of [ndtms, homelessness]) {
      if (path === homelessness && !/^CSV-(1: an empty|3: U|13|18)/.test(_what)) continue
      const answer = await upload(typeof body === 'function' ? body() : body, {}, path)
      const { code, at } = (answer.body as { error: { code: string; at?: string } }).error
      expect([answer.status, [code, at].join(' ').trim()]).toEqual([status, why])
    }
    expect(await door.counted()).toEqual(before)
  })
})

describe('a file with something odd in it', () => {
  it('CSV-2: is read by name in any order, and names the column it did not read', async () => {
    const turned = file(row())
      .trimEnd()
      .split('\n')
      .map((line) => `${line.split(',').toReversed().join(',')}\n`)
      .join('')
      .replace('"NATION"', '"COUNTRY"')
    const answer = (await upload(turned)).body as CsvAnswer
    expect(answer.accepted).toBe(1)
    expect(answer.warned.map(({ column, rule }) => [column, rule])).toEqual([
      ['COUNTRY', 'unknown-column'],
    ])
  })

  it('CSV-3: may begin with a byte order mark', async () => {
    expect(await outcome(`\uFEFF${file(row())}`)).toEqual(['1 of 1'])
  })

  it('CSV-5: ends at a quote that is never closed, and keeps what came before', async () => {
    const [accepted, ...faults] = await outcome(`${file(row())}"J","K\n`)
    expect(accepted).toMatch(/^1 of /)
    expect(faults).toEqual(['3 - quote-not-closed'])
  })

  it('CSV-5: loses the row with a quote in the middle, and counts lines inside quotes', async () => {
    const body = file(row({ NATION: 'G\nB' }), `"J"x,${row().slice(4)}`, row())
    expect((await outcome(body)).slice(1)).toEqual(['4 - quote-misplaced'])
  })

  it('CSV-5: 10 MB in one cell end the reading at their line, in little memory', async () => {
    const before = process.memoryUsage().rss
    const long = row({ NATION: 'x'.repeat(10 * mebibyte) })
    expect(await outcome(file(row(), long, row()))).toEqual(['1 of 2', '3 - row-too-long'])
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * mebibyte)
  })

  it('CSV-6: loses rows with more or fewer cells, and no other', async () => {
    expect(await outcome(file(`${row()},"1"`, '"a","b"', row()))).toEqual([
      '1 of 3',
      '2 - cell-count',
      '3 - cell-count',
    ])
  })

  it.each(['=1+1', '+1', '-1', '@SUM(1)', '\u0009=1', '＝1', '＋1', '－1', '＠1', ' =1', "'=1"])(
    'CSV-7: %j is data, and goes nowhere',
    async (formula) => {
      await told()
      expect(await outcome(file(row({ NATION: `${formula}+CANARY` })))).toEqual(['1 of 1'])
      expect(JSON.stringify(await told())).not.toContain('CANARY')
    },
  )

  it.each([
    ['a number with an exponent', { CLIENT: '9.43477E+09' }],
    ['a day with an exponent', { TRIAGED: '4.4927E+04' }],
    ['a serial number', { TRIAGED: '44927' }],
    ['a month in words', { TRIAGED: 'MARCH1' }],
    ['a year of two digits', { TRIAGED: '01/02/25' }],
    ['an American day', { TRIAGED: '05/14/2026' }],
    ['an episode with an exponent', { EPISODID: '5.00E+04' }],
  ])('CSV-8: %s is refused, not guessed', async (_what, changes) => {
    const [column = ''] = Object.keys(changes)
    const [accepted, ...faults] = await outcome(file(row(changes), row()))
    expect([accepted, faults.length]).toEqual(['1 of 2', 1])
    expect(faults[0]).toContain(`2 ${column} `)
  })

  it('CSV-9: numbers with spaces or hyphens are the same number, and one that fails its check is refused', async () => {
    // No file carries an NHS number; records beside them do.
    const contact = sampleBytes('housing', 'rough-sleeping-contact.json').toString('utf8')
    const post = async (value: string, id: string) => {
      const body = contact.replace('9990000115', value).replace('CON-SYN-77', id)
      const answer = await door.post('/intake/housing/tenancies', body, {}, 'housing')
      return (answer.body as { results: readonly { outcome: string; errors?: object[] }[] }).results
    }
    const events = newlyPublishedBy(door.hub, 'housing')
    for (const [n, value] of ['9990000115', '999 000 0115', '999-000-0115'].entries())
      expect(await post(value, `CON-${n}`)).toMatchObject([{ outcome: 'published' }])
    const numbers = (await events()).flatMap(({ identifiers }) =>
      identifiers.filter(({ type }) => type === 'NHS').map(({ value }) => value),
    )
    expect(numbers).toEqual(['9990000115', '9990000115', '9990000115'])
    expect(await post(door.plant('9990000116'), 'CON-BAD')).toMatchObject([
      { outcome: 'rejected', errors: [{ path: 'roughSleepingContact.identifiers.0.value' }] },
    ])
  })

  it('CSV-10: the same rows again, in whatever order, have no effect', async () => {
    const rows = [row(), row(), row()]
    expect(await outcome(file(...rows))).toEqual(['3 of 3'])
    await told()
    for (const again of [file(...rows), file(...rows.toReversed()).replaceAll('\n', '\r\n')]) {
      const { body } = await upload(again)
      expect(body).toMatchObject({ rows: 3, accepted: 0, unchanged: 3 })
    }
    expect(await told()).toEqual([])
  })

  it('CSV-11: a file that did not arrive whole leaves nothing behind', async () => {
    const before = await door.counted()
    const around = readdirSync(tmpdir())
    const whole = file(row(), row())
    const headOf = (length: number) =>
      [
        `POST ${ndtms} HTTP/1.1`,
        'Host: localhost',
        `Authorization: Bearer ${door.hub.token('treatment')}`,
        'Content-Type: text/csv',
        `Content-Length: ${length}`,
        'Connection: close',
      ].join('\r\n')
    // Shorter than it says: the sender gives up. Longer: what is over is another request, and a bad one.
    const aborted = new AbortController()
    const cut = fetch(`${door.hub.url}${ndtms}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${door.hub.token('treatment')}`,
        'content-type': 'text/csv',
      },
      body: new ReadableStream({
        start(body) {
          body.enqueue(Buffer.from(whole.slice(0, -40)))
          setTimeout(() => aborted.abort(), 50)
        },
      }),
      duplex: 'half',
      signal: aborted.signal,
    } as RequestInit)
    await expect(cut).rejects.toThrow()
    const answer = await door.raw(`${headOf(whole.length - 40)}\r\n\r\n${whole}`)
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400|422) /)
    const after = await door.counted()
    expect((after['published'] ?? 0) - (before['published'] ?? 0)).toBeLessThanOrEqual(1)
    await expect.poll(() => readdirSync(tmpdir())).toEqual(around)
  })

  it('CSV-14: what it is called is believed for nothing', async () => {
    for (const name of ['../../x', 'con.csv', 'x'.repeat(300), '\u202Evsc.exe', '<img src=x>']) {
      const { status } = await upload(file(row()), {
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      })
      expect(status).toBe(200)
    }
  })

  it.each([
    ['a control character', 'E\u0007-1'],
    ['a zero-width joiner', 'E\u200D-1'],
    ['a letter that only looks like one', 'Е-1'],
  ])('CSV-15: %s in a client reference never makes it another client', async (_what, value) => {
    await told()
    const answer = (await upload(file(row({ CLIENT: value })))).body as CsvAnswer
    expect(answer.rejectedRows + answer.warnings).toBe(1)
    for (const event of await told()) expect(event.identifiers).toEqual([])
  })

  it('CSV-16: a row of an authority that is none is refused, and counted for those who look', async () => {
    const extractOf = sampleBytes('housing', 'hclic-style-duties.csv').toString('utf8')
    const welsh = extractOf.replace('"SYN-H-0002","E99000001"', '"SYN-H-0002","W06000015"')
    expect((await outcome(welsh, homelessness)).slice(1)).toEqual([
      '3 la_code authority-in-england',
    ])
    expect(await door.counted()).toMatchObject({ 'rejected/authority-in-england': 1 })
  })

  it('CSV-17: rows of those who agreed, withdrew or were never heard of are answered alike', async () => {
    const rows = [row(), row(), row()]
    const identifiers = (at: number) => [
      { type: 'NDTMS', issuer: 'N9901', value: `E-${client - 2 + at}` },
    ]
    await door.hub.consent({ identifiers: identifiers(0), lead: 'lp-3' })
    const gone = await door.hub.consent({ identifiers: identifiers(1), lead: 'lp-4' })
    await door.hub.withdraw(gone.personId)
    const answers: string[] = []
    for (const one of rows) answers.push((await upload(file(one))).text)
    expect(new Set(answers).size).toBe(1)
    await door.hub.idle()
    expect((await door.hub.story('lp-4', gone.personId))?.lines).toEqual([])
  })

  it('CSV-17: a refusal is counted only, and rejected where anything else is filled in', async () => {
    const columns = header.slice(1, -1).split('","')
    const filled = ['FINITIAL', 'SINITIAL', 'DOB', 'SEX', 'REFLD', 'AGNCY', 'CLIENTID', 'DAT']
    const emptied = Object.fromEntries(
      columns.filter((column) => !filled.includes(column)).map((column) => [column, '']),
    )
    await told()
    const refusal = extract.split('\n').find((line) => line.includes('"1003"')) ?? ''
    const both = file(refusal, row({ ...emptied, CONSENT: 'N', DRUG1: '1011' }))
    const answer = (await upload(both)).body as CsvAnswer
    expect(answer).toMatchObject({ rows: 2, accepted: 0, countedOnly: 1, rejectedRows: 1 })
    expect(await told()).toEqual([])
  })

  it.each([
    ['triage tomorrow', { TRIAGED: '2026-11-17' }],
    ['referral in 2027', { REFLD: '2027-01-01', TRIAGED: '2027-01-02' }],
    ['birth after referral', { DOB: '2026-06-01' }],
    ['birth tomorrow', { DOB: '2026-11-17' }],
  ])('CSV-19: %s is refused', async (_what, changes) => {
    const [accepted, ...faults] = await outcome(file(row(changes), row()))
    expect(accepted).toBe('1 of 2')
    expect(faults.every((fault) => fault.startsWith('2 '))).toBe(true)
    expect(faults.length).toBeGreaterThan(0)
  })

  it('CSV-21: what is wrong is told by line, column and rule, and no cell comes back', async () => {
    const secrets = ['Quenby-Canary', '31/31/1999', 'CAN\u0007ARY', '<script>canary()</script>']
    for (const secret of secrets) door.plant(secret)
    const columns = header.slice(1, -1).split('","')
    const rows = secrets.flatMap((secret) => columns.map((column) => row({ [column]: secret })))
    const answer = (await upload(file(...rows))).body as CsvAnswer
    expect(answer.rejectedRows).toBeGreaterThan(20)
    expect(Object.keys(answer.rejected[0] ?? {}).toSorted()).toEqual([
      'column',
      'line',
      'message',
      'rule',
    ])
  })

  it('and the hub is well after all that', async () => {
    await door.stillWell()
  })
})
