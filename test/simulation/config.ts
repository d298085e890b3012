/** How many seeds the long run takes; `SIM_SEEDS` says otherwise, for a run before a release. */
export const longRunSeeds = (environment: NodeJS.ProcessEnv = process.env): number =>
  Number(environment['SIM_SEEDS'] ?? 10_000)
