import { readFileSync } from 'node:fs'
import { consentBody, type TestHub } from './hub.ts'

/**
 * The national sample files, with ten people like each of theirs so that figures may be shown, through the
 * real doors.
 */
export const folder = new URL('../../connectors/treatment/examples/', import.meta.url)
export const tenfold = 'BCDEFGHJKL'.split('')

/** The sample, each row once for each letter, with `own` put after what `like` finds in it. */
export function sample(
  name: string,
  like: RegExp,
  own: (found: string, letter: string) => string,
): string {
  const [header = '', ...rows] = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n')
  const copies = rows.flatMap((row) =>
    tenfold.map((letter) => row.replaceAll(like, (found) => own(found, letter))),
  )
  return [header, ...new Set(copies), ''].join('\n')
}

export async function agree(
  hub: TestHub,
  identifiers: readonly {
    readonly type: string
    readonly value: string
    readonly issuer?: string
  }[],
  purposes: readonly string[] = ['care-coordination', 'outcomes'],
): Promise<string> {
  const body = consentBody({ identifiers }, hub.now()) as { readonly grants: readonly object[] }
  const grants = purposes.map((purpose) => ({ ...body.grants[0], purpose }))
  const key = { 'idempotency-key': JSON.stringify(identifiers) }
  const answer = await hub.ask('register', 'POST', '/consents', { ...body, grants }, key)
  if (answer.status !== 201) throw new Error(`the register answered ${answer.status}`)
  return (answer.body as { readonly personId: string }).personId
}

export async function upload(hub: TestHub, path: string, csv: string): Promise<void> {
  const type = { 'content-type': 'text/csv' }
  const answer = await hub.ask('treatment', 'POST', `/intake/treatment/${path}`, csv, type)
  if (answer.status !== 200 || !answer.text.includes('"rejected":[]'))
    throw new Error(`${path} was answered ${answer.status}`)
  await hub.idle()
}

/** Ten people like each of the community extract have agreed to be counted, and the extract has come in. */
export async function tenfoldExtract(
  hub: TestHub,
): Promise<{ readonly people: readonly string[]; readonly file: string }> {
  const people: string[] = []
  const ndtms = (issuer: string, value: string) => ({ type: 'NDTMS', issuer, value })
  for (const letter of tenfold) {
    for (const client of ['T-1001', 'T-1004', 'T-1007'])
      people.push(await agree(hub, [ndtms('N9901', `${client}${letter}`)]))
    for (const client of ['Q-80', 'Q-81', 'Q-90'])
      people.push(await agree(hub, [ndtms('N9902', `${client}${letter}`)]))
    const both = [ndtms('N9901', `T-1002${letter}`), ndtms('N9902', `Q-77${letter}`)]
    people.push(await agree(hub, both))
  }
  await hub.idle()
  const own = (found: string, letter: string): string =>
    found.startsWith('"T-') || found.startsWith('"Q-')
      ? found.replace(/"$/, `${letter}"`)
      : found.replace(/"$/, `${letter.charCodeAt(0)}"`)
  const clients = /"[TQ]-\d+"|"(?:5000|6100)\d"/g
  const file = sample('ndtms-adult-community-extract.csv', clients, own)
  await upload(hub, 'ndtms', file)
  return { people, file }
}
