import type { KeyObject } from 'node:crypto'
import type { AuditRow, CheckpointRow, RegisterTables } from '../rows.ts'
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

const batchMax = 1000

/**
 * Reads the whole audit and holds it against its seals, its signed checkpoints and, where given,
 * checkpoints that somebody else kept: a tail that was cut off together with its seals and
 * checkpoints shows only against those.
 */
export function verifyAudit({
  tables,
  partnership,
  publicKey,
  witnesses = [],
}: {
  readonly tables: Pick<RegisterTables, 'auditAfter' | 'sealsAfter' | 'checkpoints'>
  readonly partnership: string
  readonly publicKey: KeyObject
  readonly witnesses?: readonly CheckpointRow[]
}): AuditVerdict {
  const faults: AuditFault[] = []
  const checkpoints = [...tables.checkpoints(), ...witnesses]
  const bySize = Map.groupBy(checkpoints, ({ size }) => size)
  const entries = entriesOf(tables)
  let entry = entries.next().value
  let edge = emptyEdge
  let chain = firstLink
  for (const seal of sealsOf(tables)) {
    for (; entry && entry.seq < seal.seq; entry = entries.next().value)
      faults.push({ rule: 'entry-added', at: entry.seq })
    let leaf = seal.leaf
    if (entry?.seq === seal.seq) {
      leaf = leafHash(entryText(entry))
      if (leaf !== seal.leaf) faults.push({ rule: 'entry-changed', at: seal.seq })
      entry = entries.next().value
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
  for (; entry; entry = entries.next().value) unsealed += 1
  return { ok: faults.length === 0, sealed: edge.size, unsealed, faults }
}

type Tables = Pick<RegisterTables, 'auditAfter' | 'sealsAfter'>

function* entriesOf(tables: Tables): Generator<AuditRow, undefined> {
  let seq = 0
  for (;;) {
    const batch = tables.auditAfter(seq, batchMax)
    yield* batch
    const last = batch.at(-1)
    if (!last) return undefined
    seq = last.seq
  }
}

function* sealsOf(tables: Tables) {
  let place = 0
  for (;;) {
    const batch = tables.sealsAfter(place, batchMax)
    yield* batch
    const last = batch.at(-1)
    if (!last) return
    place = last.place
  }
}
