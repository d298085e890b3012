/** Check letters of police and criminal record numbers: remainder 0 first, no I, O or S. */
const checkLetters = 'ZABCDEFGHJKLMNPQRTUVWXY'

const letterFor = (digits: string): string => checkLetters[Number(BigInt(digits) % 23n)] as string

/** NHS numbers of the test range (999), each with a right check digit, one after the other. */
export function* nhsNumbers(): Generator<string, never> {
  for (let serial = 1000; ; serial++) {
    const nine = `999${String(serial).padStart(6, '0')}`
    const check = nhsCheck(nine)
    if (check !== null) yield `${nine}${check}`
  }
}

/** Weights 10 down to 2, modulo 11; null where no check digit exists. */
export function nhsCheck(nine: string): number | null {
  const sum = nine.split('').reduce((total, digit, i) => total + Number(digit) * (10 - i), 0)
  const check = 11 - (sum % 11)
  return check === 11 ? 0 : check === 10 ? null : check
}

/** A prison number of the right shape; the letter Z keeps it apart from any that is in use. */
export const prisonNumber = (n: number): string => {
  const letters = 'ABCDEFGHJKLMNPQRTUVWXY'
  const pair = Math.floor(n / 9000)
  const first = letters[Math.floor(pair / letters.length) % letters.length] as string
  return `Z${String(1000 + (n % 9000)).padStart(4, '0')}${first}${letters[pair % letters.length] as string}`
}

/** `1987/0004321K`: the letter is taken from the year's last two digits and the seven-digit serial. */
export const pncNumber = (year: number, serial: number): string => {
  const seven = String(serial).padStart(7, '0')
  return `${year}/${seven}${letterFor(`${String(year % 100).padStart(2, '0')}${seven}`)}`
}

/** `004321/87K`, the standard form. */
export const croNumber = (year: number, serial: number): string => {
  const six = String(serial).padStart(6, '0')
  const two = String(year % 100).padStart(2, '0')
  return `${six}/${two}${letterFor(`${two}${six}`)}`
}
