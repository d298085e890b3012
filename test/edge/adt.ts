import type { Person } from '../people/people.ts'

/** Raw text of fields by place (`PID-7`), in the order of their segments; `MSH-n` counts as HL7 does. */
export type Fields = Readonly<Record<string, string>>

export const trust = 'RZZ'

/** Somebody's number at the trust. */
export const local = (person: Person) => ({ type: 'MRN', issuer: trust, value: person.mrn })
export const nhs = (person: Person) => ({ type: 'NHS', value: person.nhs })

/**
 * An emergency admission for heroin poisoning as an ITK sender writes it, at 08:05 on 2 March 2026, London;
 * and whatever about it is different.
 */
export function adt(person: Person, id: string, changes: Fields = {}): string {
  return er7({
    'MSH-2': '^~\\&',
    'MSH-3': 'PAS',
    'MSH-4': trust,
    'MSH-5': 'ROUTE',
    'MSH-6': 'ROUTE',
    'MSH-7': '20260302081500',
    'MSH-9': 'ADT^A01^ADT_A01',
    'MSH-10': id,
    'MSH-11': 'P',
    'MSH-12': '2.4',
    'EVN-2': '202603020814',
    'PID-1': '1',
    'PID-3': `${person.nhs}^^^NHS~${person.mrn}^^^${trust}`,
    'PID-5': person.displayName.replace(' ', '^'),
    'PID-7': '19880314',
    'PID-32': 'NSTS01',
    'PV1-1': '1',
    'PV1-2': 'I',
    'PV1-4': '21',
    'PV1-19': `S${id.replace(/\W/g, '')}^^^RZZSPELL`,
    'PV1-44': '202603020805',
    'DG1-1': '1',
    'DG1-3': 'T40.1^Poisoning by heroin^I10',
    'DG1-6': 'A',
    'DG1-15': '1',
    ...changes,
  })
}

/** Segments from their fields, ended by CR. */
export function er7(fields: Fields): string {
  const segments = new Map<string, string[]>()
  for (const [place, text] of Object.entries(fields)) {
    const [name = '', n] = place.split('-')
    const parts = segments.get(name) ?? [name]
    // MSH-1 is the separator itself.
    parts[Number(n) - (name === 'MSH' ? 1 : 0)] = text
    segments.set(name, parts)
  }
  const lines = [...segments.values()].map((parts) => Array.from(parts, (part) => part ?? ''))
  return `${lines.map((parts) => parts.join('|')).join('\r')}\r`
}
