import { serveAlone } from '@throughline/intake'
import { probation } from './edge.ts'

await serveAlone(probation)
