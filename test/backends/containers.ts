import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { GenericContainer, StartedTestContainer } from 'testcontainers'

const composeFile = new URL('../../docker-compose.yml', import.meta.url)

/** The image that docker-compose.yml names, with its tag: what is tested is what is run. */
export function composeImage(name: string): string {
  const images = readFileSync(composeFile, 'utf8').matchAll(/^ *image: (\S+)$/gm)
  const image = [...images].map(([, one = '']) => one).find((one) => one.startsWith(`${name}:`))
  if (image === undefined) throw new Error(`docker-compose.yml names no image ${name}`)
  return image
}

/** Why no container can be made from an image: no engine answers, or it has none. Null where one can. */
export function whyNoImage(image: string): string | null {
  const known = asked.get(image)
  if (known !== undefined) return known
  const why = docker(isHere(image))
  asked.set(image, why)
  return why
}
const asked = new Map<string, string | null>()
const isHere = (image: string) => ['image', 'inspect', '--format', '{{.Id}}', image]

// An engine that is there and does not answer is none.
const answerMsMax = 5_000

/** Null when it did as it was asked; else what it said. */
function docker(args: readonly string[]): string | null {
  const options = { encoding: 'utf8', timeout: answerMsMax, killSignal: 'SIGKILL' } as const
  const { status, stderr, error } = spawnSync('docker', args, options)
  if (error)
    return 'code' in error && error.code === 'ENOENT' ? 'there is no Docker' : error.message
  return status === 0 ? null : stderr.trim()
}

/** Where an engine answers that has not got an image: fetches it. Says so when it cannot be had in time. */
export async function fetchImage(image: string): Promise<void> {
  if (docker(['version']) !== null || docker(isHere(image)) === null) return
  process.stderr.write(`fetching ${image}\n`)
  try {
    await promisify(execFile)('docker', ['pull', '--quiet', image], { timeout: fetchMsMax })
  } catch {
    process.stderr.write(`${image} cannot be fetched\n`)
  }
}
const fetchMsMax = 300_000

/** A running container: gone, with its data, once it is stopped. */
export interface Container {
  readonly host: string
  readonly portOf: (inside: number) => number
  readonly stop: () => Promise<void>
}

/**
 * Starts a container, once `describe` has said what is in it, and where its ports will be reached. Resolves
 * when everything that it exposes is listened on.
 */
export async function startContainer(
  image: string,
  describe: (container: GenericContainer, host: string) => GenericContainer,
): Promise<Container> {
  // Only now: to load it takes half a second of every test file.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers')
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime
  const started: StartedTestContainer = await describe(new GenericContainer(image), host)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(startMsMax)
    .start()
  return {
    host,
    portOf: (inside) => started.getMappedPort(inside),
    stop: async () => void (await started.stop({ removeVolumes: true })),
  }
}
const startMsMax = 90_000
