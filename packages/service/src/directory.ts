/** Somebody whose name a page may say, and who may be given a person to look after. */
export interface DirectoryEntry {
  readonly id: string
  readonly name: string
  readonly organisation: string
  readonly role: string
  /** The number of their desk, for colleagues in other agencies. */
  readonly telephone?: string | undefined
}

/** An office that can be rung: a number, and when somebody answers, in words. */
export interface Office {
  readonly name: string
  readonly telephone: string
  readonly hours: string
}

/** The partnership's practitioners and the names of their organisations. Configuration, not data. */
export interface Directory {
  readonly practitioners: readonly DirectoryEntry[]
  /** An organisation's name for people; its code where none is configured. */
  organisationName(code: string): string
  /** Who answers for the partnership whoever is asked about; the same for everybody. */
  readonly dutyOffice?: Office | undefined
}
