import { ImageErrors } from './errors.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** Reads documents that strangers wrote. What is absent or null is undefined; what is something else than it must be is refused by its name. */
export class JsonFields {
  readonly #what: string
  readonly #fields: JsonObject

  constructor(what: string, fields: unknown) {
    if (!isObject(fields)) throw ImageErrors.DOCUMENT_INVALID({ what, why: 'it is no JSON object' })
    this.#what = what
    this.#fields = fields
  }

  static parse(what: string, bytes: Uint8Array): JsonFields {
    return new JsonFields(what, parseJson(what, bytes))
  }

  text(name: string): string | undefined {
    return this.#field(name, 'text', (value) => typeof value === 'string')
  }

  number(name: string): number | undefined {
    return this.#field(name, 'a number', (value) => typeof value === 'number' && Number.isSafeInteger(value))
  }

  texts(name: string): readonly string[] | undefined {
    return this.#field(
      name,
      'a list of texts',
      (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    )
  }

  list(name: string): readonly unknown[] | undefined {
    return this.#field(name, 'a list', Array.isArray)
  }

  objects(name: string): readonly JsonFields[] | undefined {
    return this.list(name)?.map((item, index) => new JsonFields(`${this.#what}, ${name} ${index}`, item))
  }

  object(name: string): JsonFields | undefined {
    const found = this.#field<JsonObject>(name, 'an object', isObject)
    return found && new JsonFields(`${this.#what}, ${name}`, found)
  }

  /** Names of an object's fields: how Go writes sets. */
  names(name: string): readonly string[] | undefined {
    const found = this.#field<JsonObject>(name, 'an object', isObject)
    return found && Object.keys(found)
  }

  textMap(name: string): Readonly<Record<string, string>> | undefined {
    return this.#field(
      name,
      'an object of texts',
      (value) => isObject(value) && Object.values(value).every((item) => typeof item === 'string'),
    )
  }

  required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw ImageErrors.DOCUMENT_INVALID({ what: this.#what, why: `${name} is missing` })
    return value
  }

  #field<T>(name: string, kind: string, is: (value: unknown) => boolean): T | undefined {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
    if (value === undefined || value === null) return undefined
    if (!is(value)) throw ImageErrors.DOCUMENT_INVALID({ what: this.#what, why: `${name} is not ${kind}` })
    return value as T
  }
}

export function parseJson(what: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    throw ImageErrors.DOCUMENT_INVALID({ what, why: (error as Error).message.slice(0, 200) }, error)
  }
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
