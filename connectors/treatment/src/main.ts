import { serveAlone } from '@throughline/intake'
import { treatment } from './edge.ts'

await serveAlone(treatment)
