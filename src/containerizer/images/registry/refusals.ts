import type { Millis } from '#base/clock.js'
import type { Endpoint } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { type Answer, readAll } from './http-call.js'
import { retryAfter, TryAgain } from './retry.js'

export interface Asked {
  readonly endpoint: Endpoint
  /** `library/alpine:latest`, `layer sha256:…`. */
  readonly what: string
  readonly hasLogin: boolean
  readonly now: Millis
}

const MOST_SAID = 64 * 1024
const SHOWN = 200
const PASSING: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504])

/** What an answer that is not the wanted one means to a user, and whether it is worth another try. */
export async function refusal(answer: Answer, { endpoint, what, hasLogin, now }: Asked): Promise<Error> {
  const { status } = answer
  const said = await sayOf(answer)
  const registry = endpoint.host
  const after = retryAfter(answer.headers['retry-after'], now)
  if (status === 401 || status === 403) {
    const details = { registry, repository: endpoint.repository, status }
    return hasLogin ? RegistryErrors.LOGIN_REFUSED(details) : RegistryErrors.LOGIN_NEEDED(details)
  }
  if (status === 404) return RegistryErrors.NOT_FOUND({ registry, what })
  if (status === 429) return new TryAgain(RegistryErrors.TOO_MANY_REQUESTS({ registry, said: said && `, ${said}` }), after)
  const other = RegistryErrors.STATUS({ registry, status, what, said: said && `: ${said}` })
  return PASSING.has(status) ? new TryAgain(other, after) : other
}

/** The code of the first error in the body: a word of the specification, which cannot hold a secret. */
async function sayOf(answer: Answer): Promise<string> {
  try {
    const { errors } = JSON.parse((await readAll(answer, MOST_SAID)).toString()) as { errors?: { code?: unknown }[] }
    const code = errors?.[0]?.code
    return typeof code === 'string' && /^[A-Za-z_ ]+$/.test(code) ? code.toLowerCase().slice(0, SHOWN) : ''
  } catch {
    return '' // not one of the specification
  }
}
