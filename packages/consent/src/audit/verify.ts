import type { KeyObject } from 'node:crypto'
import type { AuditRow, CheckpointRow, RegisterTables, SealRow } from '../rows.ts'
import { entryText, isSigned } from './checkpoint.ts'
import { emptyEdge, firstLink, grown, leafHash, linkHash, rootOf } from './merkle.ts'

/** One thing wrong with the audit. `at` is the entry's number, or the size of the checkpoint. */
export interface AuditFault {
  readonly rule: /** An entry is not what was sealed: edited, or moved to another place. */
    | 'entry-changed'
    /** A sealed entry is gone. */
    | 'entry-missing'
    /** An entry stands among sealed ones and was never sealed. */
    | 'entry-added'
    /** The chain of seals does not follow from its entries, or has a hole. */
    | 'chain-broken'
    /** A signed root is not the root of these entries. */
    | 'root-differs'
    | 'signature-invalid'
    /** A checkpoint says that there were more entries than there are. */
    | 'tail-missing'
  readonly at: number
}

export interface AuditVerdict {
  readonly ok: boolean
  readonly sealed: number
  /** Entries committed after the last seal; within two seconds in a healthy hub. */
  readonly unsealed: number
  readonly faults: readonly AuditFault[]
}

/** A page of what is verified: asked for by where the one before it ended. */
export type AuditAsk =
  | { readonly ask: 'entries' | 'seals'; readonly after: number; readonly limit: number }
  | { readonly ask: 'checkpoints' }
type Page = readonly (AuditRow | SealRow | CheckpointRow)[]

/** Where the audit is read from: synchronous tables. */
export type AuditTables = Pick<RegisterTables, 'auditAfter' | 'sealsAfter' | 'checkpoints'>

interface Verifying {
  readonly partnership: string
  readonly publicKey: KeyObject
  readonly witnesses?: readonly CheckpointRow[]
}

const batchMax = 1000

/**
 * Reads the whole audit and holds it against its seals, its signed checkpoints and, where given,
 * checkpoints that somebody else kept: a tail that was cut off together with its seals and
 * checkpoints shows only against those.
 */
export function verifyAudit({
  tables,
  ...asked
}: Verifying & { readonly tables: AuditTables }): AuditVerdict {
  const work = verifying(asked)
  let step = work.next()
  while (!step.done) step = work.next(pageOf(tables, step.value))
  return step.value
}

function pageOf(tables: AuditTables, asked: AuditAsk): Page {
  if (asked.ask === 'checkpoints') return tables.checkpoints()
  return asked.ask === 'entries'
    ? tables.auditAfter(asked.after, asked.limit)
    : tables.sealsAfter(asked.after, asked.limit)
}

/** As `verifyAudit`, of a register that is read page by page. */
export async function verifyAuditPages({
  pages,
  ...asked
}: Verifying & { readonly pages: (asked: AuditAsk) => Promise<Page> }): Promise<AuditVerdict> {
  const work = verifying(asked)
  let step = work.next()
  while (!step.done) step = work.next(await pages(step.value))
  return step.value
}

function* verifying({
  partnership,
  publicKey,
  witnesses = [],
}: Verifying): Generator<AuditAsk, AuditVerdict, Page> {
  const faults: AuditFault[] = []
  const checkpoints = [
    ...((yield { ask: 'checkpoints' }) as readonly CheckpointRow[]),
    ...witnesses,
  ]
  const bySize = Map.groupBy(checkpoints, ({ size }) => size)
  const entries = cursor<AuditRow>('entries', ({ seq }) => seq)
  const seals = cursor<SealRow>('seals', ({ place }) => place)
  let entry = yield* entries.next()
  let edge = emptyEdge
  let chain = firstLink
  for (let seal = yield* seals.next(); seal; seal = yield* seals.next()) {
    for (; entry && entry.seq < seal.seq; entry = yield* entries.next())
      faults.push({ rule: 'entry-added', at: entry.seq })
    let leaf = seal.leaf
    if (entry?.seq === seal.seq) {
      leaf = leafHash(entryText(entry))
      if (leaf !== seal.leaf) faults.push({ rule: 'entry-changed', at: seal.seq })
      entry = yield* entries.next()
    } else faults.push({ rule: 'entry-missing', at: seal.seq })
    edge = grown(edge, leaf)
    chain = linkHash(chain, seal.leaf)
    if (seal.place !== edge.size || chain !== seal.chain) {
      faults.push({ rule: 'chain-broken', at: seal.seq })
      // From here on the chain is judged by itself, or one hole would hide every later one.
      chain = seal.chain
    }
    for (const checkpoint of bySize.get(edge.size) ?? [])
      if (checkpoint.root !== rootOf(edge) || checkpoint.chain !== seal.chain)
        faults.push({ rule: 'root-differs', at: checkpoint.size })
  }
  for (const checkpoint of checkpoints) {
    if (!isSigned(partnership, checkpoint, publicKey))
      faults.push({ rule: 'signature-invalid', at: checkpoint.size })
    if (checkpoint.size > edge.size) faults.push({ rule: 'tail-missing', at: checkpoint.size })
  }
  // A sealer signs what it seals: seals without a checkpoint were put there by somebody else.
  const signed = Math.max(0, ...checkpoints.map(({ size }) => size))
  if (edge.size > signed) faults.push({ rule: 'root-differs', at: edge.size })
  let unsealed = 0
  for (; entry; entry = yield* entries.next()) unsealed += 1
  return { ok: faults.length === 0, sealed: edge.size, unsealed, faults }
}

/** One row after the other, over pages. */
function cursor<Row extends AuditRow | SealRow>(
  ask: 'entries' | 'seals',
  placeOf: (row: Row) => number,
) {
  let rows: readonly Row[] = []
  let at = 0
  let after = 0
  return {
    *next(): Generator<AuditAsk, Row | undefined, Page> {
      if (at === rows.length) {
        rows = (yield { ask, after, limit: batchMax }) as readonly Row[]
        at = 0
      }
      const row = rows[at]
      if (row === undefined) return undefined
      at += 1
      after = placeOf(row)
      return row
    },
  }
}
