/** Somebody whose name a page may say, and who may be given a person to look after. */
export interface DirectoryEntry {
  readonly id: string
  readonly name: string
  readonly organisation: string
  readonly role: string
}

/** The partnership's practitioners and the names of their organisations. Configuration, not data. */
export interface Directory {
  readonly practitioners: readonly DirectoryEntry[]
  /** An organisation's name for people; its code where none is configured. */
  organisationName(code: string): string
}
