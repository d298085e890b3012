/** What somebody does while it is their turn. */
export interface Duty {
  stop(): Promise<void>
}

/** Who does what only one of all processes should do. */
export interface Turns {
  /**
   * Begins the work when it is this process's turn, and stops it when another's has come. Resolves once
   * it is known whose turn it is now; the answer's `stop` gives the turn to the next.
   */
  take(name: string, begin: () => Promise<Duty>): Promise<Duty>
}

/** For a hub in one process: it is always its turn. */
export const alwaysOurs: Turns = { take: (_name, begin) => begin() }
