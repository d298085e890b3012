/** How much is measured; both variants measure the same things. */
export interface Sizes {
  /** How often each figure is taken. */
  readonly runs: number
  readonly codecMs: number
  readonly flow: { readonly people: number; readonly rounds: number }
  readonly latency: { readonly people: number; readonly samples: number }
  /** Its own number of runs: each copies the files of many people. */
  readonly scale: {
    readonly few: number
    readonly many: number
    readonly events: number
    readonly runs: number
  }
  readonly idleMs: number
}

export const full: Sizes = {
  runs: 5,
  codecMs: 400,
  flow: { people: 5_000, rounds: 1 },
  latency: { people: 10_000, samples: 200 },
  scale: { few: 10_000, many: 100_000, events: 10_000, runs: 3 },
  idleMs: 5_000,
}

export const quick: Sizes = {
  runs: 3,
  codecMs: 50,
  flow: { people: 500, rounds: 1 },
  latency: { people: 100, samples: 20 },
  scale: { few: 250, many: 1_000, events: 250, runs: 3 },
  idleMs: 1_000,
}
