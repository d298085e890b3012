import { createSecretKey } from 'node:crypto'
import { HubError } from '@throughline/domain'
import type { KeyRef, Keys, OpenedKey } from '../keys.ts'
import type { Random } from '../random.ts'
import { noSchedule, type Schedule } from '../schedule.ts'

export interface MemoryKeys extends Keys {
  /** While false, `open` and `create` raise `HUB_KEY_UNAVAILABLE`. */
  available: boolean
}

/** Keys in memory: the same promises as the key file, and an outage at will. */
export function memoryKeys(random: Random, schedule: Schedule = noSchedule): MemoryKeys {
  const keys = new Map<KeyRef, OpenedKey | 'erased'>()
  const reach = async (point: string) => {
    await schedule.at(point)
    if (!memory.available) throw new HubError('HUB_KEY_UNAVAILABLE', 'the keys cannot be reached')
  }
  const memory: MemoryKeys = {
    available: true,
    async open(refs) {
      await reach('keys.open.before')
      return new Map(refs.map((ref) => [ref, keys.get(ref) ?? 'erased']))
    },
    async create(ref) {
      await reach('keys.create.before')
      const existing = keys.get(ref)
      if (existing === 'erased') throw new HubError('HUB_KEY_UNAVAILABLE', 'the key was destroyed')
      const made = existing ?? { ref, version: 1, key: createSecretKey(random(32)) }
      keys.set(ref, made)
      return made
    },
    async destroy(ref) {
      await reach('keys.destroy.before')
      keys.set(ref, 'erased')
    },
  }
  return memory
}
