import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { Proxies } from '#http/proxy.js'
import { proxyFor } from '../images/registry/proxies.js'

/** Of one agent: to servers, and to the proxies on the way to them (row 5-042). */
export class Connections {
  readonly #direct: Agent
  readonly #options: Agent.Options
  readonly #settings: Proxies
  readonly #byProxy = new Map<string, ProxyAgent>()

  constructor(settings: Proxies, connectMilliseconds: number) {
    this.#options = { connect: { timeout: connectMilliseconds } }
    this.#direct = new Agent(this.#options)
    this.#settings = settings
  }

  to(url: URL): Dispatcher {
    const proxy = proxyFor(url, this.#settings)?.href
    if (proxy === undefined) return this.#direct
    // What is not secret is asked of the proxy itself: many let nobody through to anything but port 443.
    const agent = this.#byProxy.get(proxy) ?? new ProxyAgent({ ...this.#options, uri: proxy, proxyTunnel: false })
    this.#byProxy.set(proxy, agent)
    return agent
  }

  async close(): Promise<void> {
    const why = new Error('the agent ends')
    await Promise.all([this.#direct, ...this.#byProxy.values()].map((agent) => agent.destroy(why)))
  }
}
