import {
  type AvroType,
  type FieldType,
  isNamed,
  isPrimitive,
  type Logical,
  type NamedType,
  type PrimitiveName,
  type RecordType,
  simpleName,
} from './avro-type.ts'

/** A rule beside Avro's own: why this pair is not wanted, or null. */
export type FurtherRule = (reader: AvroType, writer: AvroType) => string | null

const noFurtherRule: FurtherRule = () => null

/**
 * Why records of the one schema cannot be read as the other: places and rules, empty when they can.
 * Schema resolution as the Avro specification has it: promotions, aliases, defaults, unions, enums with a
 * default, fixed, decimals of one precision and scale. `further` may forbid more.
 */
export function unreadable(
  reader: AvroType,
  writer: AvroType,
  further: FurtherRule = noFurtherRule,
): readonly string[] {
  const resolution = new Resolution(further)
  resolution.between(reader, writer, 'schema')
  resolution.settle()
  return [...new Set(resolution.between(reader, writer, 'schema'))]
}

interface Pair {
  readonly reader: NamedType
  readonly writer: NamedType
  faults: readonly string[]
}

/**
 * Schemas may refer to themselves, so two named types are held to be readable until something says that
 * they are not, over and over until nothing changes. Each pair is looked at once in a round, and nothing
 * follows names to any depth: time and stack stay small, whatever was written.
 */
class Resolution {
  readonly #further: FurtherRule
  readonly #pairs: Pair[] = []
  readonly #known = new Map<NamedType, Map<NamedType, Pair>>()

  constructor(further: FurtherRule) {
    this.#further = further
  }

  settle(): void {
    let changed = true
    while (changed) {
      changed = false
      // The list grows while it is walked.
      for (const pair of this.#pairs) {
        if (pair.faults.length > 0) continue
        pair.faults = this.#named(pair.reader, pair.writer)
        changed ||= pair.faults.length > 0
      }
    }
  }

  between(reader: AvroType, writer: AvroType, at: string): readonly string[] {
    const rule = isNamed(reader) && isNamed(writer) ? null : this.#further(reader, writer)
    return [...(rule === null ? [] : [`${at}: ${rule}`]), ...this.#resolved(reader, writer, at)]
  }

  #resolved(reader: AvroType, writer: AvroType, at: string): readonly string[] {
    if (writer.kind === 'union') {
      return writer.branches.flatMap((branch) => this.#resolved(reader, branch, at))
    }
    if (reader.kind === 'union') {
      const isRead = reader.branches.some((it) => this.#resolved(it, writer, at).length === 0)
      return isRead ? [] : [`${at}: no branch reads ${writer.kind}`]
    }
    if (isNamed(reader) && isNamed(writer)) return this.#pair(reader, writer).faults
    if (reader.kind === 'array' && writer.kind === 'array') {
      return this.between(reader.items, writer.items, `${at}[]`)
    }
    if (reader.kind === 'map' && writer.kind === 'map') {
      return this.between(reader.values, writer.values, `${at}{}`)
    }
    if (!isPrimitive(reader) || !isPrimitive(writer) || !reads(reader.kind, writer.kind)) {
      return [`${at}: ${writer.kind} is not read as ${reader.kind}`]
    }
    return sameDecimal(reader.logical, writer.logical) ? [] : [`${at}: another decimal`]
  }

  #pair(reader: NamedType, writer: NamedType): Pair {
    const ofReader = this.#known.get(reader) ?? new Map<NamedType, Pair>()
    this.#known.set(reader, ofReader)
    const known = ofReader.get(writer)
    if (known !== undefined) return known
    const pair: Pair = { reader, writer, faults: [] }
    ofReader.set(writer, pair)
    this.#pairs.push(pair)
    return pair
  }

  #named(reader: NamedType, writer: NamedType): readonly string[] {
    const at = simpleName(reader.name)
    if (reader.kind !== writer.kind) return [`${at}: ${writer.kind} is not read as ${reader.kind}`]
    const isSame =
      simpleName(reader.name) === simpleName(writer.name) || reader.aliases.includes(writer.name)
    if (!isSame) return [`${at}: name changed`]
    const rule = this.#further(reader, writer)
    const faults = rule === null ? [] : [`${at}: ${rule}`]
    if (reader.kind === 'record' && writer.kind === 'record') {
      return [...faults, ...this.#fields(reader, writer, at)]
    }
    if (reader.kind === 'enum' && writer.kind === 'enum' && reader.default === null) {
      const isKnown = writer.symbols.every((symbol) => reader.symbols.includes(symbol))
      return isKnown ? faults : [...faults, `${at}: symbols are missing, and there is no default`]
    }
    if (reader.kind === 'fixed' && writer.kind === 'fixed') {
      if (reader.size !== writer.size) return [...faults, `${at}: size changed`]
      if (!sameDecimal(reader.logical, writer.logical)) return [...faults, `${at}: another decimal`]
    }
    return faults
  }

  #fields(reader: RecordType, writer: RecordType, at: string): readonly string[] {
    const written = new Map(writer.fields.map((field) => [field.name, field]))
    return reader.fields.flatMap((field) => {
      const place = `${at}.${field.name}`
      const found = writtenAs(field, written)
      if (found.length > 1) return [`${place}: is written under two of its names`]
      const [source] = found
      if (source !== undefined) return this.between(field.type, source.type, place)
      return field.default !== undefined ? [] : [`${place}: is not written, and has no default`]
    })
  }
}

/** A field is found by its name; else by its aliases, of which one may be there. */
function writtenAs(
  { name, aliases }: FieldType,
  written: ReadonlyMap<string, FieldType>,
): readonly FieldType[] {
  const found = [name, ...aliases].map((known) => written.get(known))
  return [...new Set(found.filter((field) => field !== undefined))]
}

const promotions: Readonly<Partial<Record<PrimitiveName, readonly PrimitiveName[]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
}

const reads = (reader: PrimitiveName, writer: PrimitiveName): boolean =>
  reader === writer || (promotions[reader] ?? []).includes(writer)

/** Logical types say how a value is shown; only a decimal's scale changes what it is. */
const sameDecimal = (one: Logical | null, other: Logical | null): boolean =>
  one?.name !== 'decimal' ||
  other?.name !== 'decimal' ||
  (one.precision === other.precision && one.scale === other.scale)
