import type { SeccompInfo } from '#wire/mesos.js'
import type { IsolatorModule, PreparedContainer } from '../isolator.js'
import { BUILT_IN_PROFILE } from '../seccomp/built-in.js'
import { SeccompFilters } from '../seccomp/filters.js'
import { type NamedProfile, ProfileDirectory } from '../seccomp/profile-directory.js'
import { SecurityErrors } from '../security/errors.js'
import { capabilityPolicy, taskCapabilities } from '../security/task-capabilities.js'

/**
 * Filters of system calls (row 6-037): the profile that the task names, else `--seccomp_profile_name`, else our own for containers with an image and,
 * under `--task_security=strict`, for all. Nested containers are filtered as those around them.
 */
export const linuxSeccomp: IsolatorModule = {
  name: 'linux/seccomp',
  linux: true,
  // What a profile allows depends on the capabilities.
  needs: ['linux/capabilities'],
  create({ host, flags }) {
    if (!host.facts.security.seccomp) throw SecurityErrors.SECCOMP_IMPOSSIBLE({})
    const policy = capabilityPolicy(flags, host.facts)
    const directory = new ProfileDirectory(flags.seccompConfigDir)
    const filters = new SeccompFilters(host)
    const standard = flags.seccompProfileName === undefined ? undefined : directory.readNow(flags.seccompProfileName)
    // What cannot be compiled stops the agent, not its first task (T149).
    if (standard) filters.of(standard, policy.available)

    const profileOf = async (container: PreparedContainer): Promise<NamedProfile | undefined> => {
      const around = outwardsFrom(container)
      const { profileName, unconfined } = around.map(askedOf).find((asked) => asked !== undefined) ?? {}
      if (unconfined && profileName !== undefined) throw SecurityErrors.SECCOMP_CONTRADICTION({})
      if (unconfined && policy.strict) throw SecurityErrors.SECCOMP_OBLIGATORY({})
      if (unconfined) return undefined
      if (profileName !== undefined) return directory.read(profileName)
      const tight = policy.strict || around.some(({ root }) => root !== undefined)
      return standard ?? (tight ? BUILT_IN_PROFILE : undefined)
    }
    return {
      async prepare(container) {
        const profile = await profileOf(container)
        if (!profile) return {}
        const capabilities = taskCapabilities(container, policy)?.bounding ?? policy.available
        return { process: { seccomp: filters.of(profile, capabilities) } }
      },
    }
  },
}

/** A container with those around it, whose word counts where it says nothing itself. */
interface Nested extends Pick<PreparedContainer, 'config' | 'root'> {
  readonly parent?: { readonly container: Nested } | undefined
}

const outwardsFrom = (container: Nested): Nested[] => [
  container,
  ...(container.parent ? outwardsFrom(container.parent.container) : []),
]

function askedOf({ config }: Nested): SeccompInfo | undefined {
  const asked = config.container?.linuxInfo?.seccomp
  return asked?.profileName === undefined && asked?.unconfined === undefined ? undefined : asked
}
