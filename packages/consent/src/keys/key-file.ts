import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { HubError } from '@throughline/domain'
import type { Random } from '@throughline/stream'
import { z } from 'zod'

export const keyFileName = 'hub-keys.json'

/** The secrets of one hub. Whoever has this file and keys.db can read everything that is not erased. */
export interface KeyFile {
  /** Wraps the data keys; never leaves the key store. */
  readonly keyEncryptionKey: KeyObject
  /** By partnership: the key of identifiers, natural keys and event ids, for `nodeIds`. */
  hmacKey(partnership: string): Uint8Array
  /** Ed25519: signs the audit's checkpoints. */
  readonly auditKey: KeyObject
  readonly auditPublicKey: KeyObject
}

const keyBytes = 32
const key = z.base64().length(44)
const keyFile = z.strictObject({
  format: z.literal(1),
  keyEncryptionKey: key,
  hmacKeys: z.record(z.string().min(1), key),
  auditKey: key,
})

export interface NewKeyFile {
  readonly directory: string
  readonly partnerships: readonly string[]
  readonly random: Random
}

/** Makes folder and key file where there is none: for trials, never where a lost one must be noticed. */
export function makeMissingKeyFile(wanted: NewKeyFile): void {
  if (existsSync(join(wanted.directory, keyFileName))) return
  mkdirSync(wanted.directory, { recursive: true })
  createKeyFile(wanted)
}

/**
 * Makes the key file, readable by its owner alone, and durable before it returns. An existing file
 * is never overwritten: `HUB_CONFIG_INVALID`.
 */
export function createKeyFile({ directory, partnerships, random }: NewKeyFile): void {
  const fresh = (): string => Buffer.from(random(keyBytes)).toString('base64')
  const contents: z.infer<typeof keyFile> = {
    format: 1,
    keyEncryptionKey: fresh(),
    hmacKeys: Object.fromEntries(partnerships.map((partnership) => [partnership, fresh()])),
    auditKey: fresh(),
  }
  let file: number
  try {
    file = openSync(join(directory, keyFileName), 'wx', 0o600)
  } catch (cause) {
    throw new HubError('HUB_CONFIG_INVALID', 'the key file is there already, or cannot be made', {
      cause,
    })
  }
  try {
    writeSync(file, JSON.stringify(contents, null, 2))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  // The name is durable only once the directory is.
  const folder = openSync(directory, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Reads the key file. Missing, open to others, or not a key file: `HUB_CONFIG_INVALID`. */
export function readKeyFile(directory: string): KeyFile {
  const contents = keyFile.safeParse(parsed(join(directory, keyFileName)))
  // A parser's message may quote what it read.
  if (!contents.success) throw invalid('the key file is damaged')
  const { keyEncryptionKey, hmacKeys, auditKey } = contents.data
  const signing = ed25519From(Buffer.from(auditKey, 'base64'))
  return {
    keyEncryptionKey: createSecretKey(Buffer.from(keyEncryptionKey, 'base64')),
    hmacKey(partnership) {
      const found = Object.hasOwn(hmacKeys, partnership) ? hmacKeys[partnership] : undefined
      if (found === undefined) throw invalid('the key file has no key for this partnership')
      return Buffer.from(found, 'base64')
    },
    auditKey: signing,
    auditPublicKey: createPublicKey(signing),
  }
}

function parsed(path: string): unknown {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    throw invalid('the key file is missing')
  }
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) throw invalid('the key file is open to other users')
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof HubError) throw error
    throw invalid('the key file is damaged')
  } finally {
    closeSync(file)
  }
}

/** RFC 8410: the private key of Ed25519 is a 32-byte seed behind a fixed header. */
const ed25519Header = Buffer.from('302e020100300506032b657004220420', 'hex')

export const ed25519From = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([ed25519Header, seed]), format: 'der', type: 'pkcs8' })

const invalid = (message: string): HubError => new HubError('HUB_CONFIG_INVALID', message)
