import { existsSync } from 'node:fs'
import { processors } from '@throughline/hub'
import { topics } from '@throughline/schemas'

/** The hub as one picture, drawn from what the code declares: topics and their writers and readers. */
export function topologyDiagram(): string {
  const id = (name: string) => name.replaceAll(/[^a-z0-9]/gi, '_')
  const decisions = new Map<string, { inputs: readonly string[]; outputs: readonly string[] }>(
    processors.map((one) => [one.name, one]),
  )
  const carried = topics.filter(({ writers }) => writers.some(isBuilt))
  const edges = new Set(
    carried.flatMap(({ writers, readers }) => [...writers.filter(isBuilt), ...readers]),
  )
  const lines = ['flowchart LR']
  for (const edge of [...edges].filter((name) => !decisions.has(name)).toSorted()) {
    lines.push(`  ${id(edge)}([${edge}])`)
  }
  for (const name of decisions.keys()) lines.push(`  ${id(name)}[[${name}]]`)
  for (const topic of carried) {
    const { name, writers, readers } = topic
    lines.push(`  ${id(name)}>${name}]`)
    for (const writer of writers.filter(isBuilt)) lines.push(`  ${id(writer)} --> ${id(name)}`)
    for (const reader of readers) lines.push(`  ${id(name)} --> ${id(reader)}`)
  }
  return lines.join('\n')
}

/** Topics are promised before their connectors are built; the picture shows what is there. */
const isBuilt = (name: string): boolean =>
  !name.startsWith('connectors/') || existsSync(new URL(`../../${name}`, import.meta.url))

/** What a processor declares and what the topic list says of it, where they differ. */
export function disagreements(): readonly string[] {
  const wrong: string[] = []
  for (const { name, inputs, outputs } of processors) {
    for (const topic of topics) {
      const differs = (declared: readonly string[], listed: readonly string[]) =>
        declared.includes(topic.name) !== listed.includes(name)
      if (differs(inputs, topic.readers)) wrong.push(`${name} reads ${topic.name}`)
      if (differs(outputs, topic.writers)) wrong.push(`${name} writes ${topic.name}`)
    }
  }
  return wrong
}
