import { createPublicKey, type KeyObject } from 'node:crypto'
import { codecFor } from '@throughline/schemas'
import type { Clock, OutgoingRecord } from '@throughline/stream'
import type { AuditRow, CheckpointRow, SealRow } from '../rows.ts'
import { entryText, keyIdOf, signCheckpoint } from './checkpoint.ts'
import { emptyEdge, firstLink, grown, leafHash, linkHash, rootOf } from './merkle.ts'

/** How long an entry may lie unsealed (design, section 7). Invariant C4 allows twice as much. */
export const sealEveryMs = 1000

/** How often a checkpoint goes to `audit.v1`, for somebody else to keep (assurance, item 52). */
const publishEveryMs = 60_000

const entriesMax = 10_000

/** What is committed and not sealed yet, and what the seals go on from. */
export interface Unsealed {
  readonly entries: readonly AuditRow[]
  readonly last: SealRow | undefined
  readonly before: CheckpointRow | undefined
}

/** What a seal writes, in the transaction in which it has read. */
export interface Sealing {
  readonly at: number
  readonly seals: readonly SealRow[]
  readonly checkpoint: CheckpointRow
  readonly outbox: readonly OutgoingRecord[]
}

type Sealed = CheckpointRow | null

/** A register whose audit can be sealed: at once, or by and by. */
export interface Sealable<R extends Sealed | Promise<Sealed>> {
  now(): number
  /** Calls back after each commit that wrote audit entries; the answer stops it. */
  onAudit(listener: () => void): () => void
  /** Reads at most `limit` entries, and writes what the work makes of them, in one transaction; null writes nothing. */
  seal(limit: number, work: (unsealed: Unsealed) => Sealing | null): R
}

export interface SealerOptions<R extends Sealed | Promise<Sealed> = Sealed> {
  readonly register: Sealable<R>
  readonly clock: Clock
  readonly partnership: string
  /** Ed25519, private. */
  readonly key: KeyObject
  /** A seal that failed is tried again with the next entry; whoever runs the hub wants to know. */
  readonly onFault?: (error: unknown) => void
}

export interface Sealer<R extends Sealed | Promise<Sealed> = Sealed> extends Disposable {
  /** Seals what is committed and not sealed yet; null when there is nothing. */
  seal(): R
}

/**
 * The one sealer of a hub. It sleeps until an entry is written, and seals a second later: an idle
 * hub does nothing.
 */
export function createSealer<R extends Sealed | Promise<Sealed>>(
  options: SealerOptions<R>,
): Sealer<R> {
  const { register, clock, onFault, partnership, key } = options
  const closed = new AbortController()
  let waiting = false

  const seal = (): R =>
    register.seal(entriesMax, (unsealed) =>
      sealingOf(unsealed, { at: register.now(), partnership, key }),
    )

  const sealSoon = async (): Promise<void> => {
    if (waiting || closed.signal.aborted) return
    waiting = true
    await clock.until(clock.now() + sealEveryMs, closed.signal)
    waiting = false
    if (closed.signal.aborted) return
    try {
      // A burst is sealed in several transactions, so that none of them holds others up.
      while (((await seal())?.sealed ?? 0) === entriesMax);
    } catch (error) {
      onFault?.(error)
    }
  }

  const stopListening = register.onAudit(() => void sealSoon())
  // What a process before this one left unsealed.
  void sealSoon()

  return {
    seal,
    [Symbol.dispose]() {
      stopListening()
      closed.abort()
    },
  }
}

function sealingOf(
  { entries, last, before }: Unsealed,
  { at, partnership, key }: { at: number; partnership: string; key: KeyObject },
): Sealing | null {
  if (entries.length === 0) return null
  let edge = before ? { size: before.size, roots: before.edge } : emptyEdge
  let chain = last?.chain ?? firstLink
  const seals: SealRow[] = []
  for (const entry of entries) {
    const leaf = leafHash(entryText(entry))
    edge = grown(edge, leaf)
    chain = linkHash(chain, leaf)
    seals.push({ place: edge.size, seq: entry.seq, leaf, chain })
  }
  const published = !before || at - before.publishedAt >= publishEveryMs
  const said = { size: edge.size, root: rootOf(edge), chain, at }
  const checkpoint: CheckpointRow = {
    ...said,
    signature: signCheckpoint(partnership, said, key),
    edge: edge.roots,
    sealed: seals.length,
    publishedAt: published ? at : before.publishedAt,
  }
  const outbox = published ? [checkpointRecord(partnership, checkpoint, before, key)] : []
  return { at, seals, checkpoint, outbox }
}

function checkpointRecord(
  partnership: string,
  checkpoint: CheckpointRow,
  before: CheckpointRow | undefined,
  key: KeyObject,
): OutgoingRecord {
  return {
    topic: 'audit.v1',
    key: partnership,
    id: `audit-checkpoint:${partnership}:${checkpoint.size}`,
    value: codecFor('AuditCheckpoint').encode({
      partnership,
      size: checkpoint.size,
      rootHash: Buffer.from(checkpoint.root, 'hex'),
      previousRootHash: before ? Buffer.from(before.root, 'hex') : null,
      sealedAt: checkpoint.at,
      keyId: keyIdOf(createPublicKey(key)),
      signature: Buffer.from(checkpoint.signature, 'base64url'),
    }),
  }
}
