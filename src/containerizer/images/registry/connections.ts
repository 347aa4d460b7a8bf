import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { Millis } from '#base/clock.js'
import type { Proxies } from '#http/proxy.js'
import { mayReach, type Reach, reachOf } from './addresses.js'
import { type ServerTrust, secureContext, trustFor } from './certificates.js'
import type { Endpoint } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { proxyFor } from './proxies.js'
import type { Registries } from './settings.js'

export interface ConnectionOptions {
  readonly registries: Registries
  readonly proxies: Proxies
  /** Docker's directory of certificates, one directory a host. */
  readonly certificates: string
  readonly connectTimeout: Millis
  /** How long nothing may come before a server counts as dead. */
  readonly stallTimeout: Millis
}

/** To one server at a time; layers beyond wait. */
const CONNECTIONS = 16
const MOST_HEADER_BYTES = 32 * 1024

/** Keep-alive connections to registries and to where they send us, each with the trust and proxy of its server. */
export class Connections {
  readonly #options: ConnectionOptions
  readonly #agents = new Map<string, Dispatcher>()

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** `from`: the reach of who sends us there. Absent: nobody does. */
  to(url: URL, endpoint: Endpoint, from: Reach | undefined): Dispatcher {
    const trusted = this.#trust(url, endpoint)
    const proxy = proxyFor(url, this.#options.proxies)
    const tls = url.protocol === 'https:'
    const key = JSON.stringify([tls && trusted, from, proxy?.href])
    const known = this.#agents.get(key)
    if (known) return known
    const made = this.#make(tls ? trusted : undefined, from, proxy)
    this.#agents.set(key, made)
    return made
  }

  async close(): Promise<void> {
    const agents = [...this.#agents.values()]
    this.#agents.clear()
    await Promise.all(agents.map((agent) => agent.destroy()))
  }

  /** Other hosts are trusted by what is said of themselves, else by the registry's authority; they never see a certificate of ours that is meant for it. */
  #trust(url: URL, endpoint: Endpoint): ServerTrust {
    const isItself = endpoint.origins.some((origin) => new URL(origin).hostname === url.hostname)
    const host = isItself ? endpoint.host : url.host
    const settings = this.#options.registries.get(host)
    const trust = trustFor(host, settings?.ca ?? endpoint.ca, this.#options.certificates)
    return { ...trust, verify: isItself ? endpoint.verify : settings?.insecure !== true }
  }

  #make(trust: ServerTrust | undefined, from: Reach | undefined, proxy: URL | undefined): Dispatcher {
    const { connectTimeout, stallTimeout } = this.#options
    const tls = trust && { secureContext: secureContext(trust), rejectUnauthorized: trust.verify }
    const common = {
      connections: CONNECTIONS,
      pipelining: 1,
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: stallTimeout,
      bodyTimeout: stallTimeout,
    }
    if (proxy)
      return new ProxyAgent({ ...common, uri: proxy.href, proxyTunnel: false, requestTls: { ...tls, timeout: connectTimeout } })
    const guard = from === undefined ? {} : { lookup: guarded(from) }
    return new Agent({ ...common, connect: { ...tls, ...guard, timeout: connectTimeout } })
  }
}

/** Looks names up as usual, and refuses those that stand for what is nearer to us than who named them. */
function guarded(from: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address: string | { address: string; family: number }[], family) => {
      const found = typeof address === 'string' ? [address] : (address ?? []).map((each) => each.address)
      const nearer = error ? undefined : found.map(reachOf).find((reach) => !mayReach(from, reach))
      const refused = nearer === undefined ? error : RegistryErrors.REACH_REFUSED({ host: hostname, reach: nearer })
      callback(refused as NodeJS.ErrnoException | null, address, family)
    })
  }
}
