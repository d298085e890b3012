import { createHash, createPublicKey } from 'node:crypto'
import { codecFor } from '@throughline/schemas'
import {
  createMemoryStore,
  MemoryDatabase,
  registerTask,
  type SteppedClock,
  steppedClock,
} from '@throughline/stream'
import { describe, expect, it } from 'vitest'
import { ed25519From } from '../keys/key-file.ts'
import { createMemoryRegister } from '../memory-register.ts'
import type { AuditRow, CheckpointRow, SealRow } from '../rows.ts'
import { isSigned } from './checkpoint.ts'
import { emptyEdge, grown, leafHash, rootOf } from './merkle.ts'
import { createSealer } from './sealer.ts'
import { verifyAudit } from './verify.ts'

const start = Date.UTC(2026, 0, 5, 9)
const key = ed25519From(new Uint8Array(32).fill(7))
const publicKey = createPublicKey(key)
const partnership = 'testshire'

describe('the audit', () => {
  it('is sealed a second after something was written, and at no other time', async () => {
    const desk = opened()
    expect(desk.sealedCount()).toBe(0)
    await desk.write(3)
    await desk.clock.advanceTo(start + 999)
    expect(desk.sealedCount()).toBe(0)
    await desk.clock.advanceTo(start + 1000)
    expect(desk.verdict()).toEqual({ ok: true, sealed: 3, unsealed: 0, faults: [] })
    expect(desk.clock.nextAt()).toBeNull()
  })

  it('goes on from where a process before this one left it', async () => {
    const desk = opened()
    await desk.write(5)
    desk.sealer.seal()
    await desk.write(2)
    const next = opened(desk.database.reopened())
    await next.clock.advanceTo(start + 1000)
    expect(next.verdict()).toEqual({ ok: true, sealed: 7, unsealed: 0, faults: [] })
  })

  it('shows an entry that was edited', async () => {
    const desk = await sealedInTwo()
    const before = desk.entries.get('3') as AuditRow
    desk.entries.set('3', { ...before, text: before.text.replace('operator', 'nobody') })
    expect(desk.rules()).toContain('entry-changed')
    expect(desk.verdict().faults).toContainEqual({ rule: 'entry-changed', at: 3 })
  })

  it('shows an entry that was edited and sealed again by somebody without the key', async () => {
    const desk = await sealedInTwo()
    const before = desk.entries.get('1') as AuditRow
    const edited = { ...before, text: before.text.replace('operator', 'nobody') }
    desk.entries.set('1', edited)
    forge(desk)
    expect(desk.rules()).toEqual(['root-differs'])
  })

  it('shows an entry that was deleted', async () => {
    const desk = await sealedInTwo()
    expect(desk.without(3).faults).toContainEqual({ rule: 'entry-missing', at: 3 })
  })

  it('shows two entries whose places were changed', async () => {
    const desk = await sealedInTwo()
    const [second, third] = [desk.entries.get('2') as AuditRow, desk.entries.get('3') as AuditRow]
    desk.entries.set('2', { ...third, seq: 2 })
    desk.entries.set('3', { ...second, seq: 3 })
    expect(desk.verdict().faults.slice(0, 2)).toEqual([
      { rule: 'entry-changed', at: 2 },
      { rule: 'entry-changed', at: 3 },
    ])
  })

  it('shows a tail that was cut off, by the checkpoint that stayed', async () => {
    const desk = await sealedInTwo()
    for (const place of ['5', '6']) {
      desk.entries.delete(place)
      desk.seals.delete(place)
    }
    expect(desk.rules()).toEqual(['tail-missing'])
  })

  it('shows a tail that was cut off with its checkpoints, by one that somebody else kept', async () => {
    const desk = await sealedInTwo()
    const witness = desk.checkpoints.get('6') as CheckpointRow
    for (const place of ['5', '6']) {
      desk.entries.delete(place)
      desk.seals.delete(place)
    }
    desk.checkpoints.delete('6')
    expect(desk.verdict().ok).toBe(true)
    expect(desk.verdict([witness]).faults).toEqual([{ rule: 'tail-missing', at: 6 }])
  })

  it('shows a checkpoint that somebody else signed', async () => {
    const desk = await sealedInTwo()
    const checkpoint = desk.checkpoints.get('6') as CheckpointRow
    desk.checkpoints.set('6', { ...checkpoint, at: checkpoint.at + 1 })
    expect(desk.rules()).toEqual(['signature-invalid'])
  })

  it('sends a checkpoint for others to keep, at most one a minute', async () => {
    const desk = opened()
    await desk.write(2)
    await desk.clock.advanceTo(start + 1000)
    await desk.write(2)
    await desk.clock.advanceTo(start + 2000)
    expect(await desk.published()).toMatchObject([{ size: 2, previousRootHash: null }])
    await desk.clock.advanceTo(start + 61_000)
    await desk.write(1)
    await desk.clock.advanceTo(start + 62_000)
    expect(await desk.published()).toMatchObject([
      { size: 2 },
      { size: 5, sealedAt: start + 62_000 },
    ])
  })

  it('signs for one partnership only', async () => {
    const desk = await sealedInTwo()
    const checkpoint = desk.checkpoints.get('6') as CheckpointRow
    expect(isSigned(partnership, checkpoint, publicKey)).toBe(true)
    expect(isSigned('elsewhere', checkpoint, publicKey)).toBe(false)
  })
})

describe('the Merkle tree', () => {
  it('has the roots of RFC 9162, whatever its size', () => {
    const leaves = Array.from({ length: 70 }, (_, i) => `entry ${i}`)
    let edge = emptyEdge
    expect(rootOf(edge)).toBe(referenceRoot([]))
    for (const [i, leaf] of leaves.entries()) {
      edge = grown(edge, leafHash(leaf))
      expect(rootOf(edge)).toBe(referenceRoot(leaves.slice(0, i + 1)))
    }
  })
})

/** The recursive definition, as the RFC writes it. */
function referenceRoot(leaves: readonly string[]): string {
  const sha = (...parts: readonly Uint8Array[]) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const root = (of: readonly string[]): Buffer => {
    if (of.length === 0) return sha()
    if (of.length === 1) return sha(Buffer.of(0), Buffer.from(of[0] as string))
    let k = 1
    while (k * 2 < of.length) k *= 2
    return sha(Buffer.of(1), root(of.slice(0, k)), root(of.slice(k)))
  }
  return root(leaves).toString('hex')
}

type OpenedAudit = ReturnType<typeof opened>

function opened(database = new MemoryDatabase()) {
  const clock: SteppedClock = steppedClock(start)
  const register = createMemoryRegister({ database, clock })
  const sealer = createSealer({ register, clock, partnership, key })
  const { tables } = register
  const entries = database.table<AuditRow>('register_audit')
  const verdict = (witnesses: readonly CheckpointRow[] = [], over = tables) =>
    verifyAudit({ tables: over, partnership, publicKey, witnesses })
  return {
    database,
    clock,
    register,
    sealer,
    entries,
    seals: database.table<SealRow>('register_seals'),
    checkpoints: database.table<CheckpointRow>('register_checkpoints'),
    sealedCount: () => tables.lastSeal()?.place ?? 0,
    verdict,
    rules: () => [...new Set(verdict().faults.map(({ rule }) => rule))],
    /** As if one entry had been deleted: the memory table would stop at the hole. */
    without: (seq: number) =>
      verdict([], {
        ...tables,
        auditAfter: (from, limit) =>
          tables.auditAfter(from, limit).filter((row) => row.seq !== seq),
      }),
    async write(count: number) {
      for (let i = 0; i < count; i += 1)
        await register.change({
          kind: 'put-agreement',
          by: 'operator',
          agreement: {
            agreementId: `agreement ${entries.size} ${i}`,
            source: 'custody',
            purpose: 'care-coordination',
            recipientOrganisation: 'testshire-recovery',
            from: 0,
            until: start,
          },
        })
    },
    async published() {
      const store = createMemoryStore({ db: database, clock, lookups: register.reader })
      const task = await store.open(registerTask)
      return (await task.outbox(100))
        .flatMap(({ records }) => records)
        .filter(({ topic }) => topic === 'audit.v1')
        .map(({ value }) => codecFor('AuditCheckpoint').decode(value ?? new Uint8Array(0)))
    },
  }
}

/** Six entries under two checkpoints. */
async function sealedInTwo(): Promise<OpenedAudit> {
  const desk = opened()
  await desk.write(4)
  desk.sealer.seal()
  await desk.write(2)
  desk.sealer.seal()
  expect(desk.verdict()).toMatchObject({ ok: true, sealed: 6 })
  return desk
}

/** Seals all entries anew, as somebody who can write the database but has no key would. */
function forge(desk: OpenedAudit): void {
  const elsewhere = opened()
  for (const [seq, row] of desk.entries.entries()) elsewhere.entries.set(seq, row)
  elsewhere.sealer.seal()
  for (const [place, seal] of elsewhere.seals.entries()) desk.seals.set(place, seal)
}
