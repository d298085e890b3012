import type { Random } from '../../simulation/random.ts'
import type { Rig } from './rig.ts'

/** Puts right what was broken, once people are heard of again without it. */
export type Heal = () => Promise<void>

export interface Fault {
  readonly name: string
  /** Whether everybody must be heard of within a session and three seconds all the same. */
  readonly limited: boolean
  strike(rig: Rig, random: Random): Promise<Heal>
}
