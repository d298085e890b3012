import { serveAlone } from '@throughline/intake'
import { custody } from './edge.ts'

await serveAlone(custody)
