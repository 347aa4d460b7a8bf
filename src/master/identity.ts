import { lookupService } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type Random, uuidText } from '#base/random.js'
import { MESOS_VERSION } from '#base/version.js'
import { type MasterInfo, MasterInfoCapabilityType } from '#wire/mesos.js'
import { MasterErrors } from './errors.js'
import type { MasterFlags } from './flags.js'

/** Who this master is: a new id at each start (row 4-004), under the address that others reach it at. The port may still be 0. */
export async function masterInfo(flags: MasterFlags, random: Random): Promise<MasterInfo> {
  if (!isIP(flags.ip)) throw MasterErrors.ADDRESS_INVALID({ ip: flags.ip })
  const ip = flags.advertiseIp ?? flags.ip
  const port = flags.advertisePort ?? flags.port
  const hostname = flags.hostname ?? (flags.hostnameLookup ? await nameOf(ip) : ip)
  return {
    id: uuidText(random.uuid()),
    ip: ipNumber(ip),
    port,
    pid: `master@${ip}:${port}`,
    hostname,
    version: MESOS_VERSION,
    address: { hostname, ip, port },
    capabilities: [
      { type: MasterInfoCapabilityType.AGENT_UPDATE },
      { type: MasterInfoCapabilityType.AGENT_DRAINING },
      { type: MasterInfoCapabilityType.QUOTA_V2 },
    ],
  }
}

async function nameOf(ip: string): Promise<string> {
  try {
    return (await lookupService(ip, 0)).hostname
  } catch {
    // Without a name server the address is as good a name.
    return ip
  }
}

/** In the byte order of the network, read as a little-endian number: 127.0.0.1 is 16777343. An IPv6 address has none. */
function ipNumber(ip: string): number {
  return isIP(ip) === 4 ? Buffer.from(ip.split('.').map(Number)).readUInt32LE() : 0
}
