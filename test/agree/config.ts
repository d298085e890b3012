/** How many scenarios are lived through; `AGREE_SEED` picks one, to look at. */
export const agreeSeeds = (
  environment: NodeJS.ProcessEnv = process.env,
): { readonly from: number; readonly count: number } => {
  const one = environment['AGREE_SEED']
  if (one !== undefined) return { from: Number(one), count: 1 }
  return { from: 1, count: Number(environment['AGREE_SEEDS'] ?? 200) }
}
