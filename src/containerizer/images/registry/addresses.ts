import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

/** How far an address is from this machine: what stands outside has no business to send us further in (S59). */
export type Reach = 'public' | 'private' | 'link-local' | 'loopback'

const RANGES: readonly (readonly [Reach, network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['loopback', '127.0.0.0', 8, 'ipv4'],
  ['loopback', '0.0.0.0', 8, 'ipv4'],
  ['loopback', '::1', 128, 'ipv6'],
  ['loopback', '::', 128, 'ipv6'],
  ['link-local', '169.254.0.0', 16, 'ipv4'],
  ['link-local', 'fe80::', 10, 'ipv6'],
  ['private', '10.0.0.0', 8, 'ipv4'],
  ['private', '172.16.0.0', 12, 'ipv4'],
  ['private', '192.168.0.0', 16, 'ipv4'],
  ['private', '100.64.0.0', 10, 'ipv4'],
  ['private', 'fc00::', 7, 'ipv6'],
]

const LISTS = new Map<Reach, BlockList>()
for (const [reach, network, prefix, family] of RANGES) {
  const list = LISTS.get(reach) ?? new BlockList()
  list.addSubnet(network, prefix, family)
  LISTS.set(reach, list)
}

/** Of an address as a number. An IPv4 address in an IPv6 one is that IPv4 address. */
export function reachOf(address: string): Reach {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  for (const [reach, list] of LISTS) if (list.check(address, family)) return reach
  return 'public'
}

/** Without brackets, as it can be looked up. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** Of a name, the nearest of its addresses; `public` where it has none that we know, as behind a proxy. */
export async function reachOfHost(hostname: string): Promise<Reach> {
  const bare = bareHost(hostname)
  if (bare === 'localhost') return 'loopback'
  if (isIP(bare) !== 0) return reachOf(bare)
  const addresses = await lookup(bare, { all: true }).catch(() => [])
  const reaches = new Set(addresses.map(({ address }) => reachOf(address)))
  return NEAREST_FIRST.find((reach) => reaches.has(reach)) ?? 'public'
}

const NEAREST_FIRST: readonly Reach[] = ['loopback', 'link-local', 'private', 'public']

/** `127.0.0.1:5000`, `localhost`, `[::1]`: plain http is fine there. */
export function isLoopbackHost(host: string): boolean {
  const bare = bareHost(host.replace(/:\d+$/, ''))
  return bare === 'localhost' || (isIP(bare) !== 0 && reachOf(bare) === 'loopback')
}

/** Where somebody at `from` may send us: to all that is as far out, and to what is as near as he is himself. */
export function mayReach(from: Reach, to: Reach): boolean {
  return to === 'public' || to === from || (from === 'loopback' && to === 'private')
}
