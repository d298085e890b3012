import { hash, type KeyObject, sign, verify } from 'node:crypto'
import type { AuditRow, CheckpointRow } from '../rows.ts'

/** What is hashed of an entry: its place, its time and its text, so that none can be moved. */
export const entryText = ({ seq, at, text }: AuditRow): string => `${seq} ${at} ${text}`

type Signed = Pick<CheckpointRow, 'size' | 'root' | 'chain' | 'at'>

/** Signs with Ed25519 what a checkpoint says of a partnership's audit; base64url. */
export const signCheckpoint = (partnership: string, said: Signed, key: KeyObject): string =>
  sign(null, signedText(partnership, said), key).toString('base64url')

export const isSigned = (partnership: string, said: CheckpointRow, key: KeyObject): boolean =>
  verify(null, signedText(partnership, said), key, Buffer.from(said.signature, 'base64url'))

/** Names the public key that verifies: the start of the hash of its DER form. */
export const keyIdOf = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'hex').slice(0, 16)

const signedText = (partnership: string, { size, root, chain, at }: Signed): Buffer =>
  Buffer.from(JSON.stringify(['throughline-audit/1', partnership, size, root, chain, at]))
