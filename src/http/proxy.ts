import { type Agent, EnvHttpProxyAgent } from 'undici'

/** By what way others are reached: as the environment of the program said, by the names that curl has made common. */
export interface Proxies {
  readonly http?: string | undefined
  readonly https?: string | undefined
  /** Hosts that are reached without, separated by commas. */
  readonly none?: string | undefined
}

/** The lower case wins, and `HTTP_PROXY` does not count: to a CGI program it is a header of whoever asks. */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies {
  const all = env.all_proxy || env.ALL_PROXY
  return {
    http: env.http_proxy || all,
    https: env.https_proxy || env.HTTPS_PROXY || all,
    none: env.no_proxy || env.NO_PROXY,
  }
}

/** Connections to anywhere. Empty texts keep undici from reading the environment itself. */
export function proxiedConnections(proxies: Proxies, options: Agent.Options = {}): EnvHttpProxyAgent {
  const { http = '', https = '', none = '' } = proxies
  return new EnvHttpProxyAgent({ ...options, httpProxy: http, httpsProxy: https, noProxy: none, proxyTunnel: false })
}
