import { serveAlone } from '@throughline/intake'
import { hospital } from './edge.ts'

await serveAlone(hospital)
