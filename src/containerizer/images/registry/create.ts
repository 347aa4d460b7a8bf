import type { FlagValues } from '#base/flags.js'
import { Random } from '#base/random.js'
import type { Proxies } from '#http/proxy.js'
import type { imageFlags } from '../flags.js'
import { hostPlatform } from '../platform.js'
import { isHost } from '../reference.js'
import { DOCKER_CERTIFICATES } from './certificates.js'
import { loginsOfFlag } from './docker-config.js'
import { type RegistryOptions, RegistryProvider } from './registry-provider.js'
import { parseRegistries } from './settings.js'

const HUB = 'https://registry-1.docker.io'

export type RegistryFlags = Pick<FlagValues<typeof imageFlags>, 'dockerRegistry' | 'dockerRegistries' | 'dockerConfig'>

/** From the agent's flags; `changes` is for tests. */
export function createRegistryProvider(
  flags: RegistryFlags,
  proxies: Proxies,
  changes: Partial<RegistryOptions> = {},
): RegistryProvider {
  return new RegistryProvider({
    home: homeOf(flags.dockerRegistry),
    registries: parseRegistries(flags.dockerRegistries),
    logins: loginsOfFlag(flags.dockerConfig),
    proxies,
    certificates: DOCKER_CERTIFICATES,
    platform: hostPlatform(),
    connectTimeout: 10_000,
    stallTimeout: 60_000,
    patience: { tries: 5, first: 500, most: 10_000, longest: 60_000, random: new Random(Date.now()) },
    now: Date.now,
    ...changes,
  })
}

/** A directory has what names without a host stand for in its provider; what that does not take comes from Docker Hub. */
function homeOf(registry: string): URL {
  if (/^https?:\/\//.test(registry)) return new URL(registry)
  return new URL(isHost(registry) ? `https://${registry}` : HUB)
}
