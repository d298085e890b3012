import { whyNoImage } from './containers.ts'

/** A backend, and the ways in which it may be had. */
export interface Wanted {
  readonly name: string
  /** Its address stands in the environment, and will do. */
  readonly given: boolean
  /** What a container would be made from; null where one will not do. */
  readonly image: string | null
  /** Whether a process of our own can be started here. */
  readonly own: () => boolean
  /** What a newcomer may do about a missing one. */
  readonly remedy: string
}

export type Way = 'given' | 'container' | 'own'

/**
 * How a backend is had: the first of the three that can be. Where `CI_REQUIRE_CONTAINERS=1`, whatever can
 * come out of a container must. Raises what is missing, in words for a newcomer.
 */
export function wayTo(wanted: Wanted): Way {
  const way = found(wanted)
  if (typeof way === 'string') return way
  throw new Error(way.missing)
}

/** Why a backend is not here, as `missingBackend` says it; null where it is. */
export function whyMissing(wanted: Wanted): string | null {
  const way = found(wanted)
  return typeof way === 'string' ? null : reported(way.missing)
}

/**
 * For what is not here: the reason that is read beside the tests that were left out. Where
 * `CI_REQUIRE_BACKENDS=1`, it is raised: what is missing must not look like a pass.
 */
export const missingBackend = (name: string, remedy: string): string =>
  reported(notHere(name, remedy))

function reported(missing: string): string {
  if (isSet('CI_REQUIRE_BACKENDS') || onlyContainers()) throw new Error(missing)
  return missing
}

const notHere = (name: string, remedy: string) => `no ${name} here: ${remedy}`

function found({ name, given, image, own, remedy }: Wanted): Way | { readonly missing: string } {
  const noImage = image === null ? null : whyNoImage(image)
  const contained = image !== null && noImage === null
  if (image !== null && onlyContainers())
    return contained ? 'container' : { missing: `no ${name} in a container: ${noImage}` }
  if (given) return 'given'
  if (contained) return 'container'
  return own() ? 'own' : { missing: notHere(name, remedy) }
}

const isSet = (name: string): boolean => process.env[name] === '1'

/** Whether nothing but containers counts: then a missing engine is a failure too. */
export const onlyContainers = (): boolean => isSet('CI_REQUIRE_CONTAINERS')
