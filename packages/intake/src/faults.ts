import type { z } from 'zod'

/** One mistake: where, which rule, and what to do. Never what was written there. */
export interface RecordFault {
  readonly path: string
  readonly rule: string
  readonly message: string
}

const advice: Readonly<Record<string, string>> = {
  'not-an-object': 'Send one record as a JSON object.',
  required: 'This member is required.',
  type: 'This member has another type.',
  'unknown-member': 'This format has no such member.',
  'not-in-list': 'Use a value from the list in the schema.',
  size: 'This is too short, too long, too small or too large.',
  shape: 'This does not have the shape that the schema asks for.',
  'timestamp-needs-offset': 'Write the time with Z or an offset.',
  'timestamp-not-readable': 'Write the time as yyyy-mm-ddThh:mm:ssZ.',
  'timestamp-impossible': 'There is no such time.',
  'timestamp-two-zones': 'Write one offset only.',
  'in-future': 'This is later than now.',
}

/** A mistake by place and rule; a format's own rules bring their own advice. */
export const fault = (path: string, rule: string, message?: string): RecordFault => ({
  path,
  rule,
  message: message ?? advice[rule] ?? 'This number does not pass its check.',
})

/**
 * What zod found, in our own words: its messages may quote what was written. A custom issue names its
 * rule, and where it has one its advice, in `params: { rule, message }`.
 */
export function faultsOf(error: z.ZodError): readonly RecordFault[] {
  return error.issues.flatMap((issue) => {
    const path = pathText(issue.path)
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => fault(pathText([...issue.path, key]), 'unknown-member'))
      case 'invalid_type':
        return [fault(path, issue.path.length === 0 ? 'not-an-object' : 'type')]
      case 'invalid_value':
      case 'invalid_union':
        return [fault(path, issue.path.length === 0 ? 'not-an-object' : 'not-in-list')]
      case 'too_small':
      case 'too_big':
        return [fault(path, 'size')]
      case 'custom':
        return [brokenRule(path, issue.params)]
      case 'invalid_format':
      case 'not_multiple_of':
      case 'invalid_element':
      case 'invalid_key':
        return [fault(path, 'shape')]
    }
  })
}

function brokenRule(path: string, params: Record<string, unknown> | undefined): RecordFault {
  const { rule = 'shape', message } = params ?? {}
  return fault(path, String(rule), typeof message === 'string' ? message : undefined)
}

/** Names of members are the sender's words too: only what can be a name of ours or a slip of it is repeated. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number' || /^[A-Za-z][A-Za-z_-]{0,39}$/.test(String(part))
        ? String(part)
        : '(other)',
    )
    .join('.')
}
