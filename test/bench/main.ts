import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { busyHubFigures } from './busy-hub.ts'
import { codecFigures } from './codec.ts'
import { heading, rowOf } from './figures.ts'
import { intakeFigures } from './intake.ts'
import { quietHubFigures } from './quiet-hub.ts'
import { scaleFigures } from './scale.ts'
import { full, quick, usual } from './sizes.ts'
import { telemetryFigures } from './telemetry.ts'
import { throughputFigures } from './throughput.ts'
import { uploadFigures } from './upload.ts'

const sections = {
  codec: codecFigures,
  intake: intakeFigures,
  throughput: throughputFigures,
  telemetry: telemetryFigures,
  hub: quietHubFigures,
  busy: busyHubFigures,
  upload: uploadFigures,
  scale: scaleFigures,
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const sizes = values.quick ? quick : values.full ? full : usual
const variant = values.quick ? ', quick' : values.full ? ', full' : ''

console.log(`${availableParallelism()} cores, Node ${process.version}${variant}`)
console.log(heading)
for (const [name, measure] of Object.entries(sections)) {
  if (values.only !== undefined && values.only !== name) continue
  console.error(`measuring: ${name}`)
  for (const figure of await measure(sizes)) console.log(rowOf(figure))
}
