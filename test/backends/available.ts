/**
 * For a backend that is not here: gives the reason a newcomer reads beside the tests that were left
 * out. Where `CI_REQUIRE_BACKENDS=1`, it raises it: a missing backend must not look like a pass.
 */
export function missingBackend(name: string, remedy: string): string {
  const reason = `no ${name} here: ${remedy}`
  if (process.env['CI_REQUIRE_BACKENDS'] === '1') throw new Error(reason)
  return reason
}
