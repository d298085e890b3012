/**
 * Instants as custody writes them: London wall time with its offset, `+01:00` in summer, `Z` in
 * winter, and as many fraction digits as the publisher happens to use. `at` is milliseconds.
 */
export function wireTime(at: number, fractionDigits: 0 | 3 | 9): string {
  const local = londonWallTime(at)
  const offsetMs = Date.parse(`${local}Z`) - Math.floor(at / 1000) * 1000
  const fraction = String(at % 1000)
    .padStart(3, '0')
    .padEnd(9, '7')
    .slice(0, fractionDigits)
  return `${local}${fractionDigits === 0 ? '' : `.${fraction}`}${offsetMs === 0 ? 'Z' : '+01:00'}`
}

const london = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/London',
  dateStyle: 'short',
  timeStyle: 'medium',
})

const londonWallTime = (at: number): string => london.format(at).replace(' ', 'T')

/** London wall time as HL7 writes it, to the minute or the second: `202611140236`. */
export function hl7Time(at: number, digits: 12 | 14): string {
  return londonWallTime(at).replaceAll(/[-T:]/g, '').slice(0, digits)
}
