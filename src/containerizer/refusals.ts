import { ContainerInfoType } from '#wire/mesos.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'

/** Refuses what a container asks for in vain: silence would run it with less isolation, or with fewer files, than its owner believes. */
export function refuseUnsupported({ container }: ContainerConfig, isolation: ReadonlySet<string>): void {
  if (container?.type === ContainerInfoType.DOCKER) throw ContainerizerErrors.DOCKER_UNSUPPORTED({})
  const linux = container?.linuxInfo
  const capabilities = linux?.effectiveCapabilities ?? linux?.boundingCapabilities ?? linux?.capabilityInfo
  if (capabilities && !isolation.has('linux/capabilities')) {
    throw ContainerizerErrors.ISOLATOR_NEEDED({ what: 'capabilities', isolator: 'linux/capabilities' })
  }
  if (linux?.seccomp?.profileName !== undefined && !isolation.has('linux/seccomp')) {
    throw ContainerizerErrors.ISOLATOR_NEEDED({ what: 'a seccomp profile', isolator: 'linux/seccomp' })
  }
}
