import { expect, it } from 'vitest'
import { plantedBugs } from './planted-bugs.ts'
import { plantedIn } from './planted-copy.ts'

it.each(plantedBugs)('$id can still be planted: $wrong', (bug) => {
  expect(plantedIn(bug)).toContain(bug.replace)
})
