import { HttpFault } from '@throughline/service'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvPart, readCsv } from './csv.ts'

const layout = { required: ['NAME', 'CODE'], optional: ['NOTE'] }

/** A text as it may arrive: in parts of any length. */
async function* inParts(text: string, length: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

interface Everything {
  readonly rows: readonly (readonly [number, ...string[]])[]
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

async function read(text: string, length = 65_536, rowBytesMax = 1000): Promise<Everything> {
  const parts: CsvPart[] = []
  for await (const part of readCsv(inParts(text, length), layout, { rowBytesMax })) parts.push(part)
  const said = (found: CsvPart['faults']) =>
    found.map(({ line, column, rule }) => `${line} ${column ?? '-'} ${rule}`)
  return {
    rows: parts.flatMap(({ header, rows }) =>
      rows.map(
        (row) =>
          [row.line, ...layout.required.map((name) => header.cell(row, name) ?? '')] as const,
      ),
    ),
    faults: parts.flatMap(({ faults }) => said(faults)),
    warnings: parts.flatMap(({ warnings }) => said(warnings)),
  }
}

const refusal = async (text: string) => {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown)
  if (!(error instanceof HttpFault)) throw new Error('not refused')
  return `${error.status} ${error.code} ${error.at ?? ''}`
}

const rows = [
  [2, 'a', '1'],
  [3, 'b', '2'],
]

describe('a file as somebody saved it', () => {
  it.each([
    ['with line feeds', 'NAME,CODE\na,1\nb,2\n'],
    ['with carriage returns and line feeds', 'NAME,CODE\r\na,1\r\nb,2\r\n'],
    ['without a last line end', 'NAME,CODE\na,1\nb,2'],
    ['with a byte order mark', '\uFEFFNAME,CODE\na,1\nb,2\n'],
    ['with quotes', '"NAME","CODE"\n"a","1"\n"b","2"\n'],
    ['with spaces around the names, and small letters', ' name , Code\na,1\nb,2\n'],
    ['with its columns in another order', 'CODE,NOTE,NAME\n1,x,a\n2,y,b\n'],
  ])('%s is read by name', async (_how, text) => {
    for (const length of [1, 2, 3, 7, 65_536]) {
      expect(await read(text, length)).toEqual({ rows, faults: [], warnings: [] })
    }
  })

  it('counts lines as an editor does, over quoted line ends and empty lines', async () => {
    const text = 'NAME,CODE\n"a\nb\nc",1\n\n"d ""e""",2\n"f\ng",3\n'
    for (const length of [1, 5, 65_536]) {
      expect((await read(text, length)).rows).toEqual([
        [2, 'a\nb\nc', '1'],
        [6, 'd "e"', '2'],
        [7, 'f\ng', '3'],
      ])
    }
  })

  it('leaves a column nobody knows unread, and says so once', async () => {
    const { rows: found, warnings } = await read('NAME,CODE,SHOE_SIZE,Žánr\na,1,9,x\n')
    expect(found).toEqual([[2, 'a', '1']])
    expect(warnings).toEqual(['1 SHOE_SIZE unknown-column', '1 (other) unknown-column'])
  })

  it('keeps what a spreadsheet would run as a formula, as data', async () => {
    const { rows: found } = await read('NAME,CODE\n"=1+1",-2\n@x,+3\n')
    expect(found).toEqual([
      [2, '=1+1', '-2'],
      [3, '@x', '+3'],
    ])
  })
})

const letter = fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '€', '😀', '')
const cell = fc.array(letter, { maxLength: 5 }).map((letters) => letters.join(''))
const written = (text: string, quotes: boolean): string =>
  quotes || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
const table = fc.array(fc.tuple(cell, cell, fc.boolean(), fc.constantFrom('\n', '\r\n')))

describe('whatever is in its cells', () => {
  it('a file says what was written, in parts of any length', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (lines, length) => {
        const text = lines.map(([name, code, quotes, end]) =>
          [written(name, quotes), written(code, quotes)].join(',').concat(end),
        )
        const { rows: found, faults } = await read(`NAME,CODE\n_,_\n${text.join('')}`, length)
        const expected = lines.map(([name, code]) => [name.trim(), code.trim()])
        expect(found.slice(1).map(([, ...cells]) => cells)).toEqual(expected)
        expect(faults).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('a file says what another reader of CSV reads in it', async () => {
    const odd = fc.array(letter, { maxLength: 20 }).map((letters) => letters.join(''))
    let readByBoth = 0
    await fc.assert(
      fc.asyncProperty(odd, fc.integer({ min: 1, max: 9 }), async (text, length) => {
        const whole = `NAME,CODE\n_,_\n${text}`
        let others: string[][]
        try {
          others = parse(whole, { record_delimiter: ['\r\n', '\n'], relax_column_count: true })
        } catch {
          expect((await read(whole, length)).faults).not.toEqual([])
          return
        }
        const cells = others.slice(2).filter(({ length: width }) => width === 2)
        const { rows: found } = await read(whole, length)
        expect(found.slice(1).map(([, ...own]) => own)).toEqual(
          cells.map((row) => row.map((one) => one.trim())),
        )
        readByBoth += cells.length
      }),
      { numRuns: 1000 },
    )
    expect(readByBoth).toBeGreaterThan(100)
  })
})

describe('a row that cannot be read', () => {
  it('is named by its line, and the others go on', async () => {
    const text = 'NAME,CODE\na,1\nb\nc,3,4\nd,4\n'
    expect(await read(text)).toEqual({
      rows: [
        [2, 'a', '1'],
        [5, 'd', '4'],
      ],
      faults: ['3 - cell-count', '4 - cell-count'],
      warnings: [],
    })
  })

  it('is only that row where a quote stands in the middle of a cell', async () => {
    const { rows: found, faults } = await read('NAME,CODE\na,1\nb"c"d,2\ne,3\n')
    expect(faults).toEqual(['3 - quote-misplaced'])
    expect(found).toEqual([
      [2, 'a', '1'],
      [4, 'e', '3'],
    ])
  })

  it('is only that row where something stands behind a closing quote', async () => {
    const { rows: found, faults } = await read('NAME,CODE\n"b"c,"2"\ne,3\n')
    expect(faults).toEqual(['2 - quote-misplaced'])
    expect(found).toEqual([[3, 'e', '3']])
  })

  it('ends the file where a quote is never closed, on the line where it was opened', async () => {
    const { rows: found, faults } = await read('NAME,CODE\na,1\nb,"2\nc,3\nd,4\n')
    expect(found).toEqual([[2, 'a', '1']])
    expect(faults).toEqual(['3 - quote-not-closed'])
  })

  it('ends the file, in flat memory, where a cell goes on and on', async () => {
    const long = 'x'.repeat(10_000)
    const lines = 'x\n'.repeat(5_000)
    for (const row of [`b,"${long}"\nc,3\n`, `b,${long}\nc,3\n`, `b,"${lines}`, long]) {
      for (const length of [100, 65_536]) {
        const { rows: found, faults } = await read(`NAME,CODE\na,1\n${row}`, length)
        expect(found).toEqual([[2, 'a', '1']])
        expect(faults).toEqual(['3 - row-too-long'])
      }
    }
  })

  it('counts how long a row is in bytes', async () => {
    const row = (letters: string) => `NAME,CODE\n${letters.repeat(100)},1\n`
    expect((await read(row('a'), 65_536, 200)).faults).toEqual([])
    expect((await read(row('€'), 65_536, 200)).faults).toEqual(['2 - row-too-long'])
  })
})

describe('a file that is not this format’s is refused whole', () => {
  it.each([
    ['empty', '', '422 csv-empty line 1'],
    ['only its first line', 'NAME,CODE\n', '422 csv-empty line 1'],
    ['without its first line', 'Jonas,1\n', '422 column-missing line 1'],
    ['a column short', 'NAME\na\n', '422 column-missing line 1'],
    ['the same column twice', 'NAME,CODE,name\na,1,b\n', '422 column-repeated line 1'],
    ['semicolons', 'NAME;CODE\na;1\n', '422 separator line 1'],
    ['tabs', 'NAME\tCODE\na\t1\n', '422 separator line 1'],
    ['old Macintosh line ends', 'NAME,CODE\ra,1\rb,2\r', '422 line-ends line 1'],
    ['a first line that is no CSV', 'NA"ME,CODE\na,1\n', '422 header line 1'],
  ])('%s', async (_how, text, refused) => {
    expect(await refusal(text)).toBe(refused)
  })
})
