import { describe, expect, it } from 'vitest'
import { decodeMessage } from './charset.ts'

const utf8 = Buffer.from('FRANÇOISE')
const latin1 = Buffer.from('FRANÇOISE', 'latin1')
const sure = { text: 'FRANÇOISE', guessed: false, mismatch: false }

describe('the street of a made-up person reads FRANÇOISE', () => {
  it.each([
    ['UNICODE UTF-8', utf8],
    ['UNICODE', utf8],
    ['utf-8', utf8],
    ['8859/1', latin1],
    ['8859/15', latin1],
    ['ISO-8859-1', latin1],
    ['', utf8],
    ['ASCII', utf8],
  ])('when MSH-18 says %j', (declared, bytes) => {
    expect(decodeMessage(bytes, declared)).toEqual(sure)
  })

  it('when nobody says anything and it is not UTF-8, and then it is a guess', () => {
    expect(decodeMessage(latin1, '')).toEqual({ ...sure, guessed: true })
    expect(decodeMessage(latin1, 'ASCII')).toEqual({ ...sure, guessed: true })
  })

  it("when the sender's profile says it for all its messages", () => {
    expect(decodeMessage(latin1, '', '8859/1')).toEqual(sure)
    expect(decodeMessage(utf8, 'UNICODE UTF-8', '8859/1')).toEqual(sure)
  })

  it('with the quotation marks of Windows', () => {
    expect(decodeMessage(Buffer.from([0x93, 0x41, 0x94]), '8859/1').text).toBe('“A”')
  })
})

describe('bytes that are not what they are said to be', () => {
  it.each([
    ['UNICODE UTF-8', latin1],
    ['8859/1', utf8],
    ['JAS2020', utf8],
    ['constructor', latin1],
  ])('are a mismatch (%s)', (declared, bytes) => {
    expect(decodeMessage(bytes, declared).mismatch).toBe(true)
  })

  it('are no matter as long as they are plain ASCII', () => {
    expect(decodeMessage(Buffer.from('FERNDALE'), 'JAS2020').mismatch).toBe(false)
  })
})
