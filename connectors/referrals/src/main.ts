import { serveAlone } from '@throughline/intake'
import { referrals } from './edge.ts'

await serveAlone(referrals)
