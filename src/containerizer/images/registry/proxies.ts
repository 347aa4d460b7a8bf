import { BlockList, isIP } from 'node:net'
import type { Proxies } from '#http/proxy.js'
import { bareHost, isLoopbackHost } from './addresses.js'

/**
 * The proxy on the way to a server; never one to this machine. Hosts without one are written as elsewhere: `example.com` with all below it,
 * `.example.com`, `host:port`, addresses, networks, `*`.
 */
export function proxyFor(url: URL, { http, https, none }: Proxies): URL | undefined {
  const proxy = url.protocol === 'https:' ? https : http
  if (!proxy || isLoopbackHost(url.host) || (none ?? '').split(',').some((rule) => excludes(rule.trim().toLowerCase(), url)))
    return undefined
  const address = /^[a-z0-9+.-]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`
  return URL.canParse(address) ? new URL(address) : undefined
}

function excludes(rule: string, url: URL): boolean {
  if (rule === '') return false
  if (rule === '*') return true
  const host = bareHost(url.hostname)
  if (rule.includes('/')) return inNetwork(rule, host)
  if (isIP(bareHost(rule)) !== 0) return host === bareHost(rule)
  const [, name = rule, port] = /^(.*?):(\d+)$/.exec(rule) ?? []
  if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false
  const bare = bareHost(name.replace(/^\*?\./, ''))
  return host.endsWith(`.${bare}`) || (host === bare && !/^\*?\./.test(name))
}

function inNetwork(rule: string, host: string): boolean {
  const [network = '', prefix = ''] = rule.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(host) === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 'ipv6' ? 128 : 32))
    return false
  const list = new BlockList()
  list.addSubnet(network, Number(prefix), family)
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}
