import type { Meters } from '@throughline/stream'
import type { Register } from './port.ts'

export const consentInstruments = {
  refusals: {
    name: 'throughline.gate.refusals',
    unit: '{disclosure}',
    description: 'Disclosures that the gate refused, by reason and by what was asked for.',
  },
} as const

/** The register, and a count of what its gate refuses: by its own codes, never about whom. */
export function countRefusals<R extends Register>(register: R, meters: Meters): R {
  const refused = meters.counter(consentInstruments.refusals)
  return {
    ...register,
    async gate(disclosures) {
      const permits = await register.gate(disclosures)
      for (const [at, permit] of permits.entries()) {
        if (permit.allowed) continue
        const kind = disclosures[at]?.what.kind ?? ''
        refused.of({ reason: permit.reason, kind }).add()
      }
      return permits
    },
  }
}
