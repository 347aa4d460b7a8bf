import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { Millis } from '#base/clock.js'
import type { Proxies } from '#http/proxy.js'
import { type ServerTrust, secureContext } from '../images/registry/certificates.js'
import { proxyFor } from '../images/registry/proxies.js'

export interface ConnectionOptions {
  readonly proxies: Proxies
  readonly connectTimeout: Millis
  /** Whom to trust by https. Absent: the authorities of the system. */
  readonly trust?: ((url: URL) => ServerTrust) | undefined
}

const OF_THE_SYSTEM: ServerTrust = { authorities: [], verify: true }

/** Of one agent: to servers of files, and to the proxies on the way to them (row 5-042). */
export class Connections {
  readonly #options: ConnectionOptions
  readonly #agents = new Map<string, Dispatcher>()

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  to(url: URL): Dispatcher {
    const { proxies, trust = () => OF_THE_SYSTEM } = this.#options
    const trusted = url.protocol === 'https:' ? trust(url) : undefined
    const proxy = proxyFor(url, proxies)?.href
    const key = JSON.stringify([trusted, proxy])
    const agent = this.#agents.get(key) ?? this.#make(trusted, proxy)
    this.#agents.set(key, agent)
    return agent
  }

  async close(): Promise<void> {
    const why = new Error('the agent ends')
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy(why)))
  }

  #make(trust: ServerTrust | undefined, proxy: string | undefined): Dispatcher {
    const timeout = this.#options.connectTimeout
    const tls = trust && { secureContext: secureContext(trust), rejectUnauthorized: trust.verify }
    if (proxy === undefined) return new Agent({ connect: { ...tls, timeout } })
    // What is not secret is asked of the proxy itself: many let nobody through to anything but port 443.
    return new ProxyAgent({ connect: { timeout }, uri: proxy, proxyTunnel: false, requestTls: { ...tls, timeout } })
  }
}
