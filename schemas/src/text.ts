import { isUtf8 as isUtf8Bytes } from 'node:buffer'

/** Whether bytes `[from, to)` are well-formed UTF-8. Most text here is short ASCII, which needs no call. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    if ((bytes[index] ?? 0) >= 0x80) return isUtf8Bytes(bytes.subarray(index, to))
  }
  return true
}

/** Whether bytes `[from, to)` are a calendar day, `2026-02-28`: a day that exists. */
export function isDate(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 10 || bytes[from + 4] !== hyphen || bytes[from + 7] !== hyphen) return false
  const year = digits(bytes, from, 4)
  const month = digits(bytes, from + 5, 2)
  const day = digits(bytes, from + 8, 2)
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const isUuid = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from === 36 && uuid.test(String.fromCharCode(...bytes.subarray(from, to)))

const hyphen = 0x2d

/** The number that `length` ASCII digits make, or NaN. */
function digits(bytes: Uint8Array, from: number, length: number): number {
  let value = 0
  for (let index = from; index < from + length; index++) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
