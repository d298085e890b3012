import { spoiltJson, spoiltText } from '@throughline/intake/testing'
import { example, letting, lettingsLog, textOf } from './examples.ts'

export const spoiltRecord = (...names: readonly string[]) => spoiltJson(names.map(example))

export const spoiltExtract = spoiltText([textOf('hclic-style-duties.csv')])
export const spoiltLog = spoiltText([
  lettingsLog([letting, { ...letting, 13: 'TC-SYN-0008' }]),
  lettingsLog([letting], { withNumbers: false }),
])
