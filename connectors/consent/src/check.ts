import {
  type Assignment,
  type CheckedIdentifier,
  canonicalText,
  type Ids,
  identifier,
  identifierHash,
} from '@throughline/domain'
import type { Directory } from '@throughline/service'
import type { AssignmentBody, ConsentBody } from './body.ts'
import { consentSchema } from './body.ts'
import { type Fault, fault, faultsOf } from './faults.ts'

/** A consent that can be recorded: its numbers in canonical form and as HMACs, its people known. */
export interface CheckedConsent {
  readonly body: ConsentBody
  /** In canonical form; they leave this process only sealed. */
  readonly identifiers: readonly CheckedIdentifier[]
  /** The same, as HMACs under the partnership's key. */
  readonly hashes: readonly string[]
  readonly assignments: readonly Omit<Assignment, 'from' | 'until'>[]
}

export interface CheckOptions {
  readonly ids: Ids
  readonly directory: Directory
  readonly allowTestNhsNumbers: boolean
  /** For police numbers that give their year in two digits. */
  readonly referenceYear: number
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Reads a consent as it was sent. Every fault is named at once; no value is repeated. */
export function checkConsent(raw: unknown, options: CheckOptions): Checked<CheckedConsent> {
  const read = consentSchema.safeParse(raw)
  if (!read.success) return { ok: false, faults: faultsOf(read.error) }
  const body = read.data
  const numbers = checkNumbers(body, options)
  const assigned = assignmentsOf(body, options.directory)
  const faults = [...numbers.faults, ...assigned.faults]
  if (faults.length > 0) return { ok: false, faults }
  const { identifiers } = numbers
  const hashes = identifiers.map((one) => identifierHash(options.ids, canonicalText(one)))
  return { ok: true, value: { body, identifiers, hashes, assignments: assigned.assignments } }
}

function checkNumbers(
  { identifiers }: ConsentBody,
  options: CheckOptions,
): { readonly identifiers: readonly CheckedIdentifier[]; readonly faults: readonly Fault[] } {
  const checked = new Map<string, CheckedIdentifier>()
  const faults: Fault[] = []
  for (const [index, written] of identifiers.entries()) {
    const answer = identifier(written, options)
    if (!answer.ok) {
      const message = 'Check this number against the letter or card it comes from.'
      faults.push(fault(['identifiers', index, answer.at], answer.rule, message))
      continue
    }
    const text = canonicalText(answer.identifier)
    if (checked.has(text)) {
      faults.push(fault(['identifiers', index, 'value'], 'no-repeats', 'Name each only once.'))
    }
    checked.set(text, answer.identifier)
  }
  return { identifiers: [...checked.values()], faults }
}

function assignmentsOf(
  { lead, deputies, team }: ConsentBody,
  directory: Directory,
): {
  readonly assignments: readonly Omit<Assignment, 'from' | 'until'>[]
  readonly faults: readonly Fault[]
} {
  const named = [
    { path: ['lead'], practitionerId: lead, relation: 'lead', tier: 'detail' } as const,
    ...deputies.map(
      (practitionerId, index) =>
        ({
          path: ['deputies', index],
          practitionerId,
          relation: 'deputy',
          tier: 'detail',
        }) as const,
    ),
    ...team.map(
      ({ practitionerId, tier }, index) =>
        ({
          path: ['team', index, 'practitionerId'],
          practitionerId,
          relation: 'team',
          tier,
        }) as const,
    ),
  ]
  const assignments: Omit<Assignment, 'from' | 'until'>[] = []
  const faults: Fault[] = []
  for (const { path, ...one } of named) {
    const assignment = assignmentOf(one, directory)
    if (assignment === undefined) {
      faults.push(fault(path, 'practitioner-unknown', 'Nobody here has this id.'))
    } else if (assignments.some(({ practitionerId }) => practitionerId === one.practitionerId)) {
      faults.push(fault(path, 'one-relation', 'Give each practitioner one part only.'))
    } else {
      assignments.push(assignment)
    }
  }
  return { assignments, faults }
}

/** An assignment of somebody in the directory; undefined for anybody else. */
export function assignmentOf(
  { practitionerId, relation, tier }: AssignmentBody,
  directory: Directory,
): Omit<Assignment, 'from' | 'until'> | undefined {
  const known = directory.practitioners.find(({ id }) => id === practitionerId)
  if (known === undefined) return undefined
  return {
    practitionerId,
    organisation: known.organisation,
    // Leads and deputies act in that function, whatever else they are employed as.
    role: relation === 'team' ? known.role : 'lead-practitioner',
    relation,
    tier,
  }
}
