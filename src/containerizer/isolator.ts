import type { Container, ContainerEnd, Host } from '#host/host.js'
import type { ContainerStatus, Image, Resource, ResourceStatistics, TaskStatusReason } from '#wire/mesos.js'
import type { CgroupSettings, Identity, Statistics } from '#wire/native.js'
import type { ContainerConfig } from './containerizer.js'
import type { Files } from './files.js'
import type { ContainerizerFlags } from './flags.js'
import type { IdMappings } from './id-ranges.js'
import type { TaskUser } from './identity.js'
import type { ImageRuntimeConfig } from './images/runtime-config.js'
import type { PlanFragment } from './launch-plan.js'
import type { ContainerResources } from './resources.js'

/**
 * One concern of a container (design §4.7). What an isolator has nothing to say to, it leaves out; `Isolators` below knows what that means.
 * An isolator may keep state by container id, but must be able to do without after a restart of the agent (`recover`).
 */
export interface Isolator {
  /** Who the container's users are on the host, when they are others there; asked before anything is made for it. Throws to refuse the container. */
  identify?(config: ContainerConfig): IdMappings
  /** What the launch plan must hold for this concern. Throws to refuse the container. */
  prepare?(container: PreparedContainer): PlanFragment | Promise<PlanFragment>
  /** After the clone and before *go*: for what needs the processes. Throws to refuse the container. */
  isolate?(container: PreparedContainer, process: Container): Promise<void>
  /** Starts to look out for limits that are exceeded, until the container ends. */
  watch?(container: PreparedContainer, process: Container, report: (limitation: Limitation) => void): void
  /** A limit that can only be told from how the container ended. */
  explain?(container: PreparedContainer, end: ContainerEnd): Limitation | undefined
  /** Settings of the cgroup for new resources; those of all isolators are applied at once. */
  update?(
    container: PreparedContainer,
    resources: ContainerResources,
  ): CgroupSettings | undefined | Promise<CgroupSettings | undefined>
  /** The kernel has taken what `update` asked for. */
  updated?(container: PreparedContainer, resources: ContainerResources): Promise<void>
  usage?(container: PreparedContainer, statistics: Statistics): Partial<ResourceStatistics>
  status?(container: PreparedContainer): Partial<ContainerStatus>
  /** After no process of the container is left. Also called for one whose `prepare` was refused; must be idempotent. */
  cleanup?(id: string): Promise<void>
  /** Of a container that an earlier agent prepared. */
  recover?(container: PreparedContainer): Promise<void>
}

/** A container ended, or is to be ended, for having taken too much (row 6-012). */
export interface Limitation {
  readonly reason: TaskStatusReason
  readonly message: string
  readonly resources: Resource[]
}

/** A container as isolators see it: its configuration and what was resolved once for all of them. */
export interface PreparedContainer {
  readonly config: ContainerConfig
  /** Around a nested container. */
  readonly parent?: { readonly container: PreparedContainer; readonly process: Container } | undefined
  /** Absent: the user the agent runs as. */
  readonly user?: TaskUser | undefined
  /** Absent: the host's files. */
  readonly root?: ContainerRoot | undefined
  /** What its volumes that are images stand for. */
  readonly imageVolumes?: ReadonlyMap<Image, ContainerRoot> | undefined
  /** Absent: the ids of the host. */
  readonly ids?: IdMappings | undefined
  /** To whom what is made for the container on the host belongs. Absent: the user the agent runs as. */
  readonly owner?: Identity | undefined
  /** The sandbox as the task sees it. */
  readonly sandboxInside: string
}

/** The image that is a container's root. */
export interface ContainerRoot {
  /** Of the host: the root itself, or its topmost layer. */
  readonly directory: string
  /** Layers below, topmost first. */
  readonly lower: readonly string[]
  readonly config: ImageRuntimeConfig
}

export interface IsolatorContext {
  readonly host: Host
  readonly files: Files
  readonly flags: ContainerizerFlags
}

/** What a name in `--isolation` stands for. A user's own module is one of these too. */
export interface IsolatorModule {
  readonly name: string
  /** Works with the linux launcher only. */
  readonly linux?: boolean
  /** Cgroup controllers it joins, in the names of cgroup v1. */
  readonly controllers?: readonly string[]
  /** Other isolators without which it cannot work. */
  readonly needs?: readonly string[]
  /** Other isolators that cannot be used beside it. */
  readonly excludes?: readonly string[]
  create(context: IsolatorContext): Isolator
}
