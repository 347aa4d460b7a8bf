import { execFile } from 'node:child_process'
import type { Login } from './docker-config.js'
import { RegistryErrors } from './errors.js'

const PATIENCE = 30_000
const MOST_BYTES = 64 * 1024
/** What helpers say when they know nothing; they fail with it. */
const NOT_FOUND = /credentials not found|no credentials/i

/** Asks `docker-credential-<helper>` by Docker's protocol: the server goes in, JSON comes out. What it says otherwise is nobody's to see. */
export function askHelper(helper: string, server: string): Promise<Login | undefined> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(helper)) throw RegistryErrors.HELPER_NAME({ helper: helper.slice(0, 100) })
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => reject(RegistryErrors.HELPER_FAILED({ helper, registry: server, why }))
    const options = { timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES } as const
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => {
      if (error && NOT_FOUND.test(stdout)) return resolve(undefined)
      if (error) return failed(sayEnd(error))
      const login = loginIn(stdout)
      if (login) resolve(login)
      else failed('it answers without a name and a secret')
    })
    child.stdin?.on('error', () => undefined) // how it ended says why
    child.stdin?.end(server)
  })
}

function sayEnd({ code, killed, signal }: { code?: number | string | null; killed?: boolean; signal?: string | null }): string {
  if (code === 'ENOENT') return 'the program is not in the PATH of the agent'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it says more than ${MOST_BYTES} bytes`
  if (killed) return `it took longer than ${PATIENCE / 1000} s`
  return signal ? `it was ended by ${signal}` : `it ended with status ${code}`
}

function loginIn(text: string): Login | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(text) as { Username?: unknown; Secret?: unknown }
    if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined
    return username === '<token>' ? { identityToken: secret } : { username, password: secret }
  } catch {
    return undefined
  }
}
