/** How much is measured; all variants measure the same things. */
export interface Sizes {
  /** How often each figure is taken. */
  readonly runs: number
  /** How often a hub is started in a process of its own. */
  readonly hubs: number
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
  readonly intake: { readonly messages: number; readonly rows: number }
  /** Rows of one file that a new hub is given. */
  readonly uploadRows: number
  /** All five agencies at once. */
  readonly busy: {
    readonly people: number
    readonly eventsPerSecond: number
    readonly samples: number
  }
  readonly idleMs: number
}

export const usual: Sizes = {
  runs: 5,
  hubs: 3,
  codecMs: 400,
  flow: { people: 5_000, rounds: 1 },
  latency: { people: 10_000, samples: 200 },
  scale: { few: 10_000, many: 100_000, events: 10_000, runs: 3 },
  intake: { messages: 20_000, rows: 50_000 },
  uploadRows: 100_000,
  busy: { people: 2_000, eventsPerSecond: 100, samples: 150 },
  idleMs: 5_000,
}

/** With a million people: an hour, and some 20 GB in the temporary folder. */
export const full: Sizes = {
  ...usual,
  scale: { ...usual.scale, many: 1_000_000 },
}

export const quick: Sizes = {
  runs: 3,
  hubs: 1,
  codecMs: 50,
  flow: { people: 500, rounds: 1 },
  latency: { people: 100, samples: 20 },
  scale: { few: 250, many: 1_000, events: 250, runs: 3 },
  intake: { messages: 1_000, rows: 1_000 },
  uploadRows: 1_000,
  busy: { people: 100, eventsPerSecond: 50, samples: 10 },
  idleMs: 1_000,
}
