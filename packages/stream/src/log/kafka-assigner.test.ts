import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assignPartitions, type Member } from './kafka-assigner.ts'

const partitions = 12
const everybody = (assignment: ReadonlyMap<string, readonly number[]>) =>
  [...assignment.values()].flat().toSorted((a, b) => a - b)
const newcomer = (id: string): Member => ({ id, owned: [], generation: -1 })

/** Gathers until nobody has to give anything up, as a group does; gives what each has then. */
function settle(members: readonly Member[]): {
  has: Map<string, readonly number[]>
  moved: number
} {
  let has = new Map(members.map(({ id, owned }) => [id, owned]))
  let moved = 0
  for (let generation = 100; ; generation += 1) {
    const claims = members.map(({ id }) => ({ id, owned: has.get(id) ?? [], generation }))
    const given = assignPartitions(generation === 100 ? members : claims, partitions)
    const lost = [...has].flatMap(([id, owned]) =>
      owned.filter((partition) => !given.get(id)?.includes(partition)),
    )
    moved += lost.length
    has = new Map(given)
    if (lost.length === 0) return { has, moved }
  }
}

it('gives everything to one who is alone', () => {
  const assignment = assignPartitions([newcomer('ann')], partitions)
  expect(assignment.get('ann')).toHaveLength(partitions)
})

it('gives a newcomer nothing that somebody still works on', () => {
  const alone = { id: 'ann', owned: [...Array(partitions).keys()], generation: 3 }
  const assignment = assignPartitions([alone, newcomer('bob')], partitions)
  expect(assignment.get('ann')).toHaveLength(6)
  expect(assignment.get('bob')).toEqual([])
})

it('moves no more than a newcomer’s share, and nothing between the others', () => {
  const members = [
    { id: 'ann', owned: [0, 1, 2, 3, 4, 5], generation: 7 },
    { id: 'bob', owned: [6, 7, 8, 9, 10, 11], generation: 7 },
    newcomer('cat'),
  ]
  const { has, moved } = settle(members)
  expect([...has.values()].map((mine) => mine.length)).toEqual([4, 4, 4])
  expect(moved).toBe(4)
})

it('gives the partitions of one who has died to the others at once', () => {
  const left = { id: 'ann', owned: [0, 1, 2, 3, 4, 5], generation: 7 }
  expect(assignPartitions([left], partitions).get('ann')).toHaveLength(partitions)
})

it('believes the later of two who claim the same partition', () => {
  const late = { id: 'ann', owned: [0, 1, 2], generation: 4 }
  const present = { id: 'bob', owned: [0, 1, 2, 3, 4, 5], generation: 9 }
  const assignment = assignPartitions([late, present], partitions)
  expect(assignment.get('bob')).toEqual([0, 1, 2, 3, 4, 5])
})

it('ends with every partition at one member, in shares that differ by one at most', () => {
  const owned = fc.uniqueArray(fc.integer({ min: 0, max: 20 }))
  const anybody = fc.record({ owned, generation: fc.integer({ min: -1, max: 9 }) })
  fc.assert(
    fc.property(fc.array(anybody, { minLength: 1, maxLength: 15 }), (claims) => {
      const members = claims.map((claim, n) => ({ id: `member-${n}`, ...claim }))
      // Never twice, not even on the way.
      const first = everybody(assignPartitions(members, partitions))
      expect(new Set(first).size).toBe(first.length)
      const { has } = settle(members)
      expect(everybody(has)).toEqual([...Array(partitions).keys()])
      const shares = [...has.values()].map((mine) => mine.length)
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
    }),
  )
})
