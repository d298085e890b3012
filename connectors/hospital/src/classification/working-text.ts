/** What somebody typed at the desk: the only clue on arrival, and no more than a clue. */
export const workingText = 'working-text/1'

const terms: readonly (readonly [term: string, pattern: RegExp])[] = [
  ['alcohol', /\b(?:alcohol|etoh|drunk|withdrawal seizure)\b/],
  ['intoxication', /\bintoxicat(?:ed|ion)\b/],
  ['overdose', /\boverdos(?:e|ed|es)\b/],
  ['opioids', /\b(?:opioids?|opiates?|heroin)\b/],
]

/** "No alcohol", "denies overdose": said, and meant the other way. */
const denied = /\b(?:no|not|nil|non|denie[sd]|denying|without)\b[^.;,:]{0,20}$/
/** What stands on every ward. */
const harmless = /\balcohol[ -](?:gel|free|wipes?|rub|swabs?|hand)\b/g

const readMax = 500

/** The first of our terms that a text holds and does not deny. The text itself goes no further. */
export function workingTerm(text: string): string | undefined {
  if (text === '') return undefined
  const plain = text.slice(0, readMax).toLowerCase().replace(harmless, '')
  for (const [term, pattern] of terms) {
    const at = pattern.exec(plain)?.index
    if (at !== undefined && !denied.test(plain.slice(Math.max(0, at - 40), at))) return term
  }
  return undefined
}
