import { once } from 'node:events'
import { createServer } from 'node:http'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { composeImage, fetchImage } from './containers.ts'
import { type KafkaCluster, startKafka } from './kafka.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the addresses of the run's broker. */
    readonly sharedKafka: string
  }
}

/** Of the project `system`: one broker for all its files, started when the first of them asks. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Here, where no test's time is running yet.
  await Promise.all(['apache/kafka', 'postgres'].map((name) => fetchImage(composeImage(name))))
  let cluster: Promise<KafkaCluster> | undefined
  const server = createServer((_request, response) => {
    cluster ??= startKafka()
    cluster.then(
      ({ bootstrap }) => response.end(bootstrap),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  project.provide('sharedKafka', `http://127.0.0.1:${port}`)
  return async () => {
    await (await cluster?.catch(() => undefined))?.stop()
    server.close()
  }
}

/** Addresses of the run's broker (host:port). It is nobody's to kill; topics are told apart by prefix. */
export async function sharedKafka(): Promise<readonly string[]> {
  const answer = await fetch(inject('sharedKafka'))
  const said = await answer.text()
  if (!answer.ok) throw new Error(said)
  return said.split(',')
}
