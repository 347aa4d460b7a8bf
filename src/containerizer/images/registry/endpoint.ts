import { DOCKER_HUB, type ImageReference } from '../reference.js'
import { isLoopbackHost } from './addresses.js'
import type { Registries } from './settings.js'

/** One server that may have an image: a mirror, or the registry itself. */
export interface Endpoint {
  /** As in names of images and in logins. */
  readonly host: string
  /** `https://host:port`; tried in turn until one answers. More than one only where plain http is allowed. */
  readonly origins: readonly string[]
  /** Of the repository there. */
  readonly repository: string
  /** Whether it must prove who it is. */
  readonly verify: boolean
  readonly ca?: string | undefined
  readonly mirror: boolean
}

/** `home`: the registry of names without a host, which may be one of plain http. */
export function endpointsOf({ host, repository }: ImageReference, registries: Registries, home: URL): Endpoint[] {
  const mirrors = registries.get(host)?.mirrors ?? []
  return [
    ...mirrors.map((mirror): Endpoint => {
      const prefix = mirror.pathname.replace(/^\/+|\/+$/g, '')
      const settings = registries.get(mirror.host)
      const trust = { verify: mirror.protocol === 'https:' && !isInsecure(mirror.host, registries), ca: settings?.ca }
      return {
        host: mirror.host,
        origins: [mirror.origin],
        repository: prefix === '' ? repository : `${prefix}/${repository}`,
        ...trust,
        mirror: true,
      }
    }),
    itself(host, repository, registries, home),
  ]
}

function itself(host: string, repository: string, registries: Registries, home: URL): Endpoint {
  const server = host === DOCKER_HUB ? 'registry-1.docker.io' : host
  const plain = home.protocol === 'http:' && home.host === server
  const insecure = isInsecure(host, registries)
  const origins = plain ? [`http://${server}`] : insecure ? [`https://${server}`, `http://${server}`] : [`https://${server}`]
  return { host, origins, repository, verify: !plain && !insecure, ca: registries.get(host)?.ca, mirror: false }
}

/** A registry of this machine is unless an authority is named for it. */
function isInsecure(host: string, registries: Registries): boolean {
  const settings = registries.get(host)
  return settings?.insecure ?? (isLoopbackHost(host) && settings?.ca === undefined)
}
