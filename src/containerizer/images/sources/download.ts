import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Millis } from '#base/clock.js'
import { Connections } from '../../fetcher/connections.js'
import { httpScheme } from '../../fetcher/http-scheme.js'
import { receive } from '../../fetcher/receive.js'
import { shownUri } from '../../fetcher/shown-uri.js'
import { spaceLeft } from '../../fetcher/space.js'
import type { ProviderOptions, TellDownload } from '../provider.js'
import { DOCKER_CERTIFICATES, trustFor } from '../registry/certificates.js'
import { parseRegistries } from '../registry/settings.js'
import { SourceErrors } from './errors.js'

/** How long a server may say nothing. */
const STALL: Millis = 60_000

/** Files of the web for images, as the fetcher has them for tasks, from servers that are trusted as registries are. */
export class Downloads {
  readonly #connections: Connections

  constructor({ flags, proxies = {} }: Pick<ProviderOptions, 'flags' | 'proxies'>) {
    const registries = parseRegistries(flags.dockerRegistries)
    const trust = ({ host }: URL) => {
      const { ca, insecure } = registries.get(host) ?? {}
      return { ...trustFor(host, ca, DOCKER_CERTIFICATES), verify: insecure !== true }
    }
    this.#connections = new Connections({ proxies, connectTimeout: STALL, trust })
  }

  /** Whole, at a path that does not exist yet. */
  async get(url: string, path: string, abort: AbortSignal, tell: TellDownload = () => {}): Promise<void> {
    const shown = shownUri(url)
    const scheme = httpScheme(this.#connections, STALL)
    const { bytes: most } = await spaceLeft(dirname(path))
    const file = await open(path, 'wx', 0o600)
    try {
      const bytes = await receive((from, signal, version) => scheme.open(url, from, signal, version), {
        descriptor: file.fd,
        most,
        stallMilliseconds: STALL,
        abort,
        onProgress: (bytes, total) => tell(shown, { phase: 'running', bytes, total }),
      })
      tell(shown, { phase: 'done', bytes, total: bytes })
    } catch (error) {
      tell(shown, { phase: 'failed' })
      abort.throwIfAborted()
      throw SourceErrors.DOWNLOAD_FAILED({ url: shown, why: (error as Error).message }, error)
    } finally {
      await file.close()
    }
  }

  close(): Promise<void> {
    return this.#connections.close()
  }
}
