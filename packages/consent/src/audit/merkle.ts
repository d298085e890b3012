import { hash } from 'node:crypto'

/**
 * The Merkle tree of RFC 9162 (section 2.1): leaves and inner nodes are hashed with different first
 * bytes, so that neither can stand in for the other. Kept as the roots of its full subtrees, largest
 * first: that is all that a further leaf needs. Hashes are lower-case hex.
 */
export interface MerkleEdge {
  readonly size: number
  readonly roots: readonly string[]
}

export const emptyEdge: MerkleEdge = { size: 0, roots: [] }

/** The hash of one entry. */
export const leafHash = (text: string): string => hash('sha256', `\u0000${text}`, 'hex')

/** The tree with one more leaf. */
export function grown({ size, roots }: MerkleEdge, leaf: string): MerkleEdge {
  const edge = [...roots]
  let node = leaf
  // Every trailing 1 in the size is a full subtree that this leaf completes to the next size up.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2)
    node = nodeHash(edge.pop() ?? '', node)
  return { size: size + 1, roots: [...edge, node] }
}

/** The root over all leaves; of an empty tree the hash of nothing. */
export function rootOf({ roots }: MerkleEdge): string {
  if (roots.length === 0) return hash('sha256', '', 'hex')
  return roots.reduceRight((right, left) => nodeHash(left, right))
}

const one = Buffer.from([1])

const nodeHash = (left: string, right: string): string =>
  hash('sha256', Buffer.concat([one, Buffer.from(left, 'hex'), Buffer.from(right, 'hex')]), 'hex')

/** The link of a chain: what came before, and this entry. */
export const linkHash = (before: string, leaf: string): string =>
  hash('sha256', Buffer.from(before + leaf, 'hex'), 'hex')

export const firstLink = '00'.repeat(32)
