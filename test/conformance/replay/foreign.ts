/** What earlier cases of the recording left behind: elements with ids or roles that the case at hand never mentions. */
import { isObject, type Json, type JsonObject, textAt, writeJson } from './json.js'
import { hasId, ids, isFrameworkId, isWholeId, type Names } from './names.js'

const BY_ROLE = /(^|\.(roles|configs|weight_infos|infos|windows))$/

export class Foreign {
  readonly #names: Names
  /** The case's requests as one text. */
  readonly #mentioned: string

  constructor(names: Names, mentioned: string) {
    this.#names = names
    this.#mentioned = mentioned
  }

  item(item: Json, path: string): boolean {
    if (typeof item === 'string') return this.#text(item, path)
    return isObject(item) && this.#object(item, path)
  }

  /** Whether nothing else is in it. */
  onlyForeign(item: Json | undefined, path: string): boolean {
    if (Array.isArray(item)) return item.length > 0 && item.every((one) => this.item(one, path))
    if (!isObject(item)) return false
    const entries = Object.entries(item)
    return entries.length > 0 && entries.every(([name, one]) => this.onlyForeign(one, `${path}.${name}`))
  }

  /** Metrics and maps by role or framework. */
  key(parent: string, name: string): boolean {
    if (/\/(roles|frameworks|quota)\//.test(name)) return true
    if (hasId(name) && !this.#names.has(name)) return true
    return parent.startsWith('reserved_resources') && !this.#mentions(name)
  }

  #mentions(name: string): boolean {
    return this.#mentioned.includes(writeJson(name))
  }

  #text(text: string, path: string): boolean {
    if (isWholeId(text) && !this.#names.has(text)) return true
    return /\.(roles|children)$/.test(path) && !this.#mentioned.includes(text)
  }

  #object(item: JsonObject, path: string): boolean {
    return (
      this.#ofAnotherFramework(item) ||
      this.#withAnotherId(item) ||
      this.#ofAnotherContainer(item) ||
      this.#ofAnotherRole(item, path)
    )
  }

  #ofAnotherFramework(item: JsonObject): boolean {
    const frameworks = ids(writeJson(item)).filter(isFrameworkId)
    return frameworks.length > 0 && !frameworks.some((id) => this.#names.has(id))
  }

  #withAnotherId(item: JsonObject): boolean {
    const own = isObject(item.id) ? item.id.value : item.id
    return typeof own === 'string' && own.length > 36 && isWholeId(own) && !this.#names.has(own)
  }

  #ofAnotherContainer(item: JsonObject): boolean {
    if (!isObject(item.container_id)) return false
    const container = textAt(item, 'container_id', 'value') ?? ''
    return !this.#names.has(container) && !(container !== '' && this.#mentioned.includes(container))
  }

  #ofAnotherRole(item: JsonObject, path: string): boolean {
    const name = item.role ?? item.name
    return BY_ROLE.test(path) && typeof name === 'string' && !this.#mentions(name)
  }
}
