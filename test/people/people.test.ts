import { describe, expect, it } from 'vitest'
import { croNumber, nhsCheck, pncNumber } from './identifiers.ts'
import { madeUpPeople } from './people.ts'

const people = madeUpPeople(7, 2000)

describe('made-up people', () => {
  it('are the same people for the same seed, and other people join at the end', () => {
    expect(madeUpPeople(7, 2000)).toEqual(people)
    expect(madeUpPeople(7, 10)).toEqual(people.slice(0, 10))
    expect(madeUpPeople(8, 10)).not.toEqual(people.slice(0, 10))
  })

  it('share no number with each other', () => {
    const numbers = ['nhs', 'noms', 'pnc', 'cro', 'crn', 'mrn', 'client', 'tenancy', 'ref'] as const
    for (const number of numbers)
      expect(new Set(people.map((person) => person[number])).size).toBe(people.length)
  })

  it('have NHS numbers of the test range whose check digit is right', () => {
    for (const { nhs } of people) {
      expect(nhs).toMatch(/^999[0-9]{7}$/)
      expect(nhsCheck(nhs.slice(0, 9))).toBe(Number(nhs[9]))
    }
  })

  it('have prison numbers that look like prison numbers', () => {
    for (const { noms } of people) expect(noms).toMatch(/^Z[0-9]{4}[A-Z]{2}$/)
  })
})

describe('police numbers', () => {
  it('carry the check letter that the published worked examples carry', () => {
    expect(pncNumber(1931, 9999412)).toBe('1931/9999412X')
    expect(pncNumber(1979, 163001)).toBe('1979/0163001B')
    expect(croNumber(1931, 999412)).toBe('999412/31U')
  })
})
