import { accessMatrix, edgesOf, type Grant, services } from '@throughline/hub'
import { topics, topicTemplates } from '@throughline/schemas'

/** Who may do what on Kafka, as the page shows it: a line for each service and thing, drawn from the code. */
export function accessTable(): string {
  const grants = accessMatrix([...topics, ...topicTemplates], { feeds: ['<feed>'] })
  const names = [...new Set(grants.map(({ service }) => service))]
  const rows = names.flatMap((service) => [
    ...rowsOf(grants.filter((grant) => grant.service === service)),
  ])
  return [
    '| Service | On | May |',
    '| --- | --- | --- |',
    ...rows,
    ...edgesOf(topics).map((edge) => `| ${edge} | nothing | |`),
  ].join('\n')
}

/** What each service is for, and nothing of what it may do. */
export const serviceTable = (): string =>
  [
    '| Service | What it does |',
    '| --- | --- |',
    ...Object.entries(services).map(([name, does]) => `| ${name} | ${does} |`),
  ].join('\n')

function* rowsOf(grants: readonly Grant[]): Iterable<string> {
  const things = Map.groupBy(
    grants,
    ({ resource, name }) => `${resource.toLowerCase()} \`${name}\``,
  )
  for (const [thing, its] of things) {
    yield `| ${its[0]?.service} | ${thing} | ${its.map(({ operation }) => operation).join(', ')} |`
  }
}
