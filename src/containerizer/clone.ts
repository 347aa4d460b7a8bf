import type { ContainerPlan, Host } from '#host/host.js'
import type { ContainerInfo } from '#wire/mesos.js'
import type { Terminal } from '#wire/native.js'
import { commandLine } from './command.js'
import type { ContainerConfig } from './containerizer.js'
import { imageVariables, taskEnvironment } from './environment.js'
import type { Files } from './files.js'
import type { ContainerizerFlags } from './flags.js'
import { type IdMappings, identityOnHost } from './id-ranges.js'
import { userOf } from './identity.js'
import type { BringImage } from './images/bring.js'
import { type ImageRuntimeConfig, startDirectory } from './images/runtime-config.js'
import type { Isolator, PreparedContainer } from './isolator.js'
import { composePlan, mergeFragments, type NamedFragment } from './launch-plan.js'
import { type Launcher, launcherFragment } from './launcher.js'
import { cgroupPath, concernsDebug, debugConfig, sharedNamespaces, sharesCgroups } from './nesting.js'
import { refuseUnsupported } from './refusals.js'
import { containerRoot, imagesOfVolumes } from './root-image.js'

export interface CloneContext {
  readonly host: Host
  readonly files: Files
  readonly flags: ContainerizerFlags
  readonly launcher: Launcher
  /** In the order in which they prepare. */
  readonly isolators: readonly (readonly [name: string, isolator: Isolator])[]
}

/** Resolves once what all isolators need to know: user, root and where the sandbox is seen. Throws when the container cannot be had. */
export async function prepareContainer(
  wanted: ContainerConfig,
  context: CloneContext,
  parent: PreparedContainer['parent'],
  bring: BringImage,
  identify: (config: ContainerConfig) => IdMappings | undefined = (config) => identified(config, context),
): Promise<PreparedContainer> {
  const config = parent && wanted.debug ? debugConfig(wanted, parent.container.config) : wanted
  refuseUnsupported(config, new Set(context.isolators.map(([name]) => name)))
  const { host, files, flags } = context
  const [root, imageVolumes] = await Promise.all([
    containerRoot(config.container, files, bring, flags.dockerIgnoreRuntime),
    imagesOfVolumes(config.container, files, bring),
  ])
  const user = wanted.debug && wanted.user === undefined ? parent?.container.user : await userOf(config, root, host, flags)
  const ids = parent ? parent.container.ids : identify(config)
  const owner = identityOnHost(user?.identity, ids)
  const ownSandbox = root === undefined ? config.sandbox : flags.sandboxDirectory
  const sandboxInside = parent && config.debug ? parent.container.sandboxInside : ownSandbox
  return { config, parent, user, ids, owner, root, imageVolumes, sandboxInside }
}

function identified(config: ContainerConfig, { isolators }: CloneContext): IdMappings | undefined {
  return isolators.map(([, isolator]) => isolator.identify?.(config)).find((ids) => ids !== undefined)
}

/** Asks every isolator and composes what they say into the one plan that crosses to the native side (design §4.7). */
export async function launchPlan(container: PreparedContainer, context: CloneContext): Promise<ContainerPlan> {
  const { config, user, owner, sandboxInside } = container
  const image = imageOf(container)
  const command = commandLine(config.command, image)
  await context.files.makeDirectory(config.sandbox, owner)
  const asked = await Promise.all(
    isolatorsOf(container, context).map(
      async ([name, isolator]): Promise<NamedFragment> => [name, (await isolator.prepare?.(container)) ?? {}],
    ),
  )
  const shared = context.launcher === 'linux' ? await sharedNamespaces(container) : {}
  const identity = user ? { process: { identity: user.identity } } : {}
  const fragments: NamedFragment[] = [...asked, ['parent container', shared], ['switch_user', identity]]
  const launcher = launcherFragment(context.launcher, mergeFragments(fragments), context.host.facts)
  const merged = mergeFragments([...fragments, ['launcher', launcher]])
  const base = {
    containerId: config.id,
    cgroupPath: cgroupPath(context.flags.cgroupsRoot, container),
    process: {
      ...command,
      environment: taskEnvironment(config, { sandboxInside, image: imageVariables(image, user), isolators: merged.environment }),
      workingDirectory: startDirectory(image) ?? sandboxInside,
      stdio: { stdout: `${config.sandbox}/stdout`, stderr: `${config.sandbox}/stderr`, attachable: config.attachable },
      terminal: terminalOf(config.container),
    },
  }
  if (sharesCgroups(container)) delete merged.cgroups?.settings
  return composePlan(base, merged)
}

/** What the image says of how its container runs; of a debug container the one around it. */
export function imageOf({ config, root, parent }: PreparedContainer): ImageRuntimeConfig {
  return config.debug && parent ? imageOf(parent.container) : (root?.config ?? {})
}

/** Those that have something to say of a container. */
export function isolatorsOf({ config }: PreparedContainer, { isolators }: CloneContext): CloneContext['isolators'] {
  return config.debug ? isolators.filter(([name]) => concernsDebug(name)) : isolators
}

/** Row 6-071: whoever attaches with a window says its size. */
function terminalOf(container: ContainerInfo | undefined): Terminal | undefined {
  const tty = container?.ttyInfo
  return tty && { rows: tty.windowSize?.rows, columns: tty.windowSize?.columns }
}
