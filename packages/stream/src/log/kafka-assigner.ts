/** A member of a group, and the partition numbers it works on as the group gathers. */
export interface Member {
  readonly id: string
  readonly owned: readonly number[]
  /** The generation of the group in which it was given them; of two who claim one, the later is right. */
  readonly generation: number
}

/**
 * Shares partition numbers among members: one member works on the same number of every topic. Shares
 * differ by one at most, and whoever has a partition keeps it if it may. A partition that has to move
 * is given to nobody at first: its owner finishes what it is doing and gathers the group again. So a
 * gathering stops nobody but those who lose something.
 */
export function assignPartitions(
  members: readonly Member[],
  partitions: number,
): ReadonlyMap<string, readonly number[]> {
  const owners = ownersOf(members, partitions)
  const shares = sharesOf(members, owners, partitions)
  const assignment = new Map<string, number[]>(members.map(({ id }) => [id, []]))
  const homeless: number[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    const owner = owners.get(partition)
    if (owner === undefined) homeless.push(partition)
    else {
      const kept = assignment.get(owner) as number[]
      if (kept.length < (shares.get(owner) as number)) kept.push(partition)
    }
  }
  for (const [id, mine] of assignment) {
    while (mine.length < (shares.get(id) as number) && homeless.length > 0) {
      mine.push(homeless.shift() as number)
    }
    mine.sort((a, b) => a - b)
  }
  return assignment
}

function ownersOf(members: readonly Member[], partitions: number): Map<number, string> {
  const owners = new Map<number, Member>()
  for (const member of members) {
    for (const partition of member.owned) {
      if (partition >= partitions) continue
      const other = owners.get(partition)
      if (!other || other.generation < member.generation) owners.set(partition, member)
    }
  }
  return new Map([...owners].map(([partition, { id }]) => [partition, id]))
}

/** How many each member may have: the larger shares go to those who have most already. */
function sharesOf(
  members: readonly Member[],
  owners: ReadonlyMap<number, string>,
  partitions: number,
): Map<string, number> {
  const has = new Map<string, number>(members.map(({ id }) => [id, 0]))
  for (const owner of owners.values()) has.set(owner, (has.get(owner) ?? 0) + 1)
  const ranked = members
    .map(({ id }) => id)
    .sort((a, b) => (has.get(b) as number) - (has.get(a) as number) || (a < b ? -1 : 1))
  const least = Math.floor(partitions / members.length)
  const larger = partitions % members.length
  return new Map(ranked.map((id, rank) => [id, least + (rank < larger ? 1 : 0)]))
}
