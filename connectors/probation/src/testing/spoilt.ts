import { spoiltJson } from '@throughline/intake/testing'
import fc from 'fast-check'
import { example, exampleNames } from './examples.ts'

/** An example with some of its places spoilt, sometimes in a notification. */
export const spoilt = fc.constantFrom(...exampleNames).chain((name) => {
  const message = example(name)
  const notification = { Type: 'Notification', Message: message, MessageAttributes: {} }
  return spoiltJson([message, notification]).map((one) => ({ name, message: one }))
})
