import { acceptance, type RecordResult, runningRequest } from '@throughline/intake'
import type { HospitalDeps } from './deps.ts'
import { groupedBy } from './group.ts'
import { hospitalInstruments } from './instruments.ts'
import { masked } from './masking.ts'
import { receive } from './receive.ts'

export interface Answered {
  /** What became of the message; undefined when nothing could be kept. */
  readonly result: RecordResult | undefined
  /** Acknowledgements as bytes, without a frame. */
  readonly answers: readonly Buffer[]
}

export interface Intake {
  /** Takes one HL7 message; resolves once it is durable, or cannot be. Order in is order of acceptance. */
  take(bytes: Buffer): Promise<Answered>
}

/** The way from bytes to an acknowledgement, the same for every door that HL7 comes through. */
export function intakeOf(deps: HospitalDeps): Intake {
  const { register, ids, random, metrics, partnership } = deps
  const options = { ...deps.options, partnership }
  const nextId = (): string => Buffer.from(random(10)).toString('hex').toUpperCase()
  const submit = groupedBy(acceptance(deps, { agency: 'hospital', mask: masked }), nextId)
  const guesses = metrics.counter(hospitalInstruments.charsetGuessed)
  return {
    async take(bytes) {
      const received = receive(bytes, { ids, options })
      if (received.guessed) guesses.add()
      const result = await submit({ ...received.inbound, under: runningRequest() })
      return { result, answers: received.answers(result, { nextId, now: register.now() }) }
    },
  }
}
