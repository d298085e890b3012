import { serveAlone } from '@throughline/intake'
import { housing } from './edge.ts'

await serveAlone(housing)
