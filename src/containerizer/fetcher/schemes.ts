import type { Identity } from '#wire/native.js'
import { FetcherErrors } from './errors.js'
import type { Hadoop } from './hadoop-scheme.js'
import type { FetcherScheme, Source } from './scheme.js'

export interface Reachable {
  readonly source: Source
  /** Silence is no reason to give up (row 5-041). */
  readonly patient: boolean
}

/** Who fetches URIs of which scheme. */
export class Schemes {
  readonly #byName = new Map<string, FetcherScheme>()
  readonly #hadoop: Hadoop | undefined

  constructor(hadoop: Hadoop | undefined) {
    this.#hadoop = hadoop
  }

  /** Throws when somebody else has one of them; Hadoop's may be taken from it. */
  add(scheme: FetcherScheme, from: string): void {
    for (const name of scheme.schemes) {
      if (this.#byName.has(name) || name === 'file') throw FetcherErrors.SCHEME_TAKEN({ scheme: name, module: from })
      this.#byName.set(name, scheme)
    }
  }

  find(name: string, uri: string, user: Identity | undefined): Reachable {
    const scheme = this.#byName.get(name)
    if (scheme) {
      const source: Source = (from, abort, version) => scheme.open(uri, from, abort, version)
      return { source, patient: scheme.patient ?? false }
    }
    const hadoop = this.#hadoop
    if (hadoop?.schemes.includes(name)) return { source: (_, abort) => hadoop.open(uri, user, abort), patient: true }
    throw FetcherErrors.SCHEME_UNKNOWN({ scheme: name, known: ['file', ...this.#byName.keys(), ...(hadoop?.schemes ?? [])] })
  }
}
