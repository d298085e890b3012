import { type Clock, systemClock } from '@throughline/stream'

/**
 * A clock that goes, from `start` (ms) at its making `shift` ms ago on: the same morning whenever the bench is
 * run, so that no timer falls due. Processes that share a shift share the clock.
 */
export function shiftedClock(shift: number): Clock {
  const machine = systemClock()
  return {
    now: () => machine.now() - shift,
    until: (at, signal) => machine.until(at + shift, signal),
  }
}

/** The shift with which it is `start` (ms) now. */
export const shiftTo = (start: number): number => Date.now() - start
