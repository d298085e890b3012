import type { z } from 'zod'

/** One thing wrong with a request, by place and rule. A value from the request is never repeated. */
export interface Fault {
  readonly path: string
  readonly rule: string
  readonly message: string
}

type Issue = z.core.$ZodIssue

/** Names the faults of a request body that its schema refused. */
export function faultsOf(error: z.ZodError): readonly Fault[] {
  return error.issues.flatMap((issue): readonly Fault[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) =>
          fault([...issue.path, memberName(key)], 'unknown-member', 'Leave this member out.'),
        )
      : [fault(issue.path, ...described(issue))],
  )
}

export const fault = (path: readonly PropertyKey[], rule: string, message: string): Fault => ({
  path: pathOf(path),
  rule,
  message,
})

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : text === ''
          ? String(part)
          : `${text}.${String(part)}`,
    '',
  )

// A member's name is the caller's text too: only what looks like a name of ours is repeated.
const memberName = (key: string): string =>
  /^[A-Za-z][A-Za-z]{0,39}$/.test(key) ? key : '(unnamed)'

function described(issue: Issue): readonly [rule: string, message: string] {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? ['required', 'This is missing.']
        : ['type', `This must be ${withArticle(issue.expected)}.`]
    case 'invalid_value':
      return ['code', `Use one of: ${issue.values.map(String).join(', ')}.`]
    case 'invalid_format':
      return ['format', formatAdvice(issue.format)]
    case 'too_small':
      return ['too-small', `The least is ${String(issue.minimum)}.`]
    case 'too_big':
      return ['too-big', `The most is ${String(issue.maximum)}.`]
    case 'custom': {
      const { rule } = (issue.params ?? {}) as { readonly rule?: string }
      return [rule ?? 'invalid', issue.message]
    }
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return ['invalid', 'This cannot be used.']
  }
}

const formatAdvice = (format: string): string =>
  format === 'datetime'
    ? 'Give a date and time with its zone, such as 2026-01-05T09:00:00Z.'
    : format === 'date'
      ? 'Give a date, such as 2026-01-05.'
      : 'This is not in the expected form.'

const withArticle = (expected: string): string =>
  expected === 'array' ? 'a list' : expected === 'object' ? 'an object' : `a ${expected}`
