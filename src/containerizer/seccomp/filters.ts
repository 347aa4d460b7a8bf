import type { Host } from '#host/host.js'
import type { Seccomp } from '#wire/native.js'
import type { CapabilitySet } from '../security/capability-sets.js'
import { SecurityErrors } from '../security/errors.js'
import { choose } from './choose.js'
import type { NamedProfile } from './profile-directory.js'

/** Far more profiles, or sets of capabilities, than any agent sees. */
const REMEMBERED = 256

/** Compiled filters: made once for a profile and a set of capabilities, then handed to every container of that kind. */
export class SeccompFilters {
  readonly #host: Host
  readonly #compiled = new Map<string, Seccomp>()

  constructor(host: Host) {
    this.#host = host
  }

  of({ name, key, profile }: NamedProfile, capabilities: CapabilitySet): Seccomp {
    const kind = `${capabilities} ${key}`
    const known = this.#compiled.get(kind)
    if (known) return known
    const { kernel, architecture } = this.#host.facts.security
    try {
      const compiled = this.#host.compileSeccomp(choose(profile, { capabilities, kernel, architecture }))
      if (this.#compiled.size >= REMEMBERED) this.#compiled.clear()
      this.#compiled.set(kind, compiled)
      return compiled
    } catch (error) {
      throw SecurityErrors.SECCOMP_INVALID({ profile: name, why: (error as Error).message }, error)
    }
  }
}
