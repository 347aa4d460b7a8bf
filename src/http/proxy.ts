/** By what way others are reached: as the environment of the program said, by the names that curl has made common. */
export interface Proxies {
  readonly http?: string | undefined
  readonly https?: string | undefined
  /** Hosts that are reached without, separated by commas. */
  readonly none?: string | undefined
}

/** The lower case wins. In a CGI program `HTTP_PROXY` does not count: there it is a header of whoever asks. */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies {
  const all = env.all_proxy || env.ALL_PROXY
  return {
    http: env.http_proxy || (env.REQUEST_METHOD === undefined ? env.HTTP_PROXY : undefined) || all,
    https: env.https_proxy || env.HTTPS_PROXY || all,
    none: env.no_proxy || env.NO_PROXY,
  }
}
