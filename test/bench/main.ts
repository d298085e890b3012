import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { codecFigures } from './codec.ts'
import { heading, rowOf } from './figures.ts'
import { quietHubFigures } from './quiet-hub.ts'
import { scaleFigures } from './scale.ts'
import { full, quick } from './sizes.ts'
import { throughputFigures } from './throughput.ts'

const sections = {
  codec: codecFigures,
  throughput: throughputFigures,
  hub: quietHubFigures,
  scale: scaleFigures,
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const sizes = values.quick ? quick : full

console.log(
  `${availableParallelism()} cores, Node ${process.version}${values.quick ? ', quick' : ''}`,
)
console.log(heading)
for (const [name, measure] of Object.entries(sections)) {
  if (values.only !== undefined && values.only !== name) continue
  console.error(`measuring: ${name}`)
  for (const figure of await measure(sizes)) console.log(rowOf(figure))
}
