/** One row as it stands in a text. */
export interface CellsRead {
  /** Without their quotes; null where a quote stands inside a cell, so that the row cannot be read. */
  readonly cells: readonly string[] | null
  /** Where the next row begins. */
  readonly next: number
}

const quote = 34
const comma = 44
const lineFeed = 10
const carriageReturn = 13

/**
 * Reads the row that begins at `from`: cells between commas, up to LF or CR LF; a cell that begins with a quote goes
 * over commas and line ends to the next quote that is not doubled (RFC 4180). Undefined where the text ends before
 * the row does. Every cell of every file passes here: what is done for each character is a comparison.
 */
export function readCells(text: string, from: number): CellsRead | undefined {
  const cells: string[] = []
  for (let at = from; ; at += 1) {
    const begin = at
    if (text.charCodeAt(begin) === quote) {
      at = quoteFrom(text, begin + 1)
      if (text.charCodeAt(at + 1) !== quote) cells.push(text.slice(begin + 1, at))
      else {
        while (text.charCodeAt(at + 1) === quote) at = quoteFrom(text, at + 2)
        cells.push(text.slice(begin + 1, at).replaceAll('""', '"'))
      }
      at += 1
      if (text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed) at += 1
    } else {
      at = endFrom(text, begin)
      const hasReturn =
        text.charCodeAt(at) === lineFeed && text.charCodeAt(at - 1) === carriageReturn
      cells.push(text.slice(begin, hasReturn && at > begin ? at - 1 : at))
    }
    const code = text.charCodeAt(at)
    if (code === comma) continue
    if (code === lineFeed) return { cells, next: at + 1 }
    // A row without its end, or what follows is no end of a cell.
    const next = text.indexOf('\n', at) + 1
    return at >= text.length || next === 0 ? undefined : { cells: null, next }
  }
}

/** Where the next quote stands; the text's end where there is none. */
function quoteFrom(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== quote) at += 1
  return at
}

/** Where a cell without quotes ends: at a comma, a line end, or a quote that has no place in it. */
function endFrom(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === comma || code === lineFeed || code === quote) return at
  }
  return text.length
}

/** How many line ends there are in a part of a text. */
export function linesIn(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
    lines += 1
  }
  return lines
}
