import { lookupService } from 'node:dns/promises'
import { hostname, networkInterfaces } from 'node:os'

interface AddressFlags {
  ip: string
  advertiseIp: string | undefined
}

/** Where others reach this agent. Of one that listens everywhere: at the first address that is not for this machine alone. */
export function addressOf({ ip, advertiseIp }: AddressFlags): string {
  if (advertiseIp !== undefined) return advertiseIp
  return listensEverywhere(ip) ? (outerAddress(ip === '::' ? 'IPv6' : 'IPv4') ?? '127.0.0.1') : ip
}

export async function hostnameOf(flags: AddressFlags & { hostnameLookup: boolean }): Promise<string> {
  const address = addressOf(flags)
  if (!flags.hostnameLookup) return address
  // Without a name server the address is as good a name.
  const found = await lookupService(address, 0).catch(() => undefined)
  return found?.hostname ?? (listensEverywhere(flags.ip) ? hostname() : address)
}

export const urlOf = (ip: string, port: number): string => `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}`

const listensEverywhere = (ip: string): boolean => ip === '0.0.0.0' || ip === '::'

function outerAddress(family: 'IPv4' | 'IPv6'): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((it) => it ?? [])
  return all.find((it) => it.family === family && !it.internal && !it.address.startsWith('fe80'))?.address
}
