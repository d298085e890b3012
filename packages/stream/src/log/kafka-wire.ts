/** Reads what the brokers send: big-endian numbers, and Kafka's zigzag varints. */
export class WireReader {
  at: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  int16(): number {
    this.at += 2
    return this.#bytes.readInt16BE(this.at - 2)
  }

  int32(): number {
    this.at += 4
    return this.#bytes.readInt32BE(this.at - 4)
  }

  int64(): bigint {
    this.at += 8
    return this.#bytes.readBigInt64BE(this.at - 8)
  }

  /** Exact up to 2⁵³, which is far beyond lengths and differences of times. */
  varint(): number {
    let byte = this.#bytes[this.at] as number
    this.at += 1
    let value = byte & 0x7f
    for (let factor = 128; byte >= 0x80; factor *= 128) {
      byte = this.#bytes[this.at] as number
      this.at += 1
      value += (byte & 0x7f) * factor
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** Shares the memory of what was received. */
  bytes(length: number): Buffer | null {
    if (length < 0) return null
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  text(length: number): string {
    if (length <= 0) return ''
    this.at += length
    return this.#bytes.toString('utf8', this.at - length, this.at)
  }
}

/** Writes into one buffer that grows. */
export class WireWriter {
  at = 0
  #bytes: Buffer

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.at)
  }

  int8(value: number): void {
    this.#room(1)
    this.at = this.#bytes.writeInt8(value, this.at)
  }

  int16(value: number): void {
    this.#room(2)
    this.at = this.#bytes.writeInt16BE(value, this.at)
  }

  int32(value: number): void {
    this.#room(4)
    this.at = this.#bytes.writeInt32BE(value, this.at)
  }

  int64(value: bigint): void {
    this.#room(8)
    this.at = this.#bytes.writeBigInt64BE(value, this.at)
  }

  /** For a length, or a checksum, that is known only when what follows has been written. */
  int32At(at: number, value: number): void {
    this.#bytes.writeInt32BE(value | 0, at)
  }

  /** Of numbers below 2³⁰ either way. */
  varint(value: number): void {
    this.#room(5)
    let left = ((value << 1) ^ (value >> 31)) >>> 0
    for (; left >= 0x80; left >>>= 7) this.#bytes[this.at++] = (left & 0x7f) | 0x80
    this.#bytes[this.at++] = left
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length)
    this.#bytes.set(value, this.at)
    this.at += value.length
  }

  /** `length` is its length in UTF-8. */
  text(value: string, length: number): void {
    this.#room(length)
    this.at += this.#bytes.write(value, this.at, length, 'utf8')
  }

  /** Castagnoli's checksum of what was written from `from` on. */
  crc32cFrom(from: number): number {
    return crc32c(this.#bytes, from, this.at)
  }

  #room(length: number): void {
    if (this.at + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.at + length))
    this.#bytes.copy(larger, 0, 0, this.at)
    this.#bytes = larger
  }
}

export const varintSize = (value: number): number => {
  let size = 1
  for (let left = ((value << 1) ^ (value >> 31)) >>> 0; left >= 0x80; left >>>= 7) size += 1
  return size
}

/** For the reversed polynomial of CRC-32C (RFC 3720): what each byte of a word of four does to the sum. */
const table = crcTable(0x82f63b78)

function crcTable(polynomial: number): Int32Array {
  const all = new Int32Array(4 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    all[byte] = crc
  }
  for (let at = 256; at < all.length; at += 1) {
    const before = all[at - 256] as number
    all[at] = (before >>> 8) ^ (all[before & 0xff] as number)
  }
  return all
}

const looked = (at: number): number => table[at] as number

/** Four bytes at a time: the sum over a batch costs as much as all the rest of its encoding. */
export function crc32c(bytes: Buffer, from: number, to: number): number {
  let crc = -1
  let at = from
  for (; at + 4 <= to; at += 4) {
    crc ^= bytes.readInt32LE(at)
    crc =
      looked(768 + (crc & 0xff)) ^
      looked(512 + ((crc >>> 8) & 0xff)) ^
      looked(256 + ((crc >>> 16) & 0xff)) ^
      looked(crc >>> 24)
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ looked((crc ^ (bytes[at] as number)) & 0xff)
  return crc ^ -1
}
