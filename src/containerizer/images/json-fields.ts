import { ImageErrors } from './errors.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** Reads JSON of somebody else field by field: absent and null are the same, and what is of a wrong kind is refused by its name. */
export class JsonFields {
  readonly object: JsonObject
  readonly #what: string

  /** `what`: of what the fields are, for the sentence. */
  constructor(value: unknown, what: string) {
    if (!isObject(value)) throw ImageErrors.JSON_INVALID({ what, why: 'is no JSON object' })
    this.object = value
    this.#what = what
  }

  static parse(bytes: Uint8Array, what: string): JsonFields {
    return new JsonFields(parseJson(bytes, what), what)
  }

  text(name: string): string | undefined {
    return this.#read(name, (value) => typeof value === 'string', 'a text') as string | undefined
  }

  count(name: string): number | undefined {
    return this.#read(name, (value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a count') as number | undefined
  }

  texts(name: string): string[] | undefined {
    return this.#read(
      name,
      (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
      'a list of texts',
    ) as string[] | undefined
  }

  textMap(name: string): Record<string, string> | undefined {
    const isTextMap = (value: unknown): boolean =>
      isObject(value) && Object.values(value).every((each) => typeof each === 'string')
    return this.#read(name, isTextMap, 'an object of texts') as Record<string, string> | undefined
  }

  /** The names in an object that stands for a set: `{"80/tcp": {}}`. */
  names(name: string): string[] | undefined {
    const set = this.#read(name, isObject, 'an object') as JsonObject | undefined
    return set && Object.keys(set)
  }

  fields(name: string): JsonFields | undefined {
    const value = this.object[name]
    return value === undefined || value === null ? undefined : new JsonFields(value, `${name} of ${this.#what}`)
  }

  list(name: string): JsonFields[] | undefined {
    const values = this.#read(name, Array.isArray, 'a list') as unknown[] | undefined
    return values?.map((value, i) => new JsonFields(value, `${name}[${i}] of ${this.#what}`))
  }

  /** The error for a field of this object. */
  invalid(name: string, why: string): Error {
    return ImageErrors.JSON_INVALID({ what: `${name} of ${this.#what}`, why })
  }

  #read(name: string, is: (value: unknown) => boolean, form: string): unknown {
    const value = this.object[name]
    if (value === undefined || value === null) return undefined
    if (!is(value)) throw this.invalid(name, `is not ${form}`)
    return value
  }
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words may quote what it read.
    throw ImageErrors.JSON_INVALID({ what, why: 'is no JSON' })
  }
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
