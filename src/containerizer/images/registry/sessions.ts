import { RegistryErrors } from './errors.js'
import type { Session } from './session.js'

/** The endpoints that may have an image, in the order of the user; the one that gave something last is asked first. */
export class Sessions {
  #all: readonly Session[]
  #preferred: Session

  /** The registry itself stands last. */
  constructor(all: readonly [Session, ...Session[]]) {
    this.#all = all
    this.#preferred = all[0]
  }

  /** What the first of them gives that can; in the words of the registry itself when none can. */
  async first<T>(ask: (session: Session) => Promise<T>, abort: AbortSignal): Promise<T> {
    const failures = new Map<Session, Error>()
    for (const session of [this.#preferred, ...this.#all.filter((each) => each !== this.#preferred)]) {
      try {
        const found = await ask(session)
        this.#preferred = session
        return found
      } catch (error) {
        abort.throwIfAborted()
        failures.set(session, error as Error)
      }
    }
    throw this.#failure(failures)
  }

  /** The next answer shall come from somebody else, if there is one. */
  avoid(): void {
    this.#preferred = this.#all[(this.#all.indexOf(this.#preferred) + 1) % this.#all.length]!
  }

  /** Of these the mirrors are not asked any more. Answers whether that makes a difference. */
  exclude(sessions: ReadonlySet<Session>): boolean {
    const left = this.#all.filter((each) => !sessions.has(each) || !each.endpoint.mirror)
    const different = [...sessions].some(({ endpoint }) => endpoint.mirror)
    this.#all = left
    if (!left.includes(this.#preferred)) this.#preferred = left[0]!
    return different
  }

  #failure(failures: Map<Session, Error>): Error {
    const [why, ...before] = this.#all.map((session) => failures.get(session)!).reverse()
    if (before.length === 0) return why!
    const mirrors = before.reverse().map(({ message }) => message)
    return RegistryErrors.ALL_FAILED({ why: why!.message, mirrors: mirrors.join('; ') }, why)
  }
}
